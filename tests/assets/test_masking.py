"""Cells in messages: harmless values unchanged, others as a shape."""

from __future__ import annotations

import string
import time
from collections.abc import Iterator

import dagster as dg
import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from assets.raw.errors import Finding, summarize
from assets.step.metadata import column_lineage, column_name, schema_metadata
from declarations import Study
from runtime.masking import WORDS, column_shown, header_shown, masked, shape, text_shown
from runtime.private.persons import names_somebody, without_persons
from tests.checkout import REPOSITORY


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
        ("Lone_Hansen", "'Aaaa_Aaaaaa' (11 characters)"),
        ("s_98_1", "s_98_1"),
        # longer than names are
        ("a" * 60, "a" * 60),
        ("a" * 61, f"'{'a' * 20}…' (61 characters)"),
    ],
)
def test_what_stands_in_the_header_may_be_an_answer(name: str, told: str) -> None:
    assert column_shown(name) == told


def test_a_shape_has_twenty_characters_and_the_length() -> None:
    assert masked("Ab1-x" * 4) == f"'{'Aa9-a' * 4}' (20 characters)"
    assert masked("Ab1-x" * 4 + "y") == f"'{'Aa9-a' * 4}…' (21 characters)"
    assert masked("a\\b") == "'a?a' (3 characters)"


def test_a_header_line_of_data_is_shown_by_position() -> None:
    assert header_shown(["s_1", "1", "s_2", "2"]) == ["s_1", "1", "s_2", "2"]
    assert header_shown(["s_1", "1", "2"]) == ["1", "2", "3"]
    assert text_shown("Kontakt: navn@sted.dk") == shape("Kontakt: navn@sted.dk")
    assert text_shown("Hvor enig er du?") == "Hvor enig er du?"


def test_a_blank_that_looks_like_another_is_written_out_in_a_column_name() -> None:
    told = str(Finding("undeclared_column", "dataset.csv", 1, "id\u00a0", None, "a variable"))
    assert told == "dataset.csv, row 1, column id\\xa0: expected a variable [undeclared_column]"


def test_an_address_in_place_of_a_column_name_is_not_in_metadata() -> None:
    """People who may not read the raw file read schema, lineage and preview in the UI."""
    address = "solveig@thorlund.dk"
    frame = pd.DataFrame({address: ["x"], "s_1": ["1"]})
    key = dg.AssetKey("dataset")
    found = [
        schema_metadata(frame, {})["dagster/column_schema"].columns,
        column_lineage({address: [(key, address)]}).deps_by_column,
    ]
    assert "solveig" not in str(found)
    assert "'aaaaaaa@aaaaaaaa.aa' (19 characters)" in str(found)
    assert column_name("s_1") == "s_1"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Skriv til lone@example.dk, tak", "Skriv til [e-mail], tak"),
        ("Dit nummer: 010190-1234", "Dit nummer: [number]"),
        ("Ring 12 34 56 78 eller +45 12345678.", "Ring [number] eller [number]."),
        ("Bor du Nørregade 12, 8000 Aarhus?", "Bor du [address]?"),
        ("Er Dr. Lone Bruun god?", "Er [name] god?"),
        ("er Per M. Olsen din leder", "er [name] din leder"),
        ("Bor du Vesterbro Torv 3 B?", "Bor du [address]?"),
        ("Tlf. 12-34-56-78 eller 12.34.56.78", "Tlf. [number] eller [number]"),
        ("cpr 010190 - 1234", "cpr [number]"),
        ("Kontakt: Sofie Lund", "Kontakt: [name]"),
        ("kontakt venligst Sofie Lund, hvis", "kontakt venligst [name], hvis"),
        ("Ring til Sofie på 12345678", "Ring til [name] på [number]"),
        ("Ring til vores konsulent Ida von Holm", "Ring til vores konsulent [name]"),
        ("Skriv til Anne-Marie Holm (amh@x.dk)", "Skriv til [name] ([e-mail])"),
        ("Mvh Sofie", "Mvh [name]"),
        ("Med venlig hilsen Peter M. Schmidt", "Med venlig hilsen [name]"),
        ("v/ Maria Friis Bach", "v/ [name]"),
        ("Att.: Jens Schmidt, 8000 Aarhus", "Att.: [name], 8000 Aarhus"),
        ("Besvaret af Maria Dahl", "Besvaret af [name]"),
        ("Best regards, Jane", "Best regards, [name]"),
        ("Questions to Jane Doe?", "Questions to [name]?"),
        ("Borgmester Lars Dahl", "Borgmester [name]"),
        ("Sofie Lund, chefkonsulent, FOA", "[name], chefkonsulent, FOA"),
        ("Sofie Lund, Nørregade 12", "[name], [address]"),
        ("sl@example.dk (Sofie Lund)", "[e-mail] ([name])"),
        ("S. Lund, tlf. 12345678", "[name], tlf. [number]"),
        ("Anna Andersson", "[name]"),
        # letters, digits and blanks of other alphabets; capitals
        ("Navn: Łukasz Wójcik", "Navn: [name]"),
        ("Kontakt Jose\u0301 Marti\u0301nez", "Kontakt [name]"),
        ("Navn: Иван Петров", "Navn: [name]"),
        ("LONE HANSEN", "[name]"),
        ("Lone\u00a0Hansen", "[name]"),
        ("Fru Ó Briain", "[name]"),
        ("Mahmoud al-Hassan, tlf. 12345678", "[name], tlf. [number]"),
        ("Hansen, Lone", "[name]"),
        ("L. Hansen", "[name]"),
        ("０１０１９０１２３４", "[number]"),
        ("01\u200b0190-1234", "[number]"),
        ("010190\u22121234", "[number]"),
        # numbers in parts
        ("CPR: 01 01 90 1234", "CPR: [number]"),
        ("cpr 01.01.1990-1234", "cpr [number]"),
        ("IBAN DK50 0040 0440 1162 43", "IBAN [number]"),
        ("tlf. 2012 3456", "tlf. [number]"),
        ("Ring 401 23 456 nu", "Ring [number] nu"),
        ("Call +1 (212) 555-0187", "Call [number]"),
        ("Ring 0045 12345678", "Ring [number]"),
        ("medarbejdernr. 48213", "medarbejdernr. [number]"),
        # addresses
        ("Kirkebakken 14, 9000 Aalborg", "[address]"),
        ("Nygårdsparken 4, st. th.", "[address]"),
        ("H.C. Andersens Boulevard 5, 1. tv.", "[address]"),
        ("Store Kongensgade 40B", "[address]"),
        ("Åboulevarden 23", "[address]"),
        ("10 Downing Street, London", "[address], London"),
        ("Hauptstraße 12, 24937 Flensburg", "[address]"),
        ("søren.ærø+svar@blåbærgård.dk", "[e-mail]"),
        ("lone＠kommune.dk", "[e-mail]"),
        ("lone [at] kommune [dot] dk", "[e-mail]"),
        ("se linkedin.com/in/lonehansen", "se [address]"),
        # what looks alike and names nobody
        ("Andelen i 2015-2018", "Andelen i 2015-2018"),
        ("2015 2018", "2015 2018"),
        ("10.000-20.000 kr.", "10.000-20.000 kr."),
        ("Kommunernes Landsforening", "Kommunernes Landsforening"),
        *(
            (text, text)
            for text in (
                "gaden 12",
                "Ring til Dansk Røde Kors",
                "Spørg Ældre Sagen",
                "leder Dagtilbud Nord",
                "OM PROCESSEN",
                "Samlet Tilfredshedsundersøgelsen",
                "100000 kr. eller mere",
                "100.000-199.999 kr.",
                "1 000 000 kr.",
                "31-12-2014",
                "Ring 112",
                "Pris @ 5",
                "Børnehaven 3 gange",
                "Natur 2000",
                "Arbejdspladsen 2",
                "Kontakt Aarhus Kommune",
                "Kontakt: Kommunernes Landsforening",
                "Hvor ofte er du i kontakt med Røde Kors?",
                "I kontakt med andre",
                "Kontakt til frivillige i Nordjylland",
                "Hilsen Projektgruppen",
                "Venlig hilsen kommunen",
                "Kontaktperson i kommunen",
                "Navn på Din Kommune",
                "Kære Deltager",
                "Dear Participant",
                "Contact Person",
                "Director of Social Services",
                "Leder af Børn og Unge",
                "Telefon Og Mail",
                "Besvaret af ledere",
                "Spørg Jobcenter Aarhus",
            )
        ),
    ],
)
def test_a_label_names_nobody(text: str, told: str) -> None:
    assert without_persons(text) == told
    assert names_somebody(text) is (text != told)


def test_no_text_of_the_report_is_taken_for_a_person(study: Study) -> None:
    """Labels of questions, tables, groups and models, and the names of the municipalities."""
    texts = set()
    for name in ("study.yaml", "questions", "tables", "unnumbered", "models"):
        place = study.folder / name
        for path in sorted(place.glob("*.yaml")) if place.is_dir() else [place]:
            texts |= set(labels(yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)))
    register = REPOSITORY / "tests" / "data" / "municipalities.csv"
    texts |= set(pd.read_csv(register)["name"])
    assert len(texts) > 700
    assert [text for text in sorted(texts) if names_somebody(text)] == []


def labels(declared: object) -> Iterator[str]:
    """The texts of a document that readers see."""
    if isinstance(declared, dict):
        for key, value in declared.items():
            if isinstance(value, str) and key in ("da", "en", "text", "label", "exported", "name"):
                yield value
            yield from labels(value)
    elif isinstance(declared, list):
        for value in declared:
            yield from labels(value)


@pytest.mark.parametrize("text", ["Aa " * 9000, "kontakt a a a " * 2000, "A. " * 9000, "a" * 10**6])
def test_a_long_label_is_looked_through_at_once(text: str) -> None:
    started = time.process_time()
    without_persons(text)
    assert time.process_time() - started < 5, "each start would look at all that follows"
