"""The report of the audit: a page per chapter and language, as a note to a colleague.

A page says what is right, then what to correct, then small points of rounding and wording, and at
the end how much was checked. Statements from one sentence are shown together.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from replication.audit.findings import AuditFinding, is_right
from replication.audit.places import cause_text, place_text
from replication.audit.registry import RULES
from replication.audit.rules.significance import BY_HAND
from replication.audit.summary import CheckedRule, by_cause, chapters_of
from replication.audit.texts import MEANINGS, TEXTS, TITLES, meaning_of
from replication.audit.wording import EN, LANGUAGES, arithmetic_in_words, numbers_text
from replication.consistency.constraints import HIGH, LOW, MEDIUM
from replication.consistency.printed_report import PrintedReport
from replication.consistency.references import CLAIM
from replication.consistency.statements import decide_statement
from replication.deciding.facts import CONTRADICTED, HOLDS, IMPRECISE, ROUNDS

PAGE_COLUMNS = ("chapter", "language", "page")
MOST_LINES = 6
# rules whose findings report that a statement does not hold
DOUBTED = ("prose", "same_quantity", "contradiction", "restatement", "level", "stated_base")
IMPOSSIBLE = re.compile(r" \(with [^()]* as printed, which no whole number gives\)")
# a note on a reading or on what is counted becomes a separate sentence on a page
NOTE = re.compile(r" \(([^():\d][^():]*: [^()]*|answers count [^()]*)\)")
FOR_CHECKING = re.compile(rf" \({BY_HAND}[^()]*\)")
ORDER = {HIGH: 0, MEDIUM: 1, LOW: 2}


def chapter_page(
    chapter: str,
    language: str,
    report: PrintedReport,
    checked: Sequence[CheckedRule],
    findings: Sequence[AuditFinding],
    verdicts: Mapping[str, Sequence[str]],
) -> str:
    """One chapter's page in one language, as Markdown.

    `checked`, `findings` and `verdicts` (of `verdicts_by_chapter`) are those of the whole report.
    """
    said = TEXTS[language]
    own = [line for line in checked if line.chapter == chapter]
    found = [finding for finding in findings if finding.chapter == chapter]
    causes = by_cause(found, report.layout)
    ranked = sorted(causes, key=lambda cause: min(ORDER[f.severity] for f in causes[cause]))
    to_correct = [c for c in ranked if min(ORDER[f.severity] for f in causes[c]) < ORDER[LOW]]
    small = [c for c in ranked if c not in to_correct]
    blocks = [
        f"# {chapter_title(chapter, language)}: {said['title']}",
        said["introduction"],
        f"## {said['right']}",
        _right(chapter, language, report, own, found, verdicts.get(chapter, ())),
    ]
    if to_correct:
        blocks.append(f"## {said['correct']}")
        for cause in to_correct:
            blocks += _block(causes[cause], language, report)
    if small:
        blocks += [f"## {said['small']}", said["small_words"]]
        blocks.append("\n".join(_small(causes[cause], language, report) for cause in small))
    blocks += [
        f"## {said['checked']}",
        _table(
            ("", said["column_checked"], said["column_broken"]),
            [
                (getattr(RULES[line.rule].title, language), str(line.checked), str(line.broken))
                for line in own
            ],
        ),
    ]
    return "\n\n".join(blocks) + "\n"


def chapter_title(chapter: str, language: str) -> str:
    """A chapter's name."""
    return TITLES[language].get(chapter) or f"{TEXTS[language]['chapter']} {chapter}"


def _right(
    chapter: str,
    language: str,
    report: PrintedReport,
    own: Sequence[CheckedRule],
    found: Sequence[AuditFinding],
    grades: Sequence[str],
) -> str:
    """The checks that passed."""
    said, layout = TEXTS[language], report.layout
    total, broken = sum(line.checked for line in own), sum(line.broken for line in own)
    lines = []
    tables = [t for t in layout.study.tables if t.chapter == chapter and t.id in layout.by_table]
    wrong = {finding.table for finding in found if finding.table}
    clean = [table.number for table in tables if table.id not in wrong]
    if tables:
        figures = sum(len(layout.by_table[table.id]) for table in tables)
        name = "one_figures" if len(tables) == 1 else "figures"
        lines.append(said[name].format(figures=figures, tables=len(tables)))
    if clean:
        name = "one_clean" if len(clean) == 1 else "clean"
        lines.append(said[name].format(tables=", ".join(clean)))
    stated = sum(claim.chapter == chapter for claim in layout.claims)
    if stated:
        parts = _listed(grades, language)
        lines.append(said["statements"].format(stated=stated, decided=len(grades), parts=parts))
    lines.append(said["relations"].format(total=total, kept=total - broken))
    return " ".join(lines)


def _listed(grades: Sequence[str], language: str) -> str:
    """The numbers of statements by verdict; verdicts without statements are left out."""
    said, count = TEXTS[language], Counter(grades)
    lines = [
        said[name if count[name] != 1 or f"one_{name}" not in said else f"one_{name}"].format(
            n=count[name]
        )
        for name in (HOLDS, ROUNDS, IMPRECISE, CONTRADICTED)
        if count[name]
    ]
    return f" {said['and']} ".join(filter(None, (", ".join(lines[:-1]), *lines[-1:])))


def verdicts_by_chapter(report: PrintedReport) -> dict[str, list[str]]:
    """The verdict on each statement that printed figures decide, by chapter."""
    found: dict[str, list[str]] = {}
    for claim in report.layout.claims:
        grade = decide_statement(claim, report)[0].grade
        if grade is not None:
            found.setdefault(claim.chapter, []).append(grade)
    return found


def _block(findings: Sequence[AuditFinding], language: str, report: PrintedReport) -> list[str]:
    """One mistake: its place, the arithmetic, and its meaning for a reader."""
    said = TEXTS[language]
    shown = findings[:MOST_LINES]
    several = _several(findings, report)
    lines = [f"- {line}" for line in _lines(shown, language, report, several)]
    if more := len(findings) - len(shown):
        lines.append(f"- {said['more' if more > 1 else 'one_more'].format(more=more)}")
    return [
        f"### {heading(findings, language, report)}",
        "\n".join(dict.fromkeys(lines)),
        MEANINGS[language][meaning_of(findings)],
    ]


def _small(findings: Sequence[AuditFinding], language: str, report: PrintedReport) -> str:
    """A small matter in one line."""
    first = findings[0]
    several = _several(findings, report)
    lines = dict.fromkeys(_lines(findings[:3], language, report, several))
    found = heading(findings if several else [first], language, report)
    return f"- **{found.rstrip('.:')}:** {' '.join(lines)}"


def _lines(
    findings: Sequence[AuditFinding], language: str, report: PrintedReport, named: bool
) -> list[str]:
    """The arithmetic of each finding. The likely figure is named once, later what it corrects."""
    found, known = [], set[str]()
    for finding in findings:
        again = finding.likely in known
        found.append(gives(finding, language, report, named=named, again=again))
        known.add(finding.likely)
    return found


def _several(findings: Sequence[AuditFinding], report: PrintedReport) -> bool:
    """Whether findings with one cause are about several statements. Then each must be named."""
    layout = report.layout
    known = (layout.claim.get(f"{CLAIM}:{finding.claim}") for finding in findings)
    return len({claim.statement.en for claim in known if claim is not None}) > 1


def heading(findings: Sequence[AuditFinding], language: str, report: PrintedReport) -> str:
    """The place of a mistake: the figure, or the sentence, with its statement if there is one."""
    layout, first = report.layout, findings[0]
    claims = [layout.claim[f.about] for f in findings if f.about in layout.claim]
    if first.cause in layout.claim and claims:
        wrong = [
            layout.claim[f.about] for f in findings if f.rule in DOUBTED and f.about in layout.claim
        ]
        same = layout.claim[first.cause].sentence
        own = [c for c in wrong or claims if c.sentence == same] or claims
        if _several(findings, report):
            return place_text(own[0], language)
        texts = " ".join(dict.fromkeys(getattr(c.statement, language) for c in own))
        return f"{place_text(own[0], language)}: {texts}"
    found = cause_text(first, language, report)
    return found[:1].upper() + found[1:]


def gives(
    finding: AuditFinding,
    language: str,
    report: PrintedReport,
    named: bool = False,
    by_hand: bool = False,
    again: bool = False,
) -> str:
    """The arithmetic of a finding in one language.

    `named`: the statement precedes it. `by_hand`: with the counts and the test, for those who
    check. `again`: the likely figure was named before. Only the page of the table says which share
    no whole number gives; the page of the statement does not.
    """
    checking = finding.gives if by_hand else FOR_CHECKING.sub("", finding.gives)
    plain = NOTE.sub(r". \1", IMPOSSIBLE.sub("", checking.replace(f"({BY_HAND}", "(")))
    text = arithmetic_in_words(plain, language, report.layout)
    text = re.sub(r"(?:^|\. )\w", lambda start: start[0].upper(), text)
    statement = report.layout.claim.get(f"{CLAIM}:{finding.claim}")
    apart = not finding.cause.startswith(CLAIM)
    if statement is not None and (apart or named):
        text = f"{getattr(statement.statement, language)} {text}"
    table = bool(finding.likely) and finding.about.startswith("table")
    likely = numbers_text(finding.likely, language)
    if table and finding.about in finding.causes and not again:
        text += f"; {TEXTS[language]['likely'].format(likely=likely)}"
    elif finding.likely and (is_right(finding) or (table and again)):
        text = f"{text.rstrip('.')}. {TEXTS[language]['mended'].format(likely=likely)}"
    text = text[:1].upper() + text[1:]
    return (text if text.endswith(".") else f"{text}.").replace("*", "\\*")


def findings_page(report: PrintedReport, findings: Sequence[AuditFinding]) -> str:
    """All findings with the arithmetic, for checking by hand; English."""
    layout = report.layout
    count = len(by_cause(findings, layout))
    blocks = [
        "# The audit of the printed report",
        TEXTS[EN]["all_findings"].format(findings=len(findings), causes=count),
    ]
    for chapter in chapters_of(layout.study, (c.chapter for c in layout.claims)):
        found = [finding for finding in findings if finding.chapter == chapter]
        blocks.append(f"## {chapter_title(chapter, EN)}")
        if not found:
            blocks.append("Nothing.")
            continue
        rows = [
            (f.severity, f.rule, cause_text(f, EN, report), f.printed.replace("*", "\\*"),
             gives(f, EN, report, by_hand=True),
             f.likely + (f" ({f.likely_by})" if f.likely_by else ""))
            for f in found
        ]  # fmt: skip
        blocks.append(_table(("", "rule", "what", "printed", "arithmetic", "likely"), rows))
    return "\n\n".join(blocks) + "\n"


def pages_of(
    chapters: Iterable[str],
    report: PrintedReport,
    checked: Sequence[CheckedRule],
    findings: Sequence[AuditFinding],
    verdicts: Mapping[str, Sequence[str]],
) -> list[tuple[str, str, str]]:
    """(chapter, language, page) of all chapters."""
    return [
        (chapter, language, chapter_page(chapter, language, report, checked, findings, verdicts))
        for chapter in chapters
        for language in LANGUAGES
    ]


def _table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [tuple(names), ("---",) * len(names), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
