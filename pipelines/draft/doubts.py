"""What of an export does not fit together: told at once, and in the study drafted from it."""

from __future__ import annotations

from collections.abc import Sequence

from assets.raw.delimited import RawTable
from assets.raw.errors import DataError, Finding
from assets.raw.readers.export import Export
from assets.raw.structure import STATUS_FLAGS
from pipelines.draft.identity import RespondentColumn, passed_over, repeated_lines, repeated_text
from pipelines.draft.recognise import NO_CODES, DraftQuestion
from pipelines.draft.variables import Columns, has_status
from pipelines.draft.yaml_text import shown_names

LABELS_LEFT_OUT = "labels that the draft does not follow: see the guesses"


def require_described(export: Export, columns: Columns, drafts: Sequence[DraftQuestion]) -> None:
    """Raise DataError where the data set is another one's, or holds no question at all."""
    data = export.dataset
    described = [v for v in columns.variables if v.listed or v.said_closed]
    if columns.missing and not described:
        raise DataError([_no_column(data, export, len(columns.missing))])
    if not drafts:
        expected = "a column of a question (an answer nobody can be asked for is no survey)"
        found = f"{len(data.columns)} columns, none of a question"
        raise DataError([Finding("no_question", data.file, 1, None, found, expected, "fact")])


def doubts(
    export: Export,
    columns: Columns,
    respondent: RespondentColumn | None,
    drafts: Sequence[DraftQuestion],
) -> list[str]:
    """Sentences on what was found, for whoever drafts the study; without any cell's content."""
    told = []
    if columns.missing:
        told.append(
            f"no column of the data set: {shown_names(columns.missing)}; structure or labels have "
            "them, the study does not"
        )
    listed = {v.name for v in columns.variables if v.listed}
    flags = STATUS_FLAGS if has_status(export.dataset) else ()
    unlisted = [n for n in export.dataset.columns if n not in listed and n not in flags]
    if unlisted:
        told.append(
            f"no row in the structure: {shown_names(unlisted)}; what they are is guessed from the "
            "labels and the answers"
        )
    respelt = [v.name for v in columns.variables if v.written is not None]
    if respelt:
        told.append(f"spelt otherwise in structure or labels: {shown_names(respelt)}")
    odd = [v.name for v in columns.variables if v.odd]
    if odd:
        told.append(f"labels without a code that is a whole number, left out: {shown_names(odd)}")
    opened = [draft.items[0].variable for draft in drafts if NO_CODES in draft.comments]
    if opened:
        told.append(f"closed to the export, but without codes, so drafted as open: "
                    f"{shown_names(opened)}")  # fmt: skip
    return [*told, *_identity(export.dataset, columns, respondent)]


def _identity(data: RawTable, columns: Columns, respondent: RespondentColumn | None) -> list[str]:
    if respondent is not None:
        amiss = respondent.amiss
        name = shown_names([respondent.name])
        stops = "unique_respondent stops a run and names the lines"
        return [f"of {len(data.rows)} lines {name} {amiss}: {stops}"] if amiss else []
    told = [
        f"{shown_names([each.name])} is named as an identifier but {each.amiss}: not taken for one"
        for each in passed_over(columns.variables, None)
        if each.amiss
    ]
    repeated = repeated_text(repeated_lines(data))
    return [*told, *([repeated] if repeated else [])]


def _no_column(data: RawTable, export: Export, described: int) -> Finding:
    found = f"{len(data.columns)} names, none of them described"
    expected = (
        f"a header with the {described} variables of {export.structure.file} and "
        f"{export.labels.file} (another file, or no header line?)"
    )
    return Finding("missing_column", data.file, 1, None, found, expected, "fact")
