from __future__ import annotations

from assets.step.declaring import Published
from declarations import Study
from tests.chain import declared_study
from tools.dictionary import TARGET, _called, data_dictionary


def test_the_committed_dictionary_is_what_the_declarations_say() -> None:
    assert TARGET.read_text(encoding="utf-8") == data_dictionary(declared_study()), (
        "run `make docs`"
    )


def test_every_export_column_and_every_table_is_in_the_dictionary(study: Study) -> None:
    text = data_dictionary(study)
    for question in study.questions:
        for item in question.items:
            assert f"| {item.variable} | question {question.order}, item `{item.id}` |" in text
    for spec in study.tables:
        assert f"| {spec.number} | " in text


def test_every_column_of_a_relation_is_described(study: Study) -> None:
    relations = data_dictionary(declared_study()).split("## Relations")[1]
    undescribed = [line for line in relations.splitlines() if line.endswith("|  |")]
    assert not undescribed


def test_relations_of_one_kind_are_named_together_and_others_by_themselves() -> None:
    one, two = (Published("answers", name, per="question") for name in ("a", "b"))
    other = Published("aside", "c", per="question")
    file = Published("results", "d", csv=True)
    alike = [one, two, other, file]
    assert [_called(place, alike) for place in alike] == [
        "answers.*, one per question", "answers.*, one per question", "aside.c",
        "d.csv, results.d",
    ]  # fmt: skip
    assert _called(one, [one, Published("answers", "b", per="group"), other]) == "answers.a"
