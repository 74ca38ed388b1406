"""Columns of the clean, count and result relations, described once."""

from __future__ import annotations

COLUMNS: dict[str, str] = {
    "respondent": "Identifier from the respondent list, one per invited head of department",
    "file_row": "Line of the data set file, the header being 1",
    "municipality": "Official municipality code",
    "status": "complete, partial or none: how the invitation was answered",
    "code": "Code as the platform stored it",
    "name": "Municipality name as in the register",
    "region": "Region (level key)",
    "population": "Inhabitants on 1 January 2015",
    "mayor_party": "Letter of the mayor's party, council period 2014-2017",
    "expenditure_pressure": "Expenditure need by resource base, national average 100",
    "size": "Size group by population (level key)",
    "bloc": "Mayor's bloc (level key)",
    "pressure_band": "Expenditure pressure in bands (level key)",
    "pressure_half": "Lower or upper half of municipalities by expenditure pressure",
    "pressure_quintile": "Fifth of municipalities by expenditure pressure",
    "group": "Background variable",
    "level": "Level of the background variable; 'all' is everyone",
    "text": "Open answer the areas were derived from",
    "item": "Declared item",
    "variable": "Column of the export",
    "value": "Cell text as exported",
    "number": "Number answered, for numeric items",
    "rule": "Rule a quarantined cell breaks; empty for usable cells",
    "expected": "What was expected in a quarantined cell",
    "n": "Respondents (or invitations) with this item, code and level",
    "wave": "Wave (year)",
    "table": "Table of the report",
    "row": "Declared row key",
    "row_label_da": "Row label, Danish",
    "group_label_da": "Row group label, Danish",
    "column": "Declared column key",
    "column_label_da": "Column label, Danish",
    "statistic": "count, percent, difference or relative_difference",
    "numerator": "Respondents with the answer, within the level",
    "base": "Respondents who answered the item, within the level",
    "formatted": "Rounded half up as print does, with a decimal point",
    "file": "Raw file",
    "printed": "Figure as printed, misprints included",
    "computed": "Figure computed from the data",
    "n_printed": "Base as printed",
    "n_computed": "Base computed from the data",
}

# Where a relation uses a name in its own sense.
OWN_COLUMNS: dict[str, dict[str, str]] = {
    "answers": {"code": "Code as stored; empty where the answer is quarantined or not closed"},
    "municipalities": {"code": "Official municipality code"},
    "counts": {"code": "Code counted (text)"},
    "results": {"group": "Printed row group (declared key)", "value": "Statistic, unrounded"},
    "reproduction": {
        "row_label": "Row label as printed",
        "group": "Row group as printed",
        "column": "Column heading as printed",
        "status": "exact, erratum (print cannot be right) or differs",
    },
    "overview": {
        "Afsnit": "Part of the printed overview",
        "": "Letter the report gives the variable",
        "Variabel": "Variable, Danish",
        "Variable": "Variable, English",
        "Lukkede items": "Number of items with declared codes",
        "Erklæret i": "Declaring file",
    },
}


def column_description(relation: str, column: str) -> str | None:
    """What a column of a relation holds; None where it is not described."""
    return OWN_COLUMNS.get(relation, {}).get(column) or COLUMNS.get(column)
