"""The tables of the report: one asset each, one group per chapter."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import dagster as dg
import pandas as pd

from assets.clean.people import MEMBERS
from assets.step.columns import described
from assets.step.declared import declared
from assets.step.declaring import FACTS, FIGURES
from assets.step.factory import Asset, Given, Made, Published, Step, step
from assets.step.lineage import lineage_markdown
from assets.step.markdown import DATA_LABEL
from assets.step.metadata import data_labels, data_note
from assets.step.names import chapter_group, counts, table
from assets.tables.group_rules import UNKNOWN, GroupSizes, group_sizes, rules_markdown
from assets.tables.layout import overview_layout, wave_notes
from assets.tables.results import RESULT_COLUMNS, counts_index, table_results
from assets.tables.table_page import (
    conventions_words,
    picture_markdown,
    report_words,
    search_tags,
    short_page,
    waves_words,
    way_words,
    wording_markdown,
)
from declarations import SourceSheet, Study, Table
from declarations.tables.cells import STATUS_ITEM
from runtime.safe_text import markdown_text

PREVIEW_ROWS = 20
RESULTS = Published("results", "results", csv=True, holds=FIGURES)
COLUMNS = described(
    RESULT_COLUMNS,
    {"group": "Printed row group (declared key)", "value": "Statistic, unrounded"},
)
OVERVIEW_COLUMNS = {
    "Afsnit": "Part of the printed overview",
    "": "Letter of the variable in the report",
    "Variabel": "Variable, Danish",
    "Variable": "Variable, English",
    "Lukkede items": "Number of items with declared codes",
    "Erklæret i": "Declaring file",
}


def steps(study: Study) -> list[Step]:
    """One asset per table, in one step."""
    note, label = data_note(study), data_labels(study)
    assets = [_asset(spec, study, note, label) for spec in study.tables]
    if not assets:
        return []
    return [step("tabulate", study, assets, tabulate, partial=True, per_section=True)]


def count_relations(spec: Table, study: Study) -> list[str]:
    """The count relations that a table uses."""
    if spec.unit == "invitations":
        return [STATUS_ITEM]
    return [question.id for question in study.questions_of(spec)]


def tabulate(given: Given) -> Iterator[Made]:
    """The chosen tables from the counts that they use."""
    chosen = [spec for spec in given.study.tables if table(spec.id) in given.chosen]
    needed = dict.fromkeys(s for spec in chosen for s in count_relations(spec, given.study))
    counted = given.store.read_all("counts", needed)
    sizes = _sizes(given) if any(spec.groups for spec in chosen) else UNKNOWN
    for spec in chosen:
        frame = _frame(spec, given.study, counted, given.wave)
        lineage = {
            column: [(counts(source), "n") for source in count_relations(spec, given.study)]
            for column in ("value", "numerator", "base", "formatted")
            if column in frame
        }
        about: dict[str, Any] = {}
        if not given.gathered:
            about = _metadata(spec, given.study, frame, given.sheet)
            rules = rules_markdown(spec, given.study, sizes)
            about |= {"groups": dg.MarkdownMetadataValue(rules)} if rules else {}
        yield Made(table(spec.id), frame, lineage, about)


def _sizes(given: Given) -> GroupSizes:
    """The size of each level, counted by the database."""
    with given.store.connect() as connection:
        counted = connection.execute(
            f'SELECT "group", level, COUNT(*) FROM {MEMBERS} GROUP BY 1, 2'
        ).fetchall()
    register = given.store.read("clean", "municipalities") if given.study.has_frame else None
    known = group_sizes(given.study, None, register)
    return replace(known, respondents={(str(g), str(lv)): int(n) for g, lv, n in counted})


def _frame(spec: Table, study: Study, counted: dict[str, pd.DataFrame], wave: str) -> pd.DataFrame:
    if spec.entries:
        return overview_layout(spec, study)
    own = pd.concat([counted[source] for source in count_relations(spec, study)])
    return table_results(spec, counts_index(own), wave, study)


def _metadata(spec: Table, study: Study, frame: pd.DataFrame, sheet: SourceSheet) -> dict[str, Any]:
    notes = "".join(f"{n}\n\n" for n in wave_notes(spec, frame, study, sheet.wave))
    data_label = DATA_LABEL[sheet.shown_as]
    picture = picture_markdown(spec, frame)
    shown = f"**Bølge / Wave {sheet.wave}**"
    said = f"{notes}{data_label}"
    metadata = {
        name: dg.MarkdownMetadataValue(short_page(spec, frame, language, sheet.wave, said))
        for name, language in (("preview", "da"), ("preview_en", "en"))
        if language == "da" or not spec.entries
    }
    metadata |= {
        "lineage": dg.MarkdownMetadataValue(
            lineage_markdown(spec, study.in_wave(sheet.wave), sheet)
        ),
    }
    if picture:
        metadata["picture"] = dg.MarkdownMetadataValue(f"{shown}\n\n{picture}\n\n{data_label}")
    return metadata


def _asset(spec: Table, study: Study, note: str, data_label: str) -> Asset:
    title = f"Tabel {spec.number}: {markdown_text(spec.title.da)}"
    if spec.title.da != spec.title.en:
        title += f" / Table {spec.number}: {markdown_text(spec.title.en)}"
    # the page folds long text, so the sources of the figures come first
    words = [
        title,
        data_label if spec.cells else "",
        f"**Lineage**\n\n{lineage_markdown(spec, study)}",
        way_words(spec) if spec.cells else "",
        waves_words(spec, study) if spec.cells else "",
        report_words(spec, study.source),
        conventions_words(spec, study.conventions),
        spec.note or "",
        note if spec.cells else "",
    ]
    wording = wording_markdown(spec, study)
    rules = rules_markdown(spec, study)
    entries = [
        [(q.source, len(q.closed_items)) for q in study.questions],
        [group.id for group in study.groups],
    ] if spec.entries else []  # fmt: skip
    known = declared(study)
    place = Published("tables", spec.id, per="table", holds=FIGURES if spec.cells else FACTS)
    return Asset(
        table(spec.id),
        group=chapter_group(spec.chapter),
        description="\n\n".join(word for word in words if word),
        deps=[counts(source) for source in count_relations(spec, study)] if spec.cells else [],
        rests_on=[known.table_of[spec.id], known.words_of(spec), entries],
        columns=OVERVIEW_COLUMNS if spec.entries else COLUMNS,
        published=[RESULTS, place] if spec.cells else [place],
        tags=search_tags(spec, study),
        metadata={
            "declared_in": f"studies/{study.folder.name}/{spec.source}",
            "computed_by": "assets/tables/results.py: table_results",
            "number": spec.number,
            "section": spec.section,
            **({"wording": dg.MarkdownMetadataValue(wording)} if wording else {}),
            **({"groups": dg.MarkdownMetadataValue(rules)} if rules else {}),
            "dagster/code_references": _references(spec, study),
        },
    )


def _references(spec: Table, study: Study) -> dg.CodeReferencesMetadataValue:
    """The declaration and the pure function of a table, for links to code in the UI."""
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
