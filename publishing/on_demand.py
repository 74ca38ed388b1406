"""`samspil publish`: makes workbook, document, charts and packages of a published wave.

The step makes the files next to the published version and puts them in place in one step, so that
they always belong to the same figures. The next run of the wave that computes anything replaces the
folder without these files; run the command again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg

from assets.step.factory import Asset, Check, Given, Made, Step, step
from assets.step.metadata import origin_metadata
from assets.step.workspace import failure
from declarations import SourceSheet, Study
from publishing import readback
from publishing.chapters import PUBLISHED
from publishing.charts.write import write_charts
from publishing.document.write import write_document
from publishing.folder import places_in_snapshot
from publishing.handover import checks
from publishing.handover.answers import (
    PARQUET,
    SAV,
    AnswerTable,
    answer_table,
    write_answers,
)
from publishing.handover.codebook import write_codebook
from publishing.handover.crate import write_crate
from publishing.handover.events import send_events, write_events
from publishing.handover.package import write_package
from publishing.published import PublishedWave
from publishing.site.data import script
from publishing.site.words import LANGUAGES
from publishing.workbook.write import write_workbook
from runtime.faults import writing
from runtime.output_versions import carry_over, carry_record, new_version
from runtime.private.folder import close_to_others
from runtime.snapshot import SNAPSHOT
from runtime.store import Store

GROUP = "publication"
VALID = "is_valid"
FILES_SCRIPT = "files.js"
ADDRESS_TAG = "samspil/openlineage"
Problems = list[str]

# by asset: its files, and the description of its check
PARTS: Mapping[str, tuple[str, str]] = {
    "charts": ("charts/*.svg and *.png, per table and language", "Every table has its pictures."),
    "workbook": (
        "tables.da.xlsx and tables.en.xlsx: a sheet per table",
        "Read by openpyxl: every figure is a number, every mark is present.",
    ),
    "document": (
        "tables.da.docx and tables.en.docx: native tables, captions, notes, charts",
        "Read by python-docx: every figure and mark is present.",
    ),
    "answers": (
        "answers.sav and answers.parquet: the cleaned answers if published; no open text",
        "Read by pyreadstat: same codes, labels and missing values.",
    ),
    "codebook": (
        "codebook.xml: DDI-Codebook 2.5",
        "Structure, codes, counts; the official schema if SAMSPIL_DDI_SCHEMA names it.",
    ),
    "data_package": (
        "datapackage.json: every CSV file with types and descriptions",
        "Validated by Frictionless.",
    ),
    "lineage": (
        "openlineage.ndjson: OpenLineage events with column lineage",
        "Each event by its schema; an earlier event made every input.",
    ),
    "crate": (
        "ro-crate-metadata.json: RO-Crate metadata of the folder for a deposit",
        "Read by rocrate: every file is present, with its hash.",
    ),
}


def package_key(name: str) -> dg.AssetKey:
    """The key of an asset of `samspil publish`."""
    return dg.AssetKey([GROUP, name])


def steps_on_demand(study: Study, steps: Sequence[Step]) -> list[Step]:
    """The step that makes these files, in a separate job; `steps` are those of the wave's run."""
    columns = {
        place.name: asset.columns
        for place, own in places_in_snapshot(steps).items()
        for asset in own[:1]
    }
    assets = [
        Asset(
            package_key(name),
            group=GROUP,
            description=(
                f"In `output/WAVE/`: {files}. Made by `samspil publish` from the published "
                "results, and replaced with them."
            ),
            deps=[PUBLISHED],
            rests_on="",
            kinds=frozenset({"file"}),
        )
        for name, (files, _) in PARTS.items()
    ]
    valid = [Check(VALID, package_key(name), said) for name, (_, said) in PARTS.items()]
    compute = partial(make_files, columns=columns)
    return [step("make_files", study, assets, compute, checks=valid)]


def make_files(
    given: Given, *, columns: Mapping[str, Mapping[str, str]]
) -> Iterator[Made | dg.AssetCheckResult]:
    """Make all files next to the published version, check them, and put them in its place."""
    link = given.workspace.output(given.wave)
    shown = link.resolve()
    if not (shown / SNAPSHOT).is_file():
        raise failure(f"output/{given.wave} is not published yet; run the wave first")
    wave = read_published(given.study, given.sheet, shown / SNAPSHOT)
    with writing(link), new_version(link) as folder:
        carry_over(shown, folder)
        found = write_all(wave, columns, folder)
        carry_record(shown, folder)
    answers_for_key_holders(wave, given.workspace.key_holders(given.wave))
    address = given.context.run.tags.get(ADDRESS_TAG)
    sent = {"sent": send_events(wave, address)} if address else {}
    for name, problems in found.items():
        about = {
            "path": str(link),
            **origin_metadata(given.sheet),
            **(sent if name == "lineage" else {}),
        }
        yield Made(package_key(name), metadata=about)
        yield dg.AssetCheckResult(
            asset_key=package_key(name),
            check_name=VALID,
            passed=not problems,
            description="\n".join(problems) or None,
        )


def read_published(study: Study, sheet: SourceSheet, snapshot: Path) -> PublishedWave:
    """The published relations of a wave. Nothing else is read."""
    relations: dict[tuple[str, str], Any] = {}
    with Store(snapshot).connect(read_only=True) as connection:
        names = connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables"
        ).fetchall()
        for schema, name in names:
            relations[schema, name] = connection.execute(f'FROM "{schema}"."{name}"').df()
    about = relations.pop(("main", "about"), None)
    facts = {} if about is None else dict(zip(about["key"], about["value"], strict=True))
    return PublishedWave(study, sheet, relations, facts)


def answers_for_key_holders(wave: PublishedWave, folder: Path) -> None:
    """The answers as SPSS and Parquet files, if lines of respondents go to key holders."""
    if not (folder / SNAPSHOT).is_file():
        return
    lines = read_published(wave.study, wave.sheet, folder / SNAPSHOT).relations
    whole = replace(wave, relations={**wave.relations, **lines})
    table = answer_table(whole)
    if table is not None:
        write_answers(whole, table, folder)
        for name in (SAV, PARQUET):
            close_to_others(folder / name, 0o600)


def write_all(
    wave: PublishedWave, columns: Mapping[str, Mapping[str, str]], folder: Path
) -> dict[str, Problems]:
    """Write every part into the folder, and return the problems of each."""
    table = answer_table(wave)
    for language in LANGUAGES:
        charts = write_charts(wave, folder, language)
        write_workbook(wave, folder, language)
        write_document(wave, folder, language, charts)
    if table is not None:
        write_answers(wave, table, folder)
    write_codebook(wave, table, folder)
    write_package(wave, columns, folder)
    write_events(wave, folder)
    _list_files(folder)
    # last, because it lists the other files
    write_crate(wave, folder)
    return {name: judge() for name, judge in _judges(wave, table, folder).items()}


def _judges(
    wave: PublishedWave, table: AnswerTable | None, folder: Path
) -> dict[str, Callable[[], Problems]]:
    def both(judge: Callable[[PublishedWave, Path, str], Problems]) -> Problems:
        return [problem for language in LANGUAGES for problem in judge(wave, folder, language)]

    return {
        "charts": lambda: readback.charts_problems(wave, folder),
        "workbook": lambda: both(readback.workbook_problems),
        "document": lambda: both(readback.document_problems),
        "answers": lambda: [] if table is None else checks.answers_problems(folder, table),
        "codebook": lambda: checks.codebook_problems(folder, table),
        "data_package": lambda: checks.package_problems(folder),
        "lineage": lambda: checks.events_problems(folder, wave),
        "crate": lambda: checks.crate_problems(folder),
    }


def _list_files(folder: Path) -> None:
    """List the files that can be downloaded on the site."""
    if not (folder / "report" / "data").is_dir():
        return
    kinds = (".xlsx", ".docx", ".svg", ".png")
    found = sorted(p for p in folder.rglob("*") if p.suffix in kinds)
    names = [str(path.relative_to(folder)) for path in found]
    text = script("window.samspilFiles", {"files": names})
    (folder / "report" / "data" / FILES_SCRIPT).write_text(text, encoding="utf-8")
