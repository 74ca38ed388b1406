"""Finds parts of an export that do not fit together, and reports them as notes."""

from __future__ import annotations

from collections.abc import Sequence

from assets.raw.delimited import RawTable
from assets.raw.errors import DataError, Finding
from assets.raw.readers.platforms.columns import Export
from declarations.platform import STATUS_FLAGS
from pipelines.draft.columns.identity import (
    RespondentColumn,
    passed_over,
    repeated_lines,
    repeated_text,
)
from pipelines.draft.columns.kinds import mostly_dates, no_dates, suspicious
from pipelines.draft.columns.variables import Columns, DraftVariable, has_status
from pipelines.draft.recognise import (
    GRID,
    MULTIPLE,
    NO_CODES,
    NO_NUMBERS,
    NUMERIC,
    OPEN,
    SINGLE,
    DraftQuestion,
)
from pipelines.draft.yaml_text import shown_names

# Names of variables without a table are listed in full.
EVERY = 10_000
LABELS_LEFT_OUT = "labels that the draft does not follow: see the guesses"


def require_described(export: Export, columns: Columns, drafts: Sequence[DraftQuestion]) -> None:
    """Raise DataError if the data set belongs to another export, or has no question."""
    data = export.dataset
    described = [v for v in columns.variables if v.listed or v.said_closed]
    if columns.missing and not described:
        raise DataError([_no_column(data, export, len(columns.missing))])
    if not drafts:
        expected = "a column of a question (a survey needs a question)"
        found = f"{len(data.columns)} columns, none of a question"
        raise DataError([Finding("no_question", data.file, 1, None, found, expected, "fact")])


def doubts(
    export: Export,
    columns: Columns,
    respondent: RespondentColumn | None,
    drafts: Sequence[DraftQuestion],
) -> list[str]:
    """Notes for the person who drafts the study, without the content of any cell."""
    lines = []
    if columns.missing:
        lines.append(
            f"no column of the data set: {shown_names(columns.missing)}; structure or labels have "
            "them, the study does not"
        )
    listed = {v.name for v in columns.variables if v.listed}
    flags = STATUS_FLAGS if has_status(export.dataset) else ()
    unlisted = [n for n in export.dataset.columns if n not in listed and n not in flags]
    if unlisted:
        lines.append(
            f"no row in the structure: {shown_names(unlisted)}; their types are guessed from the "
            "labels and the answers"
        )
    respelt = [v.name for v in columns.variables if v.written is not None]
    if respelt:
        lines.append(f"spelt differently in structure or labels: {shown_names(respelt)}")
    odd = [v.name for v in columns.variables if v.odd]
    if odd:
        lines.append(f"labels without a code that is a whole number, left out: {shown_names(odd)}")
    opened = [draft.items[0].variable for draft in drafts if NO_CODES in draft.comments]
    if opened:
        lines.append(
            f"closed in the export, but without codes, so drafted as open: {shown_names(opened)}"
        )  # fmt: skip
    alone = [
        item.variable for draft in drafts if draft.type in (SINGLE, GRID) and len(draft.scale) == 1
        for item in draft.items
    ]  # fmt: skip
    if alone:
        lines.append(
            f"one answer only, so its share is always 100 %: {shown_names(alone)}; the item is a "
            "tick box whose question was not recognised, or nobody gave its other answers"
        )
    lines += _special_values(columns, drafts)
    return [*lines, *_identity(export.dataset, columns, respondent)]


def _special_values(columns: Columns, drafts: Sequence[DraftQuestion]) -> list[str]:
    """Values that may mean "no answer" although no label says so."""
    cells = {v.name: [cell for cell in v.cells if cell] for v in columns.variables}
    numbers, codes = [], []
    for draft in drafts:
        labelled = [c.code for c in draft.scale if c.text is not None and not c.missing]
        bare = [c.code for c in draft.scale if c.text is None and c.value is None]
        outside = [c for c in bare if labelled and not min(labelled) <= c <= max(labelled)]
        for item in draft.items:
            if (item.type or draft.type) == NUMERIC:
                known = {c.value or str(c.code) for c in draft.special}
                found = suspicious([c for c in cells.get(item.variable, ()) if c not in known])
                if found:
                    lines = f"{', '.join(found)} on {sum(found.values())} lines"
                    numbers.append(f"{shown_names([item.variable])} ({lines})")
        if outside:
            codes.append(f"{shown_names([draft.id])} ({', '.join(map(str, outside[:5]))})")
    parts = []
    if numbers:
        parts.append(
            f"numbers that may stand for no answer, without a label: {', '.join(numbers)}; they "
            "enter every mean, unless they are declared under `codes` with `missing: true`"
        )
    if codes:
        parts.append(
            f"codes outside the labelled scale, without a label: {', '.join(codes)}; each is an "
            "answer in the base"
        )
    return parts


def reading_notes(export: Export) -> list[str]:
    """What the readers interpreted, corrected or left out, by file."""
    tables = (export.dataset, export.structure, export.labels)
    return list(dict.fromkeys(f"{t.file}: {note}" for t in tables for note in t.notes))


def split_notes(export: Export) -> list[str]:
    """Columns whose cells were split into choices, with the separator."""
    return [
        f"{shown_names([name])}: several choices in a cell, parted by {split.by!r} into "
        f"{len(split.choices)} tick boxes (`split` in source.yaml)"
        for name, split in export.splits.items()
    ]


def has_table(draft: DraftQuestion) -> bool:
    """Whether `init` drafts a frequency table for a question."""
    return draft.type in (SINGLE, GRID, MULTIPLE)


def untabulated(
    columns: Columns,
    drafts: Sequence[DraftQuestion],
    contacts: Sequence[DraftVariable],
    respondent: str | None,
) -> list[str]:
    """Every variable without a drafted table, by the reason."""
    facts: dict[str, list[str]] = {}
    kinds = {v.name: v for v in columns.variables}
    for draft in drafts:
        for item in draft.items:
            kind = item.type or draft.type
            if kind == NUMERIC and not has_table(draft):
                facts.setdefault("numbers: a frequency table of them would be too long", []).append(
                    item.variable
                )
            elif kind == OPEN:
                reason = _open_reason(kinds[item.variable], draft)
                facts.setdefault(reason, []).append(item.variable)
    for variable in contacts:
        reason = "from the respondent list, or of no known meaning"
        facts.setdefault(reason, []).append(variable.name)
    if respondent is not None:
        facts.setdefault("distinguishes respondents", []).append(respondent)
    return [
        f"no table: {shown_names(names, most=EVERY)} ({reason})" for reason, names in facts.items()
    ]


def _open_reason(variable: DraftVariable, draft: DraftQuestion) -> str:
    if NO_CODES in draft.comments:
        return "closed to the export, but without codes"
    if NO_NUMBERS in draft.comments:
        return "numbers that cannot all be read in one way"
    filled = [cell for cell in variable.cells if cell]
    if mostly_dates(filled):
        amiss = no_dates(filled)
        return f"dates or times, except {amiss} answers" if amiss else "dates or times"
    if not filled:
        return "nobody answered"
    return "free text"


def _identity(data: RawTable, columns: Columns, respondent: RespondentColumn | None) -> list[str]:
    if respondent is not None:
        return []
    lines = [
        f"{shown_names([each.name])} is named as an identifier but {each.amiss} of "
        f"{len(data.rows)} lines, so line numbers identify respondents. If it is an identifier, "
        "name it as `export.respondent` and give `unique_respondent` the policy quarantine"
        for each in passed_over(columns.variables)
        if each.amiss
    ]
    repeated = repeated_text(repeated_lines(data))
    return [*lines, *([repeated] if repeated else [])]


def _no_column(data: RawTable, export: Export, described: int) -> Finding:
    found = f"{len(data.columns)} names, none of them described"
    expected = (
        f"a header with the {described} variables of {export.structure.file} and "
        f"{export.labels.file} (another file, or no header line?)"
    )
    return Finding("missing_column", data.file, 1, None, found, expected, "fact")
