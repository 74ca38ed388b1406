"""Errors in raw data, with the place and the expected value."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from runtime.masking import column_shown, masked, shape
from runtime.safe_text import visible

MOST_LINES = 10
Holds = Literal["cell", "fact", "personal"]


@dataclass(frozen=True)
class Finding:
    """A mistake in a raw file. `row` is the file's line (the header is 1, 0 is none).

    `holds` is the kind of `value`. The content of a `cell` is shown only if it identifies nobody. A
    `personal` value (identifiers, contact data) is never shown. A `fact` about the file (checksum,
    number of lines, column name) is always shown. `expected` is shown unchanged, so it must come
    from declarations or the register, never from another cell.
    """

    rule: str
    file: str
    row: int | None
    column: str | None
    value: str | None
    expected: str
    holds: Holds = "cell"

    def __str__(self) -> str:
        return self.text()

    def text(self, show_values: bool = False) -> str:
        """The message. Use `show_values` only for a person who may read the raw file."""
        place = [visible(self.file)]
        # a variable derived from a dictionary has no line in the file
        if self.row:
            place.append(f"row {self.row}")
        if self.column is not None:
            place.append(f"column {_named(self.column)}")
        value = "" if self.value is None else f"found {self._shown(self.value, show_values)}, "
        return f"{', '.join(place)}: {value}expected {visible(self.expected)} [{self.rule}]"

    def _shown(self, value: str, show_values: bool) -> str:
        if show_values or self.holds == "fact":
            return repr(shorten(value))
        return masked(value) if self.holds == "cell" else shape(value)


def _named(column: str) -> str:
    """A column's name. Unusual blanks are escaped, so that the name can be found."""
    shown = visible(column_shown(column))
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in shown)


class DataError(ValueError):
    """A raw file that cannot be used. It holds all findings."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        super().__init__(summarize(findings))


def summarize(
    findings: list[Finding], *, show_values: bool = False, found: int | None = None
) -> str:
    """The first findings, one per line, and the number of further ones; `found` is the total."""
    lines = [finding.text(show_values) for finding in findings[:MOST_LINES]]
    if (more := (len(findings) if found is None else found) - len(lines)) > 0:
        lines.append(f"... and {more} more")
    return "\n".join(lines)


def shorten(text: str, most: int = 60) -> str:
    """At most `most` characters, with an ellipsis if the text is longer."""
    return text if len(text) <= most else text[: most - 1] + "…"


def file_error(
    rule: str,
    path: Path,
    expected: str,
    row: int | None = None,
    column: str | None = None,
    value: str | None = None,
    holds: Holds = "fact",
) -> DataError:
    """One finding about the file at `path`, as an error to raise."""
    return DataError([Finding(rule, path.name, row, column, value, expected, holds)])
