"""The codebook of a few answers by hand, what its check finds, and the types of a package."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

from declarations.labels import Label
from publishing.handover.answers import AnswerTable, HandoverVariable
from publishing.handover.checks import codebook_problems
from publishing.handover.codebook import FILE, NAMESPACE, write_codebook
from publishing.handover.package import _type
from publishing.published import PublishedWave

YES, NO, UNKNOWN = Label("Ja", "Yes"), Label("Nej", "No"), Label("Ved ikke", "Don't know")
USE = HandoverVariable(
    "use", Label("Brug", "Use"), "q1", "Bruger du?", {1: YES, 2: NO, 9: UNKNOWN}, missing=(9,)
)
HOURS = HandoverVariable("hours", Label("Timer", "Hours"), continuous=True)
TABLE = AnswerTable(
    pd.DataFrame({"use": [1, 1, 2, 9, None, 9], "hours": [1.5, None, None, 0.0, 2.0, 3.0]}),
    (USE, HOURS),
)


@pytest.fixture
def wave() -> PublishedWave:
    question = SimpleNamespace(label=Label("Spørgsmål", "Question"))
    study = SimpleNamespace(
        id="small", title=Label("Lille", "Small"),
        source=SimpleNamespace(authors=("A. Author",), publisher="Publisher"),
        in_wave=lambda _: SimpleNamespace(question={"q1": question}),
    )  # fmt: skip
    sheet = SimpleNamespace(statement=Label("konstrueret", "constructed"), constructed=True)
    return cast("PublishedWave", SimpleNamespace(study=study, wave="2015", sheet=sheet))


def variable(folder: Path, name: str) -> ET.Element:
    root = ET.parse(folder / FILE).getroot()
    found = root.find(f".//d:var[@name='{name}']", {"d": NAMESPACE})
    assert found is not None
    return found


def texts(element: ET.Element, tag: str, **attributes: str) -> list[str | None]:
    return [
        one.text for one in element.iter(f"{{{NAMESPACE}}}{tag}")
        if attributes.items() <= one.attrib.items()
    ]  # fmt: skip


def test_answers_are_counted_valid_missing_and_by_code(wave: PublishedWave, tmp_path: Path) -> None:
    write_codebook(wave, TABLE, tmp_path)
    use, hours = variable(tmp_path, "use"), variable(tmp_path, "hours")
    assert (texts(use, "sumStat", type="vald"), texts(use, "sumStat", type="invd")) == (
        ["3"],
        ["3"],
    )
    assert texts(use, "catValu") == ["1", "2", "9"]
    assert texts(use, "catStat") == ["2", "1", "2"]
    assert texts(use, "labl")[:2] == ["Brug", "Use"]
    assert texts(use, "qstnLit") == ["Bruger du?"]
    assert [one.get("missing") for one in use.iter(f"{{{NAMESPACE}}}catgry")] == [None, None, "Y"]
    assert [one.get("VALUE") for one in use.iter(f"{{{NAMESPACE}}}item")] == ["9"]
    # without declared missing values only the empty ones are invalid
    assert (texts(hours, "sumStat", type="vald"), texts(hours, "sumStat", type="invd")) == (
        ["4"], ["2"]
    )  # fmt: skip
    assert (texts(hours, "qstnLit"), texts(hours, "catValu")) == ([], [])
    assert (use.get("intrvl"), hours.get("intrvl")) == ("discrete", "contin")
    assert codebook_problems(tmp_path, TABLE) == []


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ('<titl xml:lang="da">Lille, 2015</titl>', "", ["stdyDscr has no title"]),
        ('name="use"', 'name="used"',
         ["variables are ['used', 'hours'] ..., expected ['use', 'hours'] ..."]),
        ('ID="V_hours"', 'ID="V_use"', ["an ID occurs twice"]),
        ('<sumStat type="vald">3</sumStat>', '<sumStat type="vald">2</sumStat>',
         ["use: valid and invalid are {'vald': 2, 'invd': 3}, expected 6 in total"]),
        ('<catStat type="freq">1</catStat>', '<catStat type="freq">3</catStat>',
         ["use: counts are [2, 3, 2], expected [2, 1, 2]"]),
        ("<catValu>2</catValu>", "<catValu>3</catValu>",
         ["use: codes are [1, 3, 9], expected [1, 2, 9]"]),
        ('<labl xml:lang="da">Timer</labl>\n      <labl xml:lang="en">Hours</labl>', "",
         ["hours: no label"]),
        ('<varFormat type="numeric" schema="other" />', "<other />", ["use: order"]),
        ("codeBook", "book", [f"root is {{{NAMESPACE}}}book"]),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_codebook_is_found(
    wave: PublishedWave, tmp_path: Path, before: str, after: str, found: list[str]
) -> None:
    path = write_codebook(wave, TABLE, tmp_path)
    text = path.read_text(encoding="utf-8")
    assert before in text
    times = -1 if before == "codeBook" else 1
    path.write_text(text.replace(before, after, times), encoding="utf-8")
    assert codebook_problems(tmp_path, TABLE) == found


def test_a_codebook_without_answers_has_no_variables(wave: PublishedWave, tmp_path: Path) -> None:
    path = write_codebook(wave, None, tmp_path)
    assert codebook_problems(tmp_path, None) == []
    assert codebook_problems(tmp_path, TABLE) == [
        "variables are [] ..., expected ['use', 'hours'] ..."
    ]
    path.write_text("<a>", encoding="utf-8")
    (problem,) = codebook_problems(tmp_path, None)
    assert problem.startswith("codebook.xml cannot be read: ")
    path.unlink()
    assert len(codebook_problems(tmp_path, None)) == 1


def test_the_type_of_a_column_is_that_of_its_values() -> None:
    columns: dict[str, Any] = {
        "flag": [True, False], "whole": [1, 2], "part": [0.5, None], "text": ["a", "b"],
    }  # fmt: skip
    frame = pd.DataFrame(columns).assign(nullable=pd.array([1, None], dtype="Int64"))
    found = {name: _type(frame, name) for name in [*frame, "other"]}
    assert found == {
        "flag": "boolean", "whole": "integer", "part": "number", "text": "string",
        "nullable": "integer", "other": "string",
    }  # fmt: skip
    assert _type(None, "whole") == "string"
