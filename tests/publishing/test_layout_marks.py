"""Marks of a table's figures and the pages of models, from a few lines of results."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pandas as pd
import pytest

from assets.analysis.models import MODEL_COLUMNS
from declarations import Study
from declarations.fields.fields import fields_of, rows_of
from declarations.labels import Label
from pipelines.commands.tabulate import _declared, slug
from publishing.layout.marks import Marks, danish_bound, table_marks
from publishing.layout.model import TableLayout
from publishing.site import lists
from publishing.site.lists import decimal, models_page
from publishing.site.render import Renderer
from publishing.site.tabulated import _item
from publishing.table_text import _differ


def lines(*given: tuple[str, str, str, str, str, float | None]) -> pd.DataFrame:
    columns = ["row", "group", "column", "stars", "bound", "p"]
    return pd.DataFrame(list(given), columns=columns)


def test_stars_are_on_their_figures_and_explained_from_one_to_three(study: Study) -> None:
    found_tests = lines(
        ("a", "g", "c", "*", "", 0.04), ("a", "h", "c", "", "", 0.4), ("b", "g", "d", "***", "", 0)
    )
    found = table_marks(study.table["table_4_2"], study, found_tests)
    assert found.stars == {("a", "g", "c"): "*", ("b", "g", "d"): "***"}
    assert found.lines == {}
    assert found.notes[1].text == Label(
        "* p < 0,05, ** p < 0,01, *** p < 0,001", "* p < 0.05, ** p < 0.01, *** p < 0.001"
    )
    assert found.notes[0].text.en.startswith("Test: ")


def test_without_tests_there_are_no_marks(study: Study) -> None:
    table = study.table["table_4_2"]
    assert table_marks(table, study, None) == table_marks(table, study, lines()) == Marks()
    assert table_marks(study.table["table_2_1"], study, lines(("a", "", "", "*", "", 0))) == (
        Marks()
    )
    # what could not be tested has none
    assert table_marks(table, study, lines(("a", "g", "c", "*", "", None))).stars == {}


def test_a_bound_has_a_decimal_comma_in_danish() -> None:
    assert [danish_bound(text) for text in ("p<0.05", "n.s.")] == ["p<0,05", "n.s."]


def test_layouts_are_equal_and_keys_by_what_they_show() -> None:
    one = TableLayout("t", "1", "1", "1.1", Label("a", "b"), "2015", (), ())
    other = replace(one, title=Label("a", "b"))
    assert one == other
    assert hash(one) == hash(other)
    assert one != replace(one, wave="2018")


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("partners by size", "t_partners_by_size"), ("Å > b, c", "t_b_c"),
        ("x" * 80, "t_" + "x" * 58),
        ("x" * 57 + " y", "t_" + "x" * 57),
    ],
)  # fmt: skip
def test_a_request_without_a_name_gets_one(asked: str, name: str) -> None:
    assert slug(asked) == name


def test_a_request_is_declared_under_its_own_name_or_the_made_one(study: Study) -> None:
    made = _declared("economy by size, region", study, "size=from_50000", {}, None)
    assert (made.id, made.of, made.by) == (
        "t_economy_by_size_region",
        ("economy",),
        ("size", "region"),
    )
    assert made.filter.words == "size=from_50000"
    named = _declared("economy", study, "", {"compare": "none", "show": ("n",)}, "mine")
    assert (named.id, named.by, named.show, named.compare) == ("mine", (), ("n",), None)


def test_models_are_shown_with_every_number(study: Study) -> None:
    model = study.models.models[0]
    group, level = model.exposure
    line = dict.fromkeys(MODEL_COLUMNS, None) | {
        "model": model.id, "group": group, "level": level, "bivariate_or": 1.5,
        "bivariate_low": 1.25, "bivariate_high": 2, "bivariate_p": 0.01234, "adjusted_or": 0.5,
        "n": 40, "events": 7,
    }  # fmt: skip
    pages: list[dict[str, Any]] = []
    wave = SimpleNamespace(study=study, relation=lambda *_: pd.DataFrame([line]))
    site = SimpleNamespace(wave=wave, page=lambda *_, **more: pages.append(more))
    models_page(cast("Renderer", site), "da")
    ((part,),) = (page["parts"] for page in pages)
    assert part["title"] == model.title.da
    assert [head["n"] for head in part["columns"]] == [False, *[True] * 8]
    (row,) = part["rows"]
    shown = ["".join(piece["text"] for piece in cell["pieces"]) for cell in row["cells"]]
    assert shown[1:] == ["1,50", "1,25 – 2,00", "0,0123", "0,50", "", "", "40", "7"]
    assert [cell["n"] for cell in row["cells"]] == [False, *[True] * 8]


def test_numbers_are_written_as_in_the_language() -> None:
    assert [decimal(1.005, "da"), decimal(1.5, "en", 1), decimal(None, "en")] == ["1,00", "1.5", ""]


def test_the_site_names_the_question_behind_a_row(study: Study) -> None:
    fields = fields_of(study)
    (field,) = rows_of("economy", study, fields)
    found = _item(field, study, fields)
    item = study.items["economy"]
    question = study.question[item.question]
    assert found["question"] == [question.id, question.label.da, question.label.en]
    assert (found["column"], found["label"]) == (item.variable, [item.label.da, item.label.en])
    assert list(found["codes"]) == [code.key for code in item.scale]
    assert found["dk"] == [code.key for code in item.scale if code.key == "dont_know"]


@pytest.mark.parametrize(
    ("means", "differ"), [([30, 10], False), ([30, 9], True), ([29, 10], True), ([], False)]
)
def test_a_base_of_means_is_shown_if_somebody_gave_no_number(
    means: list[int], differ: bool
) -> None:
    places = [("all", "all"), ("g", "a")]
    lines = [("base", *place, base) for place, base in zip(places, (30, 10), strict=True)]
    lines += [("mean", *place, base) for place, base in zip(places, means, strict=False)]
    # other statistics have bases of their own
    lines += [("sd", *places[0], 1), ("n", *places[1], 2), ("percent", *places[0], 3)]
    frame = pd.DataFrame(lines, columns=["statistic", "group", "level", "base"])
    assert _differ(frame) == differ


def test_statements_are_in_a_script_beside_their_page(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = pd.DataFrame({"section": ["3.1", ""], "verdict": ["holds", "open"], "basis": ["", ""]})
    monkeypatch.setattr(lists, "statement_rows", lambda *_: [{"id": "c1"}])
    monkeypatch.setattr(lists, "link_to_printed_wave", lambda *_: False)
    (tmp_path / "data").mkdir()
    pages: list[dict[str, Any]] = []
    wave = SimpleNamespace(study=study, relation=lambda *_: ledger)
    site = SimpleNamespace(
        wave=wave, folder=tmp_path, printed={}, page=lambda *_, **more: pages.append(more)
    )
    lists.statements_page(cast("Renderer", site), "en")
    text = (tmp_path / "data" / "statements.en.js").read_text(encoding="utf-8")
    assert text.startswith("window.samspilStatements")
    assert '"c1"' in text
    (page,) = pages
    options = {one["name"]: [value for value, _ in one["options"]] for one in page["filters"]}
    assert options == {"section": ["3.1"], "verdict": ["holds", "open"], "basis": []}
