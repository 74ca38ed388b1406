"""The quarantine: every filled cell that cannot be used, with the rule it breaks."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pandas as pd

from assets.graph.metadata import frame_metadata
from assets.graph.names import OWNERS, answers, raw, wave_partitions
from assets.graph.versions import code_version
from assets.graph.workspace import Workspace
from assets.masking import is_harmless, shape
from assets.specs import Study

QUARANTINE = dg.AssetKey(["checks", "quarantine"])
WITHHELD = "(open answer)"
COLUMNS = ("file", "file_row", "variable", "item", "value", "rule", "expected")


def build_quarantine(study: Study) -> dg.AssetsDefinition:
    """All quarantined answers of a wave, and the proof that none was lost on the way."""
    balance = dg.AssetCheckSpec(
        "cells_in_equal_cells_out",
        asset=QUARANTINE,
        description="Filled cells of the data set = usable answers + quarantined answers.",
        partitions_def=wave_partitions(study),
    )

    @dg.multi_asset(
        name="collect_quarantine",
        specs=[
            dg.AssetSpec(
                QUARANTINE,
                group_name="checks",
                description="Answers that are not counted: file, row, column, value, the rule "
                "broken and what was expected. Nothing is dropped silently.",
                deps=[raw("dataset"), *(answers(question.id) for question in study.questions)],
                kinds={"duckdb", "pandas"},
                owners=OWNERS,
                code_version=code_version(("cleaning", "graph/quarantine_assets")),
            )
        ],
        check_specs=[balance],
        partitions_def=wave_partitions(study),
    )
    def collect_quarantine(
        context: dg.AssetExecutionContext, workspace: Workspace
    ) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
        wave = context.partition_key
        store, sheet = workspace.store(wave), workspace.sheet(study, wave)
        answered = store.read_all("answers", [question.id for question in study.questions])
        read = pd.concat(answered.values(), ignore_index=True)
        rejected = read[read["rule"].notna()].assign(file=sheet.files["dataset"].path.name)
        # What somebody wrote goes nowhere but the raw file and the working file.
        opened = {item.id for item in study.items.values() if item.type == "open"}
        rejected["value"] = rejected["value"].mask(rejected["item"].isin(opened), WITHHELD)
        rejected["value"] = rejected["value"].map(told_value)
        frame = rejected[list(COLUMNS)].sort_values(["file_row", "variable"], ignore_index=True)
        store.write({("checks", "quarantine"): frame})
        lineage = {"value": [(answers(q.id), "value") for q in study.questions]}
        yield dg.MaterializeResult(
            asset_key=QUARANTINE, metadata=frame_metadata(frame, sheet, lineage)
        )
        usable = int(read["rule"].isna().sum())
        filled = filled_cells(store.read("raw", "dataset"), study)
        yield dg.AssetCheckResult(
            asset_key=QUARANTINE,
            check_name=balance.name,
            passed=filled == usable + len(frame),
            metadata={"filled": filled, "usable": usable, "quarantined": len(frame)},
        )

    return collect_quarantine


def told_value(value: str) -> str:
    """A cell as everybody may see it: as it is, or its shape (`assets.masking`)."""
    if value == WITHHELD or is_harmless(value):
        return value
    return shape(value)


def filled_cells(dataset: pd.DataFrame, study: Study) -> int:
    """Cells of the raw data set that hold an answer, counted without the cleaning code.

    A tick box counts where its line has at least one ticked box of the same question.
    """
    total = 0
    for question in study.questions:
        boxes = [item.variable for item in question.items if item.type == "multiple"]
        for item in question.items:
            if item.type != "multiple":
                total += sum(1 for cell in dataset[item.variable] if cell.strip())
        for line in dataset[boxes].itertuples(index=False):
            cells = [cell.strip() for cell in line]
            if not all(_unticked(cell) for cell in cells):
                total += sum(1 for cell in cells if cell)
    return total


def _unticked(cell: str) -> bool:
    return cell in ("", "0") or (cell.startswith("0.") and set(cell[2:]) == {"0"})
