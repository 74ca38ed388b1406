"""The rules of a run on the raw files alone: nothing is written, nothing computed."""

from __future__ import annotations

from dataclasses import dataclass

from assets import cleaning
from assets.errors import Finding, summarize
from assets.graph.raw_assets import read_wave
from assets.specs import Study
from assets.structure import BLOCKING, RawWave, checksums, row_counts
from expectations.structural import applicable_rules


@dataclass(frozen=True)
class Report:
    """What was looked at, line by line, and everything found."""

    lines: list[str]
    findings: list[Finding]


def check_wave(study: Study, wave: str, *, show_values: bool = False) -> Report:
    """Structure, counts, checksums and the scale of every answer. DataError, SpecError.

    `show_values` tells cells as they are, for somebody who may read the raw file.
    """
    sheet = study.source_sheet(wave)
    raw = read_wave(sheet)
    lines = [f"{study.id}, wave {wave}: {sheet.origin} data"]
    lines += [
        f"  {role}: {table.file}, {len(table.rows)} lines ({table.form})"
        for role, table in vars(raw).items()
        if table is not None
    ]
    applicable = applicable_rules(study)
    found = {name: rule(raw, study) for name, rule in BLOCKING.items() if name in applicable}
    found["row_count"], found["checksum"] = row_counts(raw, sheet), checksums(raw, sheet)
    if not found["missing_column"]:
        found["scale"] = _scale(raw, study)
    for name, findings in found.items():
        lines.append(f"  {name}: {'passed' if not findings else f'{len(findings)} found'}")
        lines += [
            f"    {line}" for line in summarize(findings, show_values=show_values).splitlines()
        ]
    return Report(lines, [finding for findings in found.values() for finding in findings])


def _scale(raw: RawWave, study: Study) -> list[Finding]:
    findings = []
    for item in study.items.values():
        place = raw.dataset.position(item.variable)
        readings: dict[str, cleaning.Reading] = {}
        for line, row in zip(raw.dataset.lines, raw.dataset.rows, strict=True):
            text = row[place].strip()
            if not text:
                continue
            reading = readings.setdefault(text, cleaning.read_cell(item, text))
            if reading.rule:
                file, expected = raw.dataset.file, str(reading.expected)
                finding = Finding(reading.rule, file, line, item.variable, text, expected)
                findings.append(finding)
    return findings
