"""Metadata of every materialization: schema, rows, preview, origin of the data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import pandas as pd

from assets.step.columns import COLUMNS
from assets.step.markdown import DATA_LABEL, markdown
from declarations import SourceSheet, SpecError, Study
from runtime.masking import column_shown
from runtime.safe_text import visible

# Texts of pages: the next materialization renews them, but they make nothing stale.
WORDS_ONLY = True
PREVIEW_ROWS = 10
Lineage = Mapping[str, list[tuple[dg.AssetKey, str]]]
# pages of the site that show an asset, by the first part of its key
PAGES = {
    "tables": "tables/{name}",
    "crosstabs": "tables/{name}",
    "banner": "tables/banner_{name}",
    "answers": "questions/{name}",
    "counts": "explorer",
    "claims": "statements",
    "proof": "statements",
    "audit": "audit",
    "models": "models",
    "trends": "trends",
    "clean": "response",
    "raw": "checks",
    "checks": "checks",
    "disclosure": "checks",
}


def frame_metadata(
    frame: pd.DataFrame,
    sheet: SourceSheet,
    lineage: Lineage,
    columns: Mapping[str, str],
) -> dict[str, Any]:
    """Schema, row count, preview, origin and column lineage of a relation.

    `lineage` maps a column to the (asset, column) pairs that it is computed from. `columns` has the
    meaning of each column.
    """
    shown = frame.head(PREVIEW_ROWS)
    if "variable" in shown:
        # the names of export columns are cells here
        shown = shown.assign(variable=shown["variable"].map(column_name, na_action="ignore"))
    return {
        **schema_metadata(frame, columns),
        "dagster/column_lineage": column_lineage(lineage),
        "preview": dg.MarkdownMetadataValue(
            markdown(shown.rename(columns=column_name).astype("object").fillna(""))
        ),
        **origin_metadata(sheet),
    }


def schema_metadata(frame: pd.DataFrame, columns: Mapping[str, str]) -> dict[str, Any]:
    """Rows and columns of a relation, with the meaning of the columns."""
    return {
        "dagster/row_count": len(frame),
        "dagster/column_schema": dg.TableSchema(
            columns=[_column(frame, str(c), columns) for c in frame]
        ),
    }


def column_lineage(lineage: Lineage) -> dg.TableColumnLineage:
    """Dagster's column lineage from (asset, column) pairs."""
    return dg.TableColumnLineage(
        deps_by_column={
            column_name(column): [
                dg.TableColumnDep(asset_key=key, column_name=column_name(name))
                for key, name in sources
            ]
            for column, sources in lineage.items()
        }
    )


def column_name(column: object) -> str:
    """A column's name for the UI; the header of a respondent list may contain anything."""
    return visible(column_shown(str(column)))


def origin_metadata(sheet: SourceSheet) -> dict[str, Any]:
    """The wave, and whether its data are constructed; part of every materialization."""
    purpose = {"data_purpose": sheet.purpose} if sheet.purpose else {}
    return {
        # the pages show the wave that was computed last
        "wave": sheet.wave,
        "data_origin": sheet.origin,
        **purpose,
        "data_statement": f"{sheet.statement.da} / {sheet.statement.en}",
    }


def data_note(study: Study) -> str:
    """Which declared waves are constructed, for descriptions that show before the first run."""
    return "\n\n".join(
        f"Wave {sheet.wave}: {DATA_LABEL[sheet.shown_as]}. {sheet.statement.en}"
        for sheet in _constructed(study)
    )


def data_labels(study: Study) -> str:
    """Which declared waves are constructed, on one line; empty if all are real."""
    lines = [f"Wave {sheet.wave}: {DATA_LABEL[sheet.shown_as]}" for sheet in _constructed(study)]
    return ". ".join(lines)


def _constructed(study: Study) -> Iterator[SourceSheet]:
    for wave in study.waves:
        try:
            sheet = study.source_sheet(wave)
        except SpecError:
            # the run reports what is wrong with it
            continue
        if sheet.constructed:
            yield sheet


def _column(frame: pd.DataFrame, name: str, columns: Mapping[str, str]) -> dg.TableColumn:
    described = columns.get(name) or COLUMNS.get(name)
    return dg.TableColumn(name=column_name(name), type=_type(frame[name]), description=described)


def _type(values: pd.Series) -> str:
    if pd.api.types.is_integer_dtype(values):
        return "integer"
    return "number" if pd.api.types.is_float_dtype(values) else "text"


def site_page(key: dg.AssetKey) -> str:
    """The page below `output/WAVE/report/`; the contents page if an asset has no page."""
    page = PAGES.get(key.path[0], "index")
    return f"{page.format(name=key.path[-1])}.html"
