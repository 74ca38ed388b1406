"""Errors about raw data that name the place and what was expected there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """Something wrong in a raw file. `row` is the line in the file, the header being 1."""

    rule: str
    file: str
    row: int | None
    column: str | None
    value: str | None
    expected: str

    def __str__(self) -> str:
        place = [self.file]
        if self.row is not None:
            place.append(f"row {self.row}")
        if self.column is not None:
            place.append(f"column {self.column}")
        value = "" if self.value is None else f"found {shorten(self.value)!r}, "
        return f"{', '.join(place)}: {value}expected {self.expected} [{self.rule}]"


class DataError(ValueError):
    """A raw file that cannot be used at all; holds every finding that says why."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        super().__init__(summarize(findings))


def summarize(findings: list[Finding], most: int = 10) -> str:
    """The first findings, a line each, and how many more there are."""
    lines = [str(finding) for finding in findings[:most]]
    if len(findings) > most:
        lines.append(f"... and {len(findings) - most} more")
    return "\n".join(lines)


def shorten(text: str, most: int = 60) -> str:
    """At most `most` characters, with an ellipsis where some were left out."""
    return text if len(text) <= most else text[: most - 1] + "…"
