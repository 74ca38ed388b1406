"""The audit as assets: the findings of each chapter, and how much was checked."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd

from assets.step.metadata import frame_metadata
from assets.step.names import OWNERS, REGISTER, wave_partitions
from assets.step.rows_version import rows_version
from assets.step.workspace import Workspace
from declarations import SourceSheet, Study
from declarations.claims.claim import Claim
from replication.audit.findings import COLUMNS, AuditFinding, all_constraints, audit, lines
from replication.audit.pages import PAGE_COLUMNS, chapter_page
from replication.audit.registry import RULES
from replication.audit.summary import CHECKED_COLUMNS, chapters_of, checked
from replication.consistency.printed_register import read_publication
from replication.reproduction import has_print, printed_folder
from runtime.store import Store

GROUP = "audit"
CHECKED = dg.AssetKey([GROUP, "checked"])
PAGES = dg.AssetKey([GROUP, "pages"])
INPUTS = (GROUP, "inputs")
CODE = (Path(__file__).parents[1], Path(__file__).parents[2] / "assets")


def audit_key(chapter: str) -> dg.AssetKey:
    """Asset of a chapter's findings."""
    return dg.AssetKey([GROUP, f"chapter_{chapter}" if chapter.isdigit() else chapter])


def audit_chapters(study: Study, claims: Mapping[str, Sequence[Claim]]) -> list[str]:
    """Chapters that are audited; none for a study without print."""
    return chapters_of(study, claims) if printed_folder(study) else []


def build_audit(study: Study, claims: Mapping[str, Sequence[Claim]]) -> list[dg.AssetsDefinition]:
    """Findings by chapter in one step; none for a study without print."""
    chapters = audit_chapters(study, claims)
    return [_step(study, claims, chapters)] if chapters else []


def _all(claims: Mapping[str, Sequence[Claim]]) -> list[Claim]:
    return [claim for own in claims.values() for claim in own]


def _step(
    study: Study, claims: Mapping[str, Sequence[Claim]], chapters: Sequence[str]
) -> dg.AssetsDefinition:
    rules = "\n".join(f"- {rule.title.both}: {rule.description}" for rule in RULES.values())
    words = {
        audit_key(c): "Printed figures of this part of the report that cannot all be true, with "
        f"the arithmetic. Rests on print alone, not on answers.\n\n{rules}"
        for c in chapters
    }
    words[CHECKED] = "How many constraints each rule of the audit checked in each chapter."
    words[PAGES] = (
        "The report of the audit, a page per chapter: what was checked, what is fine, what is "
        "not, and what it means."
    )

    @dg.multi_asset(
        name="audit_print",
        specs=[
            dg.AssetSpec(
                key,
                group_name=GROUP,
                description=description,
                kinds={"pandas"},
                owners=OWNERS,
                metadata={"declared_in": "printed/audit.yaml"},
            )
            for key, description in words.items()
        ],
        partitions_def=wave_partitions(study),
        can_subset=True,
    )
    def audit_print(
        context: dg.AssetExecutionContext, workspace: Workspace
    ) -> Iterator[dg.MaterializeResult[Any]]:
        wave = context.partition_key
        store, sheet = workspace.store(wave), workspace.sheet(study, wave)
        read = _inputs(study, sheet)
        frames = _kept(store, read, words)
        if frames is None:
            frames = _made(study.in_wave(wave), claims, chapters, has_print(study, wave))
            marker = pd.DataFrame({"inputs": [read]})
            store.write({(GROUP, key.path[-1]): frame for key, frame in frames.items()}
                        | {INPUTS: marker})  # fmt: skip
        chapter_of_key = {audit_key(chapter): chapter for chapter in chapters}
        pages = dict(zip(frames[PAGES]["chapter"], frames[PAGES]["page"], strict=True))
        for key in words:
            if key in context.selected_asset_keys:
                frame = frames[key]
                relation = f"audit_{key.path[-1]}" if key in (CHECKED, PAGES) else "audit"
                shown = frame.assign(page=frame["page"].str[:60]) if key == PAGES else frame
                own: dict[str, Any] = {}
                if key not in (CHECKED, PAGES):
                    own = {str(v): int(n) for v, n in frame["severity"].value_counts().items()}
                    page = pages.get(chapter_of_key[key], "")
                    own["page"] = dg.MarkdownMetadataValue(page)
                yield dg.MaterializeResult(
                    asset_key=key,
                    data_version=rows_version(frame, sheet),
                    metadata={**frame_metadata(shown, sheet, {}, relation=relation), **own},
                )

    return audit_print


def _made(
    study: Study, claims: Mapping[str, Sequence[Claim]], chapters: Sequence[str], printed: bool
) -> dict[dg.AssetKey, pd.DataFrame]:
    """Findings by chapter, counts and pages; empty for a wave that no report was printed on."""
    if not printed:
        empty = {CHECKED: CHECKED_COLUMNS, PAGES: PAGE_COLUMNS}
        empty |= {audit_key(chapter): COLUMNS for chapter in chapters}
        return {k: pd.DataFrame(columns=list(names), dtype="object") for k, names in empty.items()}
    publication = read_publication(study, _all(claims))
    constraints = all_constraints(publication.layout)
    findings = audit(publication, constraints)
    counted = checked(publication.layout, constraints, findings)
    pages = [
        (chapter, chapter_page(chapter, publication, constraints, counted, findings))
        for chapter in chapters
    ]
    return {
        **{audit_key(chapter): _frame(findings, chapter) for chapter in chapters},
        CHECKED: pd.DataFrame(counted, columns=list(CHECKED_COLUMNS)),
        PAGES: pd.DataFrame(pages, columns=list(PAGE_COLUMNS), dtype="object"),
    }


def _inputs(study: Study, sheet: SourceSheet) -> str:
    """Hash of what the audit rests on: print, declarations, the register and the code."""
    folders = ("printed", "questions", "tables", "claims")
    files = [study.folder / "study.yaml"]
    files += [f.path for role, f in sheet.files.items() if role == REGISTER]
    for folder in folders:
        files += sorted((study.folder / folder).glob("*"))
    for package in CODE:
        files += sorted(package.rglob("*.py"))
    digest = hashlib.sha256(sheet.wave.encode())
    for path in files:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _kept(
    store: Store, read: str, keys: Iterable[dg.AssetKey]
) -> dict[dg.AssetKey, pd.DataFrame] | None:
    """What an earlier run on the same inputs left; print changes seldom, answers often."""
    try:
        if store.read(*INPUTS)["inputs"].tolist() != [read]:
            return None
        found = store.read_all(GROUP, [key.path[-1] for key in keys])
    except LookupError:
        return None
    return {key: found[key.path[-1]] for key in keys}


def _frame(findings: Sequence[AuditFinding], chapter: str) -> pd.DataFrame:
    own = lines([finding for finding in findings if finding.chapter == chapter])
    return pd.DataFrame(own, columns=list(COLUMNS), dtype="object")
