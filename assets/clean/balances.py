"""Balances: every row and every filled cell of the data set is either clean or quarantined.

The filled cells are found in the text alone, without the cleaning code. Each line of the file has a
mark, a number of 40 bits that looks random. For each item, the usable and quarantined cells
together must equal the filled cells in number and in the sum of marks. Only if they differ are the
lines of the question compared one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb

from assets.clean.coded import coded, special
from assets.clean.people import LINKS, NUMBER, PEOPLE, ROW
from assets.raw.cells.kept import DATASET
from assets.raw.cells.wide import BLANKS, is_filled
from declarations import Item, Question, Study
from declarations.survey.rules import ANSWER
from declarations.survey.rules import ROW as ROW_UNIT
from runtime.store import quote, text_literal

PLACES, ASIDE = "balance_places", "balance_aside"
ROWS, CELLS = "rows_in_equal_rows_out", "cells_in_equal_cells_out"
BALANCES = {
    ROWS: "Lines of the data set = clean invitations + quarantined rows, each line once.",
    CELLS: (
        "Filled cells of the data set, and empty boxes of a question with a ticked one = usable "
        "answers + quarantined answers + the cells of quarantined rows, each cell once."
    ),
}
COUNTED = ("filled", "usable", "quarantined", "of_quarantined_rows")
# Read the data set for at least this many items at once, because naming its columns takes long.
ITEMS = 60
# Cells of an item: their count, and the sum of the marks of their lines.
Cells = tuple[int, int]


@dataclass(frozen=True)
class Balance:
    """A balance with its numbers.

    `unequal` is the number of rows or cells that do not appear exactly once.
    """

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
        return f"{numbers}; missing or duplicated {self.unequal}"


def rows_balance(connection: duckdb.DuckDBPyConnection) -> Balance:
    """Lines in the file, clean lines and quarantined lines; each must be in one of the last two."""
    came = f"SELECT {ROW} FROM {DATASET}"
    clean = f"SELECT {ROW} FROM {LINKS} SEMI JOIN clean.invitations USING (respondent)"
    aside = f"SELECT DISTINCT {ROW} FROM checks.quarantine WHERE unit = {text_literal(ROW_UNIT)}"
    numbers = [_one(connection, f"SELECT count(*) FROM ({part})") for part in (came, clean, aside)]
    # a respondent with two lines appears twice, so the join gives two lines for each
    twice = _one(
        connection,
        "SELECT count(*) - count(DISTINCT respondent) FROM clean.invitations",
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
    """Filled, usable and quarantined cells. Those of quarantined rows are counted from the file.

    If a line has a ticked box of a question, all boxes of that question on the line count, also
    empty ones. Otherwise a box counts only if it is neither empty nor 0.
    """
    _write_places(connection)
    aside = _aside(connection)
    questions = [question for question in study.questions if question.items]
    totals, unequal = Counter[str](), 0
    for some in _together(questions):
        filled = _filled(connection, some, set(aside))
        for question in some:
            usable = _usable(connection, question)
            wrong = False
            for item in question.items:
                all_filled, of_rows, *opened = filled[item.id]
                cells = usable.get(item.id) or opened[0]
                quarantined = aside.get(item.id, (0, 0))
                numbers = (all_filled, cells, quarantined, of_rows)
                totals.update(dict(zip(COUNTED, (n for n, _ in numbers), strict=True)))
                out = zip(cells, quarantined, of_rows, strict=True)
                wrong |= all_filled != tuple(map(sum, out))
            if wrong:
                # the sums differ, but no single line does: some cells have a code that belongs to
                # no line
                unequal += _lines_unequal(connection, question) or 1
    return Balance(CELLS, {name: totals[name] for name in COUNTED}, unequal)


def _write_places(connection: duckdb.DuckDBPyConnection) -> None:
    """The respondent of each line, whether the line is quarantined, and its mark."""
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {PLACES} AS SELECT w.{ROW}, p.{NUMBER}, p.answering, "
        f"r.{ROW} IS NOT NULL AS set_aside, (hash(w.{ROW}) >> 24)::BIGINT AS mark "
        f"FROM {DATASET} AS w LEFT JOIN "
        f"({LINKS} JOIN {PEOPLE} AS p USING (respondent)) USING ({ROW}) LEFT JOIN "
        f"(SELECT DISTINCT {ROW} FROM checks.quarantine WHERE unit = {text_literal(ROW_UNIT)}) "
        f"AS r USING ({ROW})"
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {ASIDE} AS SELECT DISTINCT {ROW}, item "
        f"FROM checks.quarantine WHERE unit = {text_literal(ANSWER)}"
    )


def _aside(connection: duckdb.DuckDBPyConnection) -> dict[str, Cells]:
    """The quarantined cells of each item."""
    found = connection.execute(
        f"SELECT item, count(*), coalesce(sum(mark), 0) FROM {ASIDE} LEFT JOIN {PLACES} "
        f"USING ({ROW}) GROUP BY item"
    ).fetchall()
    return {item: (int(n), int(marks)) for item, n, marks in found}


def _together(questions: Sequence[Question]) -> Iterator[list[Question]]:
    some: list[Question] = []
    for question in questions:
        some.append(question)
        if sum(len(one.items) for one in some) >= ITEMS:
            yield some
            some = []
    if some:
        yield some


def _filled(
    connection: duckdb.DuckDBPyConnection, questions: Sequence[Question], aside: set[str]
) -> dict[str, list[Cells]]:
    """Per item: filled cells, those of quarantined rows, and for an open item the usable ones."""
    source = f"{_texts(questions)} JOIN {PLACES} AS p USING ({ROW})"
    opened = [i.id for q in questions for i in q.items if i.type == "open" and i.id in aside]
    if opened:
        source += f" LEFT JOIN {_aside_lines(opened)} AS a USING ({ROW})"
    conditions = []
    for question in questions:
        for item in question.items:
            cell = _filled_column(item)
            own = [cell, f"{cell} AND set_aside"]
            if item.type == "open":
                own.append(_usable_text(question, item, item.id in aside))
            conditions.append((item.id, own))
    counts = [_cells(one) for _, own in conditions for one in own]
    numbers = iter(connection.execute(f"SELECT {', '.join(counts)} FROM {source}").fetchone() or ())
    return {
        item: [(int(next(numbers)), int(next(numbers))) for _ in own] for item, own in conditions
    }


def _usable(connection: duckdb.DuckDBPyConnection, question: Question) -> dict[str, Cells]:
    """The usable cells of the closed and numeric items of a question."""
    items = [item for item in question.items if item.type != "open"]
    if not items:
        return {}
    counts = [_cells(_has_code(item)) for item in items]
    found = connection.execute(
        f"SELECT {', '.join(counts)} FROM {coded(question.id)} AS c LEFT JOIN {PLACES} AS p "
        f"USING ({NUMBER})"
    ).fetchone()
    numbers = iter(found or ())
    return {item.id: (int(next(numbers)), int(next(numbers))) for item in items}


def _cells(condition: str) -> str:
    # one FILTER per condition would copy all columns each time
    return (
        f"coalesce(count_if({condition}), 0), coalesce(sum(CASE WHEN {condition} THEN mark END), 0)"
    )


def _lines_unequal(connection: duckdb.DuckDBPyConnection, question: Question) -> int:
    """The number of cells that do not appear exactly once, line by line."""
    wrong = []
    for item in question.items:
        usable = _usable_text(question, item, True) if item.type == "open" else _has_code(item)
        aside, filled = f"(a.{quote(item.id)} IS TRUE)", _filled_column(item)
        parts = [f"({usable})", aside, f"({filled} AND set_aside)"]
        out = " + ".join(f"{part}::INTEGER" for part in parts)
        wrong.append(f"abs({filled}::INTEGER - ({out}))")
    return _one(
        connection,
        f"SELECT coalesce(sum({' + '.join(wrong)}), 0) FROM {_texts([question])} "
        f"JOIN {PLACES} AS p USING ({ROW}) LEFT JOIN {coded(question.id)} AS c USING ({NUMBER}) "
        f"LEFT JOIN {_aside_lines([i.id for i in question.items])} AS a USING ({ROW})",
    )


def _texts(questions: Sequence[Question]) -> str:
    """One line per line of the file, with a column for each item: whether its cell is filled."""
    ticks, filled, columns = [], [], []
    for place, question in enumerate(questions):
        boxes = [quote(item.variable) for item in question.items if item.type == "multiple"]
        if boxes:
            ticked = " OR ".join(_is_whole(box, "1") for box in boxes)
            ticks.append(f"({ticked}) IS TRUE AS ticked_{place}")
        for item in question.items:
            column = quote(item.variable)
            columns.append(column)
            some = f"({is_filled(column)} IS TRUE)"
            if item.type == "multiple":
                some = f"(ticked_{place} OR ({some} AND NOT {_is_whole(column, '0')}))"
            filled.append(f"{some} AS {_filled_column(item)}")
    own = ", ".join([ROW, *dict.fromkeys(columns), *ticks])
    return f"(SELECT {', '.join([ROW, *filled])} FROM (SELECT {own} FROM {DATASET})) AS w"


def _filled_column(item: Item) -> str:
    return quote(f"filled {item.id}")


def _usable_text(question: Question, item: Item, quarantined: bool) -> str:
    known = "p.answering IS NOT NULL" if question.of_invitations else "p.answering IS TRUE"
    aside = f" AND a.{quote(item.id)} IS NOT TRUE" if quarantined else ""
    return f"{known} AND {_filled_column(item)}{aside}"


def _has_code(item: Item) -> str:
    usable = f"c.{quote(item.id)} IS NOT NULL"
    return f"({usable} OR c.{special(item)} IS NOT NULL)" if item.special else f"({usable})"


def _aside_lines(items: Sequence[str]) -> str:
    """Lines with a quarantined cell of these items; per item whether its cell is quarantined."""
    flags = [f"bool_or(item = {text_literal(name)}) AS {quote(name)}" for name in items]
    names = ", ".join(map(text_literal, items))
    return (
        f"(SELECT {', '.join([ROW, *flags])} FROM {ASIDE} WHERE item IN ({names}) GROUP BY {ROW})"
    )


def _is_whole(column: str, digit: str) -> str:
    """The SQL condition that a cell is a digit, optionally with zeros after the decimal point."""
    return f"regexp_full_match({column}, '[{BLANKS}]*{digit}(\\.0+)?[{BLANKS}]*')"


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    found = connection.execute(sql).fetchone()
    return int(found[0]) if found else 0
