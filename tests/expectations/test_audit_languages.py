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


@pytest.mark.parametrize(
    ("gives", "english", "danish"),
    [
        (
            "stated top set: culture, health, print gives culture 82.5, health 79.9",
            ("The text puts Culture and leisure, Health and prevention highest; the figures are, "
            "from the top, Culture and leisure 82.5, Health and prevention 79.9"),
            ("Teksten sætter Kultur og fritid, Sundhed og forebyggelse højest; tallene er, "
            "ovenfra, Kultur og fritid 82,5, Sundhed og forebyggelse 79,9"),
        ),
        (
            "stated bottom: culture, health, print gives health 1.2, culture 3.4",
            ("The text puts Culture and leisure, Health and prevention lowest, in this order; the "
            "figures are, from the bottom, Health and prevention 1.2, Culture and leisure 3.4"),
            ("Teksten sætter Kultur og fritid, Sundhed og forebyggelse lavest, i den rækkefølge; "
            "tallene er, nedefra, Sundhed og forebyggelse 1,2, Kultur og fritid 3,4"),
        ),
        (
            ("stated above all top set: democratic_group, print gives democratic_group 66.6, "
            "service_group 65.7 (0.9 points apart)"),
            ("The text puts democratic values above all others; the figures are, from the top, "
            "democratic values 66.6, services 65.7 (0.9 points apart)"),
            ("Teksten sætter demokratiske værdier over alle andre; tallene er, ovenfra, "
            "demokratiske værdier 66,6, service 65,7 (0,9 procentpoint fra hinanden)"),
        ),
        (
            "stated high: challenge_evidence, print gives challenge_evidence 9.1; mean 10.6",
            ("The text puts Evidence on the effects is missing above the average; the figures are "
            "Evidence on the effects is missing 9.1 (mean 10.6)"),
            ("Teksten sætter Der mangler evidens for/viden om virkningerne over gennemsnittet; "
            "tallene er Der mangler evidens for/viden om virkningerne 9,1 (gennemsnit 10,6)"),
        ),
        (
            "stated nearly times 2, print gives 61.88 and 37.81: 1.64 times",
            "The text says nearly 2 times as many; the figures give 61.9 and 37.8: 1.6 times",
            "Teksten siger næsten 2 gange så mange; tallene giver 61,9 og 37,8: 1,6 gange",
        ),
        (
            "stated less, p < 0.05, print gives cross_cutting p = 0.0716, 16.7 against 33.2",
            ("The text says less, with p < 0.05; the figures give Collaboration across "
            "departments: 16.7 against 33.2, p = 0.0716"),
            ("Teksten siger færre, med p < 0,05; tallene giver Samarbejde på tværs af "
            "forvaltninger: 16,7 mod 33,2, p = 0,0716"),
        ),
        (
            "stated p >= 0.1 throughout, print gives p = 0.0004",
            ("The text says that groups do not differ (p of at least 0.1); the figures give "
            "p = 0.0004"),
            "Teksten siger, at der ikke er forskel (p på mindst 0,1); tallene giver p = 0,0004",
        ),
        (
            "stated few, print gives cut_spending 20.94%, 1 more as said",
            "The text says few; the figures give cut_spending 20.9 %; 1 other is as the text says",
            "Teksten siger få; tallene giver cut_spending 20,9 %; 1 anden er, som teksten siger",
        ),
        (
            ("35.8: 124 of 347 is 35.7 and 125 of 347 is 36.0; out of 346 all 4 figures of the row "
            "fit: 87, 43"),
            ("35.8 is no share of 347: 124 of 347 is 35.7 and 125 of 347 is 36.0. With N = 346 all "
            "4 figures of the row fit: 87, 43"),
            ("35,8 er ingen andel af 347: 124 af 347 er 35,7 og 125 af 347 er 36,0. Med N = 346 "
            "passer alle rækkens 4 tal: 87, 43"),
        ),
        ("printed p<.001; x", "printed p<.001; x", "trykt p<0,001; x"),
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
    assert in_words(gives, "en", report.layout) == english
    assert in_words(gives, "da", report.layout) == danish


def test_no_sentence_is_long(pages: dict[tuple[str, str], str]) -> None:
    """Lists of items with their figures aside, which are as long as the table."""
    for (chapter, language), text in pages.items():
        for line in text.splitlines():
            for sentence in re.split(r"(?<=[a-zæøå)%])[.:;] |\*\*", line):
                listed = re.sub(r"[^,:;]+ \d+,?\.?\d*(?: %)?,", "", sentence)
                assert len(listed.split()) <= LONGEST, (chapter, language, sentence)
