"""The deviation scan: how every area and every kind of municipality differs from all others."""

from typing import Any

import dagster as dg
import pandas as pd

from assets.analysis.deviations import deviations, scanned_groups, summary
from assets.step.markdown import BANNER
from assets.step.metadata import data_note, frame_metadata
from assets.step.names import OWNERS, counts, wave_partitions
from assets.step.rows_version import rows_version
from assets.step.workspace import Workspace
from assets.tables.results import counts_index
from declarations import Study

DEVIATIONS = dg.AssetKey(["scan", "deviations"])


def build_scan(study: Study) -> list[dg.AssetsDefinition]:
    """Every closed item by every level of every group, if any, against everyone else."""
    return [_step(study)] if scanned_groups(study) else []


def _step(study: Study) -> dg.AssetsDefinition:
    questions = [question.id for question in study.counted_questions]

    @dg.asset(
        key=DEVIATIONS,
        group_name="scan",
        description="Every closed item by every area and every group of municipalities, against "
        "all others: direction, difference in percentage points, p (Pearson's chi-square of the "
        "whole answer distribution), q (Benjamini-Hochberg over the items and levels of a group). "
        "Behind sections 7.6 and 7.7; the metadata say in words how each level deviates.\n\n"
        f"{data_note(study)}",
        deps=[counts(question) for question in questions],
        kinds={"duckdb", "pandas"},
        owners=OWNERS,
        partitions_def=wave_partitions(study),
    )
    def scan_deviations(
        context: dg.AssetExecutionContext, workspace: Workspace
    ) -> dg.MaterializeResult[Any]:
        wave = context.partition_key
        store, sheet = workspace.store(wave), workspace.sheet(study, wave)
        counted = pd.concat(store.read_all("counts", questions).values())
        frame = deviations(study.in_wave(wave), counts_index(counted), wave)
        store.write({("scan", "deviations"): frame})
        lineage = {
            name: [(counts(question), "n") for question in questions]
            for name in ("share", "share_others", "difference", "p", "q")
        }
        words = {
            f"summary_{group.id}": dg.MarkdownMetadataValue(
                f"{summary(study, frame, group.id)}\n{BANNER[sheet.shown_as]}"
            )
            for group in scanned_groups(study)
        }
        found = {
            "p_below_0_05": int((frame["p"] < 0.05).sum()),
            "q_below_0_05": int((frame["q"] < 0.05).sum()),
        }
        return dg.MaterializeResult(
            data_version=rows_version(frame, sheet),
            metadata={
                **frame_metadata(frame, sheet, lineage, relation="deviations"),
                **words,
                **found,
            },
        )

    return scan_deviations
