"""The structure table of an export that came without one: from labels and descriptions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

STRUCTURE_COLUMNS = (
    "questionName", "variableName", "questionType", "subType", "questionText", "choiceValue",
    "choiceText",
)  # fmt: skip
MEMBER = re.compile(r"(.+)_([0-9]+)")
SEPARATOR = " - "
# codes of a tick box
BOXES = ({"0", "1"}, {"1"})
# how the form of such a table begins
GUESSED = "guessed"


def guess_structure(
    columns: Sequence[str], codes: Mapping[str, Sequence[str]], descriptions: Mapping[str, str]
) -> tuple[tuple[str, ...], ...]:
    """One row per column: closed where it has labels, else open.

    Multiple where only 0 and 1 are labelled, or 1 alone (what is not ticked may be a missing
    value), and a neighbour shares the name's stem and the description's beginning. The choice's
    value is then the number at the end of the name, its text what follows the last " - " of the
    description.
    """
    boxes = [name for name in columns if set(codes.get(name, ())) in BOXES]
    stems = {name: found.group(1) for name in boxes if (found := MEMBER.fullmatch(name))}
    members = Counter(
        (stem, descriptions.get(n, "").rsplit(SEPARATOR, 1)[0]) for n, stem in stems.items()
    )
    rows = []
    for name in columns:
        text = descriptions.get(name, "")
        head, _, tail = text.rpartition(SEPARATOR)
        stem = stems.get(name)
        together = stem is not None and (
            members[(stem, head or text)] > 1 or members[(stem, "")] > 1
        )
        if stem is not None and together:
            number = name.rsplit("_", 1)[1]
            rows.append((stem, name, "Closed", "Multiple", head, number, tail))
        elif codes.get(name):
            rows.append((name, name, "Closed", "Single", text, "", ""))
        else:
            rows.append((name, name, "Open", "", text, "", ""))
    return tuple(rows)
