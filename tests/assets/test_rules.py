"""Rules on a hand-made study: what each finds, and the effect of every policy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.clean.balances import Balance, cells_balance, rows_balance
from assets.clean.quarantine_assets import masked_cells, quarantine_lines, unusable_cells
from assets.raw.rules.judge import (
    ANSWER_FINDERS,
    FILE_FINDERS,
    PASSED,
    ROW_FINDERS,
    SET_ASIDE,
    STOPPED,
    WARNED,
    judge,
    outcome,
)
from assets.raw.structure import RawWave
from assets.raw.wave_files import read_wave
from declarations import SpecError, Study, load_study
from declarations.survey.rules import CATALOGUE, FILE, Policy, PolicyEntry, policies_of
from expectations.structural import policy_text
from runtime.store import create_relations
from tests.chain import KEY, STUDY, WAVE, declared_study
from tests.engine import Engine, engine
from tests.small import HEADER, NOTHING, Small, labels, line, structure


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return Small(tmp_path)


Damage = Callable[[Small], object]


def set_cells(row: int, **cells: str) -> Damage:
    """Replace cells on a line of the file."""
    return lambda small: small.lines[row - 2].update(cells)


def shifted(small: Small) -> None:
    for cells in small.lines:
        cells["view_1"] = "a text"


def emptied(small: Small) -> None:
    for cells in small.lines:
        cells["view_1"] = ""


def relabelled(small: Small) -> None:
    small.labels = [*labels(), ["view_1", "7", "x"]]


def labels_exchanged(small: Small) -> None:
    small.labels = labels()
    small.labels[0][2], small.labels[1][2] = small.labels[1][2], small.labels[0][2]


def reworded(small: Small) -> None:
    small.labels = labels()
    small.labels[2][2] = "Neither of the two"


def told_otherwise(small: Small) -> None:
    """A question of codes that the structure gives another type."""
    head, first, *others = structure()
    small.structure = [head, [*first[:2], "Open", "String", *first[4:]], *others]


def without_headings(small: Small) -> None:
    """A structure whose types and texts have no heading."""
    small.structure = [row[:2] for row in structure()]


def doubled_municipality(small: Small) -> None:
    small.register.append(["9", "Aby"])


def without_column(small: Small) -> None:
    small.header = tuple(name for name in HEADER if name != "many")


def without_register_column(small: Small) -> None:
    small.register = [["name"], ["Aby"], ["Bby"], ["Cby"]]


def differing_lines(small: Small) -> None:
    small.lines[6]["id"] = "P3"


def repeated(small: Small) -> None:
    """A repeated line, in a study that does not identify respondents."""
    small.respondent = None
    small.lines[6] = dict(small.lines[2])


# Damage; where it is found: rows (None: the file) and the columns of the first finding; by how many
# units checked.
CASES: dict[str, tuple[Damage, list[int | None], str | None, int]] = {
    "missing_column": (without_column, [1], "many", 17),
    "undeclared_column": (lambda s: setattr(s, "header", (*HEADER, "more")), [1], "more", 18),
    "column_type": (shifted, [1], "view_1", 8),
    "empty_column": (emptied, [1], "view_1", 7),
    "label_code": (relabelled, [15], "view_1", 15),
    "label_exchanged": (labels_exchanged, [1, 2], "use", 11),
    "label_text": (reworded, [3], "use", 8),
    "structure": (told_otherwise, [2], "use", 10),
    "unique_municipality": (doubled_municipality, [6], "name", 10),
    "row_count": (
        lambda s: s.described.update(dataset={"rows": 19}), [None], None, 1,
    ),
    "checksum": (
        lambda s: s.described.update(labels={"sha256": "0" * 64}), [None], None, 4,
    ),
    "reading": (without_headings, [None], None, 4),
    "frame_counts": (lambda s: s.sheet.update(invited=21), [None], None, 5),
    "unique_respondent": (differing_lines, [4, 8], "id", 20),
    "repeated_line": (repeated, [8], "id..stato_5", 19),
    "unknown_municipality": (set_cells(5, place="Xby"), [5], "place", 20),
    "one_status": (set_cells(5, stato_1="1"), [5], "stato_1..stato_5", 20),
    "complete_but_empty": (set_cells(5, **NOTHING), [5], "stato_4", 19),
    "scale": (set_cells(5, view_1="3"), [5], "view_1", 19 * 7),
    "status_says_unanswered": (set_cells(21, view_2="1"), [21], "view_2", 1),
    "exclusive": (set_cells(5, box_9="1"), [5], "box_1, box_9", 38),
    "routing": (set_cells(5, use="2"), [5], "use_text", 19),
    "drop_out_order": (
        set_cells(5, box_1="0", many="", view_1="1"), [5], "view_1, view_2", 19,
    ),
}  # fmt: skip


def test_every_rule_has_a_case_and_its_code() -> None:
    # register_column: a study whose register lacks a declared column, below
    assert {*CASES, "register_column"} == set(CATALOGUE)
    assert {*FILE_FINDERS, *ROW_FINDERS, *ANSWER_FINDERS} == set(CATALOGUE)


def test_an_undamaged_wave_passes_every_rule(small: Small) -> None:
    verdicts = small.verdicts()
    # repeated_line: no column identifies respondents
    expected = dict.fromkeys((name for name in CATALOGUE if name != "repeated_line"), PASSED)
    assert {name: v.outcome for name, v in verdicts.items()} == expected
    assert all(v.checked for name, v in verdicts.items() if name != "row_count")


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_finds_its_damage_and_says_where(small: Small, rule: str) -> None:
    damage, rows, column, checked = CASES[rule]
    damage(small)
    verdict = small.verdicts()[rule]
    assert [finding.row for finding in verdict.findings] == rows
    first = verdict.findings[0]
    assert (first.rule, first.column) == (rule, column)
    assert str(first).endswith(f"[{rule}]")
    assert verdict.checked == checked


def allowed(rule: str) -> tuple[str, ...]:
    return CATALOGUE[rule].policies


@pytest.mark.parametrize(("rule", "kind"), [(r, kind) for r in CASES for kind in allowed(r)])
def test_each_policy_does_what_it_says(small: Small, rule: str, kind: str) -> None:
    CASES[rule][0](small)
    small.checks = {rule: {"policy": kind, "threshold": 0}}
    assert small.verdicts()[rule].outcome == (WARNED if kind == "warn" else STOPPED)
    if CATALOGUE[rule].required and kind == "block":
        return
    small.checks = {rule: {"policy": kind, "threshold": 1}}
    below = {"block": WARNED, "quarantine": SET_ASIDE, "warn": PASSED}[kind]
    assert small.verdicts()[rule].outcome == below


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_that_is_switched_off_finds_nothing(small: Small, rule: str) -> None:
    CASES[rule][0](small)
    small.checks = {rule: False}
    if CATALOGUE[rule].required or CATALOGUE[rule].unusable:
        with pytest.raises(SpecError, match=rf"checks.{rule}: .*later stages rely on this rule"):
            small.verdicts()
    else:
        assert rule not in small.verdicts()


@pytest.mark.parametrize(
    ("policy", "share", "expected"),
    [
        (Policy("block", 0), 0.0, PASSED), (Policy("block", 0), 0.001, STOPPED),
        (Policy("block", 0.1), 0.1, WARNED), (Policy("block", 0.1), 0.11, STOPPED),
        (Policy("quarantine", 0.1), 0.0, PASSED), (Policy("quarantine", 0.1), 0.1, SET_ASIDE),
        (Policy("quarantine", 0.1), 0.11, STOPPED), (Policy("warn", 0.1), 0.1, PASSED),
        (Policy("warn", 0.1), 1.0, WARNED), (Policy("warn", 0), 0.001, WARNED),
    ],
)  # fmt: skip
def test_a_threshold_is_passed_by_more_than_it(policy: Policy, share: float, expected: str) -> None:
    assert outcome(policy, share) == expected


def test_the_threshold_of_answers_is_of_each_question(small: Small) -> None:
    # one of 38 answers to `view` is 2.6 %, one of all answers is under one
    set_cells(5, view_1="3")(small)
    small.checks = {"scale": {"policy": "quarantine", "threshold": 0.02}}
    assert small.verdicts()["scale"].outcome == STOPPED
    small.checks = {"scale": {"policy": "quarantine", "threshold": 0.03}}
    assert small.verdicts()["scale"].outcome == SET_ASIDE


# What each rule takes for damage, beyond the one case.


def test_lines_without_answers_are_no_repeated_ones(small: Small) -> None:
    small.respondent = None
    for n in (1, 2, 3):
        small.lines[n] = line(1, 2)
    (part,) = small.verdicts()["repeated_line"].parts
    assert (part.checked, part.offences) == (16, [])


def test_of_repeated_lines_the_first_is_kept(small: Small) -> None:
    repeated(small)
    small.lines[10] = dict(small.lines[2])
    small.checks = {"repeated_line": {"policy": "quarantine", "threshold": 1}}
    verdict = small.verdicts()["repeated_line"]
    assert (verdict.outcome, [f.row for f in verdict.findings]) == (SET_ASIDE, [8, 12])
    assert all("row 4 is the same" in str(f) for f in verdict.findings)


def test_a_register_without_a_declared_column_is_named(small: Small) -> None:
    without_register_column(small)
    study = small.write()
    path = study.folder / "study.yaml"
    path.write_text(path.read_text().replace("name: name", "name: name\n    code: code"))
    study = load_study(study.folder)
    sheet = study.source_sheet("1")
    verdict = next(
        v for v in judge(read_wave(sheet), study, sheet) if v.rule.name == "register_column"
    )
    assert [(f.rule, f.column) for f in verdict.findings] == [("register_column", "code")]
    assert verdict.outcome == STOPPED


@pytest.mark.parametrize(
    ("sheet", "places", "expected"),
    [
        ({"municipalities_without_invitations": []}, {}, ["0 invitations to Dby"]),
        ({"municipalities_without_invitations": ["Dby", "Cby"]}, {}, ["6 invitations to Cby"]),
        ({"municipalities_without_invitations": ["Dby", "Zby"]}, {}, ["Zby"]),
        ({"invited_by_municipality": {"Aby": 7, "Bby": 7, "Cby": 6}}, {}, []),
        ({"invited_by_municipality": {"Aby": 7}}, {3: "Bby"}, ["6 invitations to Aby"]),
        ({}, {2: "Dby"}, ["1 invitations to Dby"]),
        ({"invited": 20}, {}, []),
    ],
)
def test_invitations_are_held_against_the_frame(
    small: Small, sheet: dict[str, Any], places: dict[int, str], expected: list[str]
) -> None:
    small.sheet |= sheet
    for at, place in places.items():
        small.lines[at]["place"] = place
    assert [f.value for f in small.verdicts()["frame_counts"].findings] == expected


def test_numbers_invited_may_stand_in_the_register(small: Small) -> None:
    numbers = ("7", "8", "6", "0")
    head, *rows = small.register
    small.register = [[*head, "invited"], *([*r, n] for r, n in zip(rows, numbers, strict=True))]
    (finding,) = small.verdicts()["frame_counts"].findings
    assert (finding.value, finding.expected) == ("7 invitations to Bby", "8 as declared")


def test_rows_set_aside_are_no_invitations(small: Small) -> None:
    small.lines.append(dict(small.lines[2]))
    small.sheet["invited_by_municipality"] = {"Aby": 7, "Bby": 7, "Cby": 6}
    small.checks = {"unique_respondent": {"policy": "quarantine", "threshold": 0.5}}
    verdicts = small.verdicts()
    assert [f.row for f in verdicts["unique_respondent"].findings] == [22]
    assert verdicts["frame_counts"].findings == []


@pytest.mark.parametrize(
    ("cells", "columns"),
    [
        ({"box_9": "1"}, ("box_1", "box_2", "box_9")),
        ({"box_9": "1", "box_1": "0"}, None),
        # an undeclared code is no tick
        ({"box_9": "7"}, None),
        ({"many_dk": "1"}, ("many", "many_dk")),
        ({"many_dk": "1", "many": ""}, None),
        ({"many_dk": "1", "many": "some"}, None),
    ],
)
def test_an_excluding_answer_breaks_all_of_its_question(
    small: Small, cells: dict[str, str], columns: tuple[str, ...] | None
) -> None:
    set_cells(5, **cells)(small)
    found = small.verdicts()["exclusive"].offences
    assert [offence.variables for offence in found] == ([columns] if columns else [])


@pytest.mark.parametrize(
    ("cells", "columns"),
    [
        ({"use": "2"}, ("use_text",)),
        ({"use": ""}, ("use_text",)),
        ({"use": "9"}, ("use_text",)),
        ({"use": "2", "use_text": " "}, None),
        ({"use": "1.0"}, None),
    ],
)
def test_an_answer_needs_the_answer_it_is_asked_for(
    small: Small, cells: dict[str, str], columns: tuple[str, ...] | None
) -> None:
    set_cells(5, **cells)(small)
    found = small.verdicts()["routing"].offences
    assert [offence.variables for offence in found] == ([columns] if columns else [])


EMPTY_MIDDLE = {"box_1": "0", "many": ""}
EMPTY_END = {"view_1": "", "view_2": ""}


@pytest.mark.parametrize(
    ("cells", "columns"),
    [
        (EMPTY_MIDDLE, ("view_1", "view_2")),
        ({**EMPTY_MIDDLE, **EMPTY_END}, None),
        ({**EMPTY_MIDDLE, **EMPTY_END, "last": "Thanks"}, ("last",)),
        ({**EMPTY_MIDDLE, "many_dk": "1"}, None),
        ({"use": "", "use_text": ""}, ("box_1", "box_2", "box_9", "many", "view_1", "view_2")),
        # the questionnaire ends with this answer
        ({"use": "3"}, ("box_1", "box_2", "box_9", "many", "view_1", "view_2")),
        ({"use": "3", **EMPTY_MIDDLE, **EMPTY_END}, None),
    ],
)
def test_nobody_answers_after_stopping(
    small: Small, cells: dict[str, str], columns: tuple[str, ...] | None
) -> None:
    set_cells(5, **cells)(small)
    found = small.verdicts()["drop_out_order"].offences
    assert [offence.variables for offence in found] == ([columns] if columns else [])


def test_a_part_that_was_not_to_be_asked_is_not_skipped(small: Small) -> None:
    set_cells(5, use="2", use_text="", **EMPTY_MIDDLE)(small)
    study = small.write()
    for name, skipped in (("2_boxes.yaml", 1), ("3_many.yaml", 0)):
        path = study.folder / "questions" / name
        path.write_text(path.read_text() + "asked: {item: use, codes: [1]}\n")
        # one question of the part was to be asked, then none
        study = load_study(study.folder)
        sheet = study.source_sheet("1")
        verdicts = {v.rule.name: v for v in judge(read_wave(sheet), study, sheet)}
        assert len(verdicts["drop_out_order"].findings) == skipped
        assert verdicts["routing"].findings == []


def test_open_answers_are_in_no_message(small: Small) -> None:
    set_cells(5, use="2", use_text="Jens Jensen")(small)
    set_cells(21, last="Jens Jensen")(small)
    told = [str(f) for v in small.verdicts().values() for f in v.findings]
    assert {message.split("[")[1] for message in told} == {
        "routing]", "status_says_unanswered]", "drop_out_order]",
    }  # fmt: skip
    assert all("found '(open answer)'" in message for message in told)
    assert not any("Jens" in message for message in told)


# Declarations.


@pytest.mark.parametrize(
    ("checks", "problem"),
    [
        (
            {"unique_respondents": {}},
            "checks.unique_respondents: found 'unique_respondents', expected a rule",
        ),
        ({"scale": {"policy": "stop"}}, "checks.scale.policy: found 'stop', expected one of block"),
        (
            {"row_count": {"policy": "quarantine"}},
            "checks.row_count: found 'quarantine', expected block or warn",
        ),
        (
            {"scale": {"threshold": 1.2}},
            "checks.scale.threshold: found 1.2, expected a number up to 1",
        ),
        (
            {"scale": {"threshold": -0.1}},
            "checks.scale.threshold: found -0.1, expected a number from 0",
        ),
        ({"scale": {"threshold": True}}, "checks.scale.threshold: found True, expected a number"),
        ({"scale": {"threshold": "1%"}}, "checks.scale.threshold: found '1%', expected a number"),
        ({"scale": {"treshold": 0.1}}, "checks.scale.treshold: found an unknown entry, expected"),
        ({"scale": 0.01}, "checks.scale: found 0.01, expected a mapping"),
        (["scale"], "checks: found ['scale'], expected a mapping"),
        (
            {"unique_respondent": {"policy": "warn"}},
            "checks.unique_respondent: found 'warn', expected block or",
        ),
        ({"missing_column": {"threshold": 0.1}}, "checks.missing_column: found 0.1, expected"),
        ({"missing_column": False}, "checks.missing_column: found false, expected a policy"),
        ({"scale": False}, "checks.scale: found false, expected a policy"),
    ],
)
def test_a_wrong_entry_is_named_with_its_file(small: Small, checks: Any, problem: str) -> None:
    small.checks = checks
    with pytest.raises(SpecError) as error:
        small.write()
    assert re.match(rf"study\.yaml line [0-9]+: {re.escape(problem)}", str(error.value))


def test_what_a_study_leaves_out_is_the_catalogues() -> None:
    policies = policies_of({})
    assert policies == {name: rule.default for name, rule in CATALOGUE.items()}
    changed = policies_of({"one_status": PolicyEntry(policy="quarantine")})
    assert changed["one_status"] == Policy("quarantine", 0.01)
    assert changed["scale"] == policies["scale"]


def test_only_rules_of_rows_and_answers_can_quarantine() -> None:
    for rule in CATALOGUE.values():
        assert ("quarantine" in rule.policies) is (rule.unit != FILE), rule.name
        assert rule.default.kind in rule.policies


def test_the_reports_study_declares_its_rules(study: Study) -> None:
    import yaml

    declared = yaml.safe_load((STUDY / "study.yaml").read_text(encoding="utf-8"))["checks"]
    assert list(declared) == [rule.name for rule in study.rules if rule.name in declared]
    assert len(declared) == 23
    assert "repeated_line" not in {rule.name for rule in study.rules}  # every respondent is known
    assert all(set(entry) == {"policy", "threshold"} for entry in declared.values())


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ("some", "asked: found 'some'"),
        ({"item": "use", "codes": []}, "asked.codes: found []"),
        ({"item": "use", "codes": ["1"]}, "asked.codes[1]: found '1'"),
        ({"item": "last", "codes": [1]}, "found 'last', expected an earlier item"),
        ({"item": "view_1", "codes": [1]}, "found 'view_1', expected an earlier item"),
        ({"item": "use", "codes": [1, 8]}, "found 8, expected a code of use: 1, 2, 3"),
    ],
)
def test_a_condition_names_earlier_answers(small: Small, asked: Any, problem: str) -> None:
    import yaml

    study = small.write()
    path = study.folder / "questions" / "4_view.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | {"asked": asked}))
    with pytest.raises(SpecError, match=r"4_view\.yaml") as error:
        load_study(study.folder)
    assert problem in str(error.value)


# Rows and cells: what comes in goes out once.

QUARANTINE_ALL = {
    name: {"policy": "quarantine", "threshold": 1}
    for name, rule in CATALOGUE.items()
    if "quarantine" in rule.policies
}


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The small study, with the policy quarantine for everything that allows it."""
    return Small(tmp_path_factory.mktemp("small"), checks=dict(QUARANTINE_ALL)).write()


@contextmanager
def cleaned(study: Study, small: Small) -> Iterator[Engine]:
    """The wave through the steps of a run, with its quarantine."""
    small.write()
    sheet = study.source_sheet("1")
    with engine(read_wave(sheet), study, sheet) as made:
        made.clean(KEY)
        made.answers()
        told = masked_cells(unusable_cells(made.connection, study), study)
        aside = quarantine_lines(made.rejected, told, made.file)
        create_relations(made.connection, {("checks", "quarantine"): aside})
        yield made


def quarantined(made: Engine) -> pd.DataFrame:
    return made.frame("checks.quarantine")


def test_rows_set_aside_are_in_no_clean_relation(declared: Study) -> None:
    small = Small(declared.folder.parent.parent, checks=dict(QUARANTINE_ALL))
    small.lines[2] = dict(small.lines[1])  # row 4 is row 3 again
    small.lines[5]["id"] = "P5"  # rows 6 and 7 differ
    small.lines[8]["id"] = " "
    small.lines[10] |= {"place": "Xby", "stato_1": "1"}
    with cleaned(declared, small) as made:
        aside, links = quarantined(made), made.frame("restricted.respondents")
        read = made.cells(*declared.questions)
        of_rows, of_cells = balances(made, declared)
    rows = aside[aside["unit"] == "row"]
    assert list(zip(rows["file_row"], rows["rule"], strict=True)) == [
        (4, "unique_respondent"), (6, "unique_respondent"), (7, "unique_respondent"),
        (10, "unique_respondent"), (12, "unknown_municipality"), (12, "one_status"),
    ]  # fmt: skip
    assert set(rows["variable"]) == {"id", "place", "stato_1..stato_5"}
    assert rows["expected"].notna().all()
    gone = {4, 6, 7, 10, 12}
    assert not gone & set(links["file_row"])
    assert not gone & set(read["file_row"])
    assert of_rows.passed
    assert of_rows.counted == {"lines": 20, "clean": 15, "quarantined": 5}
    # eight filled cells on each answered line, and all five rows are answered
    assert of_cells.counted["of_quarantined_rows"] == 5 * 8
    assert of_cells.passed


def test_an_answer_that_breaks_two_rules_is_counted_once_and_named_twice(declared: Study) -> None:
    small = Small(declared.folder.parent.parent, checks=dict(QUARANTINE_ALL))
    small.lines[3] |= {"use": "3", "view_1": "8"}
    with cleaned(declared, small) as made:
        aside, read = quarantined(made), made.cells(*declared.questions)
        _, balance = balances(made, declared)
    own = aside[aside["variable"] == "view_1"]
    assert sorted(own["rule"]) == ["drop_out_order", "scale"]
    assert len(read[(read["file_row"] == 5) & (read["variable"] == "view_1")]) == 1
    assert read["code"].notna().equals(read["rule"].isna() & read["code"].notna())
    # use_text, three boxes, many, view_1, view_2
    assert (balance.counted["quarantined"], balance.unequal) == (7, 0)


def test_an_undeclared_code_alone_is_no_answer_to_tick_boxes(declared: Study) -> None:
    small = Small(declared.folder.parent.parent, checks=dict(QUARANTINE_ALL))
    small.lines[3] |= {"box_1": "7"}
    with cleaned(declared, small) as made:
        aside, read = quarantined(made), made.cells(*declared.questions)
    own = read[(read["file_row"] == 5) & read["variable"].str.startswith("box")]
    assert list(zip(own["variable"], own["rule"], strict=True)) == [("box_1", "scale")]
    assert list(aside["variable"]) == ["box_1"]


def balances(made: Engine, study: Study) -> tuple[Balance, Balance]:
    return rows_balance(made.connection), cells_balance(made.connection, study)


LOSSES = {
    "line": "DELETE FROM clean.invitations WHERE rowid = 3",
    "twice": "INSERT INTO clean.invitations FROM clean.invitations LIMIT 1",
    "cell": "DELETE FROM coded.use WHERE rowid = 3",
    "code": "UPDATE coded.view SET view_2 = NULL WHERE rowid = 3",
    "quarantine": "DELETE FROM checks.quarantine WHERE variable = 'view_1'",
    # the counts stay equal
    "moved": "UPDATE checks.quarantine SET file_row = 6 WHERE variable = 'view_1'",
    "row": "DELETE FROM checks.quarantine WHERE unit = 'row'",
    "link": "DELETE FROM restricted.respondents WHERE rowid = 3",
}


@pytest.fixture(scope="module")
def with_losses(declared: Study) -> Iterator[Engine]:
    """A wave with a quarantined row and cell; each test takes back what it does to it."""
    small = Small(declared.folder.parent.parent, checks=dict(QUARANTINE_ALL))
    small.lines[3] |= {"view_1": "8"}
    small.lines[8] |= {"id": " "}
    with cleaned(declared, small) as made:
        yield made


@pytest.mark.parametrize("lose", LOSSES)
def test_a_balance_sees_what_is_lost_or_made_up(
    declared: Study, with_losses: Engine, lose: str
) -> None:
    assert all(balance.passed for balance in balances(with_losses, declared))
    with_losses.connection.begin()
    try:
        with_losses.connection.execute(LOSSES[lose])
        rows, cells = balances(with_losses, declared)
    finally:
        with_losses.connection.rollback()
    assert rows.passed is (lose in ("cell", "code", "quarantine", "moved"))
    assert cells.passed is (lose in ("line", "twice"))


CELLS = st.sampled_from(["", " ", "0", "1", "2", "3", "9", "1.0", "0.0", "x", "P1", "Aby", "Xby"])
EDITS = st.dictionaries(
    st.tuples(st.integers(0, 9), st.sampled_from(HEADER)), CELLS, min_size=1, max_size=15
)


DAMAGE = given(edits=EDITS, repeats=st.lists(st.integers(0, 9), max_size=2))


@settings(max_examples=6)
@DAMAGE
def test_whatever_the_damage_rows_and_cells_go_out_once(
    declared: Study, edits: dict[tuple[int, str], str], repeats: list[int]
) -> None:
    check_damage(declared, edits, repeats)


@pytest.mark.long
@settings(max_examples=80)
@DAMAGE
def test_much_damage_goes_out_once(
    declared: Study, edits: dict[tuple[int, str], str], repeats: list[int]
) -> None:
    check_damage(declared, edits, repeats)


def check_damage(declared: Study, edits: dict[tuple[int, str], str], repeats: list[int]) -> None:
    small = Small(declared.folder.parent.parent, checks=dict(QUARANTINE_ALL))
    small.lines = [line(n, (4, 4, 3, 2)[n % 4]) for n in range(1, 11)]
    for (row, name), text in edits.items():
        small.lines[row][name] = text
    small.lines += [dict(small.lines[row]) for row in repeats]
    with cleaned(declared, small) as made:
        aside = quarantined(made)
        assert all(balance.passed for balance in balances(made, declared))
    # what the rules found on the raw lines is what the cleaning set aside
    sheet = declared.source_sheet("1")
    verdicts = judge(read_wave(sheet), declared, sheet)
    found = {
        (f.row, variable, v.rule.name)
        for v in verdicts
        if v.rule.unit == "answer"
        for offence in v.offences
        for f in [offence.finding]
        for variable in offence.variables
    }
    cells = aside[aside["unit"] == "answer"]
    assert found == set(zip(cells["file_row"], cells["variable"], cells["rule"], strict=True))
    rows = aside[aside["unit"] == "row"]
    assert {(f.row, v.rule.name) for v in verdicts if v.rule.unit == "row" for f in v.findings} == {
        *zip(rows["file_row"], rows["rule"], strict=True)
    }


def test_boxes_are_judged_alike_whether_what_is_not_ticked_is_0_or_nothing(small: Small) -> None:
    set_cells(5, box_9="1")(small)
    told = small.verdicts()
    for cells in small.lines:
        cells |= {name: "" for name in ("box_1", "box_2", "box_9") if cells[name] == "0"}
    small.labels = [x for x in labels() if x[:2] != ["box_9", "0"]]
    found = small.verdicts()
    for rule in ("scale", "exclusive", "drop_out_order", "label_code"):
        assert found[rule].parts == told[rule].parts
    # if the file has a 0, it needs a label
    small.lines[3]["box_9"] = "0"
    (finding,) = small.verdicts()["label_code"].findings
    assert (finding.column, "declared code 0" in str(finding)) == ("box_9", True)


EMPTY: dict[str, tuple[dict[str, str], list[str]]] = {
    "a question": ({"use": ""}, ["use"]),
    "a line of a grid": ({"view_2": ""}, ["view_2"]),
    "a grid": ({"view_1": "", "view_2": ""}, ["view_1", "view_2"]),
    "an answer beside others": ({"many_dk": ""}, []),
    "a box of 0 or 1": ({"box_1": ""}, ["box_1"]),
    "all boxes": (dict.fromkeys(("box_1", "box_2", "box_9"), ""), ["box_1", "box_2", "box_9"]),
    "a box nobody ticked": ({"box_2": "0", "box_9": "0"}, []),
    "a box of 1 or nothing": ({"box_1": "1", "box_2": "", "box_9": ""}, []),
}


@pytest.mark.parametrize("case", EMPTY)
def test_a_column_is_empty_where_somebody_should_have_answered(small: Small, case: str) -> None:
    cells, expected = EMPTY[case]
    for each in small.lines:
        each.update(cells)
    verdict = small.verdicts()["empty_column"]
    assert ([f.column for f in verdict.findings], verdict.checked) == (expected, 7)
    # nobody completed it
    small.lines = [line(n, 3, **cells) for n in range(1, 21)]
    assert small.verdicts()["empty_column"].outcome == PASSED


@pytest.mark.parametrize(("answer", "found"), [("1", ["view_1", "view_2"]), ("2", [])])
def test_an_empty_column_that_nobody_was_sent_to_is_none(
    small: Small, answer: str, found: list[str]
) -> None:
    for cells in small.lines:
        cells.update(use=answer, view_1="", view_2="")
    small.write()
    path = small.folder / "questions" / "4_view.yaml"
    path.write_text(f"asked: {{item: use, codes: [1]}}\n{path.read_text('utf-8')}", "utf-8")
    study = load_study(small.folder)
    sheet = study.source_sheet("1")
    verdicts = {v.rule.name: v for v in judge(read_wave(sheet), study, sheet)}
    assert [f.column for f in verdicts["empty_column"].findings] == found


# The committed wave, damaged.


@pytest.fixture(scope="module")
def wave() -> RawWave:
    return read_wave(declared_study().source_sheet(WAVE))


def line_where(wave: RawWave, **cells: str) -> int:
    """The first line of the file with these cells; `*` is any answer."""
    table = wave.dataset
    wanted = {table.position(name): text for name, text in cells.items()}
    return next(
        number
        for number, row in zip(table.lines, table.rows, strict=True)
        if all(row[at] == text or (text == "*" and row[at]) for at, text in wanted.items())
    )


def damaged(wave: RawWave, number: int, cells: dict[str, str]) -> RawWave:
    """The wave with other cells on a line of its data set."""
    table = wave.dataset
    rows = [list(row) for row in table.rows]
    for name, text in cells.items():
        rows[table.lines.index(number)][table.position(name)] = text
    return replace(wave, dataset=replace(table, rows=tuple(map(tuple, rows))))


@pytest.mark.parametrize("some", [False, True])
def test_a_line_of_a_grid_may_be_empty_where_everybody_answers_some(
    wave: RawWave, some: bool
) -> None:
    study = declared_study().in_wave(WAVE)
    grid = next(q for q in study.questions if q.type == "grid" and len(q.items) > 2)
    first, *rest = [wave.dataset.position(item.variable) for item in grid.items if item.closed]
    rows = [list(row) for row in wave.dataset.rows]
    for number, row in enumerate(rows):
        row[first] = ""
        if some:
            row[rest[number % len(rest)]] = ""
    changed = replace(wave, dataset=replace(wave.dataset, rows=tuple(map(tuple, rows))))
    verdicts = {v.rule.name: v for v in judge(changed, study, study.source_sheet(WAVE))}
    found = [f.column for f in verdicts["empty_column"].findings]
    assert found == ([] if some else [wave.dataset.columns[first]])


QUESTIONNAIRE = [item.variable for item in declared_study().in_wave(WAVE).items.values()]
MIDDLE = [f"s_{n}" for n in range(32, 72)]


@pytest.mark.parametrize(
    ("where", "cells", "rules"),
    [
        ({"s_98_10": "1", "stato_4": "1"}, {"s_98_1": "1"}, {"exclusive"}),
        ({"s_53": "*"}, {"s_54": "1"}, {"exclusive"}),
        ({"s_1": "4", "s_2": "*"}, {"s_1": "1"}, {"routing"}),
        ({"s_98_9": "1", "s_99": "*", "stato_4": "1"}, {"s_98_9": "0"}, {"routing"}),
        ({"stato_4": "1"}, dict.fromkeys(MIDDLE, ""), {"drop_out_order"}),
        ({"stato_4": "1"}, dict.fromkeys(QUESTIONNAIRE, ""), {"complete_but_empty"}),
        ({"stato_1": "1"}, {"s_6": "1"}, {"status_says_unanswered", "drop_out_order"}),
        ({"s_98_1": "1"}, {"s_98_1": "3"}, {"scale"}),
        ({"kommune": "Køge"}, {"kommune": "Brøndby"}, {"frame_counts"}),
        ({"kommune": "Køge"}, {"kommune": "Koege"}, {"unknown_municipality"}),
        ({"respondent": "R0009"}, {"respondent": "R0010"}, {"unique_respondent"}),
        ({"stato_4": "1"}, {"stato_4": "0"}, {"one_status", "status_says_unanswered"}),
    ],
)
def test_damage_of_the_wave_breaks_the_rules_it_should_and_no_others(
    wave: RawWave, where: dict[str, str], cells: dict[str, str], rules: set[str]
) -> None:
    study = declared_study().in_wave(WAVE)
    sheet = study.source_sheet(WAVE)
    number = line_where(wave, **where)
    verdicts = judge(damaged(wave, number, cells), study, sheet)
    assert {v.rule.name for v in verdicts if v.offences} == rules
    told = [finding for v in verdicts for finding in v.findings]
    assert number in {finding.row for finding in told} or rules == {"frame_counts"}
    assert all(finding.expected for finding in told)


@pytest.mark.parametrize(
    ("kind", "threshold", "words"),
    [
        ("block", 0.0, "any of the {counted} stop the run"),
        ("block", 0.025, "more than 2.5% of the {counted} stop the run"),
        ("quarantine", 0.0, "quarantined; any of the {counted} stop the run"),
        ("quarantine", 0.01, "quarantined; more than 1.0% of the {counted} stop the run"),
        ("warn", 0.0, "reported if any of the {counted} break it"),
        ("warn", 1.0, "reported if more than 100.0% of the {counted} break it"),
    ],
)
def test_a_policy_says_when_it_takes_effect(kind: str, threshold: float, words: str) -> None:
    rule = CATALOGUE["scale"]
    assert policy_text(rule, Policy(kind, threshold)) == words.format(counted=rule.counted.en)


def test_findings_of_several_items_are_in_the_order_of_the_file(small: Small) -> None:
    """A message shows the first findings, so these must be the first of the file."""
    small.lines[8]["view_1"] = small.lines[2]["view_2"] = small.lines[5]["view_1"] = "77"
    small.lines[3]["use_text"] = small.lines[6]["use_text"] = "why"
    small.lines[3]["use"] = small.lines[6]["use"] = "2"
    verdicts = small.verdicts()
    assert [f.row for f in verdicts["scale"].findings] == [4, 7, 10]
    for verdict in verdicts.values():
        rows = [f.row for f in verdict.findings if f.row is not None]
        assert rows == sorted(rows)
