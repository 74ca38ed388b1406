"""Printed marks: what conventions of testing explain of them, what print alone makes of them."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pandas as pd

from assets.analysis.comparisons import marked_tables
from assets.analysis.significance_assets import CONVENTIONS
from assets.step.markdown import markdown
from assets.step.metadata import frame_metadata
from assets.step.names import OWNERS, wave_partitions
from assets.step.rows_version import rows_version
from assets.step.workspace import Workspace
from declarations import Study
from declarations.tables.significance import DECLARED
from replication.fit import EXCEPTION_COLUMNS, FIT_COLUMNS, convention_fit
from replication.printed import read_errata, read_printed_table
from replication.proof.marks import COLUMNS as MARK_COLUMNS
from replication.proof.marks import WITNESSES, marks_frame
from replication.reproduction import has_print, printed_folder, printed_tables, unprinted
from replication.solver.stated import lined_up
from runtime.safe_text import page_lines

NAME = "explains_printed_marks"
FIT = dg.AssetKey(["checks", "convention_fit"])
EXCEPTIONS = dg.AssetKey(["checks", "convention_exceptions"])
UNDER_ROUNDING = dg.AssetKey(["proof", "marks_under_rounding"])
DESCRIPTIONS = {
    FIT: "For every declared convention how many of the printed stars and bounds of p it "
    "explains. A bound is tight where no smaller usual bound would hold. Constructed data may "
    "have been made to meet the declared convention; `pinned` counts the marks whose p follows "
    "from the printed percentages alone, which weigh between conventions whatever the data.",
    EXCEPTIONS: "The printed marks each convention does not explain, cell by cell, and whether "
    "print alone decides that.",
    UNDER_ROUNDING: "Every printed star and bound over all tables of counts that round to the "
    "printed percentages: smallest and largest p of the declared test with a table for each, and "
    "whether the mark is right for all of them (certain), some (possible) or none (impossible). "
    "Rests on print alone, not on answers.",
}


def build_convention_fit(study: Study) -> list[dg.AssetsDefinition]:
    """Fit and exceptions in one step, with the check of the declared convention.

    None for a study without print or without marked tables.
    """
    return [_step(study)] if printed_folder(study) and marked_tables(study) else []


def _step(study: Study) -> dg.AssetsDefinition:
    check = dg.AssetCheckSpec(
        NAME,
        asset=FIT,
        description="Every printed star and bound comes out by the declared convention, or print "
        "alone shows that it cannot.",
        partitions_def=wave_partitions(study),
    )

    @dg.multi_asset(
        name="convention_fit",
        specs=[
            dg.AssetSpec(
                key,
                group_name=key.path[0],
                description=words,
                deps=[] if key == UNDER_ROUNDING else [CONVENTIONS],
                kinds={"duckdb", "pandas"},
                owners=OWNERS,
            )
            for key, words in DESCRIPTIONS.items()
        ],
        check_specs=[check],
        partitions_def=wave_partitions(study),
    )
    def fit_conventions(
        context: dg.AssetExecutionContext, workspace: Workspace
    ) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
        wave = context.partition_key
        store, sheet = workspace.store(wave), workspace.sheet(study, wave)
        fit = pd.DataFrame(columns=list(FIT_COLUMNS), dtype="object")
        exceptions = pd.DataFrame(columns=list(EXCEPTION_COLUMNS), dtype="object")
        marks = pd.DataFrame(columns=list(MARK_COLUMNS), dtype="object")
        if has_print(study, wave) and marked_tables(study):
            folder = study.folder / "printed"
            figures = {
                spec.id: read_printed_table(folder, spec.id) for spec in printed_tables(study)
            }
            conventions = store.read("significance", "conventions")
            fit, exceptions = convention_fit(study, conventions, figures)
            marks = marks_frame(study, lined_up(study, figures, read_errata(folder)))
        frames = {FIT: fit, EXCEPTIONS: exceptions, UNDER_ROUNDING: marks}
        store.write({(key.path[0], key.path[-1]): frame for key, frame in frames.items()})
        lineage = {"p": [(CONVENTIONS, "p")]}
        shown = fit.drop(columns="exceptions").astype("str")
        yield dg.MaterializeResult(
            asset_key=FIT,
            data_version=rows_version(fit, sheet),
            metadata={
                **frame_metadata(fit, sheet, lineage, ("exceptions",), FIT.path[-1]),
                "preview": dg.MarkdownMetadataValue(markdown(shown)),
            },
        )
        yield dg.MaterializeResult(
            asset_key=EXCEPTIONS,
            data_version=rows_version(exceptions, sheet),
            metadata=frame_metadata(exceptions, sheet, lineage, (), EXCEPTIONS.path[-1]),
        )
        found = {str(k): int(n) for k, n in marks["verdict"].value_counts().items()}
        yield dg.MaterializeResult(
            asset_key=UNDER_ROUNDING,
            data_version=rows_version(marks, sheet),
            metadata={
                **frame_metadata(marks, sheet, {}, WITNESSES, UNDER_ROUNDING.path[-1]),
                **found,
            },
        )
        yield check_result(
            exceptions, "" if has_print(study, wave) else unprinted(wave, study.printed_wave)
        )

    return fit_conventions


def check_result(exceptions: pd.DataFrame, instead: str = "") -> dg.AssetCheckResult:
    """Passed unless an exception of the declared convention is one that data could meet."""
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
