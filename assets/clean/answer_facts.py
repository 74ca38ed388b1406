"""Facts about the answers to a question, without reading all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from assets.clean import coded
from assets.clean.people import NUMBER, ROW
from assets.raw.rules.case import Case
from declarations import Item, Question
from runtime.store import quote, rows_hash, text_literal


@dataclass(frozen=True)
class AnswerFacts:
    """Numbers of usable, unusable and open answers, the first lines, and a content hash.

    `content` is equal for equal cells, in any position within the file's relations.
    """

    usable: int
    unusable: int
    opened: int
    head: pd.DataFrame
    content: Any


def answer_facts(case: Case, question: Question, most: int) -> AnswerFacts:
    """The facts of a question whose codes were just written, with at most `most` first lines."""
    connection, judged = case.connection, case.judged
    items = judged.present(question)
    closed = [item for item in items if item.type != "open"]
    opened = [item for item in items if item.type == "open"]
    relation = coded.coded(question.id)
    counted = [f"count({quote(item.id)})" for item in closed]
    counted += [f"count({coded.special(item)})" for item in closed if item.special]
    (usable,) = case.one(f"SELECT {' + '.join(counted) or 'count(NULL)'} FROM {relation}")
    texts = 0
    if opened:
        filled = " + ".join(f"count_if({judged.filled(i)})" for i in opened)
        (texts,) = case.one(f"SELECT {filled} FROM {coded.LINES}")
        texts -= _unusable(case, opened)
    head = coded.long_answers(question, closed, f"(FROM {relation} LIMIT {most})")
    content = [
        rows_hash(
            connection,
            f"SELECT l.person, c.* EXCLUDE ({NUMBER}) FROM {relation} AS c "
            f"JOIN {coded.LINES} AS l USING ({NUMBER})",
        ),
        rows_hash(connection, f"FROM {coded.UNUSABLE} WHERE item IN ({_names(items)})"),
        *(rows_hash(connection, _texts(case, item)) for item in opened),
        [(item.id, item.variable) for item in items],
    ]
    return AnswerFacts(
        usable,
        _unusable(case, items),
        texts,
        connection.execute(head).df().head(most),
        content,
    )


def _texts(case: Case, item: Item) -> str:
    judged = case.judged
    return (
        f"SELECT c.person, d.{quote(item.variable)} FROM {coded.LINES} AS c "
        f"JOIN {judged.wide.relation} AS d USING ({ROW}) WHERE c.{judged.filled(item)}"
    )


def _unusable(case: Case, items: list[Item]) -> int:
    (found,) = case.one(
        f"SELECT count(DISTINCT ({ROW}, item)) FROM {coded.UNUSABLE} "
        f"WHERE item IN ({_names(items)})"
    )
    return found


def _names(items: list[Item]) -> str:
    return ", ".join(text_literal(item.id) for item in items) or "''"
