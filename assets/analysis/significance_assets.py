"""Which differences the marked tables show: by the declared convention, and by all others."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pandas as pd

from assets.analysis.comparisons import comparisons, convention_frame, mark_frame, marked_tables
from assets.step.lineage import page_link
from assets.step.markdown import markdown
from assets.step.metadata import data_note, frame_metadata
from assets.step.names import OWNERS, counts, table, wave_partitions
from assets.step.rows_version import rows_version
from assets.step.workspace import Workspace
from assets.tables.assets import sources
from assets.tables.results import counts_index
from declarations import SourceSheet, Study

MARKS = dg.AssetKey(["significance", "marks"])
CONVENTIONS = dg.AssetKey(["significance", "conventions"])
DESCRIPTIONS = {
    MARKS: "Every percentage of the tables that mark differences, with Wilson's interval and the "
    "comparison it belongs to by the convention declared in `study.yaml` or in the table: test, "
    "p, q (Benjamini-Hochberg, the comparisons of a table are a family), Cramér's V, and whether "
    "expected counts are too small for chi-square.",
    CONVENTIONS: "The same comparisons by every declared convention side by side. `changes`: the "
    "stars differ from the declared convention's. `flips`: the stars depend on what becomes of "
    "don't-know answers, all else equal.",
}


def build_significance(study: Study) -> list[dg.AssetsDefinition]:
    """Both frames in one step, where a table is marked: the second is what the first is from."""
    return [_step(study)] if marked_tables(study) else []


def _step(study: Study) -> dg.AssetsDefinition:
    marked = marked_tables(study)
    # declarations that do not fit together are found when the code location is loaded
    for name, marking in marked.items():
        comparisons(study.table[name], marking, study)
    needed = list(dict.fromkeys(s for name in marked for s in sources(study.table[name], study)))
    tables = ", ".join(page_link(f"tables/{name}") for name in marked)
    note = data_note(study)

    @dg.multi_asset(
        name="significance",
        specs=[
            dg.AssetSpec(
                key,
                group_name="significance",
                description="\n\n".join((words, note, f"Tables: {tables}.")),
                deps=[*(counts(source) for source in needed), *(table(name) for name in marked)],
                kinds={"duckdb", "pandas"},
                owners=OWNERS,
            )
            for key, words in DESCRIPTIONS.items()
        ],
        partitions_def=wave_partitions(study),
    )
    def significance(
        context: dg.AssetExecutionContext, workspace: Workspace
    ) -> Iterator[dg.MaterializeResult[Any]]:
        wave = context.partition_key
        store, sheet = workspace.store(wave), workspace.sheet(study, wave)
        counted = counts_index(pd.concat(store.read_all("counts", needed).values()))
        conventions = convention_frame(study, counted, wave)
        marks = mark_frame(study, conventions, store.read_all("tables", marked), counted, wave)
        store.write(
            {("significance", "conventions"): conventions, ("significance", "marks"): marks}
        )
        lineage = {
            name: [(counts(source), "n") for source in needed] for name in ("p", "statistic")
        }
        yield dg.MaterializeResult(
            asset_key=MARKS,
            metadata=_metadata(marks, "significance", sheet, lineage),
            data_version=rows_version(marks, sheet),
        )
        yield dg.MaterializeResult(
            asset_key=CONVENTIONS,
            data_version=rows_version(conventions, sheet),
            metadata={
                **_metadata(conventions, "significance_conventions", sheet, lineage),
                "conventions": dg.MarkdownMetadataValue(markdown(overview(conventions))),
            },
        )

    return significance


def _metadata(
    frame: pd.DataFrame,
    relation: str,
    sheet: SourceSheet,
    lineage: dict[str, list[tuple[dg.AssetKey, str]]],
) -> dict[str, Any]:
    return frame_metadata(frame, sheet, lineage, relation=relation)


def overview(conventions: pd.DataFrame) -> pd.DataFrame:
    """Per convention: comparisons, with stars, other stars than declared, small counts."""
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
