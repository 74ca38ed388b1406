"""A finding in words: where it stands, what it is put down to, what it means. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from replication.audit.diagnosis import EMPTY_LINES, NEAREST, NEXT_BOUND, ONE_DIGIT, ONLY
from replication.audit.findings import AuditFinding
from replication.audit.wording import in_words
from replication.consistency.constraints import HIGH, LOW, MEDIUM
from replication.consistency.printed_report import PrintedReport
from replication.consistency.references import CLAIM, ITEM, MARK, TEXT

WHY = {
    ONLY: "the only value that fits all other figures",
    EMPTY_LINES: "the N that all figures of the row fit",
    ONE_DIGIT: "the only value a digit away from print that fits",
    NEXT_BOUND: "the next bound that holds",
    NEAREST: "of the values a digit away that fit, the nearest",
}
ORDER = {HIGH: 0, MEDIUM: 1, LOW: 2}


def gives(finding: AuditFinding, report: PrintedReport) -> str:
    """The arithmetic of a finding, with the statement it speaks of or the N that fits it."""
    told = arithmetic(finding, report)
    if finding.cause.startswith(f"{ITEM}:") and finding.likely:
        text = f"{place(finding.about, report)}, {told}"
        return escaped(f"{text}; {finding.likely} fits")
    if finding.claim and not finding.cause.startswith(CLAIM):
        statement = report.layout.claim[f"{CLAIM}:{finding.claim}"].statement
        return f"“{statement}”: {escaped(told)}"
    return escaped(told)


def arithmetic(finding: AuditFinding, report: PrintedReport) -> str:
    """What the arithmetic gives, items and levels of a statement by their labels."""
    claim = report.layout.claim.get(f"{CLAIM}:{finding.claim}")
    return in_words(finding.gives, claim, report.layout.study) if claim else finding.gives


def cause_text(finding: AuditFinding, report: PrintedReport) -> str:
    """What a finding is put down to, in words."""
    causes = finding.causes
    if causes[0].endswith(":label"):
        number = report.layout.study.table[finding.table].number
        return f"Table {number}, {finding.row}: the label"
    rows = {ref.rpartition(":")[0] for ref in causes}
    if len(causes) > 1 and len(rows) == 1:
        cells = [report.layout.figure.get(ref) for ref in causes]
        columns = [cell.cell.column_label.da for cell in cells if cell is not None]
        if len(columns) == len(causes):
            number = report.layout.study.table[finding.table].number
            return f"Table {number}, {finding.row}: one of {', '.join(columns)}"
    if len(causes) > 1:
        return f"one of: {'; '.join(place(ref, report) for ref in causes)}"
    (ref,) = causes
    text = place(ref, report)
    if ref in report.numbers or ref in report.marks:
        text += f": printed {report.printed(ref) or 'without a star'}"
        if finding.likely:
            text += f", {finding.likely} is likely ({WHY.get(finding.likely_by, '')})"
    return text


def place(ref: str, report: PrintedReport) -> str:
    """Where a reference stands, as a reader would look for it."""
    layout = report.layout
    kind, _, name = ref.partition(":")
    if ref in layout.claim:
        claim = layout.claim[ref]
        return f"section {claim.section}, “{claim.statement}”"
    if kind == TEXT:
        number = next(t for t in layout.settings.text if t.id == name)
        return f"section {number.section}, the number of municipalities ({number.printed})"
    if kind == ITEM:
        item = layout.study.items[name.split(":")[0]]
        return f"N of “{item.label.da}”, printed with that of other lines"
    table = layout.study.table[kind].number
    figure = layout.figure.get(ref.removesuffix(f":{MARK}"))
    if figure is None and ref in layout.bases:
        figure = next((f for f in layout.figures if f.base == ref), None)
        if figure is None or len(ref.split(":")) == 2:
            return f"Table {table}, N"
        cell = figure.cell
        return ", ".join(
            filter(None, (f"Table {table}", cell.row_label.da, cell.group_label.da, "N"))
        )
    if figure is None and ref.endswith(f":{MARK}"):
        return ", ".join(filter(None, (f"Table {table}", _row(ref, report), "the bound of p")))
    if figure is None:
        return f"Table {table}, a label"
    cell = figure.cell
    parts = (f"Table {table}", cell.row_label.da, cell.group_label.da, cell.column_label.da)
    return ", ".join(filter(None, parts)) + (" (stars)" if ref.endswith(f":{MARK}") else "")


def _row(ref: str, report: PrintedReport) -> str:
    """The row a bound of p is printed for; empty where it is printed once for the table."""
    row = ref.removesuffix(MARK)
    figures = report.layout.figures
    own = [f for f in figures if f.ref.startswith(row) and f"{f.cell.table}:" != row]
    return own[0].cell.row_label.da if own else ""


def meaning(findings: Sequence[AuditFinding]) -> str:
    """Why it matters, or does not."""
    first = findings[0]
    worst = min((f.severity for f in findings), key=ORDER.__getitem__)
    cause = first.causes[0]
    if cause.startswith(f"{ITEM}:") or first.likely_by == EMPTY_LINES:
        return "The percentages are right; only N counts somebody who left this line empty."
    if all(f.rule == "contradiction" for f in findings):
        return "The text says both, as it is read here; which is meant, it does not tell."
    if cause.startswith(CLAIM):
        return {
            HIGH: "Text and table lead a reader to different conclusions, as the statement is "
            "read here; another reading of it may agree.",
            MEDIUM: "Text and table differ by more than rounding; what they say of it is alike.",
            LOW: "A matter of rounding, of how much a word covers, or of a single case; the "
            "conclusion stands.",
        }[worst]
    if cause.startswith(f"{TEXT}:"):
        return "A number in the text; no result rests on it."
    if first.rule == "labels":
        return "The figures are not touched; the place in the table shows what is meant."
    return {
        HIGH: "Far enough from the likely figure to change what is read out of the row.",
        MEDIUM: "A slip in one figure; the comparison it stands in is read the same way.",
        LOW: "In the last digit only.",
    }[worst]


def escaped(text: str) -> str:
    """Text whose stars Markdown shows as they are."""
    return text.replace("*", "\\*")
