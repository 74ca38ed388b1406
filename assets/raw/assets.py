"""Raw files of a wave: text, untouched, with their sha256."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pandas as pd

from assets.raw.delimited import RawTable, read_delimited
from assets.raw.errors import DataError, Finding
from assets.raw.readers.export import read_export
from assets.raw.readers.unchanged import require_content, unchanged
from assets.raw.rules.judge import rejected_rows
from assets.raw.structure import STATUS_FLAGS, RawWave, names_columns, raw_frame
from assets.step.columns import COLUMNS
from assets.step.declared import declared
from assets.step.factory import Asset, Given, Made, Step, step
from assets.step.metadata import data_note, named, origin
from assets.step.names import EXPORT_FILES, REGISTER, REJECTED_ROWS, raw, raw_files
from assets.step.restricted import DATASET, REJECTED
from assets.step.rows_version import file_version
from assets.step.workspace import failure
from declarations import SourceSheet, Study
from runtime.masking import cell_shown, shape
from runtime.safe_text import visible
from runtime.store import Store

FILE_COLUMNS = ("role", "file", "sha256", "bytes", "rows", "form")
REJECTED_COLUMNS = ("file", "file_row", "variable", "value", "rule", "expected")
# The register's columns where they are not yet what the clean relation makes of them.
REGISTER_COLUMNS = {"code": "Official municipality code", "region": "Region (name)"}
DESCRIPTIONS = {
    "dataset": "One line per invited head: background variables, answers as codes or text, status. "
    "The column list says which item each column holds.",
    "structure": "The export's description of its variables and choices.",
    "labels": "Code labels of the export, without a header line.",
    "municipalities": "The register of the 98 municipalities the invitations are joined to.",
    REJECTED_ROWS: "Lines of the data set that are in no clean relation, because a row rule with "
    "the policy `quarantine` set them aside: one line per row and rule.",
}


def read_wave(sheet: SourceSheet) -> RawWave:
    """All raw files of a wave, none of them written meanwhile.

    Raises DataError naming file, row, column and value.
    """
    paths = {role: sheet.files[role].path for role in EXPORT_FILES}
    register = sheet.files.get(REGISTER)
    with unchanged({file.path for file in sheet.files.values()}):
        export = read_export(sheet.kind, paths, sheet.delimiter, sheet.encoding)
        wave = RawWave(
            dataset=export.dataset,
            structure=export.structure,
            labels=export.labels,
            municipalities=read_delimited(register.path, ",", "utf-8") if register else None,
        )
    read = {sheet.files[r].path: t.sha256 for r, t in vars(wave).items() if t is not None}
    for path, sha256 in read.items():
        require_content(path, sha256)
    return wave


def stored_wave(store: Store) -> RawWave:
    """The raw files as the last successful read left them in the working file."""
    facts = store.read("raw", "files").set_index("role")

    def table(role: str) -> RawTable:
        frame = store.read(*_relation(role))
        columns = tuple(frame.columns.drop("file_row"))
        return RawTable(
            file=str(facts.at[role, "file"]),
            sha256=str(facts.at[role, "sha256"]),
            size=int(str(facts.at[role, "bytes"])),
            columns=columns,
            # column by column: pandas takes far longer to hand out single cells of text
            rows=tuple(zip(*(frame[name].tolist() for name in columns), strict=True)),
            lines=tuple(int(line) for line in frame["file_row"]),
            form=str(facts.at[role, "form"]),
        )

    return RawWave(**{role: table(role) for role in facts.index})


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
    return [step("read_raw_files", study, [*assets, rejected], read_raw_files, reads_cells=True)]


def _declared(study: Study) -> dict[str, Any]:
    known = declared(study)
    return {
        # what the structural checks hold it against
        "dataset": [known.codes, known.texts, known.policies, study.frame, study.export],
        REJECTED_ROWS: [known.policies, known.rows_aside, study.frame, study.export],
    }


def read_raw_files(given: Given) -> Iterator[Made]:
    """The files as text, and the rows that are set aside."""
    # of the run before
    given.workspace.failed_page(given.wave).unlink(missing_ok=True)
    try:
        files = read_wave(given.sheet)
    except DataError as error:
        raise failure(str(error)) from None
    tables = {name: getattr(files, name) for name in raw_files(given.study)}
    findings = rejected_rows(files, given.asked, given.sheet)
    facts = [(n, t.file, t.sha256, t.size, len(t.rows), t.form) for n, t in tables.items()]
    for name, table in tables.items():
        frame = raw_frame(table)
        yield Made(
            raw(name),
            metadata=_metadata(name, table, frame, given.sheet, given.asked),
            version=file_version(name, table.sha256, given.sheet),
            stores={_relation(name): frame},
        )
    rejected = rejected_frame(findings)
    yield Made(
        raw(REJECTED_ROWS),
        rejected,
        {"file_row": [(raw("dataset"), column) for column in given.study.background_columns]},
        stores={
            ("raw", REJECTED_ROWS): rejected,
            REJECTED: rejected_frame(findings, full=True),
            ("raw", "files"): pd.DataFrame(facts, columns=list(FILE_COLUMNS)),
        },
    )


def rejected_frame(findings: list[Finding], full: bool = False) -> pd.DataFrame:
    """Findings about rows as a relation; see REJECTED_COLUMNS.

    Values are told as in messages, or in full for the restricted part.
    """
    lines = [
        (f.file, f.row, f.column, f.value if full else _value(f), f.rule, f.expected)
        for f in findings
    ]
    frame = pd.DataFrame(lines, columns=list(REJECTED_COLUMNS), dtype="object")
    return frame.astype({"file_row": "int64"})


def _value(finding: Finding) -> str | None:
    if finding.value is None or finding.holds == "fact":
        return finding.value
    return shape(finding.value) if finding.holds == "personal" else cell_shown(finding.value)


def _relation(name: str) -> tuple[str, str]:
    """Where a raw file is stored: the data set holds respondents' words, the others do not."""
    return DATASET if name == "dataset" else ("raw", name)


def column_descriptions(name: str, study: Study) -> dict[str, str]:
    """What each declared column of a raw file holds."""
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
    name: str, table: RawTable, frame: pd.DataFrame, sheet: SourceSheet, study: Study
) -> dict[str, Any]:
    declared = sheet.files[name].sha256
    described = column_descriptions(name, study)

    # without a header line the first respondent's answers stand where names belong
    headed = name != "dataset" or names_columns(table.columns, study)

    def column(place: int, title: str) -> dg.TableColumn:
        made_up = (
            " (CONSTRUCTED, see source_notes)" if sheet.constructed_column(name, title) else ""
        )
        shown = named(title) if headed else f"column {place}"
        told = visible(f"{described.get(title, '')}{made_up}".strip())
        return dg.TableColumn(shown, "text", told or None)

    notes = "\n".join(f"- {key}: {note}" for key, note in sheet.notes.items())
    return {
        "dagster/row_count": len(frame),
        "dagster/column_schema": dg.TableSchema(
            columns=[column(place, title) for place, title in enumerate(table.columns, start=1)]
        ),
        "file": str(sheet.files[name].path.relative_to(sheet.path.parent.parent)),
        "sha256": table.sha256,
        "sha256_as_declared": declared == table.sha256 if declared else "none declared",
        "bytes": table.size,
        "read_as": table.form,
        **origin(sheet),
        **({"source_notes": dg.MarkdownMetadataValue(notes)} if notes else {}),
    }
