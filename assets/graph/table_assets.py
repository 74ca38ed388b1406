"""The tables of the report: one asset each, one group per chapter."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pandas as pd

from assets.graph.metadata import frame_metadata
from assets.graph.names import OWNERS, counts, op_name, table, table_group, wave_partitions
from assets.graph.versions import code_version
from assets.graph.workspace import Workspace
from assets.layout import BANNER, markdown, overview_layout, print_layout
from assets.lineage import lineage_markdown
from assets.specs import Study, Table
from assets.specs.load import STATUS_ITEM
from assets.store import Store
from assets.tables import counts_index, table_results

PREVIEW_ROWS = 20


def build_tables(study: Study) -> list[dg.AssetsDefinition]:
    """One step per chapter, one asset per table."""
    chapters: dict[str, list[Table]] = {}
    for spec in study.tables:
        chapters.setdefault(table_group(spec), []).append(spec)
    return [_chapter(study, name, specs) for name, specs in chapters.items()]


def sources(spec: Table, study: Study) -> list[str]:
    """The count relations a table draws on."""
    if spec.unit == "invitations":
        return [STATUS_ITEM]
    return [question.id for question in study.questions_of(spec)]


def _chapter(study: Study, name: str, specs: list[Table]) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=op_name("tables_of", name),
        specs=[_spec(spec, study) for spec in specs],
        partitions_def=wave_partitions(study),
        can_subset=True,
    )
    def chapter_tables(
        context: dg.AssetExecutionContext, workspace: Workspace
    ) -> Iterator[dg.MaterializeResult[Any]]:
        wave = context.partition_key
        store, sheet = workspace.store(wave), workspace.sheet(study, wave)
        for spec in specs:
            if table(spec.id) not in context.selected_asset_keys:
                continue
            if spec.entries:
                frame = layout = overview_layout(spec, study)
            else:
                frame = _results(spec, study, store, wave)
                layout = print_layout(spec, frame)
            store.write({("tables", spec.id): frame, ("layouts", spec.id): layout_lines(layout)})
            lineage = {
                column: [(counts(source), "n") for source in sources(spec, study)]
                for column in ("value", "numerator", "base", "formatted")
                if column in frame
            }
            banner = BANNER[sheet.origin]
            yield dg.MaterializeResult(
                asset_key=table(spec.id),
                metadata={
                    **frame_metadata(frame, sheet, lineage),
                    "preview": dg.MarkdownMetadataValue(
                        f"**Tabel {spec.number}** {spec.title.da} / {spec.title.en}\n\n"
                        f"{markdown(layout.head(PREVIEW_ROWS))}\n\n{banner}"
                    ),
                    "lineage": dg.MarkdownMetadataValue(lineage_markdown(spec, study)),
                },
            )

    return chapter_tables


def layout_lines(layout: pd.DataFrame) -> pd.DataFrame:
    """A layout as a relation: the header is its first line, columns are numbered."""
    lines = [list(layout.columns), *layout.itertuples(index=False)]
    names = [f"c{n:02d}" for n in range(len(layout.columns))]
    return pd.DataFrame(lines, columns=names, dtype="object")


def _results(spec: Table, study: Study, store: Store, wave: str) -> pd.DataFrame:
    index: dict[tuple[str, str, str, str], int] = {}
    for source in sources(spec, study):
        index |= counts_index(store.read("counts", source))
    return table_results(spec, index, wave)


def _spec(spec: Table, study: Study) -> dg.AssetSpec:
    base = "Each item has its own base: those who answered it."
    if spec.unit == "invitations":
        base = "The base is all invitations, per municipality."
    questions = ", ".join(q.label.da for q in study.questions_of(spec))
    words = [
        f"**Tabel {spec.number}: {spec.title.da}** / Table {spec.number}: {spec.title.en}",
        f"Section {spec.section}. {f'Questions: {questions}. ' if questions else ''}{base} "
        "Don't-know answers are inside the base. Percentages are rounded half up.",
        f"**Lineage**\n\n{lineage_markdown(spec, study)}" if spec.cells else "",
        spec.note or "",
        "The default wave 2015 is constructed data that agree with print; see the "
        "materialization's data_origin.",
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
