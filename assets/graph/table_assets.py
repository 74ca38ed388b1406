"""The tables of the report: one asset each, one group per chapter."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pandas as pd

from assets.graph.metadata import data_note, frame_metadata
from assets.graph.names import OWNERS, counts, op_name, table, table_group, wave_partitions
from assets.graph.versions import code_version
from assets.graph.workspace import Workspace
from assets.layout import BANNER, markdown, overview_layout, table_layout
from assets.lineage import lineage_markdown
from assets.specs import SourceSheet, Study, Table
from assets.specs.load import STATUS_ITEM
from assets.tables import counts_index, table_results

PREVIEW_ROWS = 20
CONVENTIONS = "Don't-know answers are inside the base. Percentages are rounded half up."


def build_tables(study: Study) -> list[dg.AssetsDefinition]:
    """One step per chapter, one asset per table."""
    chapters: dict[str, list[Table]] = {}
    for spec in study.tables:
        chapters.setdefault(table_group(spec), []).append(spec)
    note = data_note(study)
    return [_chapter(study, name, specs, note) for name, specs in chapters.items()]


def sources(spec: Table, study: Study) -> list[str]:
    """The count relations a table draws on."""
    if spec.unit == "invitations":
        return [STATUS_ITEM]
    return [question.id for question in study.questions_of(spec)]


def _chapter(study: Study, name: str, specs: list[Table], note: str) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=op_name("tables_of", name),
        specs=[_spec(spec, study, note) for spec in specs],
        partitions_def=wave_partitions(study),
        can_subset=True,
    )
    def chapter_tables(
        context: dg.AssetExecutionContext, workspace: Workspace
    ) -> Iterator[dg.MaterializeResult[Any]]:
        wave = context.partition_key
        store, sheet = workspace.store(wave), workspace.sheet(study, wave)
        chosen = [spec for spec in specs if table(spec.id) in context.selected_asset_keys]
        needed = dict.fromkeys(source for spec in chosen for source in sources(spec, study))
        counted = store.read_all("counts", needed)
        frames = {spec.id: _frame(spec, study, counted, wave) for spec in chosen}
        store.write({("tables", name): frame for name, frame in frames.items()})
        for spec in chosen:
            yield dg.MaterializeResult(
                asset_key=table(spec.id), metadata=_metadata(spec, study, frames[spec.id], sheet)
            )

    return chapter_tables


def _frame(spec: Table, study: Study, counted: dict[str, pd.DataFrame], wave: str) -> pd.DataFrame:
    if spec.entries:
        return overview_layout(spec, study)
    own = pd.concat([counted[source] for source in sources(spec, study)])
    return table_results(spec, counts_index(own), wave)


def _metadata(spec: Table, study: Study, frame: pd.DataFrame, sheet: SourceSheet) -> dict[str, Any]:
    layout = table_layout(spec, frame)
    lineage = {
        column: [(counts(source), "n") for source in sources(spec, study)]
        for column in ("value", "numerator", "base", "formatted")
        if column in frame
    }
    preview = (
        f"**Tabel {spec.number}** {spec.title.both}\n\n"
        f"{markdown(layout.head(PREVIEW_ROWS))}\n\n{BANNER[sheet.origin]}"
    )
    return {
        **frame_metadata(frame, sheet, lineage, relation="overview" if spec.entries else "results"),
        "preview": dg.MarkdownMetadataValue(preview),
        "lineage": dg.MarkdownMetadataValue(lineage_markdown(spec, study, sheet)),
    }


def _spec(spec: Table, study: Study, note: str) -> dg.AssetSpec:
    base = "Each item has its own base: those who answered it."
    if spec.unit == "invitations":
        base = "The base is all invitations, per municipality."
    counted = f"{base} {CONVENTIONS}" if spec.cells else "Made from the declarations."
    title = f"Tabel {spec.number}: {spec.title.da}"
    if spec.title.da != spec.title.en:
        title += f" / Table {spec.number}: {spec.title.en}"
    words = [
        title,
        note if spec.cells else "",
        f"{f'Section {spec.section}. ' if spec.section else ''}{counted}",
        f"**Lineage**\n\n{lineage_markdown(spec, study)}",
        spec.note or "",
    ]
    return dg.AssetSpec(
        table(spec.id),
        group_name=table_group(spec),
        description="\n\n".join(word for word in words if word),
        deps=[counts(source) for source in sources(spec, study)] if spec.cells else [],
        kinds={"duckdb", "pandas"},
        owners=OWNERS,
        code_version=code_version(
            ("tables", "statistics", "layout"), (study.folder / spec.source,)
        ),
        tags={"samspil/table": spec.number},
        metadata={"declared_in": spec.source, "number": spec.number},
    )
