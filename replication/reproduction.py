"""The comparison with print: a check on every table, and the list of all figures."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import dagster as dg
import pandas as pd

from assets.step.columns import described
from assets.step.declared import declared, hashed
from assets.step.declaring import FIGURES
from assets.step.factory import Asset, Check, Given, Made, Published, Step, step
from assets.step.markdown import markdown
from assets.step.names import table
from declarations import Study, Table
from declarations.content import content_of
from replication.comparison import COLUMNS, DIFFERS, ERRATUM, EXACT, compare, message
from replication.printed import printed_tables, read_errata, read_printed_table
from runtime.safe_text import page_lines
from runtime.store import Store

NAME = "agrees_with_print"
REPRODUCTION = dg.AssetKey(["checks", "reproduction"])
HOLDS = {
    "row_label": "Row label as printed",
    "group": "Row group as printed",
    "column": "Column heading as printed",
    "status": "exact, erratum (print cannot be right) or differs",
}


def printed_folder(study: Study) -> Path | None:
    """The folder of the printed figures; None for a study without any."""
    folder = study.folder / "printed"
    return folder if folder.is_dir() else None


def has_print(study: Study, wave: str) -> bool:
    """Whether the wave is the one of the printed report."""
    return wave == study.printed_wave


def unprinted(wave: str, printed: str | None) -> str:
    """The note on a wave without a report, with a pointer to the printed wave."""
    text = f"Not compared: no report was printed on wave {wave}."
    if printed is None:
        return text
    return (
        f"{text} The report is about wave {printed}. output/{printed}/reproduction.csv compares "
        f"its published figures with print, and so does beside_print_{printed} of a table's check."
    )


def published_before(given: Given, name: str, columns: Sequence[str]) -> pd.DataFrame | None:
    """A published relation of the printed wave, as text, for a run of another wave.

    Pages about print keep showing the printed wave. None in a run of the printed wave, and without
    such a publication. The published text holds nothing that a disclosure policy withholds.
    """
    printed = given.study.printed_wave
    if printed in (None, given.wave):
        return None
    path = given.workspace.output(printed).resolve() / f"{name}.csv"
    try:
        found = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError):
        return None
    return found[list(columns)] if set(columns) <= set(found) else None


def compared_before(given: Given) -> pd.DataFrame | None:
    """Every printed figure with the figure published for the printed wave; None without any."""
    found = published_before(given, REPRODUCTION.path[-1], COLUMNS)
    usable = found is not None and found["status"].isin([DIFFERS, ERRATUM, EXACT]).all()
    return found if usable else None


def compare_tables(study: Study, specs: list[Table], store: Store) -> dict[str, pd.DataFrame]:
    """Tables of the working file and their printed figures, by table."""
    folder = study.folder / "printed"
    errata = read_errata(folder)
    results = store.read_all("tables", [spec.id for spec in specs])
    return {
        spec.id: compare(spec, results[spec.id], read_printed_table(folder, spec.id), errata)
        for spec in specs
    }


def steps(study: Study) -> list[Step]:
    """A check per table that names the differing cells, and the list of all printed figures.

    A check never blocks, because other data may be right. A study without print has no check and no
    list.
    """
    if printed_folder(study) is None:
        return []
    errata = read_errata(study.folder / "printed")
    checks = [
        Check(
            NAME,
            table(spec.id),
            "Every figure equals the printed one, or printed/errata.yaml lists it.",
            rests_on=[
                study.printed_wave,
                _print_of(study, spec),
                [e for e in errata if e.table == spec.id],
            ],
        )
        for spec in printed_tables(study)
    ]
    asset = Asset(
        REPRODUCTION,
        group="checks",
        description=(
            "Every printed figure of the report with the computed one: exact, erratum (print "
            "cannot be right, see printed/errata.yaml) or differs."
        ),
        deps=[table(spec.id) for spec in printed_tables(study)],
        rests_on=[print_declared(study), compared_declared(study), study.printed_wave],
        columns=described(COLUMNS, HOLDS),
        published=[Published("checks", "reproduction", csv=True, holds=FIGURES)],
    )
    return [
        step("check_against_print", study, (), check_against_print, checks=checks, partial=True),
        step("checks__reproduction", study, asset, reproduction),
    ]


def print_declared(study: Study) -> str:
    """Everything in print, as one hash, without comments."""
    paths = sorted((study.folder / "printed").glob("*"))
    return hashed([(p.name, content_of(p)) for p in paths if p.suffix in (".csv", ".yaml")])


def compared_declared(study: Study) -> str:
    """What the tables show, with the labels that match them to print, as one hash."""
    tables = printed_tables(study)
    cells = [cell for spec in tables for cell in spec.cells]
    words = [(c.row_label.da, c.group_label.da, c.column_label.da) for c in cells]
    return hashed([words, declared(study).cells(study.items, tables)])


def _print_of(study: Study, spec: Table) -> bytes:
    path = study.folder / "printed" / f"{spec.id}.csv"
    return content_of(path) if path.is_file() else b""


def check_against_print(given: Given) -> Iterator[dg.AssetCheckResult]:
    """Compare the chosen tables of the printed wave. Other waves show its published result."""
    study, wave = given.study, given.wave
    chosen = [spec for spec in printed_tables(study) if table(spec.id) in given.chosen]
    compared = compare_tables(study, chosen, given.store) if has_print(study, wave) else {}
    before = compared_before(given)
    for spec in chosen:
        yield _print_result(spec, compared.get(spec.id), wave, study.printed_wave, before)


def reproduction(given: Given) -> Iterator[Made]:
    """All printed figures of the wave with the computed ones."""
    study = given.study
    frame = pd.DataFrame(columns=list(COLUMNS), dtype="object")
    if has_print(study, given.wave):
        compared = compare_tables(study, printed_tables(study), given.store)
        frame = pd.concat(compared.values(), ignore_index=True)
    columns = [(table(spec.id), "formatted") for spec in printed_tables(study)]
    counted = {str(k): int(n) for k, n in frame["status"].value_counts().items()}
    yield Made(REPRODUCTION, frame, {"computed": columns}, counted)


def _print_result(
    spec: Table,
    comparison: pd.DataFrame | None,
    wave: str,
    printed: str | None,
    before: pd.DataFrame | None,
) -> dg.AssetCheckResult:
    key = table(spec.id)
    if comparison is None:
        own = None if before is None else before[before["table"] == spec.id]
        hidden = "" if own is None else hidden_failure(own, str(printed))
        return dg.AssetCheckResult(
            asset_key=key,
            check_name=NAME,
            # the wave has no printed figures, so nothing can differ
            passed=True,
            description=" ".join(filter(None, (unprinted(wave, printed), hidden))),
            metadata={}
            if own is None
            else {
                f"beside_print_{printed}": dg.MarkdownMetadataValue(
                    f"**Wave {printed}**\n\n{comparison_text(own)}"
                ),
                f"differs_{printed}": int((own["status"] == DIFFERS).sum()),
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
                f"**Wave {wave}**\n\n{comparison_text(comparison)}"
            ),
        },
    )


def hidden_failure(own: pd.DataFrame, printed: str) -> str:
    """The failures of the last run of the printed wave, which a later run's page would hide."""
    differs = own[own["status"] == DIFFERS]
    if differs.empty:
        return ""
    return f"FAILED in wave {printed}: {message(own)}"


def comparison_text(comparison: pd.DataFrame, most: int = 30) -> str:
    """Printed and computed figures as Markdown, differing ones first; at most `most` lines."""
    order = comparison["status"].map([DIFFERS, ERRATUM, EXACT].index).argsort(kind="stable")
    shown = comparison.iloc[order].drop(columns="table").head(most)
    rest = len(comparison) - len(shown)
    more = f"\n\n... and {rest} more: reproduction.csv has them all" if rest > 0 else ""
    return markdown(shown) + more
