"""Declarations: the committed ones are consistent; broken ones are refused with file and entry."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from declarations import SpecError, Study, load_study
from declarations.claims.claim import read_claims
from declarations.tables.significance import read_test_settings
from declarations.tables.unnumbered import read_unnumbered
from tests.chain import STUDY, edit


def test_the_questionnaire_is_declared_as_it_was_asked(study: Study) -> None:
    asked = [question for question in study.questions if question.items]
    assert [q.order for q in asked] == list(range(1, 28))
    variables = [item.variable for item in study.items.values()]
    assert len(set(variables)) == len(variables)
    numbers = {int(name.split("_")[1]) for name in variables}
    assert numbers == set(range(1, 124))
    assert [item.variable for item in study.question["measurement"].closed_items] == [
        f"s_98_{n}" for n in range(1, 11)
    ]


def test_codes_are_the_platforms_and_not_the_pages(study: Study) -> None:
    assert study.items["municipal_policy"].codes == (1, 2, 5, 3, 4)
    assert study.items["area_policy"].codes == (1, 2, 5, 3, 4)
    assert [i.choice for i in study.question["measurement"].closed_items] == [
        1, 2, 3, 4, 5, 6, 10, 7, 8, 9,
    ]  # fmt: skip
    exclusive = [i.id for i in study.items.values() if i.exclusive]
    assert exclusive == ["collaborations_dont_know", "measure_none"]
    assert study.items["measure_none"].codes == (0, 1)


def test_what_is_declared_as_reported_is_what_tables_use(study: Study) -> None:
    printed = {path.stem for path in (STUDY / "printed").glob("*.csv")}
    for item in study.items.values():
        using = {spec.id for spec in study.tables if item.id in spec.items} & printed
        assert using <= set(item.reported), item.id
    for question in study.questions:
        named = {name for name in question.reported if name.startswith("table_")}
        used = {spec.id for spec in study.tables if question in study.questions_of(spec)}
        used |= {
            spec.id
            for spec in study.tables
            if any(study.group[g].source in {i.id for i in question.items} for g in spec.groups)
        }
        overview = {spec.id for spec in study.tables if not spec.cells}
        assert named <= used | overview, question.id


def test_every_cell_has_its_coordinates(study: Study) -> None:
    for spec in study.tables:
        keys = [(cell.row, cell.group_key, cell.column) for cell in spec.cells]
        assert len(set(keys)) == len(keys), spec.id
        for cell in spec.cells:
            assert (cell.item is None) == bool(cell.of)
            assert cell.row_label.da
            assert cell.column_label.da


BROKEN = [
    ("questions/14_civil_actors.yaml", "variable: s_55", "variable: s_56", "variable s_56 is also"),
    ("questions/14_civil_actors.yaml", "id: actor_housing", "id: actor_churches", "item actor_ch"),
    ("questions/14_civil_actors.yaml", "type: grid", "type: matrix", "type: found 'matrix'"),
    ("questions/14_civil_actors.yaml", "{code: 2,", "{code: 1,", "expected each code once"),
    (
        "questions/14_civil_actors.yaml",
        "{code: 2,",
        "{code: yes,",
        "found True, expected a whole number",
    ),
    ("questions/14_civil_actors.yaml", "id: civil_actors\n", "", "id: found no such entry"),
    ("tables/table_4_1.yaml", "item: actor_churches", "item: actor_church", "found 'actor_church'"),
    (
        "tables/table_4_1.yaml",
        "code: 4}",
        "code: 7}",
        "found 7, expected a code of actor_local_orgs",
    ),
    (
        "tables/table_5_2.yaml",
        "level: highest}",
        "level: high}",
        "found 'high', expected a level of",
    ),
    ("tables/table_5_2.yaml", "group: all,", "group: everyone,", "found 'everyone', expected a"),
    (
        "tables/table_6_5.yaml",
        "statistic: difference,",
        "statistic: ratio,",
        "statistic: found 'ratio'",
    ),
    (
        "tables/table_6_5.yaml",
        "of: [a, b], decimals",
        "of: [a, z], decimals",
        "of: found 'z', expected",
    ),
    ("tables/table_4_1.yaml", "rows:", "rows: [", "is not valid YAML"),
    (
        "tables/table_6_8.yaml",
        "{key: q2,",
        "{key: q1,",
        "rows[q1].key: found 'q1', expected each key once",
    ),
    ("study.yaml", "kind: map", "kind: guess", "kind: found 'guess'"),
    ("study.yaml", "key: blue", "key: red", "each key once in a group"),
    (
        "study.yaml",
        "mode: half_up",
        "mode: half_even",
        "rounding.mode: found 'half_even', expected",
    ),
    ("study.yaml", "dont_know: in_base", "dont_know: out", "conventions.dont_know: found 'out'"),
    (
        "study.yaml",
        "conventions:",
        "waves: [2015]\nconventions:",
        "a wave is a folder below waves/",
    ),
]


@pytest.mark.parametrize(
    ("name", "old", "new", "problem"),
    BROKEN,
    ids=[f"{case[0]}: {case[2] or case[1]}" for case in BROKEN],
)
def test_a_broken_declaration_is_refused_by_name(
    study_copy: Path, name: str, old: str, new: str, problem: str
) -> None:
    edit(study_copy / name, old, new)
    with pytest.raises(SpecError) as caught:
        load_study(study_copy)
    assert Path(name).name in str(caught.value)
    assert problem in str(caught.value)


Place = tuple[str | int, ...]
# the file, where in it, a key nothing reads, the one that is meant
MISSPELT: list[tuple[str, Place, str, str]] = [
    ("study.yaml", (), "cheks", "checks"),
    ("study.yaml", ("export",), "backgruond", "background"),
    ("study.yaml", ("export", "status"), "partial_if_answerd", "partial_if_answered"),
    ("study.yaml", ("frame",), "colums", "columns"),
    ("study.yaml", ("conventions",), "dontknow", "dont_know"),
    ("study.yaml", ("conventions", "significance"), "alternativs", "alternatives"),
    ("study.yaml", ("conventions", "trend"), "adust", "adjust"),
    ("study.yaml", ("groups", 0), "lable", "label"),
    ("study.yaml", ("groups", 0, "levels", 0), "rule", "rules"),
    ("questions/23_measurement.yaml", (), "untill", "until"),
    ("questions/23_measurement.yaml", ("items", 0), "exlusive", "exclusive"),
    ("questions/01_position.yaml", ("scale", 0), "end", "ends"),
    ("tables/table_3_1.yaml", (), "frequenzy", "frequency"),
    ("tables/table_3_1.yaml", ("rows", 0), "headding", "heading"),
    ("tables/table_3_1.yaml", ("columns", 0), "decimal", "decimals"),
    ("tables/table_3_1.yaml", ("cell",), "itme", "item"),
    ("unnumbered/u_2_1_position.yaml", (), "titel", "title"),
    ("unnumbered/u_2_1_position.yaml", ("rows",), "level_of", "levels_of"),
    ("models/m_3_1_policy_size.yaml", (), "sampel", "sample"),
    ("models/defaults.yaml", (), "covariate", "covariates"),
    ("claims/chapter_3.yaml", (), "claim", "claims"),
    ("waves/2015/source.yaml", (), "invitedd", "invited"),
    ("waves/2015/source.yaml", ("files", "dataset"), "row", "rows"),
    ("waves/2015/source.yaml", ("format",), "delimeter", "delimiter"),
]


@pytest.mark.parametrize(
    ("name", "place", "wrong", "meant"), MISSPELT, ids=[case[2] for case in MISSPELT]
)
def test_a_misspelt_entry_is_refused_with_the_one_that_is_meant(
    study_copy: Path, name: str, place: Place, wrong: str, meant: str
) -> None:
    path = study_copy / name
    # a copy has what every study has
    if not path.is_file():
        shutil.copytree((STUDY / name).parent, path.parent)
    data = entry = yaml.safe_load(path.read_text(encoding="utf-8"))
    for step in place:
        entry = entry[step]
    entry[wrong] = True
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        read_everything(study_copy)
    told = str(caught.value)
    assert Path(name).name in told
    assert f"{wrong}: found an unknown entry" in told or f"'{wrong}' is not an entry here" in told
    # other mistakes may follow from an entry that is not read
    line = next(one for one in told.splitlines() if f"{wrong}: " in one or f"'{wrong}' is" in one)
    assert meant in line.split("did you mean ")[-1].split("there are: ")[-1]


def read_everything(folder: Path) -> None:
    study = load_study(folder)
    for wave in study.waves:
        study.source_sheet(wave)
    read_test_settings(study.conventions)
    assert study.trend is not None
    read_unnumbered(study)
    read_claims(study)


def test_a_folder_that_is_no_study_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"study\.yaml: is missing"):
        load_study(tmp_path)
