"""The fixed words of tabulated tables: statistics, how they are counted, tests."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from assets.tabulate.request import Request
from assets.tabulate.results import NOT_ASKED as LOST
from declarations.labels import Label
from publishing.layout.model import BASE, HIDDEN, LETTERS, TEST, Note

ALL = Label("Alle", "All")
NOT_ASKED = (LOST, Label("Ikke spurgt i bølgen", "Not asked in the wave"))
STATISTICS: Mapping[str, Label] = {
    "percent": Label("Procent", "Percent"),
    "n": Label("Antal", "Number"),
    "mean": Label("Gennemsnit", "Mean"),
    "sd": Label("Standardafvigelse", "Standard deviation"),
    "q1": Label("1. kvartil", "1st quartile"),
    "median": Label("Median", "Median"),
    "q3": Label("3. kvartil", "3rd quartile"),
    "low": Label("interval fra", "interval from"),
    "high": Label("interval til", "interval to"),
}
BASE_LINES: Mapping[str, tuple[Label, int]] = {
    "base": (Label("N", "N"), 0),
    "weighted_base": (Label("Vægtet N", "Weighted N"), 1),
    "effective_base": (Label("Effektivt N", "Effective N"), 0),
}
PERCENT_OF = {
    "column": Label("Procent af kolonnen", "Percent of the column"),
    "row": Label("Procent af rækken", "Percent of the row"),
    "total": Label("Procent af alle i tabellen", "Percent of everyone in the table"),
}
RESTS_ON = {
    "valid": Label("gyldige svar", "valid answers"),
    "answered": Label("alle svar, også “ved ikke”", "all answers, don't know included"),
    "all": Label("alle respondenter", "all respondents"),
}
HIDDEN_HERE = Label(
    "Nogle tal er udeladt, så svar fra enkelte personer ikke kan udledes.",
    "Some figures are left out so that no answers of single persons follow.",
)
AGAINST = {
    "columns": Label(
        "Bogstaver nævner de kolonner i samme gruppe, som et tal er signifikant større end",
        "Letters name the columns of the same group that a figure is significantly greater than",
    ),
    "rest": Label(
        "+ og − siger, at et tal er signifikant større eller mindre end de øvriges",
        "+ and − say that a figure is significantly greater or less than that of the rest",
    ),
}
ADJUSTED = {
    "none": Label("uden korrektion for flere test", "not adjusted for several tests"),
    "holm": Label("p er rettet efter Holm", "p is adjusted by Holm's method"),
    "bh": Label("p er rettet efter Benjamini-Hochberg", "p is adjusted by Benjamini-Hochberg"),
}
FAMILY = {
    "row": Label("testene af en række i en gruppe", "the tests of a row within a group"),
    "table": Label("alle test i tabellen", "all tests of the table"),
}
# test results as words, longer ones first
DANISH = (
    (r"chi-square", "chi i anden"),
    (r"Rao-Scott", "Rao-Scott"),
    (r"\bagainst the rest\b", "mod de øvrige"),
    (r"\bagainst\b", "mod"),
    (r"\band\b", "og"),
    (r"\bone-way\b", "ensidet"),
)


def request_notes(request: Request) -> Iterator[Note]:
    """How the figures are counted: base, weight, filter, minimum base, comparisons."""
    percent, base = PERCENT_OF[request.percent], RESTS_ON[request.base]
    yield Note(
        BASE, Label(f"{percent.da}; grundlag: {base.da}.", f"{percent.en}; base: {base.en}.")
    )
    if request.weight is not None:
        yield Note(
            BASE,
            Label(
                f"Vægtet med {request.weight}; N er uvægtet, effektivt N er Kishs.",
                f"Weighted by {request.weight}; N is unweighted, effective N is Kish's.",
            ),
        )
    if request.filter.words:
        yield Note(BASE, Label(f"Kun {request.filter.words}.", f"Only {request.filter.words}."))
    if request.min_base is not None:
        least = request.min_base.least
        text = Label(
            f"Tal på færre end {least} svar er udeladt.",
            f"Figures on fewer than {least} answers are left out.",
        )
        if request.min_base.below == "mark":
            text = Label(
                f"Tal i parentes hviler på færre end {least} svar.",
                f"Figures in brackets are based on fewer than {least} answers.",
            )
        yield Note(HIDDEN, text)
    if request.compare is not None:
        yield Note(LETTERS, _compared(request))
    if request.lost:
        names = ", ".join(request.lost)
        yield Note(BASE, Label(f"{NOT_ASKED[1].da}: {names}.", f"{NOT_ASKED[1].en}: {names}."))


def _compared(request: Request) -> Label:
    compare = request.compare
    assert compare is not None
    against, adjusted = AGAINST[compare.against], ADJUSTED[compare.adjust]
    da = f"{against.da} (p < {compare.level:g}; {adjusted.da}".replace(".", ",")
    en = f"{against.en} (p < {compare.level:g}; {adjusted.en}"
    if compare.adjust != "none":
        family = FAMILY[compare.family]
        da, en = f"{da}: {family.da}", f"{en}: {family.en}"
    return Label(f"{da}).", f"{en}).")


def test_text(of: Label, group: Label, record: Mapping[str, Any]) -> Note:
    """One test of a question over the levels of a group, with p and its base."""
    p = str(record["formatted"])
    text = f"{record['note']}, p {p if p.startswith('<') else f'= {p}'}"
    base = "" if pd.isna(record["base"]) else f" (N = {record['base']:.0f})"
    level = f" ({record['level']})" if record["level"] else ""
    da, en = (": ".join(filter(None, part)) for part in ((of.da, group.da), (of.en, group.en)))
    danish = text
    for pattern, word in DANISH:
        danish = re.sub(pattern, word, danish)
    danish = re.sub(r"(\d)\.(\d)", r"\1,\2", danish)
    return Note(TEST, Label(f"{da}{level}: {danish}{base}", f"{en}{level}: {text}{base}"))
