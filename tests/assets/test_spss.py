"""The exact content that is read of an SPSS file; `test_readers.py` has whole waves."""

from __future__ import annotations

import datetime
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from assets.raw.readers.spss.process import content
from assets.raw.readers.spss.values import EPOCH, Texts

NO_DATE = (
    "1 values that are not dates in day, expected a date of DATE11 (the cells have their numbers)"
)


def test_cells_labels_and_missing_values_of_a_file(tmp_path: Path) -> None:
    day = (datetime.datetime(2016, 3, 1) - EPOCH).total_seconds()
    frame = pd.DataFrame(
        {
            "id": ["a", "b", "c"],
            "q1": [1.0, 9.0, None],
            "q2": [2.5, -1.0, 98.0],
            "day": [day, 1.0, None],
            "word": ["æble", "", "x"],
        }
    )
    pyreadstat.write_sav(
        frame, str(tmp_path / "a.sav"),
        column_labels=["Respondent", None, "How many?", "Day", "Word"],
        variable_value_labels={"q1": {1: "Yes", 9: "No answer"}},
        missing_ranges={"q1": [9], "q2": [{"lo": 97, "hi": 99}]}, variable_format={"day": "DATE11"},
    )  # fmt: skip
    assert content(str(tmp_path / "a.sav")) == {
        "names": ["id", "q1", "q2", "day", "word"],
        "columns": [
            ["a", "b", "c"], ["1", "", ""], ["2.5", "-1", ""], ["2016-03-01", "1", ""],
            ["æble", "", "x"],
        ],
        "labels": [("q1", "1", "Yes")],
        "described": {"id": "Respondent", "q1": "", "q2": "How many?", "day": "Day",
                      "word": "Word"},
        # 9 of q1 and 98 of q2; an empty cell is not declared missing
        "missing": 2,
        "blanked": {"q1": 1, "q2": 1},
        "sets": [],
        "weight": None,
        "notes": [NO_DATE],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "header", "named", "read", "notes"),
    [
        # a header that says windows-1252 over texts that are valid UTF-8
        ("æble".encode(), "windows-1252", None, "æble",
         ("1 texts in utf-8, expected windows-1252 as the file says (--encoding overrides it)",)),
        ("æble".encode("cp1252"), "windows-1252", None, "æble", ()),
        ("æble".encode(), "utf-8", None, "æble", ()),
        # the user's word counts for more than the bytes
        ("ø".encode(), "windows-1252", "cp1252", "Ã¸", ()),
    ],
)  # fmt: skip
def test_texts_are_in_the_encoding_that_fits_them(
    content: bytes, header: str, named: str | None, read: str, notes: tuple[str, ...]
) -> None:
    text = content.decode("latin-1")
    texts = Texts([text, "plain"], header, named)
    assert (texts(text), texts("plain"), tuple(texts.notes)) == (read, "plain", notes)
