"""The pages of the audit: each has one language and one decimal sign, and readable sentences."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from replication.audit.constraint_index import Constraints
from replication.audit.findings import AuditFinding
from replication.audit.pages import pages_of, verdicts_by_chapter
from replication.audit.summary import chapters_of, checked
from replication.audit.wording import arithmetic_in_words, numbers_text
from replication.consistency.printed_report import PrintedReport
from replication.deciding.breaks import next_to, out_of_order
from replication.deciding.grading import Placed

# words of one language that are none of the other
ENGLISH = ("the", "of", "in", "and", "is", "are", "which", "with", "not", "those", "stated",
           "printed", "figures", "fewer", "more", "about", "section", "chapter", "summary",
           "everyone")  # fmt: skip
DANISH = ("og", "af", "ikke", "er", "til", "med", "eller", "tallene", "teksten", "siger", "afsnit",
          "flere", "omkring", "udsagn", "resuméet", "alle")  # fmt: skip
LONGEST = 45  # words of the longest sentence of a page, without what it lists


@pytest.fixture(scope="module")
def pages(
    report: PrintedReport, constraints: Constraints, found: list[AuditFinding]
) -> dict[tuple[str, str], str]:
    layout = report.layout
    chapters = chapters_of(layout.study, (claim.chapter for claim in layout.claims))
    counted = checked(layout, constraints, found)
    made = pages_of(chapters, report, counted, found, verdicts_by_chapter(report))
    return {(chapter, language): text for chapter, language, text in made}


def told(text: str, report: PrintedReport) -> str:
    """A page without its quotations from print and without names of places."""
    # labels of print are Danish in both languages
    text = re.sub(r"(?:has the label|the questionnaire|the same label): [^;\n]*", "", text)
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
        plain = re.sub(r"(?i)(?:section|afsnit|table|tabel|bilagstabel) \d+(?:\.\d+)*", "", plain)
        plain = re.sub(
            r"(?:tables? (?:are|is) in order|tabel(?:ler)? er i orden): [^.]*(?:\.\d[^.]*)*\.",
            "",
            plain,
        )
        plain = re.sub(r"\d[.,]\d{3}\b(?!\d)", "", plain)  # thousands
        wrong = r"\d\.\d|[<>=]\.\d" if language == "da" else r"\d,\d"
        assert re.findall(f".{{0,20}}(?:{wrong}).{{0,10}}", plain) == [], (chapter, language)


def test_a_bound_and_a_thousand_in_danish() -> None:
    assert numbers_text("p<.07, 28.7 and 0.5268", "da") == "p < 0,07, 28,7 and 0,5268"
    assert numbers_text("50.000 til 74.999 i afsnit 4.2 og tabel 3.4", "da") == (
        "50.000 til 74.999 i afsnit 4.2 og tabel 3.4"
    )
    assert numbers_text("afsnit 7.7.2: 12.5", "da") == "afsnit 7.7.2: 12,5"
    assert numbers_text("p<.07 and 28.7", "en") == "p < .07 and 28.7"


def test_a_reading_is_named_in_its_place_only(report: PrintedReport) -> None:
    """`of everyone` is the name of a reading, and also part of another rule's text."""
    text = "18% is the share of everyone (17.46%); of those who answered otherwise than don't know"
    danish = arithmetic_in_words(f"{text} it is 26.58%", "da", report.layout)
    assert danish == (
        "18 % er andelen af alle (17,5 %); af dem, der har svaret andet end ved ikke, er den 26,6 %"
    )


@pytest.mark.parametrize(
    ("gives", "english", "danish"),
    [
        (
            ("health (79.9) is below citizen_service (82.4); school (1.2) is below culture (5.0) "
            "and 4 more"),
            ("Health and prevention (79.9) is below Citizen services (82.4); Schools and education "
            "(1.2) is below Culture and leisure (5.0) and 4 more"),
            ("Sundhed og forebyggelse (79,9) er under Borgerservice (82,4); Skole og uddannelse "
            "(1,2) er under Kultur og fritid (5,0) og 4 andre"),
        ),
        (
            "democratic_group (66.6) is above service_group (65.7) (0.9 points apart)",
            "democratic values (66.6) is above services (65.7) (0.9 points apart)",
            "demokratiske værdier (66,6) er over service (65,7) (0,9 procentpoint fra hinanden)",
        ),
        (
            "challenge_evidence (9.1) is below the mean (10.6)",
            "Evidence on the effects is missing (9.1) is below the mean (10.6)",
            ("Der mangler evidens for/viden om virkningerne (9,1) er under gennemsnittet (10,6)"),
        ),
        (
            "stated nearly times 2, print gives 61.88 and 37.81: 1.64 times",
            "Read as nearly 2 times as many; the figures give 61.9 and 37.8: 1.6 times",
            "Læst som næsten 2 gange så mange; tallene giver 61,9 og 37,8: 1,6 gange",
        ),
        (
            "cross_cutting: health 24.6, the others 41.9 (p = 0.0716)",
            ("Collaboration across departments: Health and prevention 24.6, the others 41.9 "
            "(p = 0.0716)"),
            ("Samarbejde på tværs af forvaltninger: Sundhed og forebyggelse 24,6, de øvrige 41,9 "
            "(p = 0,0716)"),
        ),
        (
            "stated different, p < 0.05, print gives p = 0.0716",
            "Read as different, with p < 0.05; the figures give p = 0.0716",
            "Læst som forskellig, med p < 0,05; tallene giver p = 0,0716",
        ),
        (
            "stated p >= 0.1 throughout, print gives p = 0.0004",
            "Read as no significant difference (p of at least 0.1); the figures give p = 0.0004",
            "Læst som ingen signifikant forskel (p på mindst 0,1); tallene giver p = 0,0004",
        ),
        (
            "stated few, print gives cut_spending 20.94%, 1 more as said",
            "Read as few; the figures give cut_spending 20.9 %; the other is as the text says",
            "Læst som få; tallene giver cut_spending 20,9 %; den anden er, som teksten siger",
        ),
        (
            ("no whole number of 347 rounds to 35.8 (124: 35.7; 125: 36.0); of 346 all 4 figures "
            "of the row fit (87, 43)"),
            ("no whole number of 347 rounds to 35.8 (124: 35.7; 125: 36.0); of 346 all 4 figures "
            "of the row fit (87, 43)"),
            ("intet helt antal af 347 afrundes til 35,8 (124: 35,7; 125: 36,0); af 346 passer alle "
            "rækkens 4 tal (87, 43)"),
        ),
        ("printed p<.001; x", "printed p < .001; x", "trykt p < 0,001; x"),
        (
            "stated 6, print gives 7 (chapters 2, 3)",
            "The text says 6; the figures give 7 (chapters 2, 3)",
            "Teksten siger 6; tallene giver 7 (kapitlerne 2, 3)",
        ),
    ],
)  # fmt: skip
def test_sentences_that_can_be_read_aloud(
    gives: str, english: str, danish: str, report: PrintedReport
) -> None:
    assert arithmetic_in_words(gives, "en", report.layout) == english
    assert arithmetic_in_words(gives, "da", report.layout) == danish


def test_no_sentence_is_long(pages: dict[tuple[str, str], str]) -> None:
    """Lists of items with their figures do not count, because they are as long as the table."""
    for (chapter, language), text in pages.items():
        for line in text.splitlines():
            for sentence in re.split(r"(?<=[a-zæøå)%])[.:;] |\*\*", line):
                listed = re.sub(r"[^,:;]+ \d+,?\.?\d*(?: %)?,", "", sentence)
                assert len(listed.split()) <= LONGEST, (chapter, language, sentence)


def test_pages_quote_nothing(pages: dict[tuple[str, str], str]) -> None:
    """Statements are paraphrases and labels may be shortened, so neither is a quotation."""
    for page, text in pages.items():
        assert not set(text) & set('"“”„«»'), page


def test_one_is_singular(pages: dict[tuple[str, str], str]) -> None:
    for page, text in pages.items():
        plural = r"\b1 (?:tabeller|tables|andre|more|others|statements|findings)\b"
        assert re.findall(plural, text) == [], page


def test_a_bound_of_p_has_blanks(pages: dict[tuple[str, str], str]) -> None:
    for page, text in pages.items():
        assert re.findall(r"\bp[<>=]|\bp [<>=]+[\d.]", text) == [], page


def test_places_are_called_as_the_report_calls_them(pages: dict[tuple[str, str], str]) -> None:
    """A chapter without sections is not a section, and Table A1.1 is called Table 1.1."""
    assert "Appendix Table 1.1, Halsnæs" in pages["appendix", "en"]
    assert "Bilagstabel 1.1, Halsnæs" in pages["appendix", "da"]
    assert "Chapter 8, paragraph" in pages["8", "en"]
    for page, text in pages.items():
        wrong = r"A1\.1|(?i:\b(?:section|afsnit) \d\b(?!\.\d))|(?i:\bresumé(?:et)? \d)"
        assert re.findall(wrong, text) == [], page


def test_words_we_read_are_not_called_the_texts(pages: dict[tuple[str, str], str]) -> None:
    """`The text says` may precede only the text's own numbers."""
    for page, text in pages.items():
        said = re.findall(r"(?:The text says|Teksten siger) (\w+)", text)
        own = [word for word in said if not word[0].isdigit()]
        # what a finding means for a reader, and two places that say the opposite
        assert set(own) <= {"more", "mere", "begge", "both"}, page


def test_a_ranking_names_what_breaks_it(pages: dict[tuple[str, str], str]) -> None:
    """The page shows only the lines that are out of order, with their figures."""
    text = pages["5", "en"]
    assert (
        "Training for staff (34.6) is above Regular meetings for dialogue (26.0). "
        "With 35.2 in the table it holds." in text
    )
    for page, own in pages.items():
        assert not re.search(r"\b(?:highest|lowest|højest|lavest): ", own), page


def test_an_order_that_breaks_at_every_step_names_the_first() -> None:
    placed = {key: Placed(value) for key, value in zip("abcdef", (1, 2, 3, 4, 5, 6), strict=True)}
    steps = list(pairwise("abcde"))
    assert out_of_order(steps, placed, highest=True) == (
        "a (1.0) is below b (2.0); 3 more steps break the order"
    )
    assert out_of_order([("a", "b"), ("a", "c")], placed, True) == (
        "a (1.0) is below c (3.0) and b (2.0)"
    )
    assert out_of_order([("f", key) for key in "abcde"], placed, False) == (
        "f (6.0) is above a (1.0) and 4 more"
    )
    assert out_of_order([], placed, highest=True) == "it holds"
    assert next_to(["e", "f"], ["a", "b"], placed, highest=True) == "e (5.0) is above b (2.0)"
    assert next_to(["a", "b"], ["e", "f"], placed, highest=False) == "b (2.0) is below e (5.0)"


def test_a_right_sentence_is_called_right(pages: dict[tuple[str, str], str]) -> None:
    """39 % is right in 3.2 and 7.1. The summary's 19 % needs correcting, and only there."""
    for chapter in ("3", "7"):
        assert "19 % in the summary" not in pages[chapter, "en"]
    for section in ("3.2", "7.1"):
        assert f"19 % in the summary against 39 % in section {section}" in pages["resume", "en"]
    assert "19 % work under a policy of their own area" in pages["resume", "en"]
    assert "The sentence here is right" not in pages["resume", "en"]


def test_a_repetition_says_of_what_the_other_place_is(pages: dict[tuple[str, str], str]) -> None:
    assert "say this of Lower municipal spending, not of" in pages["resume", "en"] or (
        "says this of Lower municipal spending, not of" in pages["resume", "en"]
    )
    assert "says this of Schools and education, not of Culture and leisure" in pages["7", "en"] or (
        "say this of Schools and education, not of Culture and leisure" in pages["7", "en"]
    )


def test_both_languages_call_the_same_significant(report: PrintedReport) -> None:
    for claim in report.layout.claims:
        own = claim.statement
        for danish, english in (("signifikant", "significan"), ("i høj grad", "to a high degree")):
            assert (danish in own.da.lower()) == (english in own.en.lower()), claim.id
        assert not re.search(r"sagt igen|said again", f"{own.da} {own.en}"), claim.id
