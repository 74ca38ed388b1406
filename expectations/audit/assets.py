"""The audit as assets: the findings of each chapter, and how much was checked."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
import pandas as pd

from assets.graph.metadata import frame_metadata
from assets.graph.names import OWNERS, wave_partitions
from assets.graph.workspace import Workspace
from assets.layout import markdown
from assets.specs import Study
from assets.specs.claims import Claim
from expectations.audit.findings import COLUMNS, Finding, all_constraints, audit, lines
from expectations.audit.publication import read_publication
from expectations.audit.registry import RULES
from expectations.audit.summary import CHECKED_COLUMNS, chapters_of, checked
from expectations.reproduction import has_print, published_folder

GROUP = "audit"
CHECKED = dg.AssetKey([GROUP, "checked"])
SHOWN = ("severity", "table", "row", "column", "claim", "printed", "gives", "likely")


def audit_key(chapter: str) -> dg.AssetKey:
    """Asset of a chapter's findings."""
    return dg.AssetKey([GROUP, f"chapter_{chapter}" if chapter.isdigit() else chapter])


def audit_chapters(study: Study, claims: Mapping[str, Sequence[Claim]]) -> list[str]:
    """Chapters that are audited; none for a study without print."""
    return chapters_of(study, claims) if published_folder(study) else []


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

    @dg.multi_asset(
        name="audit_print",
        specs=[
            dg.AssetSpec(
                key,
                group_name=GROUP,
                description=description,
                kinds={"pandas"},
                owners=OWNERS,
                metadata={"declared_in": "published/audit.yaml"},
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
        findings: list[Finding] = []
        summary = pd.DataFrame(columns=list(CHECKED_COLUMNS), dtype="object")
        if has_print(study, wave):
            publication = read_publication(study, _all(claims))
            constraints = all_constraints(publication.layout)
            findings = audit(publication, constraints)
            summary = pd.DataFrame(checked(publication.layout, constraints, findings))
        frames = {audit_key(c): _frame(findings, c) for c in chapters} | {CHECKED: summary}
        chosen = {k: f for k, f in frames.items() if k in context.selected_asset_keys}
        store.write({(GROUP, key.path[-1]): frame for key, frame in chosen.items()})
        for key, frame in chosen.items():
            relation = "audit_checked" if key == CHECKED else "audit"
            own: dict[str, Any] = {}
            if key != CHECKED:
                own = {str(v): int(n) for v, n in frame["severity"].value_counts().items()}
                own["findings"] = dg.MarkdownMetadataValue(_shown(frame))
            yield dg.MaterializeResult(
                asset_key=key,
                metadata={**frame_metadata(frame, sheet, {}, relation=relation), **own},
            )

    return audit_print


def _frame(findings: Sequence[Finding], chapter: str) -> pd.DataFrame:
    own = lines([finding for finding in findings if finding.chapter == chapter])
    return pd.DataFrame(own, columns=list(COLUMNS), dtype="object")


def _shown(frame: pd.DataFrame) -> str:
    return markdown(frame[list(SHOWN)]) if len(frame) else "Nothing: all figures agree."
