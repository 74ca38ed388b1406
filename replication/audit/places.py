"""The place of a finding for a reader, in one language."""

from __future__ import annotations

from declarations.claims.kinds import Claim
from replication.audit.findings import AuditFinding
from replication.audit.texts import TEXTS, TITLES
from replication.audit.wording import numbers_text
from replication.consistency.printed_report import PrintedReport
from replication.consistency.references import ITEM, MARK, TEXT

# the letter before the number of an appendix table
APPENDIX = "A"
# up to this many figures of a row are named one by one
MOST_NAMED = 3


def place_text(claim: Claim, language: str) -> str:
    """The sentence of a statement."""
    said = TEXTS[language]
    # a chapter without sections is named as a chapter
    word = said["chapter"] if claim.section.isdigit() else said["section"]
    if claim.at is None:
        return f"{word} {claim.section}"
    at, known = claim.at, TITLES[language].get(claim.chapter)
    section = known or f"{word} {claim.section}"
    return said["sentence"].format(section=section, paragraph=at.paragraph, sentence=at.sentence)


def table_in_words(number: str, language: str) -> str:
    """A table as the report names it; A1.1 is the first table of the appendix."""
    name = "appendix_table" if number.startswith(APPENDIX) else "table"
    return f"{TEXTS[language][name]} {number.removeprefix(APPENDIX)}"


def cause_text(finding: AuditFinding, language: str, report: PrintedReport) -> str:
    """The cause of a finding in words."""
    said, causes = TEXTS[language], finding.causes
    if causes[0].endswith(":label"):
        number = report.layout.study.table[finding.table].number
        row = _label_text(finding, language, report)
        return f"{table_in_words(number, language)}, {row}: {said['label']}"
    if len(causes) > 1:
        rows = {ref.rpartition(":")[0] for ref in causes}
        figures = [report.layout.figure.get(ref) for ref in causes]
        cells = [figure.cell for figure in figures if figure is not None]
        if len(rows) == 1 and len(cells) == len(causes):
            number = report.layout.study.table[finding.table].number
            names = ", ".join(getattr(cell.column_label, language) for cell in cells)
            row = getattr(cells[0].row_label, language)
            many = len(cells) > MOST_NAMED
            one_of = said["one_of_row"] if many else said["one_of"].format(cells=names)
            return f"{table_in_words(number, language)}, {row}: {one_of}"
        places = list(dict.fromkeys(printed_place(r, language, report) for r in causes))
        return f"; {said['or']} ".join(places)
    (ref,) = causes
    text = printed_place(ref, language, report)
    if ref in report.numbers or ref in report.marks:
        printed = numbers_text(report.printed(ref), language)
        shown = said["printed"].format(printed=printed) if printed else said["no_star"]
        text += f": {shown}"
    return text


def printed_place(ref: str, language: str, report: PrintedReport) -> str:
    """The place where a reference is printed, for readers."""
    said, layout = TEXTS[language], report.layout
    kind, _, name = ref.partition(":")
    if ref in layout.claim:
        return place_text(layout.claim[ref], language)
    if kind == TEXT:
        number = next(t for t in layout.settings.text if t.id == name)
        return f"{said['section']} {number.section}, {said['numbers']} ({number.printed})"
    if kind == ITEM:
        item = layout.study.items[name.split(":")[0]]
        return said["base_of"].format(item=getattr(item.label, language))
    table = table_in_words(layout.study.table[kind].number, language)
    figure = layout.figure.get(ref.removesuffix(f":{MARK}"))
    if figure is None and ref in layout.bases:
        figure = next((f for f in layout.figures if f.base == ref), None)
        if figure is None or len(ref.split(":")) == 2:
            return f"{table}, N"
        return ", ".join(filter(None, (table, *_labels(figure.cell, language)[:2], "N")))
    if figure is None:
        word = said["bound"] if ref.endswith(f":{MARK}") else said["label"]
        return ", ".join(filter(None, (table, _row(ref, language, report), word)))
    text = ", ".join(filter(None, (table, *_labels(figure.cell, language))))
    return f"{text} ({said['stars']})" if ref.endswith(f":{MARK}") else text


def _label_text(finding: AuditFinding, language: str, report: PrintedReport) -> str:
    """The row of a finding on a label."""
    figure = report.layout.figure.get(finding.about)
    return getattr(figure.cell.row_label, language) if figure else finding.row


def _labels(cell: object, language: str) -> tuple[str, ...]:
    names = ("row_label", "group_label", "column_label")
    return tuple(getattr(getattr(cell, name), language) for name in names)


def _row(ref: str, language: str, report: PrintedReport) -> str:
    """The row of a printed bound of p; empty if the table has a single bound for all rows."""
    row = ref.removesuffix(MARK)
    figures = report.layout.figures
    own = [f for f in figures if f.ref.startswith(row) and f"{f.cell.table}:" != row]
    return getattr(own[0].cell.row_label, language) if own else ""
