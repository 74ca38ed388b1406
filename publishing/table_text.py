"""Results of a table as plain text, in blocks of columns that fit on a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

LABEL, CELL, LINE, LABEL_LINES = 32, 9, 110, 3
# in a table each statistic has a line; percentages need no line of their own
LINES = {
    "n": "n", "mean": "mean", "sd": "sd", "q1": "1st quartile", "median": "median",
    "q3": "3rd quartile", "low": "from", "high": "to",
}  # fmt: skip
Place = tuple[str, str]


def result_lines(frame: pd.DataFrame, with_n: bool = False) -> Iterator[str]:
    """The lines of one table's results. `with_n` adds counts to percentages."""
    lines = frame[frame["note"] == "not asked"]
    for name in lines["row"]:
        yield f"{name}: not asked in this wave"
    rest = frame[frame["note"] != "not asked"]
    columns = rest[rest["statistic"] == "base"][["group", "level"]].drop_duplicates()
    places = [(str(g), str(lv)) for g, lv in columns.itertuples(index=False)]
    labels = {
        (str(r.group), str(r.level)): (str(r.group_label), str(r.level_label))
        for r in rest[rest["level"] != ""].itertuples()
    }
    letters = {
        (str(r.group), str(r.level)): str(r.formatted)
        for r in rest[rest["statistic"] == "letter"].itertuples()
    }
    weighted = bool((rest["base"] != rest["weighted_base"])[rest["statistic"] == "base"].any())
    width = max(1, (LINE - LABEL) // CELL)
    blocks = [places[n : n + width] for n in range(0, len(places), width)]
    for rows in _runs(rest):
        own = rest[rest["row"].isin(rows)]
        title = str(own["row_label"].iloc[0])
        yield ""
        if len(rows) == 1:
            yield title if title == rows[0] else ": ".join((rows[0], title))
        for block in blocks:
            yield from _heads(block, labels, letters)
            yield from _rows(own, block, weighted, with_n)
        for test in own[own["statistic"] == "test"].to_dict("records"):
            yield "  " + _test(test, len(rows) > 1)


def _test(test: dict[Any, Any], named: bool) -> str:
    of = f"{test['row']}: " if named else ""
    level = f" ({test['level']})" if test["level"] else ""
    p = _p(test["formatted"])
    return f"{of}{test['group']}{level}: {test['note']}, p {p} (n = {test['base']:.0f})"


def _runs(frame: pd.DataFrame) -> list[list[str]]:
    """Fields that are shown as one block: boxes with the same base, or any other single field."""
    found: list[list[str]] = []
    before = None
    for row, own in frame[frame["row"] != ""].groupby("row", sort=False):
        box = set(own["column"]) == {"", "ticked"}
        base = tuple(own[own["statistic"] == "base"]["base"]) if box else None
        if box and base == before:
            found[-1].append(str(row))
        else:
            found.append([str(row)])
        before = base
    return found


def _heads(
    block: Sequence[Place], labels: dict[Place, tuple[str, str]], letters: dict[Place, str]
) -> Iterator[str]:
    groups = ["" if g == "all" else labels[g, lv][0] for g, lv in block]
    # the name of a group is in the header above its first column
    firsts = [g if n == 0 or groups[n - 1] != g else "" for n, g in enumerate(groups)]
    line = " " * LABEL
    for n, name in enumerate(firsts):
        room = CELL * next((m for m in range(1, len(firsts) - n) if firsts[n + m]), len(firsts) - n)
        if name:
            line = line.ljust(LABEL + n * CELL) + " " + _cut(name, room - 1)
    yield line.rstrip()
    parts = [_wrapped(labels[place][1]) for place in block]
    for n in range(max(len(part) for part in parts)):
        texts = [part[n] if n < len(part) else "" for part in parts]
        yield " " * LABEL + "".join(t.rjust(CELL) for t in texts)
    if any(place in letters for place in block):
        yield " " * LABEL + "".join(letters.get(place, "").rjust(CELL) for place in block)


def _rows(own: pd.DataFrame, block: Sequence[Place], weighted: bool, with_n: bool) -> Iterator[str]:
    cells: dict[tuple[str, str, str, Place], Any] = {
        (str(r.row), str(r.column), str(r.statistic), (str(r.group), str(r.level))): r
        for r in own.itertuples()
    }
    keys = own[["row", "row_label", "column", "column_label", "statistic"]].drop_duplicates()
    percent = bool((keys["statistic"] == "percent").any())
    for row, row_label, column, label, statistic in keys.itertuples(index=False):
        named = row_label if column == "ticked" and own["row"].nunique() > 1 else label
        if statistic == "percent":
            name = str(named)
        elif statistic in LINES and not (statistic == "n" and column and percent and not with_n):
            name = f"{named} {LINES[statistic]}".strip()
        else:
            continue
        shown = []
        for place in block:
            cell = cells.get((row, column, statistic, place))
            text = "" if cell is None else str(cell.formatted)
            marks = cells.get((row, column, "letters", place))
            if statistic in ("percent", "mean") and marks is not None and marks.formatted:
                text = f"{text} {marks.formatted}"
            shown.append(text.rjust(CELL))
        yield f"  {_cut(name, LABEL - 2)}".ljust(LABEL) + "".join(shown)
    first = str(own["row"].iloc[0])
    yield from _bases("n", [cells.get((first, "", "base", p)) for p in block], weighted and percent)
    means = [cells.get((first, "", "mean", p)) for p in block]
    if any(means) and (percent or weighted or _differ(own)):
        yield from _bases("n of the mean", means, weighted)


def _differ(own: pd.DataFrame) -> bool:
    """Whether a mean has a smaller base, because some respondents gave no number."""
    base = own[own["statistic"] == "base"].set_index(["group", "level"])["base"]
    mean = own[own["statistic"] == "mean"].set_index(["group", "level"])["base"]
    return not base.reindex(mean.index).equals(mean)


def _bases(name: str, cells: Sequence[Any], weighted: bool) -> Iterator[str]:
    rows = [(name, "base", 0)]
    if weighted:
        rows += [("weighted base", "weighted_base", 1), ("effective base", "effective_base", 0)]
    for shown, attribute, decimals in rows:
        values = ["" if c is None else f"{getattr(c, attribute):.{decimals}f}" for c in cells]
        yield f"  {shown}".ljust(LABEL) + "".join(v.rjust(CELL) for v in values)


def _wrapped(label: str) -> list[str]:
    """The label of a column, on up to three lines that fit a cell."""
    found: list[str] = []
    for word in label.replace(" > ", " ").split():
        if found and len(found[-1]) + len(word) + 1 < CELL:
            found[-1] += f" {word}"
        else:
            found.append(_cut(word, CELL - 1))
    return found[:LABEL_LINES]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: max(width - 1, 0)]}…"


def _p(text: str) -> str:
    return text if text.startswith("<") else f"= {text}"
