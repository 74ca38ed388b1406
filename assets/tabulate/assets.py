"""Tables in the short form and the banner book: one asset per table or question."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pandas as pd

from assets.step.columns import described
from assets.step.declared import declared
from assets.step.declaring import FIGURES
from assets.step.factory import Asset, Given, Made, Published, Step, step
from assets.step.markdown import DATA_LABEL, markdown
from assets.step.metadata import data_note
from assets.step.names import answers, chapter_group, clean, section_group
from assets.step.workspace import failure
from assets.tabulate.counting import Counter
from assets.tabulate.derived_assets import dependencies
from assets.tabulate.request import Request, book_questions, book_request, request_of
from assets.tabulate.results import COLUMNS, tabulate_requests
from assets.tabulate.sources import Tracing, lineage_lines, rests_on
from declarations import Study
from declarations.fields.fields import fields_of
from declarations.tabulation.tabulation import TabulationError
from runtime.safe_text import markdown_text

BANNER_SCHEMA, TABLES_SCHEMA = "banner", "crosstabs"
PREVIEW_ROWS, PREVIEW_COLUMNS = 30, 12
KINDS = frozenset({"duckdb", "sql"})
DESCRIBED = described(
    COLUMNS,
    {
        "table": "Declared table, or the question of the banner book",
        "row": "Item or variable",
        "row_label": "Its label",
        "column": "Code (its key), or net; empty for statistics of the whole item",
        "column_label": "Its label",
        "group": "Groups of the column, `a > b` nested; `all` is everyone",
        "group_label": "Their labels",
        "level": "Levels of the column, `x > y` nested",
        "level_label": "Their labels",
        "statistic": "base, percent, n, mean, sd, q1, median, q3, low, high (of the interval), "
        "letter (of the column), letters (columns with a smaller value), test, p, effect sizes",
        "value": "The statistic, unrounded; empty if the base is empty or the value is hidden",
        "numerator": "Respondents in the cell, unweighted",
        "base": "Respondents in the base, unweighted",
        "weighted_base": "Sum of their weights",
        "effective_base": "Kish's effective base: (sum of weights) squared / sum of squares",
        "standard_error": "Linearized standard error of a percentage or mean",
        "formatted": "As shown: rounded half up, in brackets if the base is small",
        "note": "empty base, base under the minimum, not asked, or the test used",
    },
)


def table_key(table: str) -> dg.AssetKey:
    """The key of a table in the short form."""
    return dg.AssetKey([TABLES_SCHEMA, table])


def banner_key(question: str) -> dg.AssetKey:
    """The key of a question of the banner book."""
    return dg.AssetKey([BANNER_SCHEMA, question])


def steps(study: Study) -> list[Step]:
    """One step for all tables in the short form, and one for the banner book."""
    tabulation, fields = study.tabulation, fields_of(study)
    trace = Tracing(study, fields)
    made = []
    tables = []
    for table in tabulation.tables:
        request = request_of(table, study, fields)
        group = chapter_group(table.chapter)
        title = table.title.both if table.title is not None else ", ".join(table.of)
        words, own = (title, table.note or ""), [table, tabulation.defaults]
        tables.append(_asset(table_key(table.id), group, words, request, trace, own))
    if tables:
        made.append(step("short_tables", study, tables, compute_tables, partial=True))
    book = tabulation.book
    if book is not None and book.made:
        questions = []
        for name in book_questions(study, book):
            request, question = book_request(name, study, fields), study.question[name]
            group, words = section_group("banner", question, study), (question.label.both, "")
            questions.append(_asset(banner_key(name), group, words, request, trace, book))
        made.append(step("banner_book", study, questions, book_of, partial=True, per_section=True))
    return made


def _asset(
    key: dg.AssetKey,
    group: str,
    words: tuple[str, str],
    request: Request,
    trace: Tracing,
    own: Any,
) -> Asset:
    """The asset of a table; `words` are its title and its note."""
    study, (title, note) = trace.study, words
    found = trace.of_request(request)
    by = ", ".join(" > ".join(chain) for chain in request.by) or "everyone only"
    weight = "unweighted" if request.weight is None else f"weighted by `{request.weight}`"
    parts = [
        markdown_text(title),
        f"By {by}; {weight}; base: {request.base}.",
        "**Lineage**\n\n" + "\n".join(lineage_lines(request, found, study)),
        note,
        data_note(study),
    ]
    return Asset(
        key,
        group=group,
        description="\n\n".join(part for part in parts if part),
        deps=dependencies(found, study),
        rests_on=[own, rests_on((), found, study, declared(study).shown_of)],
        columns=DESCRIBED,
        published=[Published("results", "crosstabs", csv=True, holds=FIGURES)],
        kinds=KINDS,
    )


def compute_tables(given: Given) -> Iterator[Made]:
    """The chosen tables of the wave."""
    fields = fields_of(given.asked)
    wanted = {
        table_key(t.id): request_of(t, given.asked, fields)
        for t in given.study.tabulation.tables
        if table_key(t.id) in given.chosen
    }
    yield from _made(given, wanted)


def book_of(given: Given) -> Iterator[Made]:
    """The chosen questions of the banner book."""
    book, fields = given.study.tabulation.book, fields_of(given.asked)
    assert book is not None
    wanted = {
        banner_key(name): book_request(name, given.asked, fields)
        for name in book_questions(given.study, book)
        if banner_key(name) in given.chosen
    }
    yield from _made(given, wanted)


def _made(given: Given, wanted: dict[dg.AssetKey, Request]) -> Iterator[Made]:
    study = given.asked
    fields = fields_of(study)
    trace = Tracing(study, fields)
    folder = study.folder / "waves" / given.wave
    with given.store.connect() as connection:
        counter = Counter(connection, study, fields)
        try:
            frames = tabulate_requests(counter, list(wanted.values()), given.wave, folder)
        except TabulationError as error:
            raise failure(str(error)) from None
    for key, request in wanted.items():
        frame = frames[request.id]
        columns = [(answers(q), "code") for q in trace.of_request(request).questions]
        lineage = {
            name: [*columns, (clean("respondents"), "respondent")]
            for name in ("value", "numerator", "base", "weighted_base", "formatted")
        }
        metadata = {}
        if not given.gathered:
            shown = preview(frame)
            text = f"{markdown(shown.head(PREVIEW_ROWS))}\n\n{DATA_LABEL[given.sheet.shown_as]}"
            metadata["preview"] = dg.MarkdownMetadataValue(text)
        yield Made(key, frame, lineage, metadata)


def preview(frame: pd.DataFrame) -> pd.DataFrame:
    """A table for readers: a line per answer or statistic, the first columns of the banner."""
    shown = frame[~frame["statistic"].isin(["letter", "letters", "test", "p", "n"])]
    shown = shown[(shown["note"] != "not asked") & (shown["level"] != "")]
    places = list(dict.fromkeys(zip(shown["group"], shown["level"], strict=True)))
    lines: dict[tuple[str, str], dict[tuple[str, str], str]] = {}
    fields = ("row", "column_label", "statistic", "group", "level", "formatted")
    for row, label, statistic, group, level, formatted in shown[list(fields)].itertuples(
        index=False
    ):
        name = label if statistic == "percent" else f"{label} {statistic}".strip()
        lines.setdefault((row, name), {})[group, level] = formatted
    records = [
        (row, name, *(own.get(place, "") for place in places[:PREVIEW_COLUMNS]))
        for (row, name), own in lines.items()
    ]
    names = ["", " ", *(level if group != "all" else "all" for group, level in places)]
    return pd.DataFrame(records, columns=names[: PREVIEW_COLUMNS + 2], dtype="object")
