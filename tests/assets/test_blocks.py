"""Blocks of groups: a pattern is its levels, and counts by patterns are counts by levels."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import numpy as np
import pandas as pd
import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st

from assets.counts.blocks import MOST_PATTERNS, CountedGroups, blocks_of, in_level
from assets.counts.counting import contingency
from assets.counts.spark import differing, queries_of
from tests.chain import Chain, declared_study
from tests.engine import coded_answers

DECLARED = declared_study().in_wave("2015")
BLOCKS = blocks_of(DECLARED)


def test_every_level_is_in_one_block() -> None:
    levels = [(group, level) for block in BLOCKS for group, level, _ in block.weights]
    declared = [(group.id, level.key) for group in DECLARED.groups for level in group.levels]
    assert sorted(levels) == sorted([("all", "all"), *declared])
    assert all(block.patterns <= MOST_PATTERNS for block in BLOCKS)


@given(st.data())
def test_a_pattern_stands_for_the_levels_it_was_made_of(data: st.DataObject) -> None:
    block = data.draw(st.sampled_from(BLOCKS))
    if block.overlapping:
        chosen = data.draw(st.sets(st.sampled_from([w[:2] for w in block.weights])))
    else:
        drawn = {
            group: data.draw(st.none() | st.sampled_from(levels)) for group, levels in block.groups
        }
        chosen = {(group, level) for group, level in drawn.items() if level is not None}
    pattern = sum(w for group, level, w in block.weights if (group, level) in chosen)
    assert pattern < block.patterns
    assert set(block.levels_of(pattern)) == chosen
    with duckdb.connect() as connection:
        for group, level, _ in block.weights:
            condition = in_level([block], group, level)
            found = connection.execute(
                f'SELECT {condition} FROM (SELECT {pattern} AS "{block.name}")'
            ).fetchone()
            assert found == ((group, level) in chosen,)


def test_more_levels_than_a_block_holds_make_another() -> None:
    block = CountedGroups("key_1", False, tuple((f"g{n}", ("a", "b", "c")) for n in range(6)))
    assert block.patterns == MOST_PATTERNS
    assert len([b for b in BLOCKS if not b.overlapping]) == 2


def test_counts_are_the_crosstab_of_pandas_on_random_answers() -> None:
    rng = np.random.default_rng(1)
    question = DECLARED.question["civil_actors"]
    people = [f"R{n:03d}" for n in range(300)]
    answers = pd.DataFrame(
        [
            (person, item.id, int(rng.choice(item.codes)))
            for person in people
            for item in question.closed_items[:3]
            if rng.random() < 0.8
        ],
        columns=["respondent", "item", "code"],
    )
    members = pd.DataFrame(
        [
            (person, group.id, level)
            for person in people
            for group in DECLARED.groups
            if group.levels
            for level in rng.choice(
                [x.key for x in group.levels],
                int(rng.integers(0, 4)) if group.overlapping else 1,
                replace=False,
            )
        ],
        columns=["respondent", "group", "level"],
    )
    with coded_answers(DECLARED, question.id, answers, members) as connection:
        counted = contingency(connection, question, DECLARED)
    joined = answers.merge(members, on="respondent")
    table = joined.groupby(["item", "code", "group", "level"]).size().rename("n").reset_index()
    table["code"] = table["code"].astype(str)
    expected = table.set_index(["item", "code", "group", "level"])["n"].to_dict()
    found = counted[counted["n"] > 0].set_index(["item", "code", "group", "level"])["n"].to_dict()
    assert found == expected


def test_the_sql_of_the_counts_is_read_by_spark(committed: Chain) -> None:
    for query in queries_of(DECLARED):
        (told,) = sqlglot.transpile(query.sql, read="duckdb", write="spark")
        parsed = sqlglot.parse_one(told, read="spark")
        assert not list(parsed.find_all(sqlglot.exp.GroupingSets))
        assert "GROUP BY" in told


@pytest.mark.parametrize("change", ["n", "missing", "none"])
def test_counts_that_differ_are_found(change: str) -> None:
    own = pd.DataFrame(
        [("a", "1", "all", "all", 3), ("a", "2", "all", "all", 0)],
        columns=["item", "code", "group", "level", "n"],
    )
    other = own[own["n"] > 0].copy()
    if change == "n":
        other["n"] += 1
    if change == "missing":
        other = other.iloc[:0]
    assert len(differing(own, other)) == (change != "none")


def test_every_counted_question_is_a_query_of_spark() -> None:
    expected = {
        (question.id, value)
        for question in DECLARED.questions
        for item in question.items
        for value in [
            {"numeric": "number", "single": "code", "grid": "code", "multiple": "code"}.get(
                item.type
            )
        ]
        if value
    }
    assert {(query.question, query.value) for query in queries_of(DECLARED)} == expected
    assert len({query.name for query in queries_of(DECLARED)}) == len(queries_of(DECLARED))


def test_a_question_of_numbers_alone_is_a_query_too() -> None:
    question = next(q for q in DECLARED.counted_questions if q.items[0].type == "numeric")
    alone = replace(question, items=question.items[:1])
    found = queries_of(replace(DECLARED, questions=(alone,)))
    assert {(query.question, query.value) for query in found} == {(question.id, "number")}
