"""Which files of a folder are the export, before any of them is drafted."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from assets.raw.errors import DataError
from pipelines.draft.source import find_export

CODEBOOK = "variable;label;codes\nq1;How?;1 = yes\n"


def book(path: Path, *sheets: str) -> Path:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name in sheets:
        made.create_sheet(name).append(["id", "q1"])
        made[name].append(["1", "2"])
    made.save(path)
    return path


def test_a_workbook_with_surveyxacts_sheets_is_its_export(tmp_path: Path) -> None:
    for name, sheets in (("a", ("Dataset", "Labels")), ("b", ("Dataset",))):
        path = book(tmp_path / f"{name}.xlsx", *sheets)
        assert find_export(path) == ("excel", {"export": path})
    other = book(tmp_path / "c.xlsx", "Answers")
    assert find_export(other) == ("plain", {"dataset": other})


def test_a_workbook_that_cannot_be_opened_is_left_to_its_reader(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK no workbook")
    assert find_export(path) == ("excel", {"export": path})


def test_a_codebook_describes_the_data_and_is_data_if_alone(tmp_path: Path) -> None:
    data, codes = tmp_path / "data.csv", tmp_path / "codebook.csv"
    data.write_text("id;q1\n1;1\n", encoding="utf-8")
    assert find_export(tmp_path) == ("plain", {"dataset": data})
    codes.write_text(CODEBOOK, encoding="utf-8")
    both = ("plain", {"dataset": data, "definition": codes})
    assert find_export(tmp_path) == find_export(data) == both
    data.unlink()
    assert find_export(tmp_path) == ("plain", {"dataset": codes})


def test_several_data_files_are_an_error_with_their_names(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.csv").write_text("id;q1\n1;1\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"a\.csv, b\.csv"):
        find_export(tmp_path)
    with pytest.raises(DataError, match="a folder or file with an export"):
        find_export(tmp_path / "none")
