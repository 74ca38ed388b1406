"""The words of the site in both languages; a page and its script use one of them."""

from __future__ import annotations

from collections.abc import Mapping

_BOTH: Mapping[str, tuple[str, str]] = {
    "skip": ("Gå til indholdet", "Skip to content"),
    "contents": ("Indhold", "Contents"),
    "tables": ("Tabeller", "Tables"),
    "table": ("Tabel", "Table"),
    "questions": ("Spørgsmål", "Questions"),
    "question": ("Spørgsmål", "Question"),
    "statements": ("Udsagn", "Statements"),
    "explorer": ("Udforsk", "Explore"),
    "audit": ("Eftersyn af trykket", "Audit of print"),
    "models": ("Modeller", "Models"),
    "trends": ("Udvikling", "Trends"),
    "response": ("Besvarelse", "Response"),
    "checks": ("Kontroller", "Checks"),
    "chapter": ("Kapitel", "Chapter"),
    "appendix": ("Bilag", "Appendix"),
    "banner_book": ("Spørgsmål efter gruppe", "Questions by group"),
    "weighted_base": ("Vægtet grundlag", "Weighted base"),
    "effective_base": ("Effektivt grundlag (Kish)", "Effective base (Kish)"),
    "empty_base": ("Ingen i grundlaget", "Nobody in the base"),
    "other_language": ("English", "Dansk"),
    "wave": ("Bølge", "Wave"),
    "search": ("Søg", "Search"),
    "search_label": (
        "Søg i titler, ordlyd, navne, kolonner og udsagn",
        "Search titles, wording, labels, columns and statements",
    ),
    "found": ("fundet", "found"),
    "nothing_found": ("Intet fundet", "Nothing found"),
    "main_menu": ("Sider", "Pages"),
    "show": ("Vis", "Show"),
    "change": ("Ændring", "Change"),
    "points": ("procentpoint", "percentage points"),
    "not_published": ("er ikke offentliggjort endnu", "is not published yet"),
    "click": (
        "Vælg et tal for at se, hvordan det er blevet til.",
        "Choose a figure to see how it was made.",
    ),
    "how_made": ("Sådan er tallet blevet til", "How this figure was made"),
    "close": ("Luk", "Close"),
    "count_of": ("{n} af {b}", "{n} of {b}"),
    "numerator": ("Tæller", "Numerator"),
    "base": ("Grundlag", "Base"),
    "unrounded": ("Uafrundet", "Unrounded"),
    "answer": ("Svar", "Answer"),
    "item": ("Item", "Item"),
    "wording": ("Ordlyd i skemaet", "Wording in the questionnaire"),
    "column": ("Kolonne i eksporten", "Column of the export"),
    "group": ("Gruppe", "Group"),
    "rule": ("Regel", "Rule"),
    "size": ("Størrelse", "Size"),
    "printed": ("Trykt tal", "Printed figure"),
    "printed_mark": ("Trykt mærke", "Printed mark"),
    "same_as_print": ("det samme som trykt", "the same as in print"),
    "other_than_print": ("ikke det samme som trykt", "not the same as in print"),
    "test": ("Test", "Test"),
    "q_note": (
        "q er rettet for de {n} test i tabel {t} (Benjamini-Hochberg)",
        "q is adjusted for the {n} tests of table {t} (Benjamini-Hochberg)",
    ),
    "small": ("Små forventede antal: p er omtrentlig.", "Small expected counts: p is approximate."),
    "star": ("Mærket under afrunding", "The mark under rounding"),
    "certain": (
        (
            "Mærket {m} følger af de trykte tal alene: alle svar, der afrundes til dem, "
            "giver p fra {a} til {b}."
        ),
        (
            "The mark {m} follows from print alone: all counts that round to it give p from "
            "{a} to {b}."
        ),
    ),
    "possible": (
        (
            "Mærket {m} er muligt, men følger ikke af de trykte tal alene: de giver p fra "
            "{a} til {b}."
        ),
        (
            "The mark {m} is possible but does not follow from print alone: it gives p from "
            "{a} to {b}."
        ),
    ),
    "impossible": (
        "Mærket {m} er umuligt: alle svar, der afrundes til det trykte, giver p fra {a} til {b}.",
        "The mark {m} is impossible: all counts that round to print give p from {a} to {b}.",
    ),
    "other_verdict": ("{v}: mærket {m}, p fra {a} til {b}.", "{v}: mark {m}, p from {a} to {b}."),
    "no_mark": ("intet", "none"),
    "cited": ("Udsagn, der bygger på tallet", "Statements that cite it"),
    "derived": ("Udregnet af kolonnerne", "Computed from the columns"),
    "total": ("alle svar", "all answers"),
    "not_ticked": ("ikke valgt", "not ticked"),
    "not_asked": ("Ikke spurgt i bølgen", "Not asked in the wave"),
    "suppressed": ("Undertrykt, så svar ikke kan udledes", "Suppressed so that no answers follow"),
    "reworded": ("Anden ordlyd end i den trykte bølge", "Other wording than in the printed wave"),
    "note": ("Noter", "Notes"),
    "source": ("Kilde", "Source"),
    "chart": ("Diagram", "Chart"),
    "chart_text": (
        "Diagrammet viser tallene i tabellen; “ved ikke” er vist i gråt.",
        "The chart shows the figures of the table; “don't know” is in grey.",
    ),
    "lineage": ("Fra rå kolonne til tabel", "From raw column to table"),
    "declaration": ("Erklæringen", "The declaration"),
    "sql": ("SQL, der giver de samme tal", "SQL that gives the same figures"),
    "sql_how": (
        "Kør den på samspil.duckdb i samme mappe som siden.",
        "Run it on samspil.duckdb in the folder above this site.",
    ),
    "sql_held": (
        "Optællingerne er tilbageholdt i denne bølge, så SQL'en kan ikke køres på filen.",
        "The counts of this wave are withheld, so the SQL cannot be run on the file.",
    ),
    "downloads": ("Hent", "Downloads"),
    "csv": ("CSV (komma)", "CSV (comma)"),
    "csv_da": ("CSV til dansk Excel", "CSV for a Danish Excel"),
    "more_files": (
        "Excel, Word og diagrammer laves med kommandoen samspil publish.",
        "The command samspil publish makes Excel, Word and charts.",
    ),
    "dagster": ("Siden i Dagster (når den kører)", "The page in Dagster (while it runs)"),
    "codes": ("Koder", "Codes"),
    "code": ("Kode", "Code"),
    "answers": ("Svar", "Answers"),
    "nonresponse": ("Ubesvaret", "Item nonresponse"),
    "asked_of": ("Stillet til", "Asked of"),
    "everyone": ("alle", "everyone"),
    "condition": ("dem, der svarede {c} på {i}", "those who answered {c} to {i}"),
    "used_in": ("Bruges i", "Used in"),
    "not_used": ("Ingen tabel", "No table"),
    "section": ("Afsnit", "Section"),
    "statement": ("Udsagn", "Statement"),
    "verdict": ("Afgørelse", "Verdict"),
    "expected": ("Trykt", "Printed"),
    "computed": ("Beregnet", "Computed"),
    "basis": ("Bygger på", "Rests on"),
    "all": ("Alle", "All"),
    "filter": ("Filtrér", "Filter"),
    "shown_of": ("{n} af {m} vist", "{n} of {m} shown"),
    "paraphrased": (
        "Rapportens udsagn i korte ord, med det trykte og det beregnede tal.",
        "What the report states, in brief words, with the printed and the computed figure.",
    ),
    "previous": ("Forrige", "Previous"),
    "next": ("Næste", "Next"),
    "range": ("{a}–{b} af {n}", "{a}–{b} of {n}"),
    "list_pages": ("Blad i listen", "Pages of the list"),
    "print_elsewhere": (
        "Rapporten handler om bølge {w}. Siderne om den trykte rapport findes dér.",
        "The report is about wave {w}. Its site has the pages about the printed report.",
    ),
    "no_print": ("Undersøgelsen har ingen trykt rapport.", "The study has no printed report."),
    "go_to_wave": ("Gå til bølge {w}", "Go to wave {w}"),
    "audit_intro": (
        "Trykte tal, som ikke alle kan være rigtige, efter kapitel.",
        "Printed figures that cannot all be right, by chapter.",
    ),
    "finding": ("Fund", "Finding"),
    "severity": ("Vægt", "Severity"),
    "likely": ("Sandsynligt", "Likely"),
    "gives": ("Det trykte giver", "Print gives"),
    "place": ("Sted", "Place"),
    "none": ("Ingen", "None"),
    "model_intro": (
        "Logistiske modeller: odds ratio bivariat og justeret for de øvrige baggrundsvariable.",
        "Logistic models: odds ratios, bivariate and adjusted for the other background variables.",
    ),
    "term": ("Led", "Term"),
    "alone": ("Alene", "Alone"),
    "adjusted": ("Justeret", "Adjusted"),
    "interval": ("95 %-interval", "95 % interval"),
    "events": ("Udfald", "Events"),
    "trends_intro": (
        "Ændringer mellem bølger, over alle offentliggjorte bølger.",
        "Changes between waves, over all published waves.",
    ),
    "no_trends": (
        "Bølgerne er ikke sammenlignet endnu (kommandoen samspil trends).",
        "The waves have not been compared yet (command samspil trends).",
    ),
    "from_to": ("Fra, til", "From, to"),
    "significance": ("Signifikans", "Significance"),
    "invited": ("Inviterede", "Invited"),
    "complete": ("Hele skemaet", "Complete"),
    "partial": ("En del", "Partial"),
    "no_answer": ("Ikke svaret", "No answer"),
    "rate": ("Svarprocent", "Response rate"),
    "held_back": (
        "Tilbageholdt af reglerne for offentliggørelse.",
        "Withheld by the disclosure policy.",
    ),
    "checks_intro": ("Kontroller og deres resultater.", "What was checked and found."),
    "all_checks": ("Alle kontroller med beskeder", "All checks with their messages"),
    "reproduction": ("Trykte tal", "Printed figures"),
    "status": ("Status", "Status"),
    "number": ("Antal", "Number"),
    "exact": ("som beregnet", "as computed"),
    "erratum": ("trykfejl", "misprint"),
    "differs": ("afviger", "differs"),
    "by": ("Fordelt på", "By"),
    "explorer_intro": (
        "Vælg et spørgsmål og en gruppe. Siden regner på de offentliggjorte optællinger.",
        "Choose a question and a group. The page computes from the published counts.",
    ),
    "explorer_held": (
        "Optællingerne er tilbageholdt i denne bølge; siden har kun tabellerne.",
        "The counts of this wave are withheld; the site has only the tables.",
    ),
    "no_group": ("ingen", "none"),
    "percent": ("Procent", "Percent"),
    "chi_levels": (
        "Pearsons chi i anden: grupperne mod hinanden",
        "Pearson's chi-square: groups compared",
    ),
    "chi_others": (
        "Pearsons chi i anden: gruppen mod alle andre",
        "Pearson's chi-square: the group against all others",
    ),
    "p_value": ("p", "p"),
    "no_script": (
        "Søgning, udforskning og udregninger kræver, at JavaScript er slået til.",
        "Search, explorer and derivations need JavaScript.",
    ),
    "computed_by": ("Lavet af samspil fra de rå filer.", "Made by samspil from the raw files."),
    "mark": ("Mærke", "Mark"),
    "method": ("Metode", "Method"),
    "empty": ("Tabellen har ingen tal.", "The table has no figures."),
}
VERDICTS: Mapping[str, tuple[str, str]] = {
    "holds": ("holder", "holds"),
    "rounds": ("holder med afrunding", "holds with rounding"),
    "imprecise": ("mindre præcist", "imprecise"),
    "register": ("registret", "register"),
    "contradicted": ("modsagt", "contradicted"),
    "open": ("åbent", "open"),
    "inconsistent": ("uforeneligt", "inconsistent"),
    "not testable": ("kan ikke afprøves", "not testable"),
    "printed": ("trykte tal", "printed figures"),
    "proof": ("bevis", "proof"),
    "text": ("teksten selv", "the text itself"),
    "free": ("data", "data"),
    "constructed": ("konstruerede data", "constructed data"),
    "high": ("høj", "high"),
    "medium": ("middel", "medium"),
    "low": ("lav", "low"),
}
PLACES = {"da": 0, "en": 1}
LANGUAGES = tuple(PLACES)


def words_in(language: str) -> dict[str, str]:
    """All words in one language."""
    place = PLACES[language]
    return {key: both[place] for key, both in (*_BOTH.items(), *_prefixed())}


def _prefixed() -> list[tuple[str, tuple[str, str]]]:
    return [(f"v_{key}", both) for key, both in VERDICTS.items()]


def word_of(value: str, language: str) -> str:
    """The word for a value of a relation; the value itself if it has no word."""
    both = VERDICTS.get(value) or _BOTH.get(value)
    return both[PLACES[language]] if both else value


def page_end(language: str) -> str:
    """The suffix of a page's name; Danish pages have none."""
    return ".html" if language == "da" else f".{language}.html"
