"""Results that the report mentions without a table: one asset each, one group per chapter."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pandas as pd

from assets.step.columns import described
from assets.step.declared import declared
from assets.step.declaring import FIGURES
from assets.step.factory import Asset, Given, Made, Published, Step, step
from assets.step.lineage import column_span, lineage_markdown, page_link
from assets.step.markdown import DATA_LABEL, markdown
from assets.step.metadata import data_note
from assets.step.names import counts
from assets.tables.assets import PREVIEW_ROWS
from assets.tables.layout import print_layout
from assets.tables.results import RESULT_COLUMNS, counts_index, table_results
from assets.tables.table_page import conventions_words
from declarations import SourceSheet, Study
from declarations.tables.unnumbered import Unnumbered, read_unnumbered
from runtime.safe_text import markdown_text

SCHEMA = "unnumbered"
COLUMNS = described(
    RESULT_COLUMNS,
    {
        "table": "Declared result, u_<section>_<question>",
        "row": "Item",
        "group": "Background variable and level, as group:level; !x is everyone not in x",
        "statistic": "count, percent, mean or median",
        "value": "Statistic, unrounded",
    },
)


def unnumbered_key(result_id: str) -> dg.AssetKey:
    """The key of a result without a table number."""
    return dg.AssetKey(["unnumbered", result_id])


def steps(study: Study) -> list[Step]:
    """One step for all of them; None if the study declares none."""
    note = data_note(study)
    assets = [_asset(result, study, note) for result in read_unnumbered(study)]
    return [step("unnumbered_results", study, assets, results, partial=True)] if assets else []


def results(given: Given) -> Iterator[Made]:
    """The chosen results from the counts of their questions."""
    study = given.study
    chosen = [r for r in read_unnumbered(study) if unnumbered_key(r.id) in given.chosen]
    counted = given.store.read_all("counts", dict.fromkeys(r.question.id for r in chosen))
    for result in chosen:
        index, source = counts_index(counted[result.question.id]), (counts(result.question.id), "n")
        frame = table_results(result.table, index, given.wave, study)
        lineage = {c: [source] for c in ("value", "numerator", "base", "formatted")}
        metadata = _metadata(result, study, frame, given.sheet)
        yield Made(unnumbered_key(result.id), frame, lineage, metadata)


def _metadata(
    result: Unnumbered, study: Study, frame: pd.DataFrame, sheet: SourceSheet
) -> dict[str, Any]:
    shown = frame if len(result.items) == 1 else frame[frame["group"] == "all:all"]
    preview = markdown(print_layout(result.table, shown).head(PREVIEW_ROWS))
    title = f"**{markdown_text(result.title.da)}** / {markdown_text(result.title.en)}"
    label = DATA_LABEL[sheet.shown_as]
    return {
        "preview": dg.MarkdownMetadataValue(f"{title}\n\n{preview}\n\n{label}"),
        "lineage": dg.MarkdownMetadataValue(
            lineage_markdown(result.table, study.in_wave(sheet.wave), sheet)
        ),
    }


def _asset(result: Unnumbered, study: Study, note: str) -> Asset:
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
    groups = [study.group[name] for name in result.groups if name != "all"]
    worded = [item.questionnaire for item in result.question.items]
    shown = [declared(study).shown_of[result.question.id], worded]
    return Asset(
        unnumbered_key(result.id),
        group=f"unnumbered_{result.chapter}",
        description="\n\n".join(word for word in words if word),
        deps=[counts(result.question.id)],
        rests_on=[result.section, result.title, result.note, result.file, shown, groups],
        columns=COLUMNS,
        published=[Published("results", SCHEMA, csv=True, holds=FIGURES)],
        metadata={"declared_in": result.source, "section": result.section},
    )
