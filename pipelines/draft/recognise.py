"""From variables to questions: multiple-choice sets, grids, background, text after "other"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from assets.rules.reading import read_number
from pipelines.draft.names import safe_id, stem
from pipelines.draft.variables import WHOLE, Codes, Variable, tidy

SEPARATOR = " - "
NUMBER_KINDS = ("number", "numeric", "integer", "decimal", "double", "float")
IDENTIFIER = re.compile(r"(?i)(respondent|respondent[_ ]?id|resp[_ ]?id|respid|responseid|id)")
SINGLE, GRID, MULTIPLE, NUMERIC, OPEN = "single", "grid", "multiple", "numeric", "open"
NO_NUMBERS = (
    "guess: a number to the export, but not every answer is one of at most 6 digits that can be "
    "read in one way (1.000 is 1 or 1000); with type numeric these would be set aside"
)
NO_TEXT = "guess: the export has no text for this question, so its name stands here"


@dataclass(frozen=True)
class DraftItem:
    """An item; `type` only where it is another than the question's."""

    variable: str
    label: str
    type: str | None = None
    choice: int | None = None


@dataclass(frozen=True)
class DraftQuestion:
    """A question with comments on what was guessed."""

    id: str
    type: str
    label: str
    items: tuple[DraftItem, ...]
    scale: Codes = ()
    background: bool = False
    comments: tuple[str, ...] = field(default=())


def recognise(variables: Sequence[Variable], respondent: str | None) -> list[DraftQuestion]:
    """Questions in questionnaire order, coded background variables last.

    Open background variables are contact data or keys, not questions; see `contact_columns`.
    """
    asked = [v for v in variables if not v.background and v.name != respondent]
    known = [v for v in variables if v.background and v.closed and v.name != respondent]
    drafts = [_question(block) for block in _blocks(asked)]
    drafts = _with_other_texts(drafts)
    drafts += [replace(_question([v]), background=True) for v in known]
    return _with_ids(drafts)


def respondent_column(variables: Sequence[Variable]) -> str | None:
    """A column with an identifier's name and another text on every line."""
    for variable in variables:
        cells = variable.cells
        if IDENTIFIER.fullmatch(variable.name) and all(cells) and len(set(cells)) == len(cells):
            return variable.name
    return None


def contact_columns(variables: Sequence[Variable], respondent: str | None) -> list[str]:
    """Background variables without codes: municipality names, addresses, keys."""
    return [v.name for v in variables if v.background and not v.closed and v.name != respondent]


def _blocks(variables: Sequence[Variable]) -> Iterator[list[Variable]]:
    """Variables that make one question, in order of the first of them."""
    sets: dict[str, list[Variable]] = {}
    for variable in variables:
        if variable.multiple:
            sets.setdefault(variable.question, []).append(variable)
    for (kind, _), run in groupby(variables, key=_block_key):
        block = list(run)
        if kind == MULTIPLE:
            if block[0].question in sets:
                yield sets.pop(block[0].question)
        elif kind == GRID and len(block) > 1:
            yield block
        else:
            yield from ([variable] for variable in block)


def _block_key(variable: Variable) -> tuple[str, object]:
    if variable.multiple:
        return MULTIPLE, variable.question
    if not variable.closed:
        return OPEN, variable.name
    # a code that only the data have does not part an item from its grid
    choices = frozenset(entry for entry in variable.codes if entry[1] is not None)
    if choices and SEPARATOR in f" {variable.text}":
        return GRID, (_head(variable.text), choices)
    if choices and not variable.text:
        return GRID, (stem([variable.name, variable.name[:-1]]), choices)
    return SINGLE, variable.name


def _head(text: str) -> str:
    return tidy(f" {text}".split(SEPARATOR, 1)[0])


def _question(block: list[Variable]) -> DraftQuestion:
    first = block[0]
    if first.multiple:
        return _multiple(block)
    if len(block) > 1:
        return _grid(block)
    comments: tuple[str, ...] = () if first.text else (NO_TEXT,)
    label = first.text or first.name
    item = DraftItem(first.name, label)
    if first.closed:
        comments += _code_comments(first.codes)
        return DraftQuestion(first.name, SINGLE, label, (item,), first.codes, comments=comments)
    kind, comment = _open_type(first)
    return DraftQuestion(first.name, kind, label, (item,), comments=(*comments, *comment))


def _open_type(variable: Variable) -> tuple[str, tuple[str, ...]]:
    filled = [cell for cell in variable.cells if cell]
    numbers = bool(filled) and all(read_number(cell) is not None for cell in filled)
    if variable.kind in NUMBER_KINDS:
        if numbers or not filled:
            return NUMERIC, ()
        return OPEN, (NO_NUMBERS,)
    if numbers and not variable.kind:
        return NUMERIC, ("guess: every answer is a number",)
    return OPEN, ()


def _multiple(block: list[Variable]) -> DraftQuestion:
    first = block[0]
    comments: list[str] = [] if first.text else [NO_TEXT]
    items = []
    for place, box in enumerate(block, start=1):
        if WHOLE.fullmatch(box.choice):
            choice = int(box.choice)
        else:
            choice = place
            comments.append(f"guess: {box.name} has no choice value, its place {place} stands here")
        items.append(DraftItem(box.name, box.choice_text or box.name, choice=choice))
    label = first.text or first.question
    return DraftQuestion(first.question, MULTIPLE, label, tuple(items), comments=tuple(comments))


def _grid(block: list[Variable]) -> DraftQuestion:
    texts = [variable.text for variable in block]
    if texts[0]:
        comments = ["guess: one question, for the choices and the text's beginning are the same"]
        label = _shared(texts)
        cut = len(label)
        items = [tidy(f" {text}"[1 + cut :].removeprefix(SEPARATOR).strip(" -")) for text in texts]
    else:
        comments = ["guess: one question, for the choices and the name's beginning are the same"]
        label, items = "", [variable.name for variable in block]
    name = stem([variable.name for variable in block])
    if not label:
        comments.append(NO_TEXT)
    codes: dict[int, str | None] = {}
    for variable in block:
        for code, text in variable.codes:
            codes[code] = codes.get(code) or text
    scale = tuple(codes.items())
    return DraftQuestion(
        # a bare letter says nothing: the platform's own names are s_1, s_2, ...
        name if len(name) > 1 or name != "s" else block[0].name,
        GRID,
        label or name or block[0].name,
        tuple(DraftItem(v.name, text or v.name) for v, text in zip(block, items, strict=True)),
        scale,
        comments=(*comments, *_code_comments(scale)),
    )


def _shared(texts: Sequence[str]) -> str:
    """The longest beginning that all texts share, ending before a " - "."""
    parts = [f" {text}".split(SEPARATOR) for text in texts]
    shared: list[str] = []
    for pieces in zip(*(p[:-1] for p in parts), strict=False):
        if len(set(pieces)) > 1:
            break
        shared.append(pieces[0])
    return SEPARATOR.join(shared).strip()


def _code_comments(codes: Codes) -> tuple[str, ...]:
    bare = [str(code) for code, text in codes if text is None]
    if not bare:
        return ()
    return (f"in the data, but without a label in the export: {', '.join(bare)}",)


def _with_other_texts(drafts: list[DraftQuestion]) -> list[DraftQuestion]:
    """Text fields named "QUESTION - CHOICE" become items of that question."""
    owners: dict[str, int] = {}
    for place, draft in enumerate(drafts):
        if draft.type in (SINGLE, GRID, MULTIPLE):
            texts = [text for _, text in draft.scale] if draft.type == SINGLE else []
            texts += [item.label for item in draft.items] if draft.type != SINGLE else []
            for text in texts:
                if text:
                    owners.setdefault(tidy(f"{draft.label}{SEPARATOR}{text}"), place)
    kept: dict[int, DraftQuestion] = dict(enumerate(drafts))
    for place, draft in enumerate(drafts):
        owner = owners.get(draft.label)
        if draft.type == OPEN and owner is not None and owner != place:
            text = draft.label.removeprefix(kept[owner].label).strip(" -")
            item = DraftItem(draft.items[0].variable, text, type=OPEN)
            kept[owner] = replace(kept[owner], items=(*kept[owner].items, item))
            del kept[place]
    return list(kept.values())


def _with_ids(drafts: list[DraftQuestion]) -> list[DraftQuestion]:
    taken: set[str] = set()
    singles = {d.items[0].variable for d in drafts if len(d.items) == 1}
    named = []
    for draft in drafts:
        # a grid is not called what another question's variable is called
        clash = draft.type == GRID and draft.id in singles
        found = safe_id(draft.items[0].variable if clash else draft.id, taken)
        taken.add(found)
        named.append(replace(draft, id=found))
    return named
