"""The tables of the report: one asset each, one group per chapter."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pandas as pd

from assets.step.lineage import lineage_markdown
from assets.step.markdown import BANNER
from assets.step.metadata import data_banner, data_note, frame_metadata
from assets.step.names import OWNERS, counts, op_name, table, table_group, wave_partitions
from assets.step.rows_version import rows_version
from assets.step.workspace import Workspace
from assets.tables.layout import overview_layout, wave_notes
from assets.tables.results import counts_index, table_results
from assets.tables.table_page import (
    conventions_words,
    picture_markdown,
    printed_markdown,
    report_words,
    search_tags,
    waves_words,
    wording_markdown,
)
from declarations import SourceSheet, Study, Table
from declarations.load import STATUS_ITEM
from runtime.safe_text import markdown_text

PREVIEW_ROWS = 20


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
                asset_key=table(spec.id),
                metadata=_metadata(spec, study, frames[spec.id], sheet),
                data_version=rows_version(frames[spec.id], sheet),
            )

    return chapter_tables


def _frame(spec: Table, study: Study, counted: dict[str, pd.DataFrame], wave: str) -> pd.DataFrame:
    if spec.entries:
        return overview_layout(spec, study)
    own = pd.concat([counted[source] for source in sources(spec, study)])
    return table_results(spec, counts_index(own), wave, study)


def _metadata(spec: Table, study: Study, frame: pd.DataFrame, sheet: SourceSheet) -> dict[str, Any]:
    notes = "".join(f"{n}\n\n" for n in wave_notes(spec, frame, study, sheet.wave))
    lineage = {
        column: [(counts(source), "n") for source in sources(spec, study)]
        for column in ("value", "numerator", "base", "formatted")
        if column in frame
    }
    banner = BANNER[sheet.shown_as]
    picture = picture_markdown(spec, frame)
    relation = "overview" if spec.entries else "results"
    page = printed_markdown(spec, frame, PREVIEW_ROWS)
    shown = f"**Bølge / Wave {sheet.wave}**"
    metadata = {
        **frame_metadata(frame, sheet, lineage, relation=relation),
        "preview": dg.MarkdownMetadataValue(f"{shown}\n\n{page}\n\n{notes}{banner}"),
        "lineage": dg.MarkdownMetadataValue(
            lineage_markdown(spec, study.in_wave(sheet.wave), sheet)
        ),
    }
    if picture:
        metadata["picture"] = dg.MarkdownMetadataValue(f"{shown}\n\n{picture}\n\n{banner}")
    return metadata


def _spec(spec: Table, study: Study, note: str) -> dg.AssetSpec:
    title = f"Tabel {spec.number}: {markdown_text(spec.title.da)}"
    if spec.title.da != spec.title.en:
        title += f" / Table {spec.number}: {markdown_text(spec.title.en)}"
    # the pages fold what is long: where the figures come from stands first
    words = [
        title,
        data_banner(study) if spec.cells else "",
        f"**Lineage**\n\n{lineage_markdown(spec, study)}",
        waves_words(spec, study) if spec.cells else "",
        report_words(spec, study.source),
        conventions_words(spec, study.conventions),
        spec.note or "",
        note if spec.cells else "",
    ]
    wording = wording_markdown(spec, study)
    return dg.AssetSpec(
        table(spec.id),
        group_name=table_group(spec),
        description="\n\n".join(word for word in words if word),
        deps=[counts(source) for source in sources(spec, study)] if spec.cells else [],
        kinds={"duckdb", "pandas"},
        owners=OWNERS,
        tags=search_tags(spec, study),
        metadata={
            "declared_in": f"studies/{study.folder.name}/{spec.source}",
            "computed_by": "assets/tables/results.py: table_results",
            "number": spec.number,
            "section": spec.section,
            **({"wording": dg.MarkdownMetadataValue(wording)} if wording else {}),
            "dagster/code_references": _references(spec, study),
        },
    )


def _references(spec: Table, study: Study) -> dg.CodeReferencesMetadataValue:
    """The declaration and the pure function behind a table, for the UI's links to code."""
    function = table_results
    return dg.CodeReferencesMetadataValue(
        code_references=[
            dg.LocalFileCodeReference(
                file_path=str(study.folder / spec.source), label="declaration"
            ),
            dg.LocalFileCodeReference(
                file_path=function.__code__.co_filename,
                line_number=function.__code__.co_firstlineno,
                label="computation",
            ),
        ]
    )
