"""Runs all rules on the raw files alone: nothing is written, nothing computed."""

from __future__ import annotations

from dataclasses import dataclass

from assets.raw.errors import Finding, summarize
from assets.raw.rules.judge import PASSED, STOPPED, RuleResult, judge
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
    results = judge(raw, study, sheet)
    for result in results:
        lines.append(f"  {result.rule.name}: {_result(result)}")
        parts = summarize(result.findings, show_values=show_values)
        lines += [f"    {line}" for line in parts.splitlines()]
    if any(result.outcome == STOPPED for result in results):
        lines.append("a run would stop")
    return RawReport(lines, [finding for result in results for finding in result.findings])


def _result(result: RuleResult) -> str:
    if not result.found:
        return PASSED
    policy = result.policy
    return (
        f"{result.found} found of {result.checked} {result.rule.counted.en}, "
        f"{result.outcome} ({policy.kind}, threshold {policy.threshold:g})"
    )
