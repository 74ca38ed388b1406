"""The audit as assets: the findings of each chapter, and how much was checked."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
import pandas as pd

from assets.step.columns import described
from assets.step.declared import declared, hashed
from assets.step.declaring import FACTS
from assets.step.factory import Asset, Given, Made, Published, Step, step
from assets.step.names import chapter_group
from declarations import Study
from declarations.claims.claim import all_claims
from declarations.claims.kinds import Claim
from declarations.claims.words import read_words
from replication.audit.findings import COLUMNS, AuditFinding, all_constraints, audit, finding_lines
from replication.audit.pages import PAGE_COLUMNS, pages_of, verdicts_by_chapter
from replication.audit.registry import RULES
from replication.audit.summary import CHECKED_COLUMNS, CheckedRule, chapters_of, checked
from replication.audit.wording import EN
from replication.consistency.printed_report import PrintedReport
from replication.consistency.reading import printed_register, read_printed_report
from replication.printed import printed_tables
from replication.reproduction import (
    compared_declared,
    has_print,
    print_declared,
    printed_folder,
    published_before,
)
from runtime.sources import running_hash

GROUP = "audit"
CHECKED = dg.AssetKey([GROUP, "checked"])
PAGES = dg.AssetKey([GROUP, "pages"])
INPUTS = (GROUP, "inputs")
HOLDS = {
    "id": "Rule and subject; the same in every run",
    "chapter": "Chapter of the report (resume, 2, 3, ..., appendix)",
    "rule": "Rule of the audit",
    "severity": (
        "high: a reader concludes something else; medium: a wrong figure, or more than the figures "
        "bear; low: rounding, a word, a label, or a sentence that only a misprint contradicts"
    ),
    "row": "Row label as printed",
    "group": "Row group as printed",
    "column": "Column heading as printed; N is the base",
    "claim": "Statement of the text, as in claims/",
    "about": "Reference of the figure or statement: table:row:column, N for a base, claim:id",
    "printed": "The figure as printed",
    "gives": "What the arithmetic gives",
    "likely": "The figure to read instead; empty if several values remain",
    "likely_by": (
        "Why: the only value that fits, the only one with one digit changed, the nearest of "
        "these, a smaller N, or the next bound that holds"
    ),
    "cause": "Printed figures each of which alone explains the finding; findings with one cause "
    "are one mistake",
    "conflict": "Printed figures that cannot all be true",
    "assumes": "Assumptions in addition to the printed figures",
    "checked": "Constraints the rule checked",
    "broken": "Constraints that the printed figures break",
    "language": "Language of the page: da or en",
    "page": "Its page of the audit, Markdown",
}


def audit_key(chapter: str) -> dg.AssetKey:
    """The key of the asset with a chapter's findings."""
    return dg.AssetKey([GROUP, chapter_group(chapter)])


def audit_chapters(study: Study, claims: Mapping[str, Sequence[Claim]]) -> list[str]:
    """Chapters that are audited; none without a printed report."""
    return chapters_of(study, claims) if printed_folder(study) else []


def steps(study: Study) -> list[Step]:
    """One step for findings by chapter, counts and pages; none without a printed report."""
    claims = declared(study).claims
    chapters = audit_chapters(study, claims)
    if not chapters:
        return []
    rests = [_decisive(study), _english(study)]
    rules = "\n".join(f"- {rule.title.both}: {rule.description}" for rule in RULES.values())

    def asset(
        key: dg.AssetKey, description: str, columns: Sequence[str], place: str, csv: bool
    ) -> Asset:
        return Asset(
            key,
            group=GROUP,
            description=description,
            rests_on=rests,
            columns=described(columns, HOLDS),
            published=[Published(GROUP, place, csv=csv, holds=FACTS)],
            kinds=frozenset({"pandas"}),
            metadata={"declared_in": "printed/audit.yaml"},
        )

    found = (
        "Printed figures of this part of the report that cannot all be true, with "
        f"the arithmetic. Rests on print alone, not on answers.\n\n{rules}"
    )
    assets = [asset(audit_key(chapter), found, COLUMNS, "audit", True) for chapter in chapters]
    counted = "How many constraints each rule of the audit checked in each chapter."
    assets.append(asset(CHECKED, counted, CHECKED_COLUMNS, "checked", False))
    pages = (
        "The report of the audit, a page per chapter and language: what is right, what to correct, "
        "what is a matter of rounding or wording, and how much was checked."
    )
    assets.append(asset(PAGES, pages, PAGE_COLUMNS, "pages", False))
    return [step("audit_print", study, assets, audit_print, partial=True, as_asked=True)]


def _decisive(study: Study) -> str:
    """The declarations that findings depend on.

    All but texts above and below tables and English labels of their cells, with print and the
    printed register.
    """
    known = declared(study)
    tables = [
        (t.id, t.number, t.chapter, t.section, t.kind, t.significance, t.entries, t.base_column
         and (t.base_column.label.da, t.base_column.position))
        for t in printed_tables(study)
    ]  # fmt: skip
    path = printed_register(study)
    try:
        register = b"" if path is None else path.read_bytes()
    except OSError:
        # the run reports the missing file
        register = b""
    return hashed([
        known.tested, study.frame, study.questions, known.groups, tables, compared_declared(study),
        print_declared(study), known.claims_hash, read_words(study) if known.claims else {},
        register,
    ])  # fmt: skip


def _english(study: Study) -> list[Any]:
    """The English labels of printed tables, which only the pages show."""
    return [
        (t.base_column and t.base_column.label.en,
         [(c.row_label.en, c.group_label.en, c.column_label.en) for c in t.cells])
        for t in printed_tables(study)
    ]  # fmt: skip


def audit_print(given: Given) -> Iterator[Made]:
    """The audit; what an earlier run made of the same code and declarations is reused."""
    claims = declared(given.study).claims
    chapters = audit_chapters(given.study, claims)
    frames = _made(given, claims, chapters)
    of_chapter = {audit_key(chapter): chapter for chapter in chapters}
    lines_of = frames[PAGES][frames[PAGES]["language"] == EN]
    pages = dict(zip(lines_of["chapter"], lines_of["page"], strict=True))
    before = published_before(given, "audit", COLUMNS)
    for key, frame in frames.items():
        own: dict[str, Any] = {}
        if key in of_chapter:
            own = {str(v): int(n) for v, n in frame["severity"].value_counts().items()}
            own["page"] = dg.MarkdownMetadataValue(pages.get(of_chapter[key], ""))
        shown = frame.assign(page=frame["page"].str[:60]) if key == PAGES else None
        if before is not None and key in of_chapter:
            shown = before[before["chapter"] == of_chapter[key]]
            own = _of_print(given, key, shown)
        yield Made(key, frame, metadata=own, preview=shown, stores={})


def _of_print(given: Given, key: dg.AssetKey, shown: pd.DataFrame) -> dict[str, Any]:
    """The findings published for the printed wave, for the page of a run of another wave."""
    printed = str(given.study.printed_wave)
    path = given.workspace.output(printed).resolve() / "audit" / EN / f"{key.path[-1]}.md"
    found: dict[str, Any] = {str(v): int(n) for v, n in shown["severity"].value_counts().items()}
    try:
        page = path.read_text(encoding="utf-8")
    except OSError:
        page = ""
    found["page"] = dg.MarkdownMetadataValue(f"**Wave {printed}**\n\n{page}")
    found["shown_wave"] = printed
    return found


def _made(
    given: Given, claims: Mapping[str, Sequence[Claim]], chapters: Sequence[str]
) -> dict[dg.AssetKey, pd.DataFrame]:
    """Findings by chapter, counts and pages, for all assets, also if only some were requested.

    Print changes seldom, answers often. If only English labels changed, the pages are written anew
    from the findings of the earlier run.
    """
    keys = [audit_key(chapter) for chapter in chapters]
    before = _made_of(given)
    if before.get("inputs") == given.version:
        frames = _kept(given, [*keys, CHECKED, PAGES])
        if frames is not None:
            return frames
    decisive = hashed([running_hash(__name__), _decisive(given.asked)])
    found, verdicts = None, before.get("verdicts", "{}")
    if before.get("decisive") == decisive:
        found = _kept(given, [*keys, CHECKED])
    if not has_print(given.study, given.wave):
        frames = _without_print(keys)
    else:
        report = read_printed_report(given.asked, all_claims(claims))
        if found is None:
            found, verdicts = _found(report, chapters), json.dumps(verdicts_by_chapter(report))
        findings = [AuditFinding(*line) for key in keys for line in _lines(found[key])]
        counted = [CheckedRule(*line) for line in _lines(found[CHECKED])]
        pages = pages_of(chapters, report, counted, findings, json.loads(verdicts))
        frames = {**found, PAGES: pd.DataFrame(pages, columns=list(PAGE_COLUMNS), dtype="object")}
    kept = {(GROUP, key.path[-1]): frame for key, frame in frames.items()}
    made_of = {"inputs": [given.version], "decisive": [decisive], "verdicts": [verdicts]}
    given.store.write({**kept, INPUTS: pd.DataFrame(made_of)})
    return frames


def _without_print(keys: Sequence[dg.AssetKey]) -> dict[dg.AssetKey, pd.DataFrame]:
    """Empty relations, for a wave without a printed report."""
    empty = {CHECKED: CHECKED_COLUMNS, PAGES: PAGE_COLUMNS, **dict.fromkeys(keys, COLUMNS)}
    return {k: pd.DataFrame(columns=list(names), dtype="object") for k, names in empty.items()}


def _found(report: PrintedReport, chapters: Sequence[str]) -> dict[dg.AssetKey, pd.DataFrame]:
    """Findings by chapter, and how much was checked."""
    constraints = all_constraints(report.layout)
    findings = audit(report, constraints)
    counted = checked(report.layout, constraints, findings)
    return {
        **{audit_key(chapter): _frame(findings, chapter) for chapter in chapters},
        CHECKED: pd.DataFrame(counted, columns=list(CHECKED_COLUMNS)),
    }


def _made_of(given: Given) -> dict[Any, Any]:
    """What the stored results of an earlier run were made of; empty if there are none."""
    key = dg.AssetKey(INPUTS)
    kept = _kept(given, [key])
    return kept[key].iloc[-1].to_dict() if kept else {}


def _kept(given: Given, keys: Sequence[dg.AssetKey]) -> dict[dg.AssetKey, pd.DataFrame] | None:
    """Relations of an earlier run; None if there was none."""
    try:
        found = given.store.read_all(GROUP, [key.path[-1] for key in keys])
    except LookupError:
        return None
    return {key: found[key.path[-1]] for key in keys}


def _lines(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    return list(frame.itertuples(index=False, name=None))


def _frame(findings: Sequence[AuditFinding], chapter: str) -> pd.DataFrame:
    own = finding_lines([finding for finding in findings if finding.chapter == chapter])
    return pd.DataFrame(own, columns=list(COLUMNS), dtype="object")
