"""Groups neighbouring variables with the same choices into grids."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile

from pipelines.draft.columns.answers import DraftCode
from pipelines.draft.columns.variables import DraftVariable, tidy
from pipelines.draft.names import stem

# Separators between a grid's text and a line's, the most reliable first.
DASH, BREAK, COLON = re.compile(r"(?:^| )[-–—](?: |$)"), re.compile(r"\n"), re.compile(r": ")
SEPARATORS = (DASH, BREAK, COLON)
NUMBERED = re.compile(r"(.*?)([0-9]+)")
# Words or names alone are evidence only for scales other than yes and no, or for three lines.
MANY_CODES, MANY_LINES = 4, 3
FEWEST_WORDS, FEWEST_LETTERS = 3, 12
BLANKS = " -–—"


@dataclass(frozen=True)
class GridBlock:
    """Variables that form one question, and the evidence; empty for a single question."""

    variables: tuple[DraftVariable, ...]
    because: str = ""


Link = Callable[[DraftVariable, DraftVariable], bool]


def grid_blocks(variables: Sequence[DraftVariable]) -> list[GridBlock]:
    """Closed neighbours as grids and single questions, in order."""
    found: list[GridBlock] = []
    for choices, run in groupby(variables, key=_choices):
        parts = [GridBlock((variable,)) for variable in run]
        if choices:
            for because, link in SURE.items():
                parts = _joined(parts, because, link, 2)
            for because, link in UNSURE.items():
                parts = _joined(parts, because, link, MANY_LINES, len(choices))
        found += parts
    return found


def grid_texts(block: GridBlock) -> tuple[str, list[str]]:
    """The shared text of the lines of a grid, and the text of each; either may be empty."""
    texts = [variable.parted for variable in block.variables]
    named = [variable.choice_text for variable in block.variables]
    label = _beginning(texts) if block.because != BY_NAMES else ""
    lines = [tidy(text[len(label) :].lstrip(f"{BLANKS}:\n").rstrip(BLANKS)) for text in texts]
    if len(set(texts)) == 1:
        label, lines = texts[0], [""] * len(texts)
    if len(set(named)) == len(named) and all(named):
        lines = named
    return tidy(label), lines


def _joined(
    parts: Sequence[GridBlock], because: str, link: Link, fewest: int, codes: int = 0
) -> list[GridBlock]:
    """Join neighbouring blocks that are not grids yet and form a linked chain."""
    chains: list[list[GridBlock]] = []
    for part in parts:
        before = chains[-1][-1] if chains else part
        alone = bool(chains) and not before.because and not part.because
        if alone and link(before.variables[0], part.variables[0]):
            chains[-1].append(part)
        else:
            chains.append([part])
    joined: list[GridBlock] = []
    for chain in chains:
        own = tuple(variable for part in chain for variable in part.variables)
        grid = len(chain) > 1 and _enough(own, fewest, codes)
        joined += [GridBlock(own, because)] if grid else chain
    return joined


def _enough(block: Sequence[DraftVariable], fewest: int, codes: int) -> bool:
    many_lines, many_codes = len(block) >= fewest, codes >= MANY_CODES
    # a whole sentence that ends as a question is seldom a line of another question
    if codes and all(variable.text.endswith("?") for variable in block):
        return many_lines and many_codes
    return many_lines or many_codes


def _choices(variable: DraftVariable) -> frozenset[DraftCode]:
    # a code without a label does not separate an item from its grid
    return frozenset(code for code in variable.codes if code.text is not None)


def head(variable: DraftVariable) -> str | None:
    """The text before its first separator; None without one."""
    for separator in SEPARATORS:
        found = separator.search(variable.parted)
        if found and (found.start() or separator is DASH):
            return tidy(variable.parted[: found.start()])
    return None


def _may_share(one: DraftVariable, other: DraftVariable) -> bool:
    """Whether variables may share a grid: no separator shows that they are separate questions."""
    heads = {head(one), head(other)}
    return len(heads) == 1 or None in heads


def _same_head(one: DraftVariable, other: DraftVariable) -> bool:
    return head(one) is not None and head(one) == head(other)


def _same_question(one: DraftVariable, other: DraftVariable) -> bool:
    return one.question == other.question and _may_share(one, other)


def _same_text(one: DraftVariable, other: DraftVariable) -> bool:
    return bool(one.text) and one.text == other.text


def _same_stem(one: DraftVariable, other: DraftVariable) -> bool:
    stems = {stem([variable.name, variable.name[:-1]]) for variable in (one, other)}
    return not one.text and not other.text and len(stems) == 1


def _same_words(one: DraftVariable, other: DraftVariable) -> bool:
    shared = _words([one.text, other.text])
    long = len(shared.split()) >= FEWEST_WORDS and len(shared) >= FEWEST_LETTERS
    return long and _may_share(one, other)


def _names_run_on(one: DraftVariable, other: DraftVariable) -> bool:
    if not one.text or not other.text or head(one) is not None or head(other) is not None:
        return False
    first, second = NUMBERED.fullmatch(one.name), NUMBERED.fullmatch(other.name)
    if first is None or second is None or first.group(1) != second.group(1):
        return False
    # s_6_1 and s_6_3 share the stem s_6; s_6 and s_8 share none
    numbered = re.search(r"[0-9]", first.group(1)) is not None
    return numbered or int(second.group(2)) == int(first.group(2)) + 1


BY_NAMES = "the choices are the same and the names are in sequence (weak evidence)"
SURE: dict[str, Link] = {
    "the choices and the text's beginning are the same": _same_head,
    "the choices and the question's name are the same": _same_question,
    "the choices and the text are the same": _same_text,
    "the choices and the name's beginning are the same": _same_stem,
}
UNSURE: dict[str, Link] = {
    "the choices and the first words are the same": _same_words,
    BY_NAMES: _names_run_on,
}


def _beginning(texts: Sequence[str]) -> str:
    """The longest shared beginning of all texts that ends before a separator or between words."""
    same = takewhile(lambda letters: len(set(letters)) == 1, zip(*texts, strict=False))
    shared = "".join(letters[0] for letters in same)
    for separator in SEPARATORS:
        found = list(separator.finditer(shared))
        if found:
            return shared[: found[-1].start()]
    return _words(texts)


def _words(texts: Sequence[str]) -> str:
    """The shared first words of all texts."""
    split = [text.split() for text in texts]
    shared = []
    for words in zip(*(words[:-1] for words in split), strict=False):
        if len(set(words)) > 1:
            break
        shared.append(words[0])
    return " ".join(shared)
