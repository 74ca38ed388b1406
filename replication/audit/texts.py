"""The words of the audit's pages in both languages, and the choice of the meaning of a finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from replication.audit.diagnosis import EMPTY_LINES
from replication.audit.findings import AuditFinding, is_right
from replication.consistency.constraints import HIGH, LOW, MEDIUM
from replication.consistency.references import CLAIM, ITEM, TEXT

TITLES: Mapping[str, Mapping[str, str]] = {
    "da": {"resume": "Resumé", "appendix": "Bilag"},
    "en": {"resume": "Summary", "appendix": "Appendix"},
}
TEXTS: Mapping[str, Mapping[str, str]] = {
    "da": {
        "chapter": "Kapitel",
        "title": "gennemgang af de trykte tal",
        "introduction": "Gennemgangen ser kun på de trykte tal og på det, teksten siger om dem. "
        "Udsagnene er gengivet med andre ord, og hvert er læst, som det sædvanligvis læses. Et "
        "udsagn regnes kun for forkert, hvis ingen sædvanlig læsning gør det rigtigt.",
        "right": "Det, der er i orden",
        "figures": "Her er {figures} trykte tal i {tables} tabeller.",
        "one_figures": "Her er {figures} trykte tal i 1 tabel.",
        "clean": "Disse tabeller er i orden: {tables}.",
        "one_clean": "Denne tabel er i orden: {tables}.",
        "statements": "Af {stated} udsagn kan {decided} afgøres af de trykte tal: {parts}.",
        "and": "og",
        "holds": "{n} holder",
        "rounds": "{n} holder med en afrunding",
        "imprecise": "{n} er mindre præcise",
        "one_imprecise": "{n} er mindre præcist",
        "contradicted": "{n} holder ikke",
        "relations": "Af {total} kontrollerede sammenhænge holder {kept}.",
        "correct": "Det, vi ville rette",
        "small": "Småting: afrunding og ordvalg",
        "small_words": "Konklusionerne står ved magt; det er nævnt, hvis teksten alligevel skal "
        "gennemses.",
        "checked": "Hvor meget der er kontrolleret",
        "column_checked": "kontrolleret",
        "column_broken": "ikke opfyldt",
        "more": "og {more} til af samme grund",
        "one_more": "og endnu en af samme grund",
        "likely": "{likely} er det sandsynlige tal",
        "mended": "Med {likely} i tabellen passer det",
        "section": "Afsnit",
        "appendix_table": "Bilagstabel",
        "sentence": "{section}, {paragraph}. stykke, {sentence}. sætning",
        "table": "Tabel",
        "label": "rækkens navn",
        "one_of": "et af tallene {cells}",
        "one_of_row": "et af rækkens tal",
        "or": "eller",
        "bound": "grænsen for p",
        "stars": "stjerner",
        "numbers": "antallet af kommuner",
        "base_of": "N for {item}, trykt sammen med andre linjer",
        "printed": "trykt {printed}",
        "no_star": "trykt uden stjerne",
    },
    "en": {
        "chapter": "Chapter",
        "title": "a review of the printed figures",
        "introduction": "The review looks only at the printed figures and at what the text says of "
        "them. Statements are given in other words, and each is read as it usually is. A statement "
        "counts as wrong only if no usual reading makes it true.",
        "right": "What is right",
        "figures": "There are {figures} printed figures in {tables} tables.",
        "one_figures": "There are {figures} printed figures in 1 table.",
        "clean": "These tables are in order: {tables}.",
        "one_clean": "This table is in order: {tables}.",
        "statements": "Of {stated} statements the printed figures decide {decided}: {parts}.",
        "and": "and",
        "holds": "{n} hold",
        "one_holds": "{n} holds",
        "rounds": "{n} hold apart from rounding",
        "one_rounds": "{n} holds apart from rounding",
        "imprecise": "{n} are less exact",
        "one_imprecise": "{n} is less exact",
        "contradicted": "{n} do not hold",
        "one_contradicted": "{n} does not hold",
        "relations": "Of {total} relations that were checked, {kept} hold.",
        "correct": "What we would correct",
        "small": "Small matters: rounding and wording",
        "small_words": "The conclusions stand; these are noted in case the text is revised anyway.",
        "checked": "How much was checked",
        "column_checked": "checked",
        "column_broken": "not met",
        "more": "and {more} more for the same reason",
        "one_more": "and another for the same reason",
        "likely": "{likely} is the likely figure",
        "mended": "With {likely} in the table it holds",
        "section": "Section",
        "appendix_table": "Appendix Table",
        "sentence": "{section}, paragraph {paragraph}, sentence {sentence}",
        "table": "Table",
        "label": "the label of the row",
        "one_of": "one of the figures {cells}",
        "one_of_row": "one of the figures of the row",
        "or": "or",
        "bound": "the bound of p",
        "stars": "stars",
        "numbers": "the number of municipalities",
        "base_of": "N of {item}, printed with that of other lines",
        "printed": "printed {printed}",
        "no_star": "printed without a star",
        "all_findings": "{findings} findings with {causes} causes, made by `make docs` from the "
        "printed figures in `studies/samspil/printed/` and the statements in "
        "`studies/samspil/claims/`. How they are found, and how to read them, is in "
        "[audit-method.md](audit-method.md). Statements are paraphrased, and a statement counts as "
        "wrong only if no usual reading makes it true.",
    },
}
EMPTY, BOTH, ELSEWHERE, COUNTS, LABELS = "empty", "both", "elsewhere", "counts", "labels"
RIGHT, READINGS, OTHER_SENTENCE = "right", "readings", "other sentence"
TOGETHER = "together"
# rules on numbers of the text that must fit each other
OWN_NUMBERS = {"mixture", "prose_sums", "own_words"}
MEANINGS: Mapping[str, Mapping[str, str]] = {
    "da": {
        EMPTY: "Procenterne er rigtige; kun N tæller en med, der har sprunget linjen over.",
        BOTH: "Teksten siger begge dele. Hvad der menes, kan tallene ikke afgøre.",
        ELSEWHERE: "Sætningen gentager et andet sted i rapporten, men om noget andet.",
        COUNTS: "Et tal i teksten; intet resultat hviler på det.",
        RIGHT: "Sætningen er rigtig; det er tallet i tabellen, der skal rettes.",
        TOGETHER: "Tekstens egne tal passer ikke sammen.",
        OTHER_SENTENCE: "Sætningen her er rigtig; det er den anden, der skal rettes.",
        READINGS: "Rigtigt i én læsning; i en anden er det omvendt.",
        LABELS: "Tallene er ikke berørt; pladsen i tabellen viser, hvad der menes.",
        f"{CLAIM}:{HIGH}": "En læser af teksten slutter noget andet end en læser af tabellen.",
        f"{CLAIM}:{MEDIUM}": "Teksten siger mere, end tabellen bærer; retningen er rigtig.",
        f"{CLAIM}:{LOW}": "En afrunding eller et ord; konklusionen står.",
        HIGH: "Afvigelsen er stor nok til at ændre, hvad man læser ud af rækken.",
        MEDIUM: "En fejl i ét tal; sammenligningen læses på samme måde.",
        LOW: "Kun det sidste ciffer er berørt.",
    },
    "en": {
        EMPTY: "The percentages are right; only N counts somebody who left this line empty.",
        BOTH: "The text says both. The figures do not show which is meant.",
        ELSEWHERE: "The sentence repeats another place in the report, but about something else.",
        COUNTS: "A number in the text; no result depends on it.",
        RIGHT: "The sentence is right; it is the figure of the table that needs correcting.",
        TOGETHER: "The text's own numbers do not fit each other.",
        OTHER_SENTENCE: "The sentence here is right; it is the other one that needs correcting.",
        READINGS: "Right in one reading; in another it is the other way round.",
        LABELS: "The figures are not affected; the place in the table shows what is meant.",
        f"{CLAIM}:{HIGH}": "A reader of the text concludes something other than a reader of the "
        "table.",
        f"{CLAIM}:{MEDIUM}": "The text says more than the table supports; the direction is right.",
        f"{CLAIM}:{LOW}": "A matter of rounding or of a word; the conclusion stands.",
        HIGH: "The difference is large enough to change what readers conclude from the row.",
        MEDIUM: "A slip in one figure; the comparison that uses it stays the same.",
        LOW: "Only the last digit is affected.",
    },
}


def meaning_of(findings: Sequence[AuditFinding]) -> str:
    """Which of the texts on meaning applies to findings with one cause."""
    first = findings[0]
    worst = min((f.severity for f in findings), key=(HIGH, MEDIUM, LOW).index)
    cause, rules = first.causes[0], {f.rule for f in findings}
    if cause.startswith(f"{ITEM}:") or first.likely_by == EMPTY_LINES:
        return EMPTY
    if all(map(is_right, findings)):
        return RIGHT
    if "contradiction" in rules and worst != HIGH:
        return BOTH
    if rules <= {"restatement"}:
        return ELSEWHERE
    if rules <= OWN_NUMBERS | {"unit"} and rules & OWN_NUMBERS:
        return TOGETHER
    if rules == {"same_quantity"} and all(set(f.causes).isdisjoint({f.about}) for f in findings):
        return OTHER_SENTENCE
    if cause.startswith(CLAIM):
        if rules == {"wording"} and worst == MEDIUM:
            return READINGS
        return f"{CLAIM}:{worst}"
    if cause.startswith(f"{TEXT}:"):
        return COUNTS
    return LABELS if rules == {"labels"} else worst
