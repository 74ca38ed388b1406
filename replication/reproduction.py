"""Comparison with print as an asset check on every table, and the list of all figures."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd

from assets.step.markdown import markdown
from assets.step.metadata import frame_metadata
from assets.step.names import OWNERS, table, wave_partitions
from assets.step.rows_version import rows_version
from assets.step.workspace import Workspace
from declarations import Study, Table
from replication.comparison import COLUMNS, DIFFERS, ERRATUM, EXACT, compare, message
from replication.printed import read_errata, read_printed_table
from runtime.safe_text import page_lines
from runtime.store import Store

NAME = "agrees_with_print"
REPRODUCTION = dg.AssetKey(["checks", "reproduction"])


def printed_tables(study: Study) -> list[Table]:
    """Tables with figures, in the order of the report."""
    return [spec for spec in study.tables if spec.cells]


def printed_folder(study: Study) -> Path | None:
    """Where the printed figures are; None for a study without any."""
    folder = study.folder / "printed"
    return folder if folder.is_dir() else None


def has_print(study: Study, wave: str) -> bool:
    """Whether the wave is the one the printed report is about."""
    return wave == study.printed_wave


def unprinted(wave: str, printed: str | None) -> str:
    """What a comparison with print says of a wave without a report, and where there is one."""
    told = f"Not compared: no report was printed on wave {wave}."
    if printed is None:
        return told
    return (
        f"{told} The report is on wave {printed}: what was published of it stands beside print in "
        f"output/{printed}/reproduction.csv, and with a table's check as beside_print_{printed}."
    )


def compared_before(workspace: Workspace, printed: str | None) -> pd.DataFrame | None:
    """Every printed figure beside the one published of the printed wave; None without any.

    Text as published, so that it holds nothing a policy of disclosure keeps back.
    """
    if printed is None:
        return None
    path = workspace.output(printed).resolve() / f"{REPRODUCTION.path[-1]}.csv"
    try:
        found = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError):
        return None
    usable = set(COLUMNS) <= set(found) and found["status"].isin([DIFFERS, ERRATUM, EXACT]).all()
    return found[list(COLUMNS)] if usable else None


def compare_tables(study: Study, specs: list[Table], store: Store) -> dict[str, pd.DataFrame]:
    """Tables of the working file against their printed figures, by table."""
    folder = study.folder / "printed"
    errata = read_errata(folder)
    results = store.read_all("tables", [spec.id for spec in specs])
    return {
        spec.id: compare(spec, results[spec.id], read_printed_table(folder, spec.id), errata)
        for spec in specs
    }


def build_print_checks(study: Study) -> list[dg.AssetChecksDefinition]:
    """One check per table; it names the cells that differ. Never blocks: data are data."""
    return [_checks(study)] if printed_folder(study) else []


def _checks(study: Study) -> dg.AssetChecksDefinition:

    @dg.multi_asset_check(
        name="check_against_print",
        specs=[
            dg.AssetCheckSpec(
                NAME,
                asset=table(spec.id),
                description="Every figure equals the printed one, or print is in errata.yaml.",
                partitions_def=wave_partitions(study),
            )
            for spec in printed_tables(study)
        ],
        can_subset=True,
    )
    def check_against_print(
        context: dg.AssetCheckExecutionContext, workspace: Workspace
    ) -> Iterator[dg.AssetCheckResult]:
        wave = context.partition_key
        chosen = [
            spec
            for spec in printed_tables(study)
            if dg.AssetCheckKey(table(spec.id), NAME) in context.selected_asset_check_keys
        ]
        compared, before = {}, None
        if has_print(study, wave):
            compared = compare_tables(study, chosen, workspace.store(wave))
        else:
            before = compared_before(workspace, study.printed_wave)
        for spec in chosen:
            yield _print_result(spec, compared.get(spec.id), wave, study.printed_wave, before)

    return check_against_print


def _print_result(
    spec: Table,
    comparison: pd.DataFrame | None,
    wave: str,
    printed: str | None,
    before: pd.DataFrame | None,
) -> dg.AssetCheckResult:
    key = table(spec.id)
    if comparison is None:
        return dg.AssetCheckResult(
            asset_key=key,
            check_name=NAME,
            passed=True,
            description=unprinted(wave, printed),
            metadata={}
            if before is None
            else {
                f"beside_print_{printed}": dg.MarkdownMetadataValue(
                    f"**Wave {printed}**\n\n{beside_print(before[before['table'] == spec.id])}"
                )
            },
        )
    found = comparison["status"].value_counts()
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=NAME,
        passed=DIFFERS not in found,
        description=page_lines(message(comparison)) or None,
        metadata={
            **{str(status): int(n) for status, n in found.items()},
            "beside_print": dg.MarkdownMetadataValue(
                f"**Wave {wave}**\n\n{beside_print(comparison)}"
            ),
        },
    )


def beside_print(comparison: pd.DataFrame, most: int = 30) -> str:
    """Printed and computed figures as Markdown: those that are not alike first, `most` in all."""
    order = comparison["status"].map([DIFFERS, ERRATUM, EXACT].index).argsort(kind="stable")
    shown = comparison.iloc[order].drop(columns="table").head(most)
    rest = len(comparison) - len(shown)
    more = f"\n\n... and {rest} more: reproduction.csv has them all" if rest > 0 else ""
    return markdown(shown) + more


def build_reproduction(study: Study) -> list[dg.AssetsDefinition]:
    """All printed figures of the wave with what the data give for them."""
    return [_list(study)] if printed_folder(study) else []


def _list(study: Study) -> dg.AssetsDefinition:

    @dg.asset(
        key=REPRODUCTION,
        group_name="checks",
        description="Every printed figure of the report beside the computed one: exact, "
        "erratum (print cannot be right, see printed/errata.yaml) or differs.",
        deps=[table(spec.id) for spec in printed_tables(study)],
        kinds={"duckdb", "pandas"},
        owners=OWNERS,
        partitions_def=wave_partitions(study),
    )
    def reproduction(
        context: dg.AssetExecutionContext, workspace: Workspace
    ) -> dg.MaterializeResult[Any]:
        wave = context.partition_key
        store, sheet = workspace.store(wave), workspace.sheet(study, wave)
        frame = pd.DataFrame(columns=list(COLUMNS), dtype="object")
        if has_print(study, wave):
            compared = compare_tables(study, printed_tables(study), store)
            frame = pd.concat(compared.values(), ignore_index=True)
        store.write({("checks", "reproduction"): frame})
        lineage = {"computed": [(table(spec.id), "formatted") for spec in printed_tables(study)]}
        counted = {str(k): int(n) for k, n in frame["status"].value_counts().items()}
        return dg.MaterializeResult(
            data_version=rows_version(frame, sheet),
            metadata={
                **frame_metadata(frame, sheet, lineage, relation=REPRODUCTION.path[-1]),
                **counted,
            },
        )

    return reproduction
