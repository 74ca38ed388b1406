"""Labels as printed against the declared table, the questionnaire's own words, and each other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from declarations import SpecError, Study
from replication.audit.constraint_index import Constraints
from replication.audit.registry import RULES
from replication.consistency.constraints import LOW, MEDIUM
from replication.consistency.reading import make_printed_report
from replication.printed import Printed, read_printed_table
from tests.declared import question_of


def printed(study: Study, table: str, **changed: str) -> list[Printed]:
    """The lines of a table with another label, such as `column_Nej="Ja"` or `row_2="Other"`."""
    lines = read_printed_table(study.folder / "printed", table)
    for where, label in changed.items():
        axis, _, key = where.partition("_")
        if axis == "row":
            lines = [replace(x, row_label=label) if str(x.row) == key else x for x in lines]
        else:
            assert axis == "column"
            lines = [replace(x, column=label) if x.column == key else x for x in lines]
    return lines


def found(study: Study, table: str, **changed: str) -> list[tuple[str, str]]:
    """The finding of the rule in one table: the arithmetic and its severity."""
    report = make_printed_report(study, {table: printed(study, table, **changed)})
    broken = Constraints(RULES["labels"].constraints(report.layout)).broken(report)
    return [(c.gives(report), c.severity_in(report)) for c in broken]


def test_a_row_of_another_name_is_found(study: Study) -> None:
    assert found(study, "table_4_2") == []
    # row 3 has that name already
    told = dict(found(study, "table_4_2", row_2="Skole og uddannelse"))
    changed = "the table has the label: Skole og uddannelse; the declared table: Social service"
    assert told[changed] == MEDIUM
    assert told["rows 2 and 3 have the same label: Skole og uddannelse"] == LOW


def test_an_answer_of_another_name_is_found(study: Study) -> None:
    assert found(study, "table_3_1") == []
    texts = [text for text, _ in found(study, "table_3_1", row_2="Ja")]
    assert "the table has the label: Ja; the declared table: Nej" in texts
    assert found(study, "table_3_3", column_Nej="Ja")
    # words, not signs and capitals
    assert found(study, "table_3_1", row_2="nej") == []


def test_a_heading_that_swaps_degrees_is_found(study: Study) -> None:
    """ "I høj grad" and "I nogen grad" share most of their words."""
    assert len(found(study, "table_6_7")) == 1
    swapped = {"column_I høj grad": "I nogen grad"}
    assert len(found(study, "table_6_7", **swapped)) > 1


def test_where_the_table_does_not_say_what_was_asked(study: Study) -> None:
    """Bilag 2 against Tables 5.1, 6.1, 6.3 and 6.7. Tables 6.2 and 6.4 have its words."""
    for table, said, asked in (
        ("table_6_1", "Bedre kvalitet af services", "Bedre kvalitet af den kommunale service"),
        ("table_6_3", "Bedre vidensgrundlag for kommunale beslutninger", "Bedre vidensgrundlag"),
        ("table_6_3", "Styrkelse af de civile aktørers rolle i samfundet",
         "Styrkelse af de civile aktører"),
        ("table_5_1", "Kommunen skaber rammer for, at brugere bidrager",
         "Kommunen giver brugere mulighed for at stå for opgaver"),
    ):  # fmt: skip
        text = f"the table has the label: {said}; the questionnaire: {asked}"
        assert (text, LOW) in found(study, table)
    (capacity,) = found(study, "table_6_7")
    assert "Vi vil gerne samarbejde" in capacity[0]
    assert "Vi ville gerne prioritere samarbejde" in capacity[0]
    assert found(study, "table_6_2") == found(study, "table_6_4") == []


def test_the_words_of_the_questionnaire_are_text() -> None:
    item = {"id": "one", "variable": "s_1", "da": "En", "en": "One", "questionnaire": 1}
    data = {"id": "q", "order": 1, "section": "role", "type": "single", "asked": "all",
            "label": {"da": "Q", "en": "Q"}, "scale": [{"code": 1, "key": "a", "text": "A"}],
            "items": [item]}  # fmt: skip
    with pytest.raises(SpecError, match=r"items\[one\]\.questionnaire: found 1, expected text"):
        question_of(data, "01_q.yaml")
    (read,) = question_of({**data, "items": [{**item, "questionnaire": "Den"}]}, "q").items
    assert read.questionnaire == "Den"
