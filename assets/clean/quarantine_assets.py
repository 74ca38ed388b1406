"""The quarantine: every row and every filled cell that cannot be used, with the broken rule."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import dagster as dg
import duckdb
import pandas as pd

from assets.clean.coded import UNUSABLE, coded, special
from assets.clean.people import LINKS, NUMBER, PEOPLE, ROW
from assets.raw.assets import stored_dataset
from assets.raw.cells.ingest import FILE_ROW
from assets.raw.cells.kept import DATASET
from assets.raw.cells.wide import stripped
from assets.raw.rules.case import WITHHELD
from assets.step import restricted
from assets.step.columns import described
from assets.step.declared import declared
from assets.step.declaring import RESPONDENTS
from assets.step.factory import Asset, Given, Made, Published, Step, step
from assets.step.names import REJECTED_ROWS, answers, clean, raw
from declarations import Question, Study
from declarations.survey.rules import ANSWER
from declarations.survey.rules import ROW as ROW_UNIT
from runtime.masking import cell_shown
from runtime.store import quote, text_literal

QUARANTINE = dg.AssetKey(["checks", "quarantine"])
COLUMNS = ("file", "file_row", "unit", "variable", "item", "value", "rule", "expected")
PLACES, ASIDE = "balance_places", "balance_aside"
ROWS, CELLS = "rows_in_equal_rows_out", "cells_in_equal_cells_out"
BALANCES = {
    ROWS: "Lines of the data set = clean invitations + quarantined rows, each line once.",
    CELLS: (
        "Filled cells of the data set, and empty boxes of a question with a ticked one = usable "
        "answers + quarantined answers + the cells of quarantined rows, each cell once."
    ),
}


@dataclass(frozen=True)
class Balance:
    """A balance with its numbers; `unequal` is the number of things that do not appear once."""

    name: str
    counted: dict[str, int]
    unequal: int

    @property
    def passed(self) -> bool:
        """Whether every input appears in the output exactly once."""
        return self.unequal == 0

    @property
    def text(self) -> str:
        """The numbers in words."""
        numbers = ", ".join(f"{name} {n}" for name, n in self.counted.items())
        return f"{numbers}; lost or twice {self.unequal}"


def steps(study: Study) -> list[Step]:
    """The step for all quarantined rows and answers. Checks prove that none was lost."""
    known = declared(study)
    asset = Asset(
        QUARANTINE,
        group="checks",
        description=(
            "Rows and answers that are not counted: file, row, column, value, the broken rule "
            "and the expected value. A row or answer that breaks two rules has a line for each. "
            "Nothing is dropped silently."
        ),
        deps=[
            raw("dataset"),
            raw(REJECTED_ROWS),
            clean("invitations"),
            *(answers(question.id) for question in study.questions),
        ],
        rests_on=[known.codes, known.policies],
        columns=described(COLUMNS),
        published=[Published("checks", "quarantine", csv=True, holds=RESPONDENTS)],
    )
    return [
        step(
            "collect_quarantine", study, asset, collect_quarantine, reads_cells=True, as_asked=True
        )
    ]


def collect_quarantine(given: Given) -> Iterator[Made]:
    """The quarantine for all readers, and in full in the restricted schema."""
    store = given.store
    rows = store.read(*restricted.REJECTED)
    with store.connect() as connection:
        file = stored_dataset(store).file
        cells = unusable_cells(connection, given.asked)
    full = joined(rows, cells, file)
    frame = joined(store.read("raw", REJECTED_ROWS), masked_cells(cells, given.study), file)
    columns = [(raw("dataset"), item.variable) for item in given.study.items.values()]
    stores = {restricted.QUARANTINE: full, ("checks", "quarantine"): frame}
    yield Made(QUARANTINE, frame, {"value": columns}, stores=stores)


def balances(given: Given) -> list[Balance]:
    """Two balances: every row and every filled cell is either clean or quarantined."""
    with given.store.connect() as connection:
        return [rows_balance(connection), cells_balance(connection, given.asked)]


def unusable_cells(connection: duckdb.DuckDBPyConnection, study: Study) -> pd.DataFrame:
    """Unusable cells with their content, one line per broken rule."""
    some = connection.execute(f"SELECT DISTINCT item FROM {UNUSABLE}").fetchall()
    parts = [
        f"SELECT u.{ROW}, {text_literal(item.variable)} AS variable, u.item, "
        f"d.{quote(item.variable)} AS value, u.rule, u.expected, u.place "
        f"FROM {UNUSABLE} AS u JOIN {DATASET} AS d USING ({ROW}) "
        f"WHERE u.item = {text_literal(item.id)}"
        for (name,) in some
        if (item := study.items.get(name)) is not None
    ]
    nothing = (
        f"SELECT 0::BIGINT AS {ROW}, '' AS variable, '' AS item, '' AS value, '' AS rule, "
        "'' AS expected, 0 AS place WHERE false"
    )
    frame = connection.execute(
        f"FROM ({' UNION ALL '.join([nothing, *parts])}) ORDER BY {ROW}, variable, item, place"
    ).df()
    return frame.astype(dict.fromkeys(("variable", "item", "value", "rule", "expected"), "object"))


def masked_cells(cells: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The same for all readers, without what respondents wrote."""
    opened = {item.id for item in study.items.values() if item.type == "open"}
    shown = {text: cell_shown(text) for text in cells["value"].unique()}
    found = cells["value"].map(shown).mask(cells["item"].isin(opened), WITHHELD)
    return cells.assign(value=found)


def joined(rows: pd.DataFrame, cells: pd.DataFrame, file: str) -> pd.DataFrame:
    """Rejected rows and unusable cells, one line per broken rule, in the order of the file."""
    lines = (rows.assign(unit=ROW_UNIT, item=None), cells.assign(file=file, unit=ANSWER))
    parts = [part[list(COLUMNS)] for part in lines if len(part)]
    frame = pd.concat(parts) if parts else pd.DataFrame(columns=list(COLUMNS), dtype="object")
    frame = frame.astype({FILE_ROW: "int64"})
    return frame.sort_values([FILE_ROW, "unit", "variable"], kind="stable", ignore_index=True)


def rows_balance(connection: duckdb.DuckDBPyConnection) -> Balance:
    """Lines in the file, clean lines and quarantined lines; each must be in one of the last two."""
    came = f"SELECT {ROW} FROM {DATASET}"
    clean = f"SELECT {ROW} FROM {LINKS} SEMI JOIN clean.invitations USING (respondent)"
    aside = f"SELECT DISTINCT {ROW} FROM checks.quarantine WHERE unit = {text_literal(ROW_UNIT)}"
    numbers = [_one(connection, f"SELECT count(*) FROM ({part})") for part in (came, clean, aside)]
    # a respondent who appears twice is on two lines, and the join gives two for each
    twice = _one(
        connection,
        "SELECT coalesce(sum(n - 1), 0) FROM "
        "(SELECT count(*) AS n FROM clean.invitations GROUP BY respondent)",
    )
    lost = _one(
        connection,
        f"SELECT coalesce(sum(abs(n)), 0) FROM (SELECT {ROW}, sum(n) AS n FROM ("
        f"SELECT {ROW}, 1 AS n FROM ({came}) UNION ALL SELECT {ROW}, -1 FROM ({clean}) "
        f"UNION ALL SELECT {ROW}, -1 FROM ({aside})) GROUP BY {ROW})",
    )
    counted = dict(zip(("lines", "clean", "quarantined"), numbers, strict=True))
    return Balance(ROWS, counted, lost + twice)


def cells_balance(connection: duckdb.DuckDBPyConnection, study: Study) -> Balance:
    """The same for filled cells; the cells of quarantined rows are counted from the file.

    Filled cells are found in the text alone, without the cleaning code. A tick box counts, empty or
    not, if its line has a ticked box of the same question. Otherwise it counts only if it is
    neither empty nor 0.
    """
    totals = Counter[str]()
    unequal = 0
    # once for all questions: hashes of respondents and the text of the quarantine are read here
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {PLACES} AS SELECT w.{ROW}, p.{NUMBER}, p.answering, "
        f"r.{ROW} IS NOT NULL AS set_aside FROM {DATASET} AS w LEFT JOIN "
        f"({LINKS} JOIN {PEOPLE} AS p USING (respondent)) USING ({ROW}) LEFT JOIN "
        f"(SELECT DISTINCT {ROW} FROM checks.quarantine WHERE unit = {text_literal(ROW_UNIT)}) "
        f"AS r USING ({ROW})"
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {ASIDE} AS SELECT DISTINCT {ROW}, item "
        f"FROM checks.quarantine WHERE unit = {text_literal(ANSWER)}"
    )
    for question in study.questions:
        if question.items:
            found, wrong = _balance_of(connection, question)
            totals.update(found)
            unequal += wrong
    names = ("filled", "usable", "quarantined", "of_quarantined_rows")
    return Balance(CELLS, {name: totals[name] for name in names}, unequal)


def _balance_of(
    connection: duckdb.DuckDBPyConnection, question: Question
) -> tuple[dict[str, int], int]:
    """A question's filled, usable and quarantined cells, and the number that do not balance."""
    boxes = [quote(item.variable) for item in question.items if item.type == "multiple"]
    ticked = " OR ".join(_is_whole(box, "1") for box in boxes) or "false"
    # by name: to look up all columns for every question took most of the time of a wide survey
    columns = [quote(item.variable) for item in question.items]
    known = "p.answering IS NOT NULL" if question.of_invitations else "p.answering IS TRUE"
    parts: list[str] = []
    for place, item in enumerate(question.items):
        column = f"w.{quote(item.variable)}"
        filled = f"(({stripped(column)} <> '') IS TRUE)"
        if item.type == "multiple":
            filled = f"(w.ticked OR ({filled} AND NOT {_is_whole(column, '0')}))"
        parts.append(f"{filled} AS filled_{place}")
        parts.append(f"(a.{quote(item.id)} IS TRUE) AS aside_{place}")
        usable = f"({known} AND filled_{place} AND NOT aside_{place})"
        if item.type != "open":
            usable = f"(c.{quote(item.id)} IS NOT NULL)"
            if item.special:
                usable = f"({usable} OR c.{special(item)} IS NOT NULL)"
        parts.append(f"{usable} AS usable_{place}")
    every = range(len(question.items))
    of_rows = [f"(filled_{n} AND set_aside)" for n in every]
    wrong = [
        f"abs(filled_{n}::INTEGER - (usable_{n}::INTEGER + aside_{n}::INTEGER "
        f"+ {of_rows[n]}::INTEGER))"
        for n in every
    ]
    texts = [
        [f"filled_{n}" for n in every],
        [f"usable_{n}" for n in every],
        [f"aside_{n}" for n in every],
        of_rows,
    ]
    sums = [" + ".join(f"{one}::INTEGER" for one in own) for own in texts]
    names = [text_literal(item.id) for item in question.items]
    aside = [
        f"bool_or(item = {name}) AS {quote(item.id)}"
        for name, item in zip(names, question.items, strict=True)
    ]
    lines = connection.execute(
        f"SELECT {', '.join(f'coalesce(sum({one}), 0)' for one in [*sums, ' + '.join(wrong)])} "
        f"FROM (SELECT {', '.join(parts)}, p.set_aside "
        f"FROM (SELECT {', '.join([ROW, *columns])}, {ticked} AS ticked FROM {DATASET}) AS w "
        f"JOIN {PLACES} AS p ON p.{ROW} = w.{ROW} "
        f"LEFT JOIN {coded(question.id)} AS c ON c.{NUMBER} = p.{NUMBER} "
        f"LEFT JOIN (SELECT {', '.join([ROW, *aside])} FROM {ASIDE} "
        f"WHERE item IN ({', '.join(names)}) GROUP BY {ROW}) AS a ON a.{ROW} = w.{ROW})"
    ).fetchone()
    *numbers, unequal = map(int, lines or ())
    keys = ("filled", "usable", "quarantined", "of_quarantined_rows")
    return dict(zip(keys, numbers, strict=True)), unequal


def _is_whole(column: str, digit: str) -> str:
    """Whether a cell is a digit, optionally with zeros after the decimal point, as SQL."""
    text = stripped(column)
    zeros = f"({text} LIKE '{digit}._%' AND rtrim({text}, '0') = '{digit}.')"
    return f"({column} = '{digit}' OR {text} = '{digit}' OR {zeros})"


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    found = connection.execute(sql).fetchone()
    return int(found[0]) if found else 0
