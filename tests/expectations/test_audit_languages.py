"""The pages of the audit: one language and one decimal sign each, and sentences one can read."""

from __future__ import annotations

import re

import pytest

from replication.audit import AuditFinding, PrintedReport, audit
from replication.audit.constraint_index import Constraints
from replication.audit.pages import pages_of
from replication.audit.summary import chapters_of, checked
from replication.audit.wording import in_words, numbers_text

# words of one language that are none of the other
ENGLISH = ("the", "of", "and", "is", "are", "which", "with", "not", "those", "stated", "printed",
           "figures", "fewer", "more", "about", "section", "summary", "everyone")  # fmt: skip
DANISH = ("og", "af", "ikke", "er", "til", "med", "eller", "tallene", "teksten", "siger", "afsnit",
          "flere", "omkring", "udsagn", "resuméet", "alle")  # fmt: skip
LONGEST = 45  # words of the longest sentence of a page, without what it lists


@pytest.fixture(scope="module")
def pages(report: PrintedReport, constraints: Constraints) -> dict[tuple[str, str], str]:
    found: list[AuditFinding] = audit(report, constraints)
    layout = report.layout
    chapters = chapters_of(layout.study, (claim.chapter for claim in layout.claims))
    counted = checked(layout, constraints, found)
    made = pages_of(chapters, report, constraints, counted, found)
    return {(chapter, language): text for chapter, language, text in made}


def told(text: str, report: PrintedReport) -> str:
    """A page without what it quotes from print and without names of places."""
    text = re.sub(r"“[^”]*”", "", text)
    identity = {g.id for g in report.layout.study.groups if g.kind == "identity"}
    names = {f.cell.row_label.da for f in report.layout.figures if f.cell.group in identity}
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "")
    return text


def test_no_page_mixes_languages(pages: dict[tuple[str, str], str], report: PrintedReport) -> None:
    assert len(pages) == 18
    for (chapter, language), text in pages.items():
        foreign = ENGLISH if language == "da" else DANISH
        words = set(re.findall(r"[^\W\d_]+", told(text, report).lower()))
        assert not words & set(foreign), (chapter, language)
        if language == "en":
            strange = re.findall(r"\w*[æøå]\w*", told(text, report).lower())
            assert strange == [], chapter


def test_each_language_has_its_decimal_sign(pages: dict[tuple[str, str], str]) -> None:
    for (chapter, language), text in pages.items():
        plain = re.sub(r"\b[Ta]a?b(?:el|le) \w?\d+\.\d+", "", text, flags=re.IGNORECASE)
        plain = re.sub(r"(?i)(?:section|afsnit) \d+(?:\.\d+)*", "", plain)
        plain = re.sub(
            r"(?:tables are in order|tabeller er i orden): [^.]*(?:\.\d[^.]*)*\.", "", plain
        )
        plain = re.sub(r"\d[.,]\d{3}\b(?!\d)", "", plain)  # thousands
        wrong = r"\d\.\d|[<>=]\.\d" if language == "da" else r"\d,\d"
        assert re.findall(f".{{0,20}}(?:{wrong}).{{0,10}}", plain) == [], (chapter, language)


def test_a_bound_and_a_thousand_in_danish() -> None:
    assert numbers_text("p<.07, 28.7 and 0.5268", "da") == "p<0,07, 28,7 and 0,5268"
    assert numbers_text("50.000 til 74.999 i afsnit 4.2 og tabel 3.4", "da") == (
        "50.000 til 74.999 i afsnit 4.2 og tabel 3.4"
    )
    assert numbers_text("afsnit 7.7.2: 12.5", "da") == "afsnit 7.7.2: 12,5"
    assert numbers_text("p<.07 and 28.7", "en") == "p<.07 and 28.7"


def test_a_reading_is_named_in_its_place_only(report: PrintedReport) -> None:
    """`of everyone` is the name of a reading, and part of what another rule says."""
    text = "18% is the share of everyone (17.46%); of those who answered otherwise than don't know"
    danish = in_words(f"{text} it is 26.58%", "da", report.layout)
    assert danish == (
        "18 % er andelen af alle (17,5 %); af dem, der har svaret andet end ved ikke, er den 26,6 %"
    )


def test_no_sentence_is_long(pages: dict[tuple[str, str], str]) -> None:
    """Lists of items with their figures aside, which are as long as the table."""
    for (chapter, language), text in pages.items():
        for line in text.splitlines():
            for sentence in re.split(r"(?<=[a-zæøå)%])[.:;] |\*\*", line):
                listed = re.sub(r"[^,:;]+ \d+,?\.?\d*(?: %)?,", "", sentence)
                assert len(listed.split()) <= LONGEST, (chapter, language, sentence)
