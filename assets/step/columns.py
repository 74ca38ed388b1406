"""Descriptions of columns that several relations share.

If a relation uses a column in another sense, the declaration of its asset describes that column.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

WORDS_ONLY = True

COLUMNS: dict[str, str] = {
    "respondent": "Keyed hash of the identifier, one per invited head of department",
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
    "item": "Declared item",
    "variable": "Column of the export",
    "value": "Cell text if it identifies nobody, else its shape",
    "number": "Number answered, for numeric items",
    "rule": (
        "Rule that a quarantined row or cell breaks, as in checks of study.yaml; empty if usable"
    ),
    "expected": "Expected value",
    "unit": "Unit of quarantine: the whole row, or one answer of it",
    "n": "Respondents (or invitations) with this item, code and level",
    "wave": "Wave (year)",
    "table": "Table of the report",
    "row": "Declared row key",
    "row_label_da": "Row label, Danish",
    "group_label_da": "Row group label, Danish",
    "column": "Declared column key",
    "column_label_da": "Column label, Danish",
    "statistic": "count, percent, difference or relative_difference",
    "note": (
        "not asked: the wave did not ask it; reworded: it asked with another wording; "
        "suppressed: it would disclose answers of single respondents"
    ),
    "wording": "What the item asks in the wave, Danish; empty for a statistic of other columns",
    "numerator": "Respondents with the answer, within the level",
    "base": "Respondents who answered the item, within the level",
    "formatted": "Rounded half up as print does, with a decimal point",
    "file": "Raw file",
    "printed": "Figure as printed, misprints included",
    "computed": "Figure computed from the data",
    "n_printed": "Base as printed",
    "n_computed": "Base computed from the data",
}


def described(names: Iterable[str], own: Mapping[str, str] | None = None) -> dict[str, str]:
    """The meaning of each column, in order: from `own`, or else from COLUMNS.

    Raises LookupError if neither has a column.
    """
    wanted, known = list(names), COLUMNS | dict(own or {})
    if missing := [name for name in wanted if name not in known]:
        raise LookupError(f"columns without a description: {', '.join(missing)}")
    return {name: known[name] for name in wanted}
