"""Counts against counting by other means: the csv module and a Counter, pandas, plain loops."""

from __future__ import annotations

import csv
import hashlib
import hmac
from collections import Counter

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.counts.counting import contingency, status_counts
from assets.tables.results import count_of, counts_index
from declarations import Study
from declarations.tables.cells import STATUS_CODES, STATUS_ITEM
from runtime.store import create_relations
from tests.chain import KEY, STUDY, WAVE, Chain, declared_study
from tests.engine import ANSWER_COLUMNS, coded_answers
from tests.reference.cleaning import usable_answers

Row = dict[str, str]
DECLARED = declared_study().in_wave("2015")


def rows(name: str, delimiter: str, encoding: str) -> list[Row]:
    path = STUDY / "waves" / WAVE / name
    with path.open(encoding=encoding, newline="") as stream:
        return list(csv.DictReader(stream, delimiter=delimiter))


@pytest.fixture(scope="module")
def dataset() -> list[Row]:
    """The lines of respondents in the committed data set, read without the code of the chain."""
    lines = rows("dataset.csv", ";", "cp1252")
    answers = [i for i in DECLARED.items.values() if i.type != "multiple"]
    boxes = [i for i in DECLARED.items.values() if i.type == "multiple"]

    def answering(line: Row) -> bool:
        some = any(line[i.variable] for i in answers) or any(line[i.variable] == "1" for i in boxes)
        return "1" in (line["stato_3"], line["stato_4"]) or (line["stato_5"] == "1" and some)

    return [line for line in lines if answering(line)]


def size(row: Row) -> str:
    people = int(row["population_2015_01_01"])
    bounds = [(75000, "from_75000"), (50000, "from_50000"), (35000, "from_35000")]
    return next((key for bound, key in bounds if people >= bound), "under_35000")


def bloc(row: Row) -> str:
    return {"V": "blue", "C": "blue", "O": "blue", "A": "red", "B": "red", "F": "red"}.get(
        row["mayor_party_2014"], "local"
    )


def region(row: Row) -> str:
    return row["region"].lower().replace("æ", "ae")


def pressure_band(row: Row) -> str:
    value = float(row["expenditure_pressure"])
    return ("lowest", "low_mid", "high_mid", "highest")[sum(value >= b for b in (95, 100, 105))]


DIVISIONS = {"size": size, "bloc": bloc, "region": region, "pressure_band": pressure_band}


def test_respondents_are_those_who_answered(committed: Chain, dataset: list[Row]) -> None:
    hashed = {
        hmac.new(KEY, b"samspil\0" + line["respondent"].encode(), hashlib.sha256).hexdigest()[:20]
        for line in dataset
    }
    assert set(committed.respondents["respondent"]) == hashed
    assert len(dataset) == 445


def test_every_code_is_counted_as_a_counter_counts_it(committed: Chain, dataset: list[Row]) -> None:
    for question in DECLARED.counted_questions:
        boxes = [i.variable for i in question.closed_items if i.type == "multiple"]
        counted = counts_index(committed.counts[question.id])
        for item in question.closed_items:
            asked = [line for line in dataset if not boxes or any(line[b] == "1" for b in boxes)]
            own = Counter(line[item.variable] for line in asked if line[item.variable])
            found = {code: counted[(item.id, str(code), "all", "all")] for code in item.codes}
            assert found == {code: own[str(code)] for code in item.codes}, item.id


@pytest.mark.parametrize("group", sorted(DIVISIONS))
def test_every_breakdown_is_counted_as_a_counter_counts_it(
    committed: Chain, dataset: list[Row], group: str
) -> None:
    register = {row["name"]: row for row in rows("municipalities.csv", ",", "utf-8")}
    index = committed.index
    for question in DECLARED.counted_questions:
        for item in question.closed_items:
            if item.type == "multiple":
                continue
            own = Counter(
                (line[item.variable], DIVISIONS[group](register[line["kommune"]]))
                for line in dataset
            )
            for level in DECLARED.group[group].levels:
                for code in item.codes:
                    counted = index[(item.id, str(code), group, level.key)]
                    assert counted == own[(str(code), level.key)], (item.id, code, level.key)


def test_the_sql_is_the_crosstab_of_pandas(committed: Chain) -> None:
    pairs = committed.memberships.assign(pair=lambda f: f["group"] + "/" + f["level"])
    for question in DECLARED.counted_questions:
        answers = committed.answers[question.id]
        usable = answers[answers["rule"].isna() & answers[["code", "number"]].notna().any(axis=1)]
        named = usable["code"].fillna(usable["number"]).astype(int).astype(str)
        joined = usable.assign(named=named).merge(pairs[["respondent", "pair"]], on="respondent")
        table = pd.crosstab([joined["item"], joined["named"]], joined["pair"])
        expected = {
            (item, code, *pair.split("/")): int(n)
            for (item, code), line in zip(table.index, table.to_numpy(), strict=True)
            for pair, n in zip(table.columns, line, strict=True)
        }
        counted = counts_index(committed.counts[question.id])
        assert {k: n for k, n in counted.items() if n} == {k: n for k, n in expected.items() if n}


def test_every_declared_code_and_level_has_a_line(committed: Chain) -> None:
    levels = 1 + sum(len(group.levels) for group in DECLARED.groups)
    for question in DECLARED.counted_questions:
        frame = committed.counts[question.id]
        coded = frame["item"].isin([item.id for item in question.closed_items])
        assert (frame.loc[~coded, "n"] > 0).all()  # numbers: those that were given
        assert coded.sum() == levels * sum(len(item.codes) for item in question.closed_items)
        assert not frame.duplicated(["item", "code", "group", "level"]).any()
        assert frame["n"].dtype == "int64"


def test_invitations_are_counted_as_a_counter_counts_them(committed: Chain) -> None:
    counted = counts_index(committed.counts[STATUS_ITEM])
    own = Counter(zip(committed.invitations["status"], committed.invitations["municipality"],
                      strict=True))  # fmt: skip
    for code in STATUS_CODES:
        assert counted[(STATUS_ITEM, code, "all", "all")] == sum(
            n for (status, _), n in own.items() if status == code
        )
        for municipality in committed.municipalities["code"]:
            key = (STATUS_ITEM, code, "municipality", municipality)
            assert counted[key] == own[(code, municipality)]
    totals = [counted[(STATUS_ITEM, code, "all", "all")] for code in STATUS_CODES]
    assert totals == [288, 157, 393]


def test_a_municipality_without_invitations_counts_zero() -> None:
    invited = pd.DataFrame({"status": ["none"], "municipality": ["101"]})
    with duckdb.connect() as connection:
        create_relations(connection, {("clean", "invitations"): invited})
        counted = counts_index(status_counts(connection, ["101", "147"]))
    assert sum(counted.values()) == 2  # once in its municipality, once in all
    assert counted[(STATUS_ITEM, "complete", "municipality", "147")] == 0


LEVELS = [("size", "under_35000"), ("size", "from_75000"), ("area", "school"), ("area", "social")]
# areas overlap, sizes exclude each other
PLACES = st.tuples(
    st.sets(st.sampled_from(LEVELS[2:])), st.sets(st.sampled_from(LEVELS[:2]), max_size=1)
).map(lambda both: both[0] | both[1])
QUESTIONS = ("municipal_policy", "measurement", "civil_actors")


@st.composite
def worlds(draw: st.DrawFn) -> tuple[str, list[dict[str, object]], list[set[tuple[str, str]]]]:
    """A question, answers (some quarantined), and everyone's levels, with overlapping areas."""
    question = DECLARED.question[draw(st.sampled_from(QUESTIONS))]
    places = draw(st.lists(PLACES, min_size=1, max_size=12))
    answers: list[dict[str, object]] = []
    for number in range(len(places)):
        for item in question.closed_items[:3]:
            code = draw(st.sampled_from([*item.codes, None, "bad"]))
            if code is not None:
                answers.append(
                    {
                        "respondent": f"R{number}",
                        "item": item.id,
                        # a cell that breaks a rule does not count, with any code
                        "code": draw(st.sampled_from((None, 1))) if code == "bad" else code,
                        "rule": "undeclared_code" if code == "bad" else None,
                    }
                )
    return question.id, answers, places


@settings(max_examples=20)
@given(worlds())
def test_bases_totals_and_others_add_up(
    world: tuple[str, list[dict[str, object]], list[set[tuple[str, str]]]],
) -> None:
    name, answers, places = world
    question = DECLARED.question[name]
    members = [
        (f"R{number}", *level)
        for number, levels in enumerate(places)
        for level in {("all", "all"), *levels}
    ]
    frame = pd.DataFrame(answers, columns=list(ANSWER_COLUMNS), dtype="object")
    frame = frame.astype({"code": "Int64"})
    index = counts_index(
        run_contingency(
            name,
            usable_answers(frame, question),
            pd.DataFrame(members, columns=["respondent", "group", "level"]),
        )
    )
    usable = [a for a in answers if a["rule"] is None]
    for item in question.closed_items:
        own = [a for a in usable if a["item"] == item.id]
        assert count_of(index, item.id, "total", "all", "all") == len(own)
        for group, level in LEVELS:
            inside = {f"R{n}" for n, levels in enumerate(places) if (group, level) in levels}
            within = Counter(a["code"] for a in own if a["respondent"] in inside)
            outside = Counter(a["code"] for a in own if a["respondent"] not in inside)
            for code in item.codes:
                assert count_of(index, item.id, code, group, level) == within[code]
                assert count_of(index, item.id, code, group, f"!{level}") == outside[code]
            assert count_of(index, item.id, "total", group, level) == within.total()
            assert count_of(index, item.id, "total", group, f"!{level}") == outside.total()


def run_contingency(name: str, answers: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    study: Study = DECLARED
    with coded_answers(study, name, answers, members) as connection:
        return contingency(connection, study.question[name], study)
