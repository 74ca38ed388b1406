"""The report of the audit: a page per chapter, and all findings with their arithmetic. Pure.

Written for the authors as much as for others: what was checked, what is fine, what is not, and
what that means for a reader of the report.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from replication.audit.constraint_index import Constraints
from replication.audit.findings import AuditFinding
from replication.audit.registry import RULES
from replication.audit.summary import Checked, by_cause, chapters_of
from replication.audit.telling import ORDER, arithmetic, cause_text, escaped, gives, meaning, place
from replication.consistency.printed_report import PrintedReport
from replication.consistency.references import CLAIM

PAGE_COLUMNS = ("chapter", "page")
TITLES = {"resume": "Resumé / Summary", "appendix": "Bilag / Appendix"}
MOST_LINES = 6
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
    report: PrintedReport,
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
        _extent(chapter, report, constraints),
        _table(("", "kontrolleret / checked", "ikke opfyldt / not met"), [
            (RULES[line.rule].title.both, str(line.checked), str(line.broken)) for line in own
        ]),
        "## Hvad er i orden / What is fine",
        _fine(total, broken, chapter, report, findings),
    ]  # fmt: skip
    if found:
        causes = by_cause(found, report.layout)
        ranked = sorted(causes, key=lambda cause: min(ORDER[f.severity] for f in causes[cause]))
        blocks += [
            "## Hvad stemmer ikke, og hvad det betyder / What does not agree, and what it means"
        ]
        for cause in ranked:
            blocks += _cause_block(causes[cause], report)
    return "\n\n".join(blocks) + "\n"


def chapter_title(chapter: str) -> str:
    """A chapter's name in both languages."""
    return TITLES.get(chapter, f"Kapitel {chapter} / Chapter {chapter}")


def _extent(chapter: str, report: PrintedReport, constraints: Constraints) -> str:
    layout = report.layout
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
    report: PrintedReport,
    findings: Sequence[AuditFinding],
) -> str:
    kept = total - broken
    lines = [f"{kept} of {total} relations between figures and statements hold."]
    wrong = {f.table for f in findings if f.chapter == chapter and f.table}
    layout = report.layout
    tables = [t for t in layout.study.tables if t.chapter == chapter and t.id in layout.by_table]
    clean = [t.number for t in tables if t.id not in wrong]
    if clean:
        lines.append(f"Nothing was found in {_listed('Table', clean)}.")
    if not broken:
        lines.append("Everything that could be checked agrees.")
    return " ".join(lines)


def _listed(word: str, numbers: Sequence[str]) -> str:
    return f"{word}{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}"


def _cause_block(findings: Sequence[AuditFinding], report: PrintedReport) -> list[str]:
    first = findings[0]
    lines = [f"- {RULES[f.rule].title.both} {gives(f, report)}" for f in findings[:MOST_LINES]]
    if more := len(findings) - len(lines):
        lines.append(f"- og {more} til af samme grund / and {more} more for the same reason")
    assumed = dict.fromkeys(f.assumes for f in findings if f.assumes)
    title = cause_text(first, report)
    if {f.cause for f in findings} != {first.cause}:
        title = _sentence(findings, report)
    return [
        f"### {_upper(title)}",
        "\n".join(lines),
        " ".join([meaning(findings), *(f"(Assumed: {text}.)" for text in assumed)]),
    ]


def _sentence(findings: Sequence[AuditFinding], report: PrintedReport) -> str:
    """The statements of one sentence, as they are paraphrased."""
    claims = [report.layout.claim[f.cause] for f in findings]
    said = " ".join(dict.fromkeys(claim.statement for claim in claims))
    return f"section {claims[0].section}, one sentence: “{said}”"


def findings_page(report: PrintedReport, findings: Sequence[AuditFinding]) -> str:
    """All findings with the arithmetic, for checking by hand."""
    count = len(by_cause(findings, report.layout))
    blocks = [
        "# The audit of the printed report",
        ALL_FINDINGS.format(findings=len(findings), causes=count),
    ]
    study = report.layout.study
    for chapter in chapters_of(study, (c.chapter for c in report.layout.claims)):
        found = [finding for finding in findings if finding.chapter == chapter]
        blocks.append(f"## {chapter_title(chapter)}")
        if not found:
            blocks.append("Nothing.")
            continue
        rows = [
            (
                f.severity,
                f.rule,
                _where(f, report),
                escaped(f.printed),
                escaped(arithmetic(f, report)),
                f.likely + (f" ({f.likely_by})" if f.likely_by else ""),
                _cause(f, report),
            )
            for f in found
        ]
        blocks.append(
            _table(("", "rule", "where", "printed", "arithmetic", "likely", "cause"), rows)
        )
    return "\n\n".join(blocks) + "\n"


def _where(finding: AuditFinding, report: PrintedReport) -> str:
    return place(finding.about, report)


def _cause(finding: AuditFinding, report: PrintedReport) -> str:
    if finding.causes == (finding.about,):
        return "this"
    return "; ".join(place(ref, report) for ref in finding.causes)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [tuple(names), ("---",) * len(names), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
