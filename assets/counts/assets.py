"""Counts: one asset per question with closed items, and one for the invitations."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pandas as pd

from assets.counts.counting import contingency, number_contingency, status_counts
from assets.step.metadata import data_note, frame_metadata
from assets.step.names import (
    OWNERS,
    REGISTER,
    answers,
    clean,
    counts,
    section_group,
    wave_partitions,
)
from assets.step.rows_version import rows_version
from assets.step.workspace import Workspace
from declarations import Study
from declarations.load import STATUS_ITEM
from runtime.safe_text import markdown_text
from runtime.store import read_relation


def build_counts(study: Study) -> dg.AssetsDefinition:
    """Counts per item, code, group and level; tables are sums over these lines."""
    note = data_note(study)
    specs = [
        dg.AssetSpec(
            counts(question.id),
            group_name=section_group("counts", question, study),
            description=f"{markdown_text(question.label.both)}\n\n"
            "Respondents per item, code, background variable and level. Unanswered and "
            "quarantined cells are not counted, so every item has its own base. The numbers "
            "answered to a numeric item stand where codes do.\n\n"
            f"{note}",
            deps=[answers(question.id), clean("memberships")],
            kinds={"duckdb", "sql"},
            owners=OWNERS,
        )
        for question in study.counted_questions
    ]
    specs.append(
        dg.AssetSpec(
            counts(STATUS_ITEM),
            group_name="counts_0_invited",
            description="Invitations by how they were answered, per municipality and in all."
            f"\n\n{note}",
            deps=[clean("invitations"), *([clean(REGISTER)] if study.has_frame else [])],
            kinds={"duckdb", "pandas"},
            owners=OWNERS,
        )
    )

    @dg.multi_asset(
        name="count_answers",
        specs=specs,
        partitions_def=wave_partitions(study),
        can_subset=True,
    )
    def count_answers(
        context: dg.AssetExecutionContext, workspace: Workspace
    ) -> Iterator[dg.MaterializeResult[Any]]:
        wave = context.partition_key
        store, sheet = workspace.store(wave), workspace.sheet(study, wave)
        chosen = context.selected_asset_keys
        frames: dict[str, pd.DataFrame] = {}
        asked = study.in_wave(wave)
        with store.connect() as connection:
            for name in (question.id for question in study.counted_questions):
                if counts(name) in chosen:
                    codes = contingency(connection, asked.question[name], asked)
                    numbers = number_contingency(connection, asked.question[name], asked)
                    frames[name] = pd.concat([codes, numbers], ignore_index=True)
            if counts(STATUS_ITEM) in chosen:
                invited = read_relation(connection, "clean", "invitations")
                register = None
                if study.has_frame:
                    register = read_relation(connection, "clean", REGISTER)
                frames[STATUS_ITEM] = status_counts(invited, register)
        store.write({("counts", name): frame for name, frame in frames.items()})
        for name, frame in frames.items():
            source = clean("invitations") if name == STATUS_ITEM else answers(name)
            code = "status" if name == STATUS_ITEM else "code"
            level = (clean("memberships"), "level")
            if name == STATUS_ITEM:
                level = (source, "municipality" if study.has_frame else "status")
            lineage = {
                "code": [(source, code)],
                "level": [level],
                "n": [(source, "respondent")],
            }
            yield dg.MaterializeResult(
                asset_key=counts(name),
                data_version=rows_version(frame, sheet),
                metadata=frame_metadata(frame, sheet, lineage, relation="counts"),
            )

    return count_answers
