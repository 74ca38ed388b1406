"""A table in the layout of print, and the path from it back to the export."""

from __future__ import annotations

import pandas as pd
import pytest

from assets.step.lineage import lineage_markdown, table_lineage
from assets.step.markdown import markdown
from assets.tables.layout import csv_text, danish, overview_layout, print_layout
from declarations import Study
from tests.chain import Chain


def test_a_table_reads_as_print(study: Study, committed: Chain) -> None:
    layout = print_layout(study.table["table_5_2"], committed.tables["table_5_2"])
    assert list(layout.columns) == [
        "", "Som regel", "Sommetider", "Sjældent", "Aldrig", "Ved ikke", "N",
    ]  # fmt: skip
    assert list(layout.iloc[:, 0])[-1] == "Alle"
    assert all("," in cell for cell in layout.iloc[:, 1:6].to_numpy().ravel())
    *levels, everyone = map(int, layout["N"])
    assert everyone == sum(levels)


def test_numbers_have_a_decimal_comma() -> None:
    assert danish("12.5") == "12,5"
    assert danish("248") == "248"


def test_notes_stand_below_the_table() -> None:
    frame = pd.DataFrame([["a", "1,5"]], columns=["", "N"])
    assert csv_text(frame, ["note", ""]) == ',N\na,"1,5"\nnote,\n'


def test_no_cell_breaks_out_of_a_markdown_table() -> None:
    frame = pd.DataFrame([["a|b", "<script>\nx"]], columns=["one", "two"])
    assert markdown(frame).splitlines() == [
        "| one | two |",
        "|---|---|",
        "| a\\|b | &lt;script> x |",
    ]


def test_the_overview_names_where_each_variable_is_declared(study: Study) -> None:
    layout = overview_layout(study.table["table_2_1"], study)
    assert len(layout) == len(study.table["table_2_1"].entries)
    assert layout["Erklæret i"].str.contains("questions/|study.yaml").any()


@pytest.mark.parametrize(
    ("table", "columns", "register"),
    [
        (
            "table_5_2",
            {"s_77", "kommune", "stato_3", "stato_4", "stato_5"},
            {"expenditure_pressure"},
        ),
        ("table_3_3", {"s_7", "s_5", "stato_3", "stato_4", "stato_5"}, set()),
        # it prints one box, but whether that counts depends on all boxes of the question
        ("table_5_8",
         {"s_5", "stato_3", "stato_4", "stato_5", *(f"s_98_{n}" for n in range(1, 11))}, set()),
        ("table_a1_1", {"kommune", "stato_3", "stato_4", "stato_5"}, {"code"}),
    ],
)  # fmt: skip
def test_a_table_leads_back_to_its_columns(
    study: Study, table: str, columns: set[str], register: set[str]
) -> None:
    found = table_lineage(study.table[table], study)
    assert set(found.columns) == columns
    assert set(found.register) == register


def test_every_lineage_links_to_the_assets_it_names(study: Study) -> None:
    for spec in (s for s in study.tables if s.cells):
        text = lineage_markdown(spec, study)
        for question in study.questions_of(spec):
            assert f"[answers/{question.id}](/assets/answers/{question.id})" in text
            assert f"[counts/{question.id}](/assets/counts/{question.id})" in text
        assert "[raw/dataset](/assets/raw/dataset)" in text
        of_invitations = (
            "\n- [clean/invitations](/assets/clean/invitations), counted in "
            "[counts/status](/assets/counts/status)\n"
        )
        assert f"\n{text}".count(of_invitations) == (spec.unit == "invitations")
        assert spec.source in text
