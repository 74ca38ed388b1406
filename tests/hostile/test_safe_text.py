"""Text from outside is shown as text: on a terminal, in Markdown, in a spreadsheet."""

from __future__ import annotations

import ast
import csv
import io
import unicodedata

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from assets.raw.errors import Finding
from assets.step.markdown import markdown
from assets.tables.layout import csv_text
from declarations import SpecError
from runtime.paths import PACKAGES
from runtime.safe_text import (
    code_span,
    markdown_text,
    page_lines,
    plain_lines,
    spreadsheet_frame,
    spreadsheet_text,
    visible,
)
from tests.checkout import REPOSITORY

# characters that mean something to a terminal, a spreadsheet or Markdown, mixed with plain ones
SIGNS = "=+-@'\"\t\r\n |`*_[]()<>#!&;~\\:.,1a2æ\x00\x1b\x7f\x9b\u202e\u2066\u200b\ud800＝＋"
HOSTILE = st.text(st.sampled_from(SIGNS), max_size=24) | st.text(max_size=12)


@given(HOSTILE)
def test_nothing_hidden_reaches_a_terminal(text: str) -> None:
    shown = visible(text, keep="\n")
    assert all(c == "\n" or unicodedata.category(c) not in ("Cc", "Cs", "Zl") for c in shown)
    shown.encode("utf-8")
    if text.isprintable():
        assert shown == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J\x1b]0;x\x07", "\\x1b[2J\\x1b]0;x\\x07"),
        ("a\u202eb", "a\\u202eb"),
        ("\ud83d", "\\ud83d"),
        ("a\x00b\r\nc", "a\\x00b\\r\\nc"),
        ("Ærø \u00a0 – “ok” 😀", "Ærø \u00a0 – “ok” 😀"),
    ],
)
def test_what_is_hidden_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_messages_are_one_line_and_escaped_in_every_part() -> None:
    evil = "x\x1b[31m\n\u202ey"
    message = str(Finding("rule", evil, 3, evil, evil, evil, "fact"))
    assert message.isprintable()
    assert message.count("\\x1b[31m\\n") == 4
    assert str(SpecError(evil, evil)) == "x\\x1b[31m\n\\u202ey: x\\x1b[31m\n\\u202ey"


FORMULAS = [
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\n=1", " =1", "＝1+1", "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://x.invalid","y")', "-@x", "+45 12 34", "--1",
    "\u00ad=1", "\u2212x", "﹦1+1", "﹫SUM(1)", "=\n1+1", "+\t1", "@\nx", "\u00a0=\n1",
]  # fmt: skip
# a tab or line break begins a cell too
GUARDED = {"\t=1": "'\t'=1", "\n=1": "'\n'=1"}
NO_FORMULAS = [
    "", "-", "1", "-3", "1;-3", "a, b; c | d", "5-7; -", "ja;nej", "-3,5", "+7", "-3.5", "1e5",
    "-1E-5", "a=b", "Skole - SFO", "'=1", "–5",
]  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_guarded(text: str) -> None:
    assert spreadsheet_text(text) == GUARDED.get(text, f"'{text}")


@pytest.mark.parametrize("text", NO_FORMULAS)
def test_numbers_and_plain_text_stay_as_they_are(text: str) -> None:
    assert spreadsheet_text(text) == text


@given(HOSTILE)
def test_no_text_begins_as_a_formula(text: str) -> None:
    shown = spreadsheet_text(text)
    begins = unicodedata.normalize("NFKC", shown).lstrip()[:1]
    if shown[:1] in ("\t", "\r", "\n") or (begins in "=+-@" and len(shown.strip()) > 1):
        float(shown.replace(",", "."))
    ends = text.replace("\r\n", "\n").replace("\r", "\n")
    assert shown.replace("'", "") == visible(ends, "\n\t").replace("'", "")


INNER = ["Ja;=cmd|' /C calc'!A0", "Ja,=1+1", "Ja\t@SUM(A1)", "Ja|+1+1", "Ja\n=1+1", 'Ja;"=1+1"',
         "a;b; -2+3;c", "Ja;＝1+1", 'x";=1+1;"', "Ja\r\n\r\n-1-1"]  # fmt: skip


def begins_a_formula(cell: str) -> bool:
    begins = unicodedata.normalize("NFKC", cell).strip()
    if begins[:1] not in ("=", "+", "-", "@") or len(begins) == 1:
        return False
    try:
        float(begins.replace(",", "."))
    except ValueError:
        return True
    return False


def as_split(text: str, delimiter: str) -> list[str]:
    """The cells of a CSV file as read by a program that splits by its own delimiter."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return [cell for line in lines for cell in line]


@pytest.mark.parametrize("text", INNER)
@pytest.mark.parametrize("written", [",", ";", "\t"])
@pytest.mark.parametrize("read", [",", ";", "\t", "|"])
def test_no_delimiter_makes_a_cell_a_formula(text: str, written: str, read: str) -> None:
    plain = pd.DataFrame([["a", text, "b"], [text, "", text]], columns=["x", "y", "z"])
    guarded = spreadsheet_frame(plain).to_csv(index=False, sep=written, lineterminator="\n")
    assert not [cell for cell in as_split(guarded, read) if begins_a_formula(cell)]


def test_the_texts_are_formulas_where_they_are_not_guarded() -> None:
    for text in INNER:
        plain = [pd.DataFrame([["a", text]]).to_csv(index=False, sep=d) for d in ",;\t"]
        cells = [cell for one in plain for d in ",;\t|" for cell in as_split(one, d)]
        assert any(map(begins_a_formula, cells)), text


@given(HOSTILE, st.sampled_from(",;\t"), st.sampled_from(",;\t|"))
def test_no_text_becomes_a_formula_by_any_delimiter(text: str, written: str, read: str) -> None:
    frame = spreadsheet_frame(pd.DataFrame([["a", text, "b"]], columns=["x", "y", "z"]))
    guarded = frame.to_csv(index=False, sep=written, lineterminator="\n")
    assert not [cell for cell in as_split(guarded, read) if begins_a_formula(cell)]


def test_a_carriage_return_cannot_break_a_record() -> None:
    assert spreadsheet_text("a\r=1\r\nb") == "a\n'=1\nb"


def test_numbers_of_a_frame_are_not_touched() -> None:
    frame = pd.DataFrame(
        {
            "label": ["=1+1", "plain", None],
            "value": [-1.5, 2.0, float("nan")],
            "n": [-1, 0, 3],
            "=h": ["-2,5", "a", "b"],
            "code": pd.array([-9, None, 1], dtype="Int64"),
        }
    )
    guarded = spreadsheet_frame(frame)
    assert guarded.to_csv(index=False) == (
        "label,value,n,'=h,code\n'=1+1,-1.5,-1,\"-2,5\",-9\nplain,2.0,0,a,\n,,3,b,1\n"
    )
    assert list(frame.columns) == ["label", "value", "n", "=h", "code"]


@given(st.lists(st.lists(HOSTILE, min_size=2, max_size=2), min_size=1, max_size=3))
def test_a_table_as_csv_keeps_its_cells(rows: list[list[str]]) -> None:
    frame = pd.DataFrame(rows, columns=["x", "x"], dtype="object")
    text = csv_text(frame, ["note"])
    found = list(csv.reader(io.StringIO(text, newline="")))
    assert found[0] == ["x", "x"]
    assert found[1:-1] == [[spreadsheet_text(cell) for cell in row] for row in rows]
    assert found[-1] == ["note", ""]


RENDER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
HARMLESS = {"paragraph_open", "inline", "paragraph_close"}
TABLE = {f"{part}_{end}" for part in ("table", "thead", "tbody", "tr", "th", "td")
         for end in ("open", "close")}  # fmt: skip


def plain(text: str) -> str:
    return visible(" ".join(text.split()))


@given(HOSTILE)
def test_text_is_text_in_markdown(text: str) -> None:
    for token in RENDER.parse(markdown_text(text)):
        assert token.type in HARMLESS
        assert {child.type for child in token.children or ()} <= {"text", "text_special"}
        if token.type == "inline":
            assert "".join(child.content for child in token.children or ()) == plain(text)


@given(st.lists(st.lists(HOSTILE, min_size=2, max_size=2), min_size=1, max_size=3))
def test_no_cell_breaks_out_of_a_table(rows: list[list[str]]) -> None:
    tokens = RENDER.parse(markdown(pd.DataFrame(rows, columns=["a|b", "<b>"], dtype="object")))
    assert {token.type for token in tokens} <= TABLE | {"inline"}
    cells = [
        "".join(child.content for child in token.children or ())
        for token in tokens
        if token.type == "inline"
    ]
    assert cells == ["a|b", "<b>", *(plain(cell) for row in rows for cell in row)]


@given(HOSTILE)
def test_a_code_span_cannot_be_ended_from_inside(text: str) -> None:
    if not plain(text):
        return
    inline = next(token for token in RENDER.parse(f"x {code_span(text)} y") if token.children)
    children = inline.children or []
    assert [child.type for child in children] == ["text", "code_inline", "text"]
    assert children[1].content.strip() == plain(text).replace("|", "¦").strip()


def test_lines_stay_lines_on_a_page_and_elsewhere() -> None:
    text = "row 3: found 'x'\nrow 4: found 'y'"
    assert page_lines(text) == "row 3: found 'x'  \nrow 4: found 'y'"
    assert plain_lines(page_lines(text)) == text
    assert page_lines("") == plain_lines("") == ""


def test_no_table_is_written_as_csv_without_the_guard() -> None:
    """A CSV file that the packages write, by its call."""
    calls = [
        (path.name, ast.unparse(node.func))
        for package in PACKAGES
        for path in (REPOSITORY / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".to_csv")
    ]
    assert len(calls) > 3
    assert [call for call in calls if not call[1].startswith("spreadsheet_frame(")] == []
