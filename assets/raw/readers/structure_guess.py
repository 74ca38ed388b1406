"""Guesses the structure of an export without one, from labels, descriptions and answers."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

STRUCTURE_COLUMNS = (
    "questionName", "variableName", "questionType", "subType", "questionText", "choiceValue",
    "choiceText",
)  # fmt: skip
LABEL_COLUMNS = ("variable", "code", "label")
# q5_3, q5.3, q5r3, q5[3], q5a, q5__3: the question's name and the box's number or letter
MEMBER = re.compile(r"(.+?)(?:[_.\-#/ ]*([0-9]+)|_*([A-Za-z]))\]?")
NUMBERED = re.compile(r"(.*?)[_.\-#/ r]*([0-9]+)\]?")
BLANKS = " -–—:|"
EDGES = f"{BLANKS}/([{{<>"
CLOSING = re.compile(r"\s*[\])]|\s[-–—|]\s|:\s")
PARTING = re.compile(r"\s[-–—|]\s|:\s")
# prefix of the `form` of a guessed table
GUESSED = "guessed"
FEWEST_LETTERS, MANY_WORDS = 4, 3


@dataclass(frozen=True)
class BoxSet:
    """Boxes of one question: its name and text, and the variable and choice of each box."""

    name: str
    text: str
    variables: tuple[str, ...]
    choices: tuple[str, ...]


def guess_structure(
    columns: Sequence[str],
    codes: Mapping[str, Sequence[str]],
    descriptions: Mapping[str, str],
    boxes: Sequence[BoxSet],
) -> tuple[tuple[str, ...], ...]:
    """One row per column: a box of its set, else closed if it has labels, else open.

    `codes` are the labelled codes of a variable, `boxes` the sets as `box_sets` finds them.
    """
    by_variable = {
        variable: (found, place)
        for found in boxes
        for place, variable in enumerate(found.variables)
    }
    rows = []
    for name in columns:
        text = descriptions.get(name, "")
        if name in by_variable:
            found, place = by_variable[name]
            value = _choice_value(found, place)
            rows.append(
                (found.name, name, "Closed", "Multiple", found.text, value, found.choices[place])
            )
        elif codes.get(name):
            rows.append((name, name, "Closed", "Single", text, "", ""))
        else:
            rows.append((name, name, "Open", "", text, "", ""))
    return tuple(rows)


def box_sets(
    columns: Sequence[str],
    codes: Mapping[str, Sequence[str]],
    descriptions: Mapping[str, str],
    answers: Mapping[str, Collection[str]] | None = None,
    declared: Sequence[tuple[str, str, Sequence[str]]] = (),
    worded: Mapping[str, str] | None = None,
) -> list[BoxSet]:
    """The sets of tick boxes: those that the file declares, then those of neighbours.

    `codes` are the labelled codes of a variable, and `answers` the distinct filled cells, if known.
    `declared` are the multiple-response sets of the file (name, text, variables), which take
    precedence. Without them, boxes form a question if the names of neighbours share a stem and
    their texts share a beginning or an end, with any separator. `worded` are the variables whose
    labels say ticked and not ticked, with the ticked code.
    """
    found = []
    taken: set[str] = set()
    for name, text, variables in declared:
        own = [v for v in variables if v in columns and v not in taken]
        if own:
            _, choices = shared_text([descriptions.get(v, "") for v in own])
            label = text or shared_text([descriptions.get(v, "") for v in own])[0]
            found.append(BoxSet(name.lstrip("$"), label, tuple(own), tuple(choices)))
            taken |= set(own)
    worded = worded or {}
    boxes = [
        name
        for name in columns
        if name not in taken and (name in worded or is_box(codes.get(name, ()), answers, name))
    ]
    for run in _runs(boxes, list(columns), descriptions, worded):
        if not _own_codes([codes.get(name, ()) for name in run]):
            continue
        text, choices = shared_text([descriptions.get(name, "") for name in run])
        found.append(BoxSet(_common_name(run), text, tuple(run), tuple(choices)))
    return found


def is_box(codes: Sequence[str], answers: Mapping[str, Collection[str]] | None, name: str) -> bool:
    """Whether a column is a tick box: 0 and 1 are labelled, or it has a single code only."""
    labelled = set(codes)
    if labelled in ({"0", "1"}, {"1"}):
        seen = set(answers.get(name, ())) if answers is not None else set()
        return seen <= {"0", "1"}
    if len(labelled) == 2 and "0" in labelled:
        return answers is not None and set(answers.get(name, ())) <= labelled
    # a box may hold its own code, such as 3 for the third one
    if len(labelled) == 1 and answers is not None and name in answers:
        return set(answers[name]) <= labelled
    return len(labelled) == 1 and answers is None


def ticked_code(codes: Sequence[str]) -> str:
    """The code of a ticked box."""
    return "1" if "1" in codes else next((code for code in codes if code != "0"), "1")


def _own_codes(run: Sequence[Sequence[str]]) -> bool:
    """Whether codes other than 0 and 1 differ per box, so they are not a scale of two answers."""
    own = [ticked_code(codes) for codes in run if "0" in codes and "1" not in codes]
    return len(set(own)) == len(own)


def _runs(
    boxes: Sequence[str],
    columns: Sequence[str],
    descriptions: Mapping[str, str],
    worded: Collection[str],
) -> list[list[str]]:
    """Runs of two or more neighbouring boxes of one question."""
    place = {name: at for at, name in enumerate(columns)}
    runs: list[list[str]] = []
    for name in boxes:
        before = runs[-1][-1] if runs else None
        near = before is not None and all(
            # a text field of one box may come before the next box
            _stem(between) == _stem(before) or between.startswith(before)
            for between in columns[place[before] + 1 : place[name]]
        )
        said = before in worded and name in worded
        if before is not None and near and _together(before, name, descriptions, said=said):
            runs[-1].append(name)
        else:
            runs.append([name])
    return [run for run in runs if len(run) > 1]


def _together(one: str, other: str, descriptions: Mapping[str, str], *, said: bool) -> bool:
    """Whether two neighbouring boxes belong to one question, by their names and texts.

    If labels show that both are boxes, a shared name is enough.
    """
    texts = [descriptions.get(one, "").strip(), descriptions.get(other, "").strip()]
    stems = _stem(one) == _stem(other)
    if not all(texts):
        return stems and not any(texts)
    shared, choices = shared_text(texts)
    enough = len(shared) >= FEWEST_LETTERS and all(choices)
    if stems:
        return enough or said or texts[0] == texts[1]
    if _stem(one) != one and _stem(other) != other:
        # numbered boxes of two questions, whose texts may begin with the same words
        return False
    return enough and _edge(texts)


def _edge(texts: Sequence[str]) -> bool:
    """Whether a separator stands between the shared text and the choice."""
    cleaned = [text.strip() for text in texts]
    head = _shared_head(cleaned)
    bracket = head.rstrip().endswith(("(", "["))
    tail = _shared_tail([text[len(head) :] for text in cleaned], bracket=bracket, whole=not head)
    return bool(tail) or re.search(r"(?:\s[-–—|/]\s|[:?]\s*|[\[(]\s*)$", head) is not None


def shared_text(texts: Sequence[str]) -> tuple[str, list[str]]:
    """The shared part of the texts, and the rest of each.

    The shared part may come first (`Question - choice`, `Question: choice`) or last (`[choice]
    Question`, `choice - Question`).
    """
    cleaned = [text.strip() for text in texts]
    if len(set(cleaned)) == 1:
        return cleaned[0] if cleaned else "", [""] * len(cleaned)
    head = _shared_head(cleaned)
    rest = [text[len(head) :] for text in cleaned]
    bracket = head.rstrip().endswith(("(", "["))
    tail = _shared_tail(rest, bracket=bracket, whole=not head)
    own = [text[: len(text) - len(tail)] for text in rest]
    common = " ".join(part for part in (head.strip(EDGES), tail.strip(EDGES + ")]")) if part)
    return common, [choice.removeprefix("/ ").strip(BLANKS) for choice in own]


def _shared_head(texts: Sequence[str]) -> str:
    same = takewhile(lambda letters: len(set(letters)) == 1, zip(*texts, strict=False))
    head = "".join(letters[0] for letters in same)
    # a choice is never empty and never begins within a word
    while head and (head[-1].isalnum() or any(len(text) == len(head) for text in texts)):
        head = head[:-1]
    parted = list(re.finditer(r"\s[-–—|]\s|[:?\n]\s|\s[/]\s|[\[(]", head))
    return head[: parted[-1].end()] if parted else head


def _shared_tail(texts: Sequence[str], *, bracket: bool, whole: bool) -> str:
    backwards = [text[::-1] for text in texts]
    same = takewhile(lambda letters: len(set(letters)) == 1, zip(*backwards, strict=False))
    tail = "".join(letters[0] for letters in same)[::-1]
    while tail and (tail[0].isalnum() or any(len(text) == len(tail) for text in texts)):
        tail = tail[1:]
    opens = CLOSING if bracket else PARTING
    found = opens.search(tail)
    if found is None and whole and len(tail.split()) >= MANY_WORDS:
        # a whole question after the choice, with any separator
        return tail
    return tail[found.start() :] if found else ""


def _stem(name: str) -> str:
    found = MEMBER.fullmatch(name)
    if found is None:
        return name
    if found.group(3) is not None and not re.search(r"[0-9]$|_$", name[: found.start(3)]):
        # the last letter of a word is not the number of a box
        return name
    return found.group(1).rstrip("_.-#/ [")


def _common_name(run: Sequence[str]) -> str:
    stems = {_stem(name) for name in run}
    return stems.pop() if len(stems) == 1 else run[0]


def _choice_value(found: BoxSet, place: int) -> str:
    numbers = [NUMBERED.fullmatch(name) for name in found.variables]
    lines = [each.group(2) if each else "" for each in numbers]
    if all(lines) and len(set(lines)) == len(lines):
        return str(int(lines[place]))
    return str(place + 1)
