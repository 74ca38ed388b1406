"""Runs all rules on the raw files alone: nothing is written, nothing computed."""

from __future__ import annotations

from dataclasses import dataclass

from assets.raw.errors import Finding, summarize
from assets.raw.rules.judge import PASSED, STOPPED, Verdict, judge
from assets.raw.wave_files import read_wave
from declarations import Study


@dataclass(frozen=True)
class RawReport:
    """The lines of the report, and all findings."""

    lines: list[str]
    findings: list[Finding]


def check_wave(study: Study, wave: str, *, show_values: bool = False) -> RawReport:
    """Run every rule of the study on a wave's raw files. Raises DataError, SpecError.

    `show_values` shows cells unchanged, for a person who may read the raw file.
    """
    sheet, study = study.source_sheet(wave), study.in_wave(wave)
    raw = read_wave(sheet)
    lines = [f"{study.id}, wave {wave}: {sheet.origin} data"]
    lines += [
        f"  {role}: {table.file}, {table.count} lines ({table.form})"
        for role, table in vars(raw).items()
        if table is not None
    ]
    verdicts = judge(raw, study, sheet)
    for verdict in verdicts:
        lines.append(f"  {verdict.rule.name}: {_result(verdict)}")
        parts = summarize(verdict.findings, show_values=show_values)
        lines += [f"    {line}" for line in parts.splitlines()]
    if any(verdict.outcome == STOPPED for verdict in verdicts):
        lines.append("a run would stop")
    return RawReport(lines, [finding for verdict in verdicts for finding in verdict.findings])


def _result(verdict: Verdict) -> str:
    if not verdict.found:
        return PASSED
    policy = verdict.policy
    return (
        f"{verdict.found} found of {verdict.checked} {verdict.rule.counted.en}, "
        f"{verdict.outcome} ({policy.kind}, threshold {policy.threshold:g})"
    )
