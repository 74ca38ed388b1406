"""Results the prose speaks of without a table: one asset each, one group per chapter."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pandas as pd

from assets.step.lineage import column_span, lineage_markdown, page_link
from assets.step.markdown import BANNER, markdown
from assets.step.metadata import data_note, frame_metadata
from assets.step.names import OWNERS, counts, wave_partitions
from assets.step.rows_version import rows_version
from assets.step.workspace import Workspace
from assets.tables.assets import PREVIEW_ROWS
from assets.tables.layout import print_layout
from assets.tables.results import counts_index, table_results
from assets.tables.table_page import conventions_words
from declarations import SourceSheet, Study
from declarations.tables.unnumbered import Unnumbered, read_unnumbered
from runtime.safe_text import markdown_text

SCHEMA = "unnumbered"


def unnumbered_key(result_id: str) -> dg.AssetKey:
    """A result without a number."""
    return dg.AssetKey(["unnumbered", result_id])


def build_unnumbered(study: Study) -> list[dg.AssetsDefinition]:
    """One step for all of them; a study that declares none has no such step."""
    declared = read_unnumbered(study)
    return [_step(study, declared)] if declared else []


def _step(study: Study, declared: tuple[Unnumbered, ...]) -> dg.AssetsDefinition:
    note = data_note(study)

    @dg.multi_asset(
        name="unnumbered_results",
        specs=[_spec(result, study, note) for result in declared],
        partitions_def=wave_partitions(study),
        can_subset=True,
    )
    def unnumbered_results(
        context: dg.AssetExecutionContext, workspace: Workspace
    ) -> Iterator[dg.MaterializeResult[Any]]:
        wave = context.partition_key
        store, sheet = workspace.store(wave), workspace.sheet(study, wave)
        chosen = [r for r in declared if unnumbered_key(r.id) in context.selected_asset_keys]
        counted = store.read_all("counts", dict.fromkeys(r.question.id for r in chosen))
        frames = {
            r.id: table_results(r.table, counts_index(counted[r.question.id]), wave, study)
            for r in chosen
        }
        store.write({(SCHEMA, name): frame for name, frame in frames.items()})
        for result in chosen:
            yield dg.MaterializeResult(
                asset_key=unnumbered_key(result.id),
                data_version=rows_version(frames[result.id], sheet),
                metadata=_metadata(result, study, frames[result.id], sheet),
            )

    return unnumbered_results


def _metadata(
    result: Unnumbered, study: Study, frame: pd.DataFrame, sheet: SourceSheet
) -> dict[str, Any]:
    source = (counts(result.question.id), "n")
    lineage = {c: [source] for c in ("value", "numerator", "base", "formatted")}
    shown = frame if len(result.items) == 1 else frame[frame["group"] == "all:all"]
    preview = markdown(print_layout(result.table, shown).head(PREVIEW_ROWS))
    title = f"**{markdown_text(result.title.da)}** / {markdown_text(result.title.en)}"
    return {
        **frame_metadata(frame, sheet, lineage, relation="results"),
        "preview": dg.MarkdownMetadataValue(f"{title}\n\n{preview}\n\n{BANNER[sheet.shown_as]}"),
        "lineage": dg.MarkdownMetadataValue(
            lineage_markdown(result.table, study.in_wave(sheet.wave), sheet)
        ),
    }


def _spec(result: Unnumbered, study: Study, note: str) -> dg.AssetSpec:
    by = [markdown_text(study.group[group].label.en) for group in result.groups if group != "all"]
    variables = ", ".join(column_span(item.variable) for item in result.items)
    words = [
        markdown_text(f"{result.title.da} / {result.title.en}"),
        note,
        f"Section {result.section}; no table in print. Broken down by: {', '.join(by)}.",
        conventions_words(result.table, study.conventions),
        f"{page_link(f'counts/{result.question.id}')}: export columns {variables}.",
        result.note,
    ]  # fmt: skip
    return dg.AssetSpec(
        unnumbered_key(result.id),
        group_name=f"unnumbered_{result.chapter}",
        description="\n\n".join(word for word in words if word),
        deps=[counts(result.question.id)],
        kinds={"duckdb", "pandas"},
        owners=OWNERS,
        metadata={"declared_in": result.source, "section": result.section},
    )
