"""The joint certificate: the witness, the verifier that counts it, and conflicts of figures."""

from __future__ import annotations

import math
import os
import random
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from declarations import Study
from replication.printed import read_errata, read_printed
from replication.solver.joint import JointFacts, conflict, feasible
from replication.solver.sources import read_facts, read_lines, read_register
from replication.solver.stated import StatedFigure, lined_up, read_figures
from replication.solver.verify import Person, people_of, unreproduced
from tests.synthetic import write_wave
from tools.certificate import FEASIBLE, certificate_lines, certify, put_back

Rows = list[dict[str, str]]
# `make certificate` tries a hundred
MUTANTS = int(os.environ.get("SAMSPIL_MUTANTS", "15"))
TEXTS = {"social": "Socialområdet", "school": "Folkeskolen", "citizen_service": "Borgerbetjening"}


@pytest.fixture(scope="module")
def rows(study: Study) -> Rows:
    sheet = study.source_sheet("2015")
    return read_lines(sheet.files["dataset"].path, sheet.delimiter, sheet.encoding)


@pytest.fixture(scope="module")
def register(study: Study) -> Rows:
    return read_register(study.source_sheet("2015"))


@pytest.fixture(scope="module")
def people(study: Study, rows: Rows, register: Rows) -> list[Person]:
    found, invalid = people_of(study, rows, register)
    assert not invalid
    return found


@pytest.fixture(scope="module")
def figures(study: Study) -> list[StatedFigure]:
    return read_figures(study)


@pytest.fixture(scope="module")
def facts(study: Study) -> JointFacts:
    return read_facts(study, "2015")


def test_the_verifier_is_small_and_knows_no_solver_and_no_counting_code() -> None:
    text = Path(people_of.__code__.co_filename).read_text(encoding="utf-8")
    assert len(text.splitlines()) < 160
    before, _ = text.split("if TYPE_CHECKING:")
    after = text.split("    from replication.solver.stated import StatedFigure\n")[1]
    for part in (before, after):
        for name in ("ortools", "pandas", "numpy", "from assets", "import assets", "highspy"):
            assert name not in part


def test_the_certificate_of_the_report(study: Study) -> None:
    lines, fine = certificate_lines(study, "2015")
    assert fine, "\n".join(lines)
    assert lines[0] == "1474 figures, 13 of them with an erratum applied: feasible"
    assert sum(line.startswith("put back") for line in lines) == 13
    assert all(line.endswith(": infeasible") for line in lines if line.startswith("put back"))
    # what is named holds the figure put back; 92 of 347 are 26.5, so 26.6 is impossible by itself
    for number, line in enumerate(lines):
        if line.startswith("put back"):
            wrong = line.removeprefix("put back ").removesuffix(": infeasible")
            assert lines[number + 1].startswith(f"  conflict: {wrong}"), line


def test_the_witness_is_accepted_and_print_without_errata_is_not(
    study: Study, people: list[Person], figures: list[StatedFigure]
) -> None:
    assert not list(unreproduced(people, figures))
    as_printed = list(unreproduced(people, lined_up(study, read_printed(study))))
    wrong = {line.split(" / ")[0] for line in as_printed}
    assert wrong == {e.table for e in read_errata(study.folder / "printed")}


Mutation = tuple[int, dict[str, str]]


def _answer(study: Study, rows: Rows, people: list[Person], rng: random.Random) -> Mutation:
    """Change a respondent's answer to an item whose answers are all printed."""
    printed = [
        item
        for table in study.tables
        for item in {c.item for c in table.cells if c.group == "all" and c.item != "status"}
        if item in study.items
        and {c.code for c in table.cells if c.item == item} >= set(study.items[item].codes)
        and study.items[item].type != "multiple"
    ]
    item = study.items[rng.choice(sorted(set(printed) - {"challenge_insight"}))]
    number = rng.choice([i for i, r in enumerate(rows) if r[item.variable]])
    others = [str(c) for c in item.codes if str(c) != rows[number][item.variable]]
    return number, {item.variable: rng.choice(others)}


def _area(study: Study, rows: Rows, people: list[Person], rng: random.Random) -> Mutation:
    """Move a respondent who answered the question on area policies to another single area."""
    number = rng.choice([i for i, p in enumerate(people) if "area_policy" in p.answers])
    has = {level for group, level in people[number].levels if group == "area"}
    return number, {"s_5": TEXTS[rng.choice(sorted(set(TEXTS) - has))]}


def _municipality(study: Study, rows: Rows, people: list[Person], rng: random.Random) -> Mutation:
    """Move a respondent to another municipality of the appendix."""
    number = rng.randrange(len(rows))
    others = {r["kommune"] for r in rows} - {rows[number]["kommune"]}
    return number, {"kommune": rng.choice(sorted(others))}


def _status(study: Study, rows: Rows, people: list[Person], rng: random.Random) -> Mutation:
    """Make a complete respondent incomplete, or the other way round."""
    number = rng.choice([i for i, p in enumerate(people) if p.answers["status"] != "none"])
    done = people[number].answers["status"] == "complete"
    flags = dict.fromkeys((f"stato_{i}" for i in range(1, 6)), "0")
    return number, {**flags, "stato_3" if done else "stato_4": "1"}


def _silence(study: Study, rows: Rows, people: list[Person], rng: random.Random) -> Mutation:
    """Remove a respondent's answer to a printed question."""
    variable = rng.choice(["s_6", "s_7", "s_69", "s_97"])
    return rng.choice([i for i, r in enumerate(rows) if r[variable]]), {variable: ""}


@pytest.mark.parametrize("mutate", [_answer, _area, _municipality, _status, _silence])
def test_mutated_witnesses_are_rejected(
    mutate: Callable[[Study, Rows, list[Person], random.Random], Mutation],
    study: Study,
    rows: Rows,
    register: Rows,
    people: list[Person],
    figures: list[StatedFigure],
) -> None:
    seen = set()
    for seed in range(MUTANTS // 5):
        number, cells = mutate(study, rows, people, random.Random(f"{mutate.__name__} {seed}"))
        assert any(rows[number][name] != text for name, text in cells.items())
        # the other lines are read as they were: reading all of them again shows nothing more
        own, invalid = people_of(study, [{**rows[number], **cells}], register)
        assert not invalid
        changed = [*people[:number], *own, *people[number + 1 :]]
        assert next(unreproduced(changed, figures), None), (number, cells)
        seen.add((number, tuple(cells.items())))
    assert len(seen) > 0.7 * MUTANTS // 5


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"s_6": "9"}, "not a declared code"),
        ({"kommune": "Atlantis"}, "not a municipality"),
        ({"stato_1": "1"}, "flags and answers"),
        ({"s_98_1": "1", "s_98_10": "1"}, "exclusive answer"),
        ({"s_53": "4", "s_54": "1"}, "collaborations has an exclusive answer"),
        ({"s_53": "banana", "s_54": ""}, "not a number"),
        ({"s_53": "-7", "s_54": ""}, "not a number"),
        ({"respondent": "R0002"}, "occurs twice"),
        ({"respondent": " "}, "names no respondent"),
    ],
)
def test_what_cannot_be_is_said(
    cells: dict[str, str], message: str, study: Study, rows: Rows, register: Rows
) -> None:
    number = next(i for i, r in enumerate(rows) if r["stato_4"] == "1" and i > 5)
    changed = [*rows[:number], {**rows[number], **cells}, *rows[number + 1 :]]
    _, invalid = people_of(study, changed, register)
    assert len(invalid) == 1, invalid
    assert message in invalid[0]


@pytest.mark.parametrize("column", ["name", "code"])
def test_a_municipality_that_is_there_twice_is_said(
    column: str, study: Study, rows: Rows, register: Rows
) -> None:
    again = {**register[0], study.register_columns[column]: "none other"}
    _, invalid = people_of(study, rows, [*register, again])
    assert [text for text in invalid if "occurs twice" in text]


def test_a_changed_figure_is_noticed(people: list[Person], figures: list[StatedFigure]) -> None:
    free = [f for f in figures if not f.void and not f.conflict]
    for place in random.Random(7).sample(range(len(free)), 5):
        other = "1" if free[place].printed.endswith("0") else "0"
        wrong = replace(free[place], printed=free[place].printed[:-1] + other)
        assert list(unreproduced(people, [*free[:place], wrong, *free[place + 1 :]])), wrong.name


def shown(people: list[Person], figures: list[StatedFigure]) -> list[StatedFigure]:
    """The same tables printed for other people, without empty rows."""
    result, row = [], dict[tuple[object, ...], float]()
    for f in figures:
        cell = f.cell
        line = (cell.table, cell.row, cell.group_key)
        if cell.of:
            if any((*line, name) not in row for name in cell.of) or not row[*line, cell.of[0]]:
                continue
            a, b = (row[*line, name] for name in cell.of)
            value = round(a - b, 1) if cell.statistic == "difference" else 100 * round(a - b, 1) / a
            n = None
        else:
            inside = [
                p
                for p in people
                if cell.item in p.answers
                and (
                    (cell.group, cell.level[1:]) not in p.levels
                    if cell.level.startswith("!")
                    else (cell.group, cell.level) in p.levels
                )
            ]
            if not inside:
                continue
            wanted = str(cell.code)
            hits = [p for p in inside if wanted in ("total", p.answers[str(cell.item)])]
            n = len(inside)
            value = len(hits) if cell.statistic == "count" else len(hits) / n * 100
        rounded = math.floor(value * 10**cell.decimals + 0.5) / 10**cell.decimals
        row[*line, cell.column] = rounded
        text = f"{rounded:.{cell.decimals}f}"
        result.append(replace(f, printed=text, n=n if f.n else None, void=False, conflict=()))
    return result


def test_the_model_excludes_no_real_respondents(
    study: Study, figures: list[StatedFigure], tmp_path: Path
) -> None:
    folder = write_wave(study, tmp_path / "2015", rows=150, seed=5)
    data = read_lines(folder / "dataset.csv", ";", "cp1252")
    for row in data:
        if row["s_98_10"] == "1":
            row |= {name: "0" for name in row if name.startswith("s_98_") and name != "s_98_10"}
    people, invalid = people_of(study, data, read_lines(folder / "municipalities.csv"))
    assert not [text for text in invalid if "flags" not in text]
    printed = shown(people, figures)
    assert len(printed) > 800
    assert not list(unreproduced(people, printed))
    register = read_lines(folder / "municipalities.csv")
    towns = {row["code"]: row["region"].lower() for row in register}
    assert feasible(study, printed, JointFacts({"municipality": {t: t for t in towns}}))


@given(data=st.data())
@settings(max_examples=40)
def test_small_prints_are_judged_as_all_small_data_judge_them(
    data: st.DataObject, study: Study, figures: list[StatedFigure]
) -> None:
    """Three answers, in health or not, at most 4 people: every table of counts is tried."""
    n = data.draw(st.integers(1, 4))
    inside = data.draw(st.integers(0, n))
    places = [
        ("area_policy", 1, "all"), ("area_policy", 2, "all"), ("area_policy", 1, "health")
    ]  # fmt: skip
    chosen = [
        next(f for f in figures if (f.cell.item, f.cell.code, f.cell.level) == place)
        for place in places
    ]
    chosen = [replace(f, cell=replace(f.cell, statistic="percent", decimals=1)) for f in chosen]
    bases = (n, n, inside)
    printed = [
        replace(f, n=b, printed=f"{math.floor(k / b * 1000 + 0.5) / 10:.1f}")
        for f, b in zip(chosen, bases, strict=True)
        if b and (k := data.draw(st.integers(0, b))) is not None
    ]

    def agrees(table: tuple[int, ...]) -> bool:
        own, others = table[:3], table[3:]
        values = [(own[0] + others[0], n), (own[1] + others[1], n), (own[0], inside)]
        return sum(table) == n and sum(own) == inside and all(
            f.printed == f"{math.floor(k / b * 1000 + 0.5) / 10:.1f}"
            for f, (k, b) in zip(printed, [v for v in values if v[1]], strict=True)
        )  # fmt: skip

    expected = any(map(agrees, product(range(n + 1), repeat=6)))
    assert feasible(study, printed, JointFacts({})) is expected


def test_a_misprint_that_only_all_figures_together_show(
    study: Study, figures: list[StatedFigure], facts: JointFacts
) -> None:
    # Table 5.7: 78 heads in the largest municipalities. The appendix has not 300 there.
    wrong = [
        replace(f, n=300, printed="16.7")
        if f.cell.level == "from_75000" and f.cell.table == "table_5_7"
        else f
        for f in figures
    ]
    found = conflict(study, wrong, facts)
    assert any(f.n == 300 for f in found)
    assert not feasible(study, found, facts)
    for place in range(len(found)):
        assert feasible(study, [*found[:place], *found[place + 1 :]], facts)


def test_a_conflict_is_named_and_smallest(
    study: Study, figures: list[StatedFigure], facts: JointFacts, people: list[Person]
) -> None:
    # Table 6.7: 19 + 102 + 135 + 33 + 32 are 321 of 320
    published, errata = read_printed(study), read_errata(study.folder / "printed")
    (five,) = [e for e in errata if e.conflict]
    wrong = lined_up(study, published, put_back(errata, five))
    found = conflict(study, wrong, facts)
    assert [f.printed for f in found] == ["5.9", "31.9", "42.2", "10.3", "10.0"]
    assert certify(study, figures, people, facts).verdict == FEASIBLE
    assert certify(study, wrong, people, facts).conflict == tuple(found)


@pytest.mark.parametrize(("n", "fits"), [(445, True), (446, False)])
def test_no_question_is_answered_by_more_than_the_appendix_has(
    study: Study, figures: list[StatedFigure], facts: JointFacts, n: int, fits: bool
) -> None:
    """The appendix has 445 respondents; alone, any base is possible."""
    appendix = [f for f in figures if f.cell.item == "status"]
    share = next(f for f in figures if f.cell.group == "all" and f.cell.statistic == "percent")
    share = replace(share, n=n, printed="0.0")
    assert feasible(study, [share], facts)
    assert feasible(study, [*appendix, share], facts) == fits
