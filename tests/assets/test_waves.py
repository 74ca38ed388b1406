"""A wave's own questions: spans, rewordings and moved columns, up to the empty row of a table."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from assets.counts.counting import Key
from assets.raw.errors import Finding
from assets.raw.rules.judge import judge
from assets.tables.layout import wave_notes
from assets.tables.results import NOT_ASKED, REWORDED, table_results
from declarations import SpecError, Study, load_study
from declarations.concerning import concerning
from declarations.spans import ALWAYS, WaveSpan, wave_order
from declarations.survey.questions import Condition
from declarations.waves import read_source_sheet
from replication.printed import printed_tables
from tests.chain import STUDY, WAVE, Chain, compute_chain, declared_study, edit, raw_wave

LATER = "2018"


@pytest.fixture(scope="module")
def declared() -> Study:
    """The study over all its waves."""
    return declared_study()


@pytest.fixture(scope="module")
def later(declared: Study) -> Chain:
    """The results of the demonstration wave."""
    return compute_chain(declared, LATER)


def test_waves_count_as_people_do() -> None:
    names = ["10", "2", "2018-autumn", "2018", "pilot", "9"]
    assert sorted(names, key=wave_order) == ["2", "9", "10", "2018", "2018-autumn", "pilot"]


@pytest.mark.parametrize(
    ("span", "held"),
    [
        (WaveSpan(), "1 2 3"),
        (WaveSpan("2"), "2 3"),
        (WaveSpan(last="2"), "1 2"),
        (WaveSpan("2", "2"), "2"),
        (WaveSpan("2").within(WaveSpan(last="2")), "2"),
        (WaveSpan("1", "2").within(WaveSpan("2", "3")), "2"),
    ],
)
def test_a_span_holds_both_its_ends(span: WaveSpan, held: str) -> None:
    assert [wave for wave in ("1", "2", "3") if span.holds(wave)] == held.split()


def test_the_waves_are_the_folders_with_a_source_sheet(study_copy: Path) -> None:
    study = load_study(study_copy)
    assert not study.waves
    for name in ("10", "9", ".hidden"):
        (study_copy / "waves" / name).mkdir(parents=True)
        (study_copy / "waves" / name / "source.yaml").touch()
    (study_copy / "waves" / "being_copied").mkdir()
    assert study.waves == ("9", "10")
    assert {WAVE, LATER} <= set(declared_study().waves)


def test_a_wave_has_its_own_items_and_words(declared: Study) -> None:
    first, second = declared.in_wave(WAVE), declared.in_wave(LATER)
    assert set(first.items) - set(second.items) == {"reason_knowledge"}
    assert "actor_online" in set(second.items) - set(first.items)
    assert first.question["cross_cutting"].label.da == "Samarbejde på tværs af forvaltninger"
    assert second.question["cross_cutting"].label.en == "Collaboration across departments and areas"
    assert second.in_wave(LATER).items == second.items
    # what is not over goes on
    later = declared.in_wave("2030").items
    assert all(later[name] == item for name, item in second.items.items() if item.span == ALWAYS)


def test_what_concerns_a_wave_is_as_declared_without_what_others_alone_have(
    declared: Study,
) -> None:
    first, second = concerning(declared, WAVE), concerning(declared, LATER)
    assert set(first.items) - set(second.items) == {"reason_knowledge"}
    # for all waves: the label and the codes are not those of one wave
    assert second.items["actor_churches"] is declared.items["actor_churches"]
    assert second.question["civil_actors"].reworded == declared.question["civil_actors"].reworded
    assert (second.whole, second.rules) == (declared, declared.rules)
    assert first.questions != second.questions
    # nobody is routed by what was not asked
    earlier, item = declared.items["reason_knowledge"], declared.items["value_trust"]
    own = replace(item, condition=Condition(item=earlier.id, codes=(1,)))
    question = declared.question[item.question]
    questions = (replace(question, items=(own,)), declared.question[earlier.question])
    led = replace(declared, questions=questions, tables=(), results=(), groups=(), frame=None)
    assert concerning(led, WAVE).items[item.id].condition == own.condition
    assert concerning(led, LATER).items[item.id].condition is None
    alike = replace(led, questions=(question,))
    assert concerning(alike, LATER) is alike


def findings(declared: Study, wave: str, asked: str) -> dict[str, list[Finding]]:
    """The findings in a wave's files under the declarations of another wave."""
    study, sheet = declared.in_wave(asked), declared.source_sheet(wave)
    return {v.rule.name: v.findings for v in judge(raw_wave(declared, wave), study, sheet)}


def test_columns_are_expected_by_wave(declared: Study) -> None:
    for wave, other in ((WAVE, LATER), (LATER, WAVE)):
        assert not any(findings(declared, wave, wave).values())
        column = {WAVE: "s_22", LATER: "s_125"}
        found = findings(declared, wave, other)
        assert [f.column for f in found["missing_column"]] == [column[other]]
        assert [f.column for f in found["undeclared_column"]] == [column[wave]]
        # the export labels the codes of what it asked
        assert {f.column for f in found["label_code"]} == {column[other]}


def test_a_row_that_was_not_asked_is_empty_and_said_so(declared: Study, later: Chain) -> None:
    for name, row, cells in (("table_6_1", "knowledge", 4), ("table_6_5", "knowledge", 4)):
        frame = later.tables[name]
        own = frame[frame["row"] == row]
        gone = own[own["note"] == NOT_ASKED]
        assert len(own) == cells
        assert gone[["value", "numerator", "base"]].isna().all().all()
        assert (gone["formatted"] == "").all()
        # Table 6.5 compares the dropped item with one that was asked
        assert len(gone) == (4 if name == "table_6_1" else 3)
        assert frame.loc[frame["row"] != row, "note"].eq("").all()
        (note,) = wave_notes(declared.table[name], frame, declared, LATER)
        assert note.startswith("Ikke spurgt i 2018 / Not asked in 2018: Bedre vidensgrundlag")


def test_other_words_are_noted(declared: Study, later: Chain) -> None:
    frame = later.tables["table_4_4"]
    assert (frame["note"] == REWORDED).all()
    (note,) = wave_notes(declared.table["table_4_4"], frame, declared, LATER)
    assert "Other wording from 2018: Samarbejde på tværs af forvaltninger og fagområder" in note


def test_the_printed_wave_says_nothing_of_later_ones(declared: Study, committed: Chain) -> None:
    printed = {spec.id for spec in printed_tables(declared)}
    assert len(printed) == 26
    for name in printed:
        frame = committed.tables[name]
        assert frame["note"].eq("").all()
        assert wave_notes(declared.table[name], frame, declared, WAVE) == []


def test_a_code_that_was_not_asked_is_no_zero(study_copy: Path) -> None:
    path = study_copy / "questions" / "19_formality.yaml"
    edit(path, "{code: 3, key", "{code: 3, until: 2015, key")
    study = load_study(study_copy)
    assert study.in_wave(WAVE).items["formality"].codes == (1, 2, 3, 4, 5)
    assert study.in_wave(LATER).items["formality"].codes == (1, 2, 4, 5)
    table = study.table["table_5_3"]
    places = [("all", "all"), *((c.group, c.level) for c in table.cells if c.group != "all")]
    counts: dict[Key, int] = {("formality", code, *place): 5 for code in "1245" for place in places}
    frame = table_results(table, counts, LATER, study)
    gone = frame[frame["column"] == "often_informal"]
    assert (gone["note"] == NOT_ASKED).all()
    assert gone["value"].isna().all()
    rest = frame[frame["column"] != "often_informal"]
    assert rest["base"].eq(20).all()


def test_a_column_may_move_between_waves(study_copy: Path) -> None:
    path = study_copy / "questions" / "19_formality.yaml"
    edit(path, "variable: s_82,", "variable: s_82, variables: {2018: s_22},")
    study = load_study(study_copy)
    names = [study.in_wave(wave).items["formality"].variable for wave in (WAVE, LATER, "2020")]
    assert names == ["s_82", "s_22", "s_22"]
    # s_22 is free in 2018 only, where reason_knowledge is not asked
    edit(path, "variables: {2018: s_22}", "variables: {2018: s_23}")
    with pytest.raises(SpecError, match="variable s_23 is also declared"):
        load_study(study_copy)


BROKEN = [
    ("08_reasons.yaml", "until: 2015", "until: [2015]", "until: found .2015., expected text"),
    ("08_reasons.yaml", "until: 2015", "from: 2018, until: 2015", "no wave lies between"),
    ("15_cross_cutting.yaml", "comparable: false", "comparable: perhaps", "expected true or false"),
    (
        "15_cross_cutting.yaml",
        "  2018:\n    da:",
        "  2018:\n    danish:",
        "danish: found an unknown entry",
    ),
    (
        "15_cross_cutting.yaml",
        "reworded:\n",
        "reworded: anew\nnote:\n",
        "reworded: found 'anew', expected a mapping",
    ),
    (
        "04_responsibilities.yaml",
        "variable: s_5,",
        "variable: s_5, from: 2018,",
        "that every wave asks",
    ),
]


@pytest.mark.parametrize(("name", "old", "new", "problem"), BROKEN)
def test_a_declaration_by_wave_that_cannot_be_meant_is_refused(
    study_copy: Path, name: str, old: str, new: str, problem: str
) -> None:
    edit(study_copy / "questions" / name, old, new)
    with pytest.raises(SpecError, match=problem):
        load_study(study_copy)


def test_a_sheet_of_another_wave_and_an_unknown_purpose_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "2019"
    folder.mkdir()
    text = (STUDY / "waves" / LATER / "source.yaml").read_text(encoding="utf-8")
    (folder / "source.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SpecError, match="found '2018', expected the name of the folder, '2019'"):
        read_source_sheet(folder)
    (folder / "source.yaml").write_text(
        text.replace("wave: '2018'", "wave: '2019'").replace("purpose: demo", "purpose: fun, demo"),
        encoding="utf-8",
    )
    with pytest.raises(SpecError, match="purpose: found 'fun, demonstration'"):
        read_source_sheet(folder)


def test_the_wave_that_is_meant_is_the_printed_one_or_the_last_that_is_no_demonstration(
    declared: Study, study_copy: Path
) -> None:
    assert declared.main_wave == WAVE
    edit(study_copy / "study.yaml", "  printed_wave: 2015  ", "  # printed_wave: ")
    study = load_study(study_copy)
    with pytest.raises(SpecError, match="holds no wave"):
        _ = study.main_wave
    (study_copy / "waves").mkdir()
    for wave in (WAVE, LATER):
        (study_copy / "waves" / wave).symlink_to(STUDY / "waves" / wave)
    assert study.waves == (WAVE, LATER)
    assert study.main_wave == WAVE


def test_nobody_is_routed_by_what_was_not_asked(study_copy: Path) -> None:
    path = study_copy / "questions" / "09_new_focus.yaml"
    edit(path, "variable: s_30,", "variable: s_30, until: 2015,")
    path = study_copy / "questions" / "10_focus_areas.yaml"
    edit(path, "asked: all", "asked: {item: new_focus, codes: [1]}")
    study = load_study(study_copy)
    assert study.in_wave(WAVE).items["focus_areas"].condition is not None
    assert study.in_wave(LATER).items["focus_areas"].condition is None
    # the rule is the study's: every wave has a check of it
    assert study.in_wave(LATER).rules == study.rules


@pytest.mark.parametrize(
    ("entry", "value", "told"),
    [
        ("files.dataset.sha256", 20160901, "found 20160901, expected text"),
        ("files.dataset.sha256", ["a"], "expected text"),
        ("files.dataset.rows", "838", "found '838', expected a whole number"),
        ("files.dataset.rows", True, "expected a whole number"),
        ("files.dataset.name", 2015, "expected text"),
        ("files.dataset", "dataset.csv", "expected a mapping"),
        ("files", ["dataset.csv"], "expected a mapping"),
        ("files.1", {"name": "a.csv"}, ""),
        ("constructed_columns", ["a"], "expected a mapping"),
        ("constructed_columns.municipalities", "a", "found 'a', expected a list"),
        ("constructed_columns.municipalities", [1], "found 1, expected text"),
        ("notes", "a note", "expected a mapping"),
        ("notes.register", ["a"], "expected text"),
        ("invited", "838", "expected a whole number"),
        ("invited_by_municipality", ["Aarhus"], "expected a mapping"),
        ("invited_by_municipality.Aarhus", -1, "found -1, expected a number from 0"),
        ("municipalities_without_invitations", "Læsø", "found 'Læsø', expected a list"),
        ("municipalities_without_invitations", [False], "found False, expected text"),
    ],
)
def test_an_entry_of_another_type_is_named_with_its_file(
    tmp_path: Path, entry: str, value: object, told: str
) -> None:
    sheet = yaml.safe_load((STUDY / "waves" / WAVE / "source.yaml").read_text(encoding="utf-8"))
    *above, last = entry.split(".")
    place = sheet
    for name in above:
        place = place.setdefault(name, {})
    # a key may be a number too
    place[int(last) if last.isdigit() else last] = value
    folder = tmp_path / WAVE
    folder.mkdir()
    (folder / "source.yaml").write_text(yaml.safe_dump(sheet), encoding="utf-8")
    with pytest.raises(SpecError) as error:
        read_source_sheet(folder)
    path = re.escape(str(folder / "source.yaml"))
    assert re.match(rf"{path} line [0-9]+: {re.escape(entry)}", str(error.value))
    assert told in str(error.value)
