"""The tests of the marked tables, under the declared convention and under all others."""

from collections.abc import Iterator

import dagster as dg
import pandas as pd

from assets.analysis.comparison_frames import (
    CONVENTION_COLUMNS,
    MARK_COLUMNS,
    convention_frame,
    mark_frame,
)
from assets.analysis.comparisons import comparisons, marked_tables
from assets.step.columns import described
from assets.step.declared import asked_by, declared, hashed, without_labels
from assets.step.declaring import FIGURES
from assets.step.factory import Asset, Given, Made, Published, Step, step
from assets.step.lineage import page_link
from assets.step.markdown import markdown
from assets.step.metadata import data_note
from assets.step.names import counts, table
from assets.tables.assets import count_relations
from assets.tables.results import counts_index
from declarations import Study

MARKS = dg.AssetKey(["significance", "marks"])
CONVENTIONS = dg.AssetKey(["significance", "conventions"])
MARKS_DESCRIPTION = (
    "Every percentage of the tables that mark differences, with Wilson's interval and its "
    "comparison under the convention declared in `study.yaml` or in the table: test, p, q "
    "(Benjamini-Hochberg, the comparisons of a table are a family), Cramér's V, and whether "
    "expected counts are too small for chi-square."
)
CONVENTIONS_DESCRIPTION = (
    "The same comparisons under every declared convention. `changes`: the stars differ from "
    "those of the declared convention. `flips`: the stars depend on the treatment of don't know, "
    "all else equal."
)
CONVENTION = {
    "convention": "Convention in study.yaml; `declared`: the convention of the table itself",
    "test": "Test",
    "distribution": "whole: all answers are compared; shown: the printed one with the rest",
    "dont_know": "in_base, outside_base or own_category",
}
TESTED = {
    **CONVENTION,
    "group": "Printed row group (declared key); empty where a comparison spans several",
    "by": "Background variable",
    "method": "Test performed: Fisher's exactly or by simulation",
    "codes": "Answers compared, separated by |; codes joined by + are counted together",
    "statistic": "Test statistic; gamma for gamma",
    "df": "Degrees of freedom, without empty rows and columns",
    "p": "Two-sided p-value",
    "q": "Benjamini-Hochberg q-value; the comparisons of a table are a family",
    "stars": "Stars of p by the declared thresholds",
    "cramers_v": "Cramér's V of the compared answers",
    "min_expected": "Smallest expected count",
    "small_expected": "Whether expected counts are too small for chi-square (Cochran's rule)",
}
MARK_HOLDS = described(
    MARK_COLUMNS,
    {
        **TESTED,
        "code": "Code printed",
        "value": "Percentage, unrounded",
        "base": "Respondents who answered the item, within the level",
        "against": "Levels that the level is compared with; !x is everyone not in x",
        "without_dont_know": "The percentage with don't know outside the base",
        "wilson_low": "Lower bound of the percentage's interval",
        "wilson_high": "Upper bound of the percentage's interval",
        "bound": "Smallest declared bound above p",
    },
)
CONVENTION_HOLDS = described(
    CONVENTION_COLUMNS,
    {
        **TESTED,
        "levels": "Levels compared; !x is everyone not in x",
        "standard_error": "Standard error of gamma, or of a simulated p",
        "changes": "Whether the stars differ from those of the declared convention",
        "flips": "Whether the stars depend on the treatment of don't know, all else equal",
    },
)


def steps(study: Study) -> list[Step]:
    """One step for both frames, if a table is marked.

    The frame of marks is computed from the frame of conventions.
    """
    marked = marked_tables(study)
    if not marked:
        return []
    # loading the code location detects declarations that contradict each other
    for name, marking in marked.items():
        comparisons(study.table[name], marking, study)
    tables = ", ".join(page_link(f"tables/{name}") for name in marked)
    deps = [*map(counts, _needed(study)), *map(table, marked)]
    note, rests = data_note(study), marked_declared(study)
    assets = [
        Asset(
            key,
            group="significance",
            description="\n\n".join((words, note, f"Tables: {tables}.")),
            deps=deps,
            rests_on=rests,
            columns=columns,
            published=[Published("results", name, csv=True, holds=FIGURES)],
        )
        for key, words, columns, name in (
            (MARKS, MARKS_DESCRIPTION, MARK_HOLDS, "significance"),
            (CONVENTIONS, CONVENTIONS_DESCRIPTION, CONVENTION_HOLDS, "significance_conventions"),
        )
    ]
    return [step("significance", study, assets, significance)]


def _needed(study: Study) -> list[str]:
    """The counts that the marked tables use."""
    tables = [study.table[name] for name in marked_tables(study)]
    return list(dict.fromkeys(source for spec in tables for source in count_relations(spec, study)))


def marked_declared(study: Study) -> str:
    """One hash of the marked tables, their tests and their sources; labels are left out."""
    known = declared(study)
    tables = [study.table[name] for name in marked_tables(study)]
    groups = {group for spec in tables for group in spec.groups}
    items = dict.fromkeys(item for spec in tables for item in spec.items)
    return hashed([
        known.cells(study.items, tables), [spec.significance for spec in tables], known.tested,
        without_labels([group for group in study.groups if group.id in groups]),
        [asked_by(study.items[item]) for item in items if item in study.items],
    ])  # fmt: skip


def significance(given: Given) -> Iterator[Made]:
    """The comparisons under every convention, and the marks under the declared one."""
    study, store, needed = given.study, given.store, _needed(given.study)
    counted = counts_index(pd.concat(store.read_all("counts", needed).values()))
    conventions = convention_frame(study, counted, given.wave)
    tables = store.read_all("tables", marked_tables(study))
    marks = mark_frame(study, conventions, tables, counted, given.wave)
    lineage = {name: [(counts(source), "n") for source in needed] for name in ("p", "statistic")}
    yield Made(MARKS, marks, lineage)
    shown = dg.MarkdownMetadataValue(markdown(overview(conventions)))
    yield Made(CONVENTIONS, conventions, lineage, {"conventions": shown})


def overview(conventions: pd.DataFrame) -> pd.DataFrame:
    """Per convention: numbers of comparisons, stars, changed stars and small counts.

    A star is changed if the declared convention gives another one.
    """
    lines = [
        (
            str(name),
            str(len(own)),
            str(int((own["stars"] != "").sum())),
            str(int(own["changes"].sum())),
            str(int(own["flips"].sum())),
            str(int(own["small_expected"].sum())),
        )
        for name, own in conventions.groupby("convention", sort=False)
    ]
    names = ["convention", "comparisons", "with stars", "changes", "flips", "small expected counts"]
    return pd.DataFrame(lines, columns=names, dtype="object")
