"""Cells in messages: harmless values unchanged, others as a shape."""

from __future__ import annotations

import string

import dagster as dg
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.raw.errors import Finding, summarize
from assets.step.metadata import column_lineage, named, schema_metadata
from declarations import Study
from runtime.masking import WORDS, column_shown, masked, names_somebody, without_persons


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("7", "'7'"),
        ("ja", "'ja'"),
        (" 77 ", "'77'"),
        ("", "''"),
        ("123456", "'123456'"),
        ("-123456", "'-123456'"),
        ("12,5", "'12,5'"),
        ("1234.25", "'1234.25'"),
        ("1,1,0,0,0", "'1,1,0,0,0'"),
        (",,,,", "',,,,'"),
        # one more than is harmless
        ("1234 ", "'1234'"),
        ("12-3", "'12-3'"),
        ("x", "'x'"),
        ("TRUE", "'TRUE'"),
        ("#N/A", "'#N/A'"),
        ("1.000", "'1.000'"),
        ("320190", "'320190'"),
        ("011390", "'011390'"),
        # names, and the date a person number begins with, also without its first zero
        ("Lone", "'Aaaa' (4 characters)"),
        ("Bo", "'Aa' (2 characters)"),
        ("A9", "'A9' (2 characters)"),
        ("010190", "'999999' (6 characters)"),
        ("10190", "'99999' (5 characters)"),
        ("010190.0", "'999999.9' (8 characters)"),
        ("311.299", "'999.999' (7 characters)"),
        ("Jensa", "'Aaaaa' (5 characters)"),
        ("1234567", "'9999999' (7 characters)"),
        ("010203.1234", "'999999.9999' (11 characters)"),
        ("010203-1234", "'999999-9999' (11 characters)"),
        ("1,2,0,0,0", "'9,9,9,9,9' (9 characters)"),
        ("Ærlig Øster", "'Aaaaa Aaaaa' (11 characters)"),
        ("navn@sted.dk", "'aaaa@aaaa.aa' (12 characters)"),
        ("=HYPERLINK(1)", "'?AAAAAAAAA(9)' (13 characters)"),
        ("<b>\x1b[31m", "'?a???99a' (8 characters)"),
        ("٠١٢٣٤", "'99999' (5 characters)"),
        ("x" * 20, f"'{'a' * 20}' (20 characters)"),
        ("x" * 21, f"'{'a' * 20}…' (21 characters)"),
    ],
)
def test_harmless_values_are_reported_and_others_drawn(text: str, told: str) -> None:
    assert masked(text) == told


@given(st.text(min_size=5))
def test_a_shape_has_no_letter_or_digit_of_the_cell(text: str) -> None:
    told = masked(text)
    if "(" not in told or not told.endswith("characters)"):
        # shown unchanged: short, digits and signs only, or a word that identifies nobody
        if text.strip().casefold() in WORDS:
            return
        assert len(text.strip()) <= 4 or set(text.strip()) <= set(string.digits + "+-.,")
    else:
        drawn = told[1 : told.rindex("' (")]
        assert {c for c in drawn if c.isalnum()} <= set("aA9")
        assert len(drawn) <= 21


def test_a_million_characters_are_reported_in_twenty() -> None:
    assert masked("Navn " * 200_000) == "'Aaaa Aaaa Aaaa Aaaa …' (999999 characters)"


def test_a_message_masks_cells_and_tells_facts() -> None:
    cell = Finding("scale", "dataset.csv", 7, "s_1", "Solveig Thorlund", "one of the codes 1, 2")
    fact = Finding("row_count", "dataset.csv", None, None, "837 lines of data", "838", "fact")
    known = Finding("unique", "dataset.csv", 3, "id", "4711", "every one once", "personal")
    assert str(cell) == (
        "dataset.csv, row 7, column s_1: found 'Aaaaaaa Aaaaaaaa' (16 characters), "
        "expected one of the codes 1, 2 [scale]"
    )
    assert "found '837 lines of data'" in str(fact)
    assert "found '9999' (4 characters)" in str(known)
    shown = summarize([cell, known], show_values=True)
    assert "found 'Solveig Thorlund'" in shown
    assert "found '4711'" in shown


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("s_77", "s_77"),
        ("Kommune navn", "Kommune navn"),
        ("navn@sted.dk", "'aaaa@aaaa.aa' (12 characters)"),
        ("0102031234", "'9999999999' (10 characters)"),
    ],
)
def test_what_stands_in_the_header_may_be_an_answer(name: str, told: str) -> None:
    assert column_shown(name) == told


def test_a_blank_that_looks_like_another_is_written_out_in_a_column_name() -> None:
    told = str(Finding("undeclared_column", "dataset.csv", 1, "id\u00a0", None, "a variable"))
    assert told == "dataset.csv, row 1, column id\\xa0: expected a variable [undeclared_column]"


def test_an_address_in_place_of_a_column_name_is_not_in_metadata() -> None:
    """Schema, lineage and preview are read in the UI by who may not read the raw file."""
    address = "solveig@thorlund.dk"
    frame = pd.DataFrame({address: ["x"], "s_1": ["1"]})
    key = dg.AssetKey("dataset")
    found = [
        schema_metadata(frame, {})["dagster/column_schema"].columns,
        column_lineage({address: [(key, address)]}).deps_by_column,
    ]
    assert "solveig" not in str(found)
    assert "'aaaaaaa@aaaaaaaa.aa' (19 characters)" in str(found)
    assert named("s_1") == "s_1"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Skriv til lone@example.dk, tak", "Skriv til [e-mail], tak"),
        ("Dit nummer: 010190-1234", "Dit nummer: [number]"),
        ("Ring 12 34 56 78 eller +45 12345678.", "Ring [number] eller [number]."),
        ("Bor du Nørregade 12, 8000 Aarhus?", "Bor du [address]?"),
        ("Er Dr. Lone Bruun god?", "Er [name] god?"),
        ("er Per M. Olsen din leder", "er [name] din leder"),
        # what looks alike and names nobody
        ("Andelen i 2015-2018", "Andelen i 2015-2018"),
        ("2015 2018", "2015 2018"),
        ("10.000-20.000 kr.", "10.000-20.000 kr."),
        ("Kommunernes Landsforening", "Kommunernes Landsforening"),
        ("gaden 12", "gaden 12"),
    ],
)
def test_a_label_names_nobody(text: str, told: str) -> None:
    assert without_persons(text) == told
    assert names_somebody(text) is (text != told)


def test_no_text_of_the_report_is_taken_for_a_person(study: Study) -> None:
    for question in study.questions:
        labels = [question.label, *(item.label for item in question.items)]
        labels += [code.label for item in question.items for code in item.scale]
        texts = [text for label in labels for text in (label.da, label.en)]
        assert [text for text in texts if names_somebody(text)] == []
