"""Raw files of a wave: unchanged text, with sha256."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pandas as pd

from assets.raw.cells import kept
from assets.raw.cells.ingest import Ingested
from assets.raw.delimited import RawTable
from assets.raw.errors import DataError
from assets.raw.rules.case import Case
from assets.raw.rules.judge import rejected_rows
from assets.raw.structure import StoredWave, names_columns, raw_frame
from assets.raw.wave_files import ingest_wave
from assets.step.columns import COLUMNS
from assets.step.declared import declared
from assets.step.factory import Asset, Given, Made, Step, step
from assets.step.metadata import column_name, data_note, origin_metadata
from assets.step.names import REJECTED_ROWS, raw, raw_files
from assets.step.restricted import REJECTED
from assets.step.rows_version import file_version
from assets.step.workspace import failure
from declarations import SourceSheet, Study
from declarations.platform import STATUS_FLAGS
from runtime.masking import cell_shown, shape
from runtime.safe_text import visible
from runtime.store import Store

FILE_COLUMNS = ("role", "file", "sha256", "bytes", "rows", "form")
REJECTED_COLUMNS = ("file", "file_row", "variable", "value", "rule", "expected")
# Columns of the register whose meaning here differs from that in the clean relation.
REGISTER_COLUMNS = {"code": "Official municipality code", "region": "Region (name)"}
DESCRIPTIONS = {
    "dataset": (
        "One line per invited head: background variables, answers as codes or text, status. The "
        "column list gives the item of each column."
    ),
    "structure": "The export's description of its variables and choices.",
    "labels": "Code labels of the export, without a header line.",
    "municipalities": "The register of the 98 municipalities the invitations are joined to.",
    REJECTED_ROWS: (
        "Lines of the data set that a row rule with the policy `quarantine` excluded from the "
        "clean relations: one line per row and rule."
    ),
}


def stored_wave(store: Store) -> StoredWave:
    """The raw files in the working file, from the last successful read."""
    facts = store.read("raw", "files").set_index("role")

    def table(role: str) -> RawTable:
        frame = store.read("raw", role)
        columns = tuple(frame.columns.drop("file_row"))
        return RawTable(
            file=str(facts.at[role, "file"]),
            sha256=str(facts.at[role, "sha256"]),
            size=int(str(facts.at[role, "bytes"])),
            columns=columns,
            # By column: pandas is far slower at returning single cells of text.
            rows=tuple(zip(*(frame[name].tolist() for name in columns), strict=True)),
            lines=tuple(int(line) for line in frame["file_row"]),
            form=str(facts.at[role, "form"]),
        )

    return StoredWave(
        **{role: table(role) for role in facts.index if role != "dataset"},
        dataset=stored_dataset(store),
    )


def stored_dataset(store: Store) -> Ingested:
    """The record of the data set in the working file: its form, checksum and notes."""
    with store.connect() as connection:
        facts = connection.execute(
            "SELECT file, sha256, bytes, rows, form FROM raw.files WHERE role = 'dataset'"
        ).fetchone()
        columns = [name for name, *_ in connection.execute(f"DESCRIBE {kept.DATASET}").fetchall()]
    if facts is None:
        raise LookupError("raw/dataset has not been materialized for this wave")
    file, sha256, size, count, form = facts
    return Ingested(file, sha256, int(size), tuple(columns[1:]), int(count), form)


def steps(study: Study) -> list[Step]:
    """One asset per raw file. A file that cannot be read fails the step and replaces nothing."""
    note, rests = data_note(study), _declared(study)
    assets = [
        Asset(
            raw(name),
            group="raw",
            description=f"{DESCRIPTIONS[name]}\n\n{note}",
            rests_on=rests.get(name, ""),
            kinds=frozenset({"csv", "duckdb"}),
        )
        for name in raw_files(study)
    ]
    rejected = Asset(
        raw(REJECTED_ROWS),
        group="raw",
        description=f"{DESCRIPTIONS[REJECTED_ROWS]}\n\n{note}",
        rests_on=rests[REJECTED_ROWS],
    )
    made = [*assets, rejected]
    return [
        step("read_raw_files", study, made, read_raw_files, reads_cells=True, as_asked=True)
    ]  # fmt: skip


def _declared(study: Study) -> dict[str, Any]:
    known = declared(study)
    return {
        # input of the structural checks
        "dataset": [known.judged, known.policies, study.frame, study.export],
        REJECTED_ROWS: [known.policies, known.rows_aside, study.frame, study.export],
    }


def read_raw_files(given: Given) -> Iterator[Made]:
    """The files as text, and the quarantined rows."""
    # of the previous run
    given.workspace.failed_page(given.wave).unlink(missing_ok=True)
    scratch = given.store.path.with_suffix(".ingest")
    with given.store.transaction() as connection:
        try:
            files = ingest_wave(given.sheet, connection, scratch)
        except DataError as error:
            raise failure(str(error)) from None
        judged = kept.judged_wave(connection, files.dataset, given.asked, anew=True)
        found = rejected_rows(Case(files, given.asked, given.sheet, judged))
        lines = connection.execute(found).fetchall()
    tables = {name: getattr(files, name) for name in raw_files(given.study)}
    facts = [(n, t.file, t.sha256, t.size, t.count, t.form) for n, t in tables.items()]
    for name, table in tables.items():
        yield Made(
            raw(name),
            metadata=_metadata(name, table, given.sheet, given.asked),
            version=file_version(name, table.sha256, given.sheet),
            # the data set is stored now
            stores={} if name == "dataset" else {("raw", name): raw_frame(table)},
        )
    rejected = rejected_frame(files.dataset.file, lines)
    yield Made(
        raw(REJECTED_ROWS),
        rejected,
        {"file_row": [(raw("dataset"), column) for column in given.study.background_columns]},
        stores={
            ("raw", REJECTED_ROWS): rejected,
            REJECTED: rejected_frame(files.dataset.file, lines, full=True),
            ("raw", "files"): pd.DataFrame(facts, columns=list(FILE_COLUMNS)),
        },
    )


def rejected_frame(file: str, lines: list[tuple[Any, ...]], full: bool = False) -> pd.DataFrame:
    """The findings of `rejected_rows` as a relation; see REJECTED_COLUMNS.

    Values are shown as in messages, or in full for the restricted schema.
    """
    parts = [
        (file, row, variable, value if full else _value(value, holds), rule, expected)
        for row, variable, value, rule, expected, holds in lines
    ]
    frame = pd.DataFrame(parts, columns=list(REJECTED_COLUMNS), dtype="object")
    return frame.astype({"file_row": "int64"})


def _value(value: str | None, holds: str) -> str | None:
    if value is None or holds == "fact":
        return value
    return shape(value) if holds == "personal" else cell_shown(value)


def column_descriptions(name: str, study: Study) -> dict[str, str]:
    """The meaning of each declared column of a raw file."""
    if name == "municipalities":
        own = COLUMNS | REGISTER_COLUMNS
        return {str(column): own.get(name, "") for name, column in study.register_columns.items()}
    if name != "dataset":
        return {}
    described = {
        item.variable: f"{item.label.both} (item {item.id}, {study.question[item.question].source})"
        for item in study.items.values()
    }
    flags = dict.fromkeys(STATUS_FLAGS, "Status flag of the platform (0 or 1)")
    background = dict.fromkeys(study.background_columns, "Came with the respondent list")
    for listed, holds in (
        (study.respondent_column, COLUMNS["respondent"]),
        (study.municipality_column, COLUMNS["name"]),
    ):
        if listed is not None:
            background[listed] = holds
    return {**background, **described, **flags}


def _metadata(
    name: str, table: RawTable | Ingested, sheet: SourceSheet, study: Study
) -> dict[str, Any]:
    declared = sheet.files[name].sha256
    described = column_descriptions(name, study)

    # without a header line the first respondent's answers are in place of the names
    headed = name != "dataset" or names_columns(table.columns, study)

    def column(place: int, title: str) -> dg.TableColumn:
        made_up = (
            " (CONSTRUCTED, see source_notes)" if sheet.constructed_column(name, title) else ""
        )
        shown = column_name(title) if headed else f"column {place}"
        found = visible(f"{described.get(title, '')}{made_up}".strip())
        return dg.TableColumn(shown, "text", found or None)

    notes = "\n".join(f"- {key}: {note}" for key, note in sheet.notes.items())
    return {
        "dagster/row_count": table.count,
        "dagster/column_schema": dg.TableSchema(
            columns=[column(place, title) for place, title in enumerate(table.columns, start=1)]
        ),
        "file": str(sheet.files[name].path.relative_to(sheet.path.parent.parent)),
        "sha256": table.sha256,
        "sha256_as_declared": declared == table.sha256 if declared else "none declared",
        "bytes": table.size,
        "read_as": table.form,
        **origin_metadata(sheet),
        **({"source_notes": dg.MarkdownMetadataValue(notes)} if notes else {}),
    }
