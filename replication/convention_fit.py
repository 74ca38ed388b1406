"""Printed marks: how many each convention explains, and what follows from print alone."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pandas as pd

from assets.analysis.comparisons import marked_tables
from assets.analysis.significance_assets import CONVENTION, CONVENTIONS, marked_declared
from assets.step.columns import described
from assets.step.declaring import FACTS, FIGURES
from assets.step.factory import Asset, Check, Given, Made, Published, Step, step
from assets.step.markdown import markdown
from declarations import Study
from declarations.survey.marks import DECLARED
from replication.fit import EXCEPTION_COLUMNS, FIT_COLUMNS, convention_fit
from replication.printed import read_errata, read_printed
from replication.proof.marks import COLUMNS as MARK_COLUMNS
from replication.proof.marks import WITNESSES, marks_frame
from replication.reproduction import (
    compared_declared,
    has_print,
    print_declared,
    printed_folder,
    published_before,
    unprinted,
)
from replication.solver.stated import lined_up
from runtime.safe_text import page_lines

NAME = "explains_printed_marks"
# maximum length of a cell in a preview
SHORT = 60
FIT = dg.AssetKey(["checks", "convention_fit"])
EXCEPTIONS = dg.AssetKey(["checks", "convention_exceptions"])
UNDER_ROUNDING = dg.AssetKey(["proof", "marks_under_rounding"])
DESCRIPTIONS = {
    FIT: (
        "For every declared convention the number of printed stars and bounds of p that it "
        "explains. A bound is tight if no smaller usual bound would hold. Constructed data may "
        "have been made to meet the declared convention. `pinned` counts the marks whose p "
        "follows from the printed percentages alone; only these are evidence for a convention."
    ),
    EXCEPTIONS: (
        "The printed marks that each convention does not explain, cell by cell, and whether "
        "print alone decides that."
    ),
    UNDER_ROUNDING: (
        "Every printed star and bound over all tables of counts that round to the printed "
        "percentages: smallest and largest p of the declared test with a table for each, and "
        "whether the mark is right for all of them (certain), some (possible) or none "
        "(impossible). Computed from print alone, without answers."
    ),
}
HOLDS = {
    FIT: {
        **CONVENTION,
        "marks": "Printed marks: bounds of p, stars and cells without a star",
        "explained": "Marks that are explained: bounds that hold, stars that are equal",
        "bounds": "Printed bounds to which the convention applies",
        "bounds_held": "Bounds p is under",
        "bounds_tight": "Bounds that hold while the next smaller one would not",
        "starred": "Cells printed with stars",
        "starred_exact": "Cells of these with the same number of computed stars",
        "unstarred": "Cells printed without a star in tables that print stars",
        "unstarred_exact": "Cells of these without a computed star",
        "not_applicable": "Marks to which the convention does not apply (no order)",
        "pinned": "Marks whose p follows from printed percentages alone",
        "pinned_explained": "Marks of these that are explained",
        "exceptions": "Marks that are not explained",
    },
    EXCEPTIONS: {
        **CONVENTION,
        "row": "Declared row key; empty if the mark is the table's",
        "group": "Printed row group (declared key)",
        "printed": "Mark as printed; empty without a star",
        "p": "p computed (for a table the smallest of its comparisons)",
        "computed": "Stars computed",
        "p_of_print": "p from printed percentages alone, if they determine the counts",
        "pinned": "Whether print alone decides that the mark is not explained",
        "reason": "The reason, in words",
    },
    UNDER_ROUNDING: {
        "row": "Declared row key; empty if the mark is the table's",
        "group": "Printed row group (declared key)",
        "column": "Declared column key; empty if a row or the table is marked",
        "item": "Item compared",
        "by": "Background variable whose levels are compared",
        "mark": "Mark as printed; empty without a star",
        "p_min": "Smallest p of the declared test over all tables of counts that agree with print",
        "p_max": "Largest p (for a table the largest possible value of its smallest p)",
        "verdict": "The mark is right for all these tables (certain), some (possible), none "
        "(impossible); or too many to search (not searched)",
        "tables": "Tables of counts that agree with print; -1 if not searched",
        "meeting": "Tables of these for which the mark is right",
        "witness_min": "A table with the smallest p: counts by level, answers in page order",
        "witness_max": "A table with the largest p",
        "note": "Whether a figure behind it was corrected, or why nothing was searched",
    },
}


def steps(study: Study) -> list[Step]:
    """One step for fit and exceptions, with the check of the declared convention.

    None if there is no printed report or no marked table.
    """
    if printed_folder(study) is None or not marked_tables(study):
        return []
    rests = [print_declared(study), marked_declared(study)]
    check = Check(
        NAME,
        FIT,
        "The declared convention explains every printed star and bound, or print alone shows "
        "that no data can.",
    )
    assets = [
        Asset(
            key,
            group=key.path[0],
            description=DESCRIPTIONS[key],
            deps=[] if key == UNDER_ROUNDING else [CONVENTIONS],
            rests_on=[*rests, compared_declared(study)] if key == UNDER_ROUNDING else rests,
            columns=described(columns, HOLDS[key]),
            published=[
                Published(
                    key.path[0],
                    key.path[1],
                    csv=True,
                    holds=FACTS if key == UNDER_ROUNDING else FIGURES,
                ),
            ],
        )
        for key, columns in (
            (FIT, FIT_COLUMNS),
            (EXCEPTIONS, EXCEPTION_COLUMNS),
            (UNDER_ROUNDING, MARK_COLUMNS),
        )
    ]
    return [step("convention_fit", study, assets, fit_conventions, checks=[check])]


def fit_conventions(given: Given) -> Iterator[Made | dg.AssetCheckResult]:
    """How many printed marks each convention explains; empty without a printed report."""
    study, printed = given.study, has_print(given.study, given.wave)
    fit = pd.DataFrame(columns=list(FIT_COLUMNS), dtype="object")
    exceptions = pd.DataFrame(columns=list(EXCEPTION_COLUMNS), dtype="object")
    marks = pd.DataFrame(columns=list(MARK_COLUMNS), dtype="object")
    if printed:
        figures, errata = read_printed(study), read_errata(study.folder / "printed")
        conventions = given.store.read("significance", "conventions")
        fit, exceptions = convention_fit(study, conventions, figures)
        marks = marks_frame(study, lined_up(study, figures, errata))
    lineage = {"p": [(CONVENTIONS, "p")]}
    shown = dg.MarkdownMetadataValue(markdown(fit.drop(columns="exceptions").astype("str")))
    short = fit.assign(exceptions=fit["exceptions"].str[:SHORT])
    yield Made(FIT, fit, lineage, {"preview": shown}, preview=short)
    yield Made(EXCEPTIONS, exceptions, lineage)
    found = {str(k): int(n) for k, n in marks["verdict"].value_counts().items()}
    facts: dict[str, str | int] = dict(found)
    before = published_before(given, UNDER_ROUNDING.path[-1], MARK_COLUMNS)
    seen = marks if before is None else before
    if before is not None:
        found = {str(k): int(n) for k, n in seen["verdict"].value_counts().items()}
        facts = {"shown_wave": str(study.printed_wave), **found}
    # an example table of counts is shown in one cell
    seen = seen.assign(**{name: seen[name].astype("str").str[:SHORT] for name in WITNESSES})
    yield Made(UNDER_ROUNDING, marks, metadata=facts, preview=seen)
    yield check_convention(exceptions, "" if printed else unprinted(given.wave, study.printed_wave))


def check_convention(exceptions: pd.DataFrame, instead: str = "") -> dg.AssetCheckResult:
    """The check passes unless other data could satisfy an exception of the declared convention."""
    own = exceptions[exceptions["convention"] == DECLARED]
    lines = [_line(line) for line in own.to_dict("records")]
    return dg.AssetCheckResult(
        asset_key=FIT,
        check_name=NAME,
        passed=bool(own["pinned"].all()),
        severity=dg.AssetCheckSeverity.WARN,
        description=instead or page_lines("\n".join(lines)) or None,
        metadata={"exceptions": len(own), "pinned by print": int(own["pinned"].sum())},
    )


def _line(line: dict[Any, Any]) -> str:
    place = " ".join(line[n] for n in ("table", "row", "group", "column") if line[n])
    return f"{place}: printed {line['printed'] or 'no star'}, p = {line['p']:.4f}; {line['reason']}"
