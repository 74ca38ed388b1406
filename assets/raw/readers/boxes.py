"""Converts tick boxes of any coding to the platform's: 1 ticked, 0 or empty not ticked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from assets.raw.readers.numbers import code_text
from assets.raw.readers.structure_guess import BoxSet, box_sets, guess_structure, ticked_code
from declarations.platform import TICKED_WORDS, UNTICKED_WORDS
from runtime.plain_text import same_text

Labels = Sequence[tuple[str, str, str]]
BOX_LABELS = (("0", "Not selected"), ("1", "Selected"))
YES_OR_NO = frozenset({"yes", "no", "ja", "nej", "nei", "nein"})


@dataclass(frozen=True)
class DeclaredSet:
    """A multiple-response set declared by the file; `counted` is the value of a ticked box."""

    name: str
    label: str
    variables: tuple[str, ...]
    counted: str | None


@dataclass(frozen=True)
class Described:
    """Columns, labels and structure rows of an export without a structure, with notes."""

    columns: list[list[str]]
    labels: list[tuple[str, str, str]]
    structure: tuple[tuple[str, ...], ...]
    notes: list[str]


def describe(
    names: Sequence[str],
    columns: Sequence[Sequence[str]],
    labels: Labels,
    texts: Mapping[str, str],
    declared: Sequence[DeclaredSet] = (),
) -> Described:
    """Build the structure from labels, texts and answers; boxes with other codes become 1 and 0.

    Sets of categories (each variable holds one of the choices) stay separate variables.
    """
    codes: dict[str, list[str]] = {}
    for name, code, _ in labels:
        codes.setdefault(name.strip(), []).append(code.strip())
    answers = {
        name: {code_text(cell.strip()) for cell in set(cells) if cell.strip()}
        for name, cells in zip(names, columns, strict=True)
    }
    # boxes may come without labels
    bare = {n for n in names if n not in codes and answers[n] == {"0", "1"} and texts.get(n)}
    codes |= {name: ["0", "1"] for name in bare}
    worded = _worded(labels)
    ticked_sets = [each for each in declared if each.counted is not None]
    given = [(each.name, each.label, each.variables) for each in ticked_sets]
    found = box_sets(names, codes, texts, answers, given, worded)
    counted = {v: str(each.counted) for each in ticked_sets for v in each.variables}
    counted = worded | counted
    boxes = {variable for each in found for variable in each.variables}
    for variable in boxes:
        counted.setdefault(variable, ticked_code(codes.get(variable, ())))
    for name in bare - boxes:
        del codes[name]
    recoded = [
        _recoded(cells, counted[name], codes.get(name, ())) if name in boxes else list(cells)
        for name, cells in zip(names, columns, strict=True)
    ]
    structure = guess_structure(names, codes, texts, found)
    return Described(
        recoded,
        _box_labels(labels, boxes, counted),
        _with_choices(structure, found, labels, counted),
        [*_notes(found, declared, counted), *_lone_boxes(set(worded) - boxes)],
    )


def _worded(labels: Labels) -> dict[str, str]:
    """The ticked code of variables whose labels mean ticked and not ticked (but not yes and no)."""
    ticked, unticked = TICKED_WORDS - YES_OR_NO, UNTICKED_WORDS - YES_OR_NO
    said: dict[str, dict[str, str]] = {}
    for name, code, text in labels:
        said.setdefault(name.strip(), {})[code.strip()] = same_text(text)
    found = {}
    for name, words in said.items():
        codes = [code for code, word in words.items() if word in ticked]
        if len(codes) == 1 and any(word in unticked for word in words.values()):
            found[name] = codes[0]
    return found


def _lone_boxes(names: Collection[str]) -> list[str]:
    if not names:
        return []
    text = ", ".join(sorted(names)[:5])
    note = (
        f"{len(names)} columns labelled as tick boxes of no question ({text}), expected boxes with "
        "a shared text or name (each is a separate question; its base is everyone with a code)"
    )
    return [note]


def _recoded(cells: Sequence[str], ticked: str, codes: Sequence[str]) -> list[str]:
    if ticked == "1" and set(codes) <= {"0", "1"}:
        return list(cells)
    known = dict.fromkeys(codes, "0") | {"0": "0", "": "", ticked: "1"}
    return [known.get(code_text(cell.strip()), cell) for cell in cells]


def _box_labels(
    labels: Labels, boxes: set[str], counted: Mapping[str, str]
) -> list[tuple[str, str, str]]:
    found = []
    for name, code, text in labels:
        if name in boxes and not (counted[name] == "1" and code in ("0", "1")):
            if code != counted[name] and code != "0":
                # several codes that all mean not ticked: none of them can be chosen
                continue
            found.append((name, "1" if code == counted[name] else "0", text))
        else:
            found.append((name, code, text))
    known = {(name, code) for name, code, _ in found}
    return found + [
        (name, code, text)
        for name in sorted(boxes)
        for code, text in BOX_LABELS
        if (name, code) not in known
    ]


def _with_choices(
    structure: tuple[tuple[str, ...], ...],
    sets: Sequence[BoxSet],
    labels: Labels,
    counted: Mapping[str, str],
) -> tuple[tuple[str, ...], ...]:
    """Boxes that all have the same text get the label of their ticked code as a name."""
    named = {
        name: text
        for name, code, text in labels
        if counted.get(name) == code and same_text(text) not in TICKED_WORDS | UNTICKED_WORDS
    }
    bare = {
        variable
        for each in sets
        if not all(each.choices) and all(variable in named for variable in each.variables)
        for variable in each.variables
    }
    return tuple((*row[:6], named[row[1]]) if row[1] in bare else row for row in structure)


def _notes(
    sets: Sequence[BoxSet], declared: Sequence[DeclaredSet], counted: Mapping[str, str]
) -> list[str]:
    notes = []
    for each in sets:
        values = {counted[variable] for variable in each.variables}
        if values != {"1"}:
            text = ", ".join(sorted(values)[:5])
            notes.append(
                f"boxes of {each.name} that hold {text} where ticked, expected 1 (read as 1, other "
                "codes as 0)"
            )
    notes += [
        f"{each.name} is a set of categories, expected boxes (its variables {each.variables[0]} to "
        f"{each.variables[-1]} are counted one by one)"
        for each in declared
        if each.counted is None and each.variables
    ]
    return notes
