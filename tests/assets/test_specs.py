"""Declarations: as committed they fit together, broken they are refused with file and entry."""

from __future__ import annotations

from pathlib import Path

import pytest

from assets.specs import SpecError, Study, load_study
from tests.chain import edit


def test_the_questionnaire_is_declared_as_it_was_asked(study: Study) -> None:
    assert [q.order for q in study.questions] == list(range(1, 28))
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
    for item in study.items.values():
        using = {spec.id for spec in study.tables if item.id in spec.items}
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
    ("questions/14_civil_actors.yaml", "type: grid", "type: matrix", "type is 'matrix'"),
    ("questions/14_civil_actors.yaml", "{code: 2,", "{code: 1,", "stands twice in the scale"),
    ("questions/14_civil_actors.yaml", "{code: 2,", "{code: yes,", "whole numbers, found True"),
    ("questions/14_civil_actors.yaml", "id: civil_actors\n", "", "'id' is missing"),
    ("tables/table_4_1.yaml", "item: actor_churches", "item: actor_church", "'actor_church' is no"),
    ("tables/table_4_1.yaml", "code: 4}", "code: 7}", "code 7 of actor_local_orgs is none of"),
    ("tables/table_5_2.yaml", "level: highest}", "level: high}", "level 'high' of pressure_band"),
    ("tables/table_5_2.yaml", "group: all,", "group: everyone,", "group 'everyone' is not"),
    ("tables/table_6_5.yaml", "statistic: difference,", "statistic: ratio,", "'ratio' is none of"),
    ("tables/table_6_5.yaml", "of: [a, b], decimals", "of: [a, z], decimals", "'of' names"),
    ("tables/table_4_1.yaml", "rows:", "rows: [", "is not valid YAML"),
    ("study.yaml", "kind: map", "kind: guess", "kind is 'guess'"),
    ("study.yaml", "key: blue", "key: red", "a level key stands twice"),
    ("study.yaml", "mode: half_up", "mode: half_even", "rounding.mode is 'half_even', expected"),
    ("study.yaml", "dont_know: in_base", "dont_know: out", "conventions.dont_know is 'out'"),
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


def test_a_folder_that_is_no_study_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"study\.yaml: is missing"):
        load_study(tmp_path)
