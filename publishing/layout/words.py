"""Fixed words of the published files, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from declarations.labels import Label

TESTS: Mapping[str, Label] = {
    "pearson_chi_square": Label("Pearsons chi i anden-test", "Pearson's chi-square test"),
    "likelihood_ratio": Label("likelihood ratio-test", "likelihood-ratio test"),
    "fisher": Label("Fishers eksakte test", "Fisher's exact test"),
    "fisher_exact": Label("Fishers eksakte test", "Fisher's exact test"),
    "fisher_simulated": Label("Fishers test, simuleret", "Fisher's test, simulated"),
    "linear_by_linear": Label("lineær trendtest", "linear-by-linear test"),
    "gamma": Label("Goodman-Kruskals gamma", "Goodman and Kruskal's gamma"),
}
AGAINST: Mapping[str, Label] = {
    "others": Label(
        "hver gruppe mod alle, der ikke er i den", "each group against everyone not in it"
    ),
    "levels": Label("grupperne mod hinanden", "the groups against each other"),
}
COMPARED: Mapping[str, Label] = {
    "whole": Label("hele svarfordelingen", "the whole distribution of answers"),
    "shown": Label("det viste svar mod de øvrige", "the answer shown against the rest"),
}
DONT_KNOW: Mapping[str, Label] = {
    "in_base": Label("“ved ikke” er med i testen", "“don't know” is part of the test"),
    "outside_base": Label("“ved ikke” er udeladt", "“don't know” is left out"),
    "own_category": Label("“ved ikke” er et svar for sig", "“don't know” is a separate answer"),
}
MISPRINTS: Mapping[str, Label] = {
    "no_count": Label(
        "intet helt antal svar giver det trykte tal", "no whole number of answers gives it"
    ),
    "row_sum": Label("rækkens svar giver ikke N", "the answers of the row do not add up to N"),
    "difference": Label(
        "det følger ikke af de to tal, det er udregnet af",
        "it does not follow from the two figures it is computed from",
    ),
}
IN_BASE = Label(
    "“Ved ikke” indgår i procentgrundlaget; ubesvarede gør ikke.",
    "“Don't know” is part of the base; unanswered is not.",
)
