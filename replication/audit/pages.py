"""The report of the audit: a page per chapter, and all findings with their arithmetic. Pure.

Written for the authors as much as for others: what was checked, what is fine, what is not, and
what that means for a reader of the report.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from replication.audit.diagnosis import (
    EMPTY_LINES,
    NEAREST,
    NEXT_BOUND,
    ONE_DIGIT,
    ONLY,
    Constraints,
)
from replication.audit.findings import AuditFinding
from replication.audit.registry import RULES
from replication.audit.summary import Checked, by_cause, chapters_of
from replication.audit.wording import in_words
from replication.consistency.constraints import HIGH, LOW, MEDIUM
from replication.consistency.printed_register import CLAIM, ITEM, MARK, TEXT, Publication

PAGE_COLUMNS = ("chapter", "page")
TITLES = {"resume": "Resumé / Summary", "appendix": "Bilag / Appendix"}
WHY = {
    ONLY: "the only value that fits all other figures",
    EMPTY_LINES: "the N that all figures of the row fit",
    ONE_DIGIT: "the only value a digit away from print that fits",
    NEXT_BOUND: "the next bound that holds",
    NEAREST: "of the values a digit away that fit, the nearest",
}
MOST_LINES = 6
ORDER = {HIGH: 0, MEDIUM: 1, LOW: 2}
INTRODUCTION = """Kontrolleret er, om de trykte tal kan være rigtige samtidig: kun tallene selv og
det, teksten siger om dem, ikke besvarelserne. / What is checked is whether the printed figures can
be true together: the figures alone and what the text says of them, not the answers."""

ALL_FINDINGS = """{findings} findings with {causes} causes, made by `make docs` from the printed
figures in `studies/samspil/printed/` and the statements in `studies/samspil/claims/`. How they
are found, and how to read them, is in [audit-method.md](audit-method.md). Statements are
paraphrases, read as declared in `claims/`; a finding on one says that this reading and the table do
not agree."""


def chapter_page(
    chapter: str,
    publication: Publication,
    constraints: Constraints,
    checked: Sequence[Checked],
    findings: Sequence[AuditFinding],
) -> str:
    """One chapter's page as Markdown; `checked` and `findings` of the whole report."""
    own = [line for line in checked if line.chapter == chapter]
    found = [finding for finding in findings if finding.chapter == chapter]
    total, broken = sum(line.checked for line in own), sum(line.broken for line in own)
    blocks = [
        f"# {chapter_title(chapter)}: revision af de trykte tal / audit of the printed figures",
        INTRODUCTION,
        "## Hvad er kontrolleret / What was checked",
        _extent(chapter, publication, constraints),
        _table(("", "kontrolleret / checked", "ikke opfyldt / not met"), [
            (RULES[line.rule].title.both, str(line.checked), str(line.broken)) for line in own
        ]),
        "## Hvad er i orden / What is fine",
        _fine(total, broken, chapter, publication, findings),
    ]  # fmt: skip
    if found:
        causes = by_cause(found, publication.layout)
        ranked = sorted(causes, key=lambda cause: min(ORDER[f.severity] for f in causes[cause]))
        blocks += [
            "## Hvad stemmer ikke, og hvad det betyder / What does not agree, and what it means"
        ]
        for cause in ranked:
            blocks += _cause_block(causes[cause], publication)
    return "\n\n".join(blocks) + "\n"


def chapter_title(chapter: str) -> str:
    """A chapter's name in both languages."""
    return TITLES.get(chapter, f"Kapitel {chapter} / Chapter {chapter}")


def _extent(chapter: str, publication: Publication, constraints: Constraints) -> str:
    layout = publication.layout
    tables = [t for t in layout.study.tables if t.chapter == chapter and t.id in layout.by_table]
    parts = []
    if tables:
        figures = sum(len(layout.by_table[t.id]) for t in tables)
        numbers = ", ".join(t.number for t in tables)
        count = f"{len(tables)} tables" if len(tables) > 1 else "one table"
        parts.append(f"{figures} printed figures in {count} ({numbers})")
    spoken = {c.about for c in constraints.all if c.about.startswith(f"{CLAIM}:")}
    decided = sum(layout.claim[ref].chapter == chapter for ref in spoken)
    stated = sum(claim.chapter == chapter for claim in layout.claims)
    if stated:
        parts.append(f"{stated} statements of results, of which printed figures decide {decided}")
    return f"{_upper(' and '.join(parts))}." if parts else "Nothing is printed here."


def _fine(
    total: int,
    broken: int,
    chapter: str,
    publication: Publication,
    findings: Sequence[AuditFinding],
) -> str:
    kept = total - broken
    lines = [f"{kept} of {total} relations between figures and statements hold."]
    wrong = {f.table for f in findings if f.chapter == chapter and f.table}
    layout = publication.layout
    tables = [t for t in layout.study.tables if t.chapter == chapter and t.id in layout.by_table]
    clean = [t.number for t in tables if t.id not in wrong]
    if clean:
        lines.append(f"Nothing was found in {_listed('Table', clean)}.")
    if not broken:
        lines.append("Everything that could be checked agrees.")
    return " ".join(lines)


def _listed(word: str, numbers: Sequence[str]) -> str:
    return f"{word}{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}"


def _cause_block(findings: Sequence[AuditFinding], publication: Publication) -> list[str]:
    first = findings[0]
    lines = [f"- {RULES[f.rule].title.both} {gives(f, publication)}" for f in findings[:MOST_LINES]]
    if more := len(findings) - len(lines):
        lines.append(f"- og {more} til af samme grund / and {more} more for the same reason")
    assumed = dict.fromkeys(f.assumes for f in findings if f.assumes)
    title = cause_text(first, publication)
    if {f.cause for f in findings} != {first.cause}:
        title = _sentence(findings, publication)
    return [
        f"### {_upper(title)}",
        "\n".join(lines),
        " ".join([meaning(findings), *(f"(Assumed: {text}.)" for text in assumed)]),
    ]


def _sentence(findings: Sequence[AuditFinding], publication: Publication) -> str:
    """The statements of one sentence, as they are paraphrased."""
    claims = [publication.layout.claim[f.cause] for f in findings]
    said = " ".join(dict.fromkeys(claim.statement for claim in claims))
    return f"section {claims[0].section}, one sentence: “{said}”"


def gives(finding: AuditFinding, publication: Publication) -> str:
    """The arithmetic of a finding, with the statement it speaks of or the N that fits it."""
    told = arithmetic(finding, publication)
    if finding.cause.startswith(f"{ITEM}:") and finding.likely:
        text = f"{place(finding.about, publication)}, {told}"
        return _escaped(f"{text}; {finding.likely} fits")
    if finding.claim and not finding.cause.startswith(CLAIM):
        statement = publication.layout.claim[f"{CLAIM}:{finding.claim}"].statement
        return f"“{statement}”: {_escaped(told)}"
    return _escaped(told)


def arithmetic(finding: AuditFinding, publication: Publication) -> str:
    """What the arithmetic gives, items and levels of a statement by their labels."""
    claim = publication.layout.claim.get(f"{CLAIM}:{finding.claim}")
    return in_words(finding.gives, claim, publication.layout.study) if claim else finding.gives


def cause_text(finding: AuditFinding, publication: Publication) -> str:
    """What a finding is put down to, in words."""
    causes = finding.causes
    if causes[0].endswith(":label"):
        number = publication.layout.study.table[finding.table].number
        return f"Table {number}, {finding.row}: the label"
    rows = {ref.rpartition(":")[0] for ref in causes}
    if len(causes) > 1 and len(rows) == 1:
        cells = [publication.layout.figure.get(ref) for ref in causes]
        columns = [cell.cell.column_label.da for cell in cells if cell is not None]
        if len(columns) == len(causes):
            number = publication.layout.study.table[finding.table].number
            return f"Table {number}, {finding.row}: one of {', '.join(columns)}"
    if len(causes) > 1:
        return f"one of: {'; '.join(place(ref, publication) for ref in causes)}"
    (ref,) = causes
    text = place(ref, publication)
    if ref in publication.numbers or ref in publication.marks:
        text += f": printed {publication.printed(ref) or 'without a star'}"
        if finding.likely:
            text += f", {finding.likely} is likely ({WHY.get(finding.likely_by, '')})"
    return text


def place(ref: str, publication: Publication) -> str:
    """Where a reference stands, as a reader would look for it."""
    layout = publication.layout
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
        return ", ".join(filter(None, (f"Table {table}", _row(ref, publication), "the bound of p")))
    if figure is None:
        return f"Table {table}, a label"
    cell = figure.cell
    parts = (f"Table {table}", cell.row_label.da, cell.group_label.da, cell.column_label.da)
    return ", ".join(filter(None, parts)) + (" (stars)" if ref.endswith(f":{MARK}") else "")


def _row(ref: str, publication: Publication) -> str:
    """The row a bound of p is printed for; empty where it is printed once for the table."""
    row = ref.removesuffix(MARK)
    figures = publication.layout.figures
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


def findings_page(publication: Publication, findings: Sequence[AuditFinding]) -> str:
    """All findings with the arithmetic, for checking by hand."""
    count = len(by_cause(findings, publication.layout))
    blocks = [
        "# The audit of the printed report",
        ALL_FINDINGS.format(findings=len(findings), causes=count),
    ]
    study = publication.layout.study
    for chapter in chapters_of(study, (c.chapter for c in publication.layout.claims)):
        found = [finding for finding in findings if finding.chapter == chapter]
        blocks.append(f"## {chapter_title(chapter)}")
        if not found:
            blocks.append("Nothing.")
            continue
        rows = [
            (
                f.severity,
                f.rule,
                _where(f, publication),
                _escaped(f.printed),
                _escaped(arithmetic(f, publication)),
                f.likely + (f" ({f.likely_by})" if f.likely_by else ""),
                _cause(f, publication),
            )
            for f in found
        ]
        blocks.append(
            _table(("", "rule", "where", "printed", "arithmetic", "likely", "cause"), rows)
        )
    return "\n\n".join(blocks) + "\n"


def _where(finding: AuditFinding, publication: Publication) -> str:
    return place(finding.about, publication)


def _cause(finding: AuditFinding, publication: Publication) -> str:
    if finding.causes == (finding.about,):
        return "this"
    return "; ".join(place(ref, publication) for ref in finding.causes)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _escaped(text: str) -> str:
    return text.replace("*", "\\*")


def _table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [tuple(names), ("---",) * len(names), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
