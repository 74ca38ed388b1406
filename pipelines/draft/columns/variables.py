"""The variables of an export: the description of each column by structure, labels and data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from assets.raw.delimited import RawTable
from assets.raw.readers.numbers import code_text
from assets.raw.readers.platforms.columns import Export
from assets.raw.readers.structure_guess import STRUCTURE_COLUMNS, box_sets, guess_structure
from declarations.platform import STATUS_FLAGS
from pipelines.draft.columns.answers import Codes, JudgedColumn, judge_column
from runtime.plain_text import plain, same_text

VARIABLE, TYPE, SUB = STRUCTURE_COLUMNS[1:4]
NOTHING = ("",) * len(STRUCTURE_COLUMNS)
NOT_JUDGED = JudgedColumn()


@dataclass(frozen=True)
class DraftVariable:
    """A column: its question, its texts and its codes in page order.

    A code with text None occurs in the data without a label. `cells` are stripped. `parted` is the
    text with its line breaks. `said_closed` is the type according to structure and labels; `closed`
    says whether there are codes. `odd` are labels that are left out. `judged` is the result of
    classifying cells and labels. `listed` is false if the structure has no row for the column;
    `written` is its name there under another spelling. `background` says that the column came with
    the respondent list; `shown` says that lines without answers prove it.
    """

    name: str
    question: str
    closed: bool
    multiple: bool
    kind: str
    text: str
    choice: str
    choice_text: str
    codes: Codes
    cells: tuple[str, ...]
    listed: bool
    parted: str = ""
    said_closed: bool = False
    odd: tuple[str, ...] = ()
    judged: JudgedColumn = NOT_JUDGED
    written: str | None = None
    background: bool = False
    shown: bool = False


@dataclass(frozen=True)
class Columns:
    """The export's variables, and the names in structure or labels without a column."""

    variables: list[DraftVariable]
    missing: tuple[str, ...]


def read_variables(export: Export) -> Columns:
    """All columns except the status flags, in the order of the structure, then of the data set."""
    data = export.dataset
    labels = _labels(export.labels)
    described = _structure(export.structure, data.columns, labels)
    spelt = _spellings(data.columns, [*described, *labels])
    column = {written: name for name, written in spelt.items()}
    names = [column[written] for written in described if written in column]
    names += [name for name in data.columns if spelt.get(name) not in described]
    flags = set(STATUS_FLAGS) if has_status(data) else set()
    found = [
        _variable(name, spelt.get(name, name), data, labels, described)
        for name in names
        if name not in flags
    ]
    unanswered = unanswered_lines(data)
    missing = dict.fromkeys(n for n in (*described, *labels) if n and n not in column)
    return Columns([_placed(v, unanswered) for v in found], tuple(missing))


def has_status(data: RawTable) -> bool:
    """Whether all five status flags exist."""
    return set(STATUS_FLAGS) <= set(data.columns)


def unanswered_lines(data: RawTable) -> list[int]:
    """Positions of the lines with the status new or distributed."""
    if not has_status(data):
        return []
    places = [data.position(flag) for flag in STATUS_FLAGS[:2]]
    return [at for at, row in enumerate(data.rows) if any(code_text(row[p]) == "1" for p in places)]


def tidy(text: str) -> str:
    """Plain text on one line, shortened to a page."""
    joined = plain(text)
    return joined if len(joined) <= 500 else joined[:499] + "…"


def _spellings(columns: Iterable[str], described: Iterable[str]) -> dict[str, str]:
    """Columns by their names in structure and labels, ignoring blanks and capitals."""
    columns, known = list(columns), dict.fromkeys(described)
    spelt = {name: name for name in columns if name in known}
    free = {same_text(name): name for name in known if name not in spelt}
    for name in columns:
        written = free.get(same_text(name))
        if name not in spelt and written is not None:
            spelt[name] = written
    return spelt


def _labels(table: RawTable) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, code, label in table.rows:
        found.setdefault(name.strip(), {}).setdefault(code_text(plain(code)), tidy(label))
    return found


def _structure(
    table: RawTable, columns: tuple[str, ...], labels: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    places = table.places
    codes = {name: list(own) for name, own in labels.items()}
    guessed = guess_structure(columns, codes, {}, box_sets(columns, codes, {}))
    if VARIABLE.lower() not in places:
        rows = list(guessed)
    else:
        own = {row[1]: row for row in guessed}
        rows = [
            tuple(
                row[places[name.lower()]] if name.lower() in places
                # missing columns are filled from the guessed structure
                else own.get(row[places[VARIABLE.lower()]].strip(), NOTHING)[at]
                for at, name in enumerate(STRUCTURE_COLUMNS)
            )
            for row in table.rows
        ]  # fmt: skip
    described: dict[str, dict[str, str]] = {}
    for row in rows:
        entry = dict(zip(STRUCTURE_COLUMNS, row, strict=True))
        if TYPE.lower() not in places and entry[SUB].strip().lower() in ("single", "multiple"):
            entry[TYPE] = "Closed"
        described.setdefault(entry["variableName"].strip(), entry)
    return described


def _variable(
    name: str,
    written: str,
    data: RawTable,
    labels: Mapping[str, Mapping[str, str]],
    described: Mapping[str, Mapping[str, str]],
) -> DraftVariable:
    place = data.position(name)
    cells = tuple(row[place].strip() for row in data.rows)
    own = described.get(written, {})
    labelled = labels.get(written, {})
    closed = own.get("questionType", "").strip().lower() == "closed" or bool(labelled)
    judged = judge_column(cells, labelled) if closed else JudgedColumn()
    codes = judged.codes
    kind = own.get("subType", "").strip().lower()
    text = own.get("questionText", "")
    return DraftVariable(
        name=name,
        question=own.get("questionName", "").strip() or name,
        closed=bool(codes),
        multiple=bool(codes) and kind == "multiple",
        kind=kind,
        text=tidy(text),
        choice=own.get("choiceValue", "").strip(),
        choice_text=tidy(own.get("choiceText", "")),
        codes=codes,
        cells=cells,
        listed=bool(own),
        parted="\n".join(line for part in text.splitlines() if (line := tidy(part))),
        said_closed=closed,
        odd=judged.odd,
        judged=judged,
        written=written if written != name else None,
    )


def _placed(variable: DraftVariable, unanswered: list[int]) -> DraftVariable:
    """Whether the column came with the respondent list: it is filled on lines without answers.

    If no line proves this, a column that is neither in the structure nor labelled counts as
    background: it may be a key or an address, and must not be counted.
    """
    if variable.multiple:
        return variable
    filled = sum(1 for at in unanswered if variable.cells[at])
    shown = bool(filled) and 2 * filled >= len(unanswered)
    unknown = not variable.listed and not variable.closed and not unanswered
    return replace(variable, background=shown or unknown, shown=shown)
