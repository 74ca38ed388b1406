"""Recognises questions: multiple-choice sets, grids, background, text fields after "other"."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from pipelines.draft.columns.answers import (
    WHOLE,
    Codes,
    DraftCode,
    code_like,
    coded_texts,
    like_numbers_of_people,
    number_settings,
    ordered,
)
from pipelines.draft.columns.kinds import are_dates, few_codes, numbers_with_words
from pipelines.draft.columns.variables import DraftVariable, tidy
from pipelines.draft.grids import DASH, GridBlock, grid_blocks, grid_texts
from pipelines.draft.names import safe_id, stem
from runtime.masking import column_shown

SEPARATOR = " - "
# a column whose platform gives no type
UNDECIDED = "unknown"
NUMBER_KINDS = ("number", "numeric", "integer", "decimal", "double", "float")
SINGLE, GRID, MULTIPLE, NUMERIC, OPEN = "single", "grid", "multiple", "numeric", "open"
NO_NUMBERS = (
    "guess: a number in the export, but some answers are not numbers of at most 6 digits with "
    "one meaning (1.000 is 1 or 1000); with type numeric these would be quarantined"
)
NO_CODES = (
    "guess: open, although the export says closed: it has no labels of whole numbers, and no "
    "answers that are codes; to count it, give it a type and a scale"
)
UNLISTED = "guess: a question, because only respondents have it; the structure has no row for it"
UNKNOWN = "guess: a question, because it has labels; the structure has no row for it"
CODES = "guess: codes without labels, because they are few; for a number write `type: numeric`"
MOST_BARE = 40
TEXTS = (
    "guess: a question of codes, because its answers are a few texts; the codes are in the order "
    "of a known scale, else of frequency"
)
DATES = (
    "guess: open, because its answers are dates; to group them into periods, declare the "
    "question by hand"
)
NO_TEXT = "guess: the export has no text for this question, so this is its name"


@dataclass(frozen=True)
class DraftItem:
    """An item. It has a `type` only if that differs from the question's."""

    variable: str
    label: str
    type: str | None = None
    choice: int | None = None


@dataclass(frozen=True)
class DraftQuestion:
    """A question with comments on guesses."""

    id: str
    type: str
    label: str
    items: tuple[DraftItem, ...]
    scale: Codes = ()
    special: Codes = ()
    numbers: Mapping[str, Any] | None = None
    background: bool = False
    comments: tuple[str, ...] = field(default=())


def recognise(variables: Sequence[DraftVariable], respondent: str | None) -> list[DraftQuestion]:
    """Questions in questionnaire order, coded background variables last.

    Open background variables are contact data or keys, not questions; see `contact_columns`.
    """
    asked = [v for v in variables if not v.background and v.name != respondent]
    known = [v for v in variables if v.background and v.closed and v.name != respondent]
    drafts = [_question(block) for block in _blocks(asked)]
    drafts = _with_other_texts(drafts)
    drafts += [replace(_question(GridBlock((v,))), background=True) for v in known]
    return _with_ids(drafts)


def contact_columns(
    variables: Sequence[DraftVariable], respondent: str | None
) -> list[DraftVariable]:
    """Background variables without codes: municipality names, addresses, keys."""
    return [v for v in variables if v.background and not v.closed and v.name != respondent]


def _blocks(variables: Sequence[DraftVariable]) -> Iterator[GridBlock]:
    """Variables that form one question, in the order of the first of each."""
    sets: dict[str, list[DraftVariable]] = {}
    for variable in variables:
        if variable.multiple:
            sets.setdefault(variable.question, []).append(variable)
    for kind, run in groupby(variables, key=_kind):
        if kind == MULTIPLE:
            names = dict.fromkeys(variable.question for variable in run)
            yield from (GridBlock(tuple(sets.pop(name))) for name in names if name in sets)
        elif kind == OPEN:
            yield from (GridBlock((variable,)) for variable in run)
        else:
            yield from grid_blocks(list(run))


def _kind(variable: DraftVariable) -> str:
    if variable.multiple:
        return MULTIPLE
    return SINGLE if variable.closed else OPEN


def _question(block: GridBlock) -> DraftQuestion:
    if block.because:
        return _grid(block)
    first = block.variables[0]
    if first.multiple:
        return _multiple(block.variables)
    comments = (*(() if first.text else (NO_TEXT,)), *_column_comments(block.variables))
    label = first.text or column_shown(first.name)
    item = DraftItem(first.name, label)
    if first.closed:
        comments += (*first.judged.comments, *_code_comments(first.codes))
        return DraftQuestion(first.name, SINGLE, label, (item,), first.codes, comments=comments)
    if first.judged.numeric:
        return DraftQuestion(
            first.name, NUMERIC, label, (item,), special=first.judged.special,
            numbers=first.judged.numbers, comments=(*comments, *first.judged.comments),
        )  # fmt: skip
    opened = _open_type(first)
    return replace(opened, items=(item,), label=label, comments=(*comments, *opened.comments))


def _column_comments(block: Sequence[DraftVariable]) -> tuple[str, ...]:
    """Descriptions in structure and labels that the draft does not follow."""
    comments: dict[str, None] = {}
    for variable in block:
        if not variable.listed and not variable.background:
            comments[UNKNOWN if variable.closed else UNLISTED] = None
        if variable.written is not None:
            name, written = column_shown(variable.name), column_shown(variable.written)
            text = f"guess: {name!r} is the column that the export describes as "
            comments[f"{text}{written!r}"] = None
        if variable.odd:
            # a longer text may not be a code and is not shown
            codes = ", ".join(
                repr(code) if len(code) <= 6 else f"one of {len(code)} characters"
                for code in variable.odd[:5]
            )
            more = f" and {len(variable.odd) - 5} more" if len(variable.odd) > 5 else ""
            name = column_shown(variable.name)
            text = f"guess: labels of {name} without a code that is a whole number are "
            comments[f"{text}left out: {codes}{more}"] = None
    return tuple(comments)


def _open_type(variable: DraftVariable) -> DraftQuestion:
    """The type of a column without labels: a number, a few texts, dates, or free text."""

    def question(kind: str, *comments: str, **more: Any) -> DraftQuestion:
        return DraftQuestion(variable.name, kind, "", (), comments=comments, **more)

    if variable.said_closed:
        return question(OPEN, NO_CODES)
    if not variable.listed:
        return question(OPEN)
    filled = [cell for cell in variable.cells if cell]
    numbers = number_settings(filled)
    if variable.kind in NUMBER_KINDS:
        if numbers is not None or not filled:
            return question(NUMERIC, numbers=numbers)
        return _with_words(question, filled) or question(OPEN, NO_NUMBERS)
    if variable.kind and variable.kind != UNDECIDED:
        return question(OPEN, *([DATES] if are_dates(filled) else []))
    if variable.kind == UNDECIDED and (few := few_codes(filled)):
        return question(SINGLE, CODES, scale=few)
    if numbers is not None and not like_numbers_of_people(filled):
        return question(NUMERIC, "guess: every answer is a number", numbers=numbers)
    if are_dates(filled):
        return question(OPEN, DATES)
    if numbers is None and (found := _with_words(question, filled)):
        return found
    codes = coded_texts(filled)
    short = all(code.value and code_like(code.value) for code in codes)
    if codes and (short or variable.kind == UNDECIDED):
        return question(SINGLE, TEXTS, scale=codes)
    return question(OPEN)


def _with_words(
    question: Callable[..., DraftQuestion], filled: Sequence[str]
) -> DraftQuestion | None:
    found = numbers_with_words(filled)
    if found is None:
        return None
    numbers, special = found
    text = ", ".join(str(code.text) for code in special)
    comment = f"guess: a number; no answer if the cell says {text}"
    return question(NUMERIC, comment, numbers=numbers, special=special)


def _multiple(block: Sequence[DraftVariable]) -> DraftQuestion:
    first = block[0]
    comments = [*([] if first.text else [NO_TEXT]), *_column_comments(block)]
    items = []
    for place, box in enumerate(block, start=1):
        if WHOLE.fullmatch(box.choice):
            choice = int(box.choice)
        else:
            choice = place
            name = column_shown(box.name)
            comments.append(f"guess: {name} has no choice value, its place {place} is used here")
        text = box.choice_text or column_shown(box.name)
        items.append(DraftItem(box.name, text, choice=choice))
    label = first.text or column_shown(first.question)
    return DraftQuestion(first.question, MULTIPLE, label, tuple(items), comments=tuple(comments))


def _grid(block: GridBlock) -> DraftQuestion:
    label, lines = grid_texts(block)
    names = [variable.name for variable in block.variables]
    # a bare letter says nothing: the platform's own names are s_1, s_2, ...
    name = stem(names) if stem(names) not in ("", "s") else ""
    comments = [f"guess: one question, because {block.because}"]
    if not label:
        comments.append(NO_TEXT)
    codes: dict[int, DraftCode] = {}
    for variable in block.variables:
        for code in variable.codes:
            known = codes.get(code.code)
            codes[code.code] = code if known is None or known.text is None else known
    scale = ordered(codes.values())
    return DraftQuestion(
        name or names[0],
        GRID,
        label or column_shown(name) or " - ".join(map(column_shown, (names[0], names[-1]))),
        tuple(DraftItem(n, text or column_shown(n)) for n, text in zip(names, lines, strict=True)),
        scale,
        comments=(*comments, *_column_comments(block.variables), *_code_comments(scale)),
    )


def _code_comments(codes: Codes) -> tuple[str, ...]:
    bare = [str(code.code) for code in codes if code.text is None and code.value is None]
    if not bare:
        return ()
    more = f" and {len(bare) - MOST_BARE} more" if len(bare) > MOST_BARE else ""
    text = ", ".join(bare[:MOST_BARE])
    return (f"in the data, but without a label in the export: {text}{more}",)


def _with_other_texts(drafts: list[DraftQuestion]) -> list[DraftQuestion]:
    """Text fields named "QUESTION - CHOICE" become items of that question."""
    owners: dict[str, int] = {}
    for place, draft in enumerate(drafts):
        if draft.type in (SINGLE, GRID, MULTIPLE):
            texts = [code.text for code in draft.scale] if draft.type == SINGLE else []
            texts += [item.label for item in draft.items] if draft.type != SINGLE else []
            for text in texts:
                if text:
                    owners.setdefault(_dashed(f"{draft.label}{SEPARATOR}{text}"), place)
    kept: dict[int, DraftQuestion] = dict(enumerate(drafts))
    for place, draft in enumerate(drafts):
        owner = owners.get(_dashed(draft.label))
        if draft.type == OPEN and owner is not None and owner != place:
            text = draft.label.removeprefix(kept[owner].label).strip(" -–—")
            item = DraftItem(draft.items[0].variable, text, type=OPEN)
            kept[owner] = replace(kept[owner], items=(*kept[owner].items, item))
            del kept[place]
    return list(kept.values())


def _dashed(text: str) -> str:
    return tidy(DASH.sub(SEPARATOR, text))


def _with_ids(drafts: list[DraftQuestion]) -> list[DraftQuestion]:
    taken: set[str] = set()
    singles = {d.items[0].variable for d in drafts if len(d.items) == 1}
    named = []
    for draft in drafts:
        # the id of a grid must not be the name of another question's variable
        clash = draft.type == GRID and draft.id in singles
        found = safe_id(draft.items[0].variable if clash else draft.id, taken)
        taken.add(found)
        named.append(replace(draft, id=found))
    return named
