"""`python -m assets.raw.readers.spss_process FILE`: the content of a .sav file as JSON.

A process of its own, because the library is C code that a damaged file can crash: that must end
this process and not the run. Starting it costs a second.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from assets.raw.readers.numbers import cell_text


def content(path: str) -> dict[str, Any]:
    """Names, columns as text, labels, descriptions, and how many values were declared missing."""
    import pyreadstat

    frame, meta = pyreadstat.read_sav(path, user_missing=True)
    names = [str(name) for name in meta.column_names]
    missing: Mapping[str, Any] = meta.missing_ranges or {}
    blanked = 0
    columns = []
    for place, name in enumerate(names):
        ranges = missing.get(name) or ()
        texts = []
        for value in frame.iloc[:, place]:
            absent = _absent(value, ranges)
            blanked += absent
            texts.append("" if absent else cell_text(value))
        columns.append(texts)
    return {
        "names": names,
        "columns": columns,
        "labels": _labels(meta.variable_value_labels or {}, missing, names),
        "described": {str(n): str(t or "") for n, t in meta.column_names_to_labels.items()},
        "missing": blanked,
    }


def _absent(value: Any, ranges: Sequence[Mapping[str, Any]]) -> bool:
    for bounds in ranges:
        try:
            if bounds["lo"] <= value <= bounds["hi"]:
                return True
        except TypeError:
            # a range of numbers says nothing of a text
            continue
    return False


def _labels(
    declared: Mapping[str, Mapping[Any, str]], missing: Mapping[str, Any], names: Sequence[str]
) -> list[tuple[str, str, str]]:
    return [
        (name, cell_text(value), str(label))
        for name in names
        for value, label in declared.get(name, {}).items()
        if not _absent(value, missing.get(name) or ())
    ]


def main(path: str) -> int:
    """Write the content, or why there is none, to standard output."""
    try:
        told: dict[str, Any] = content(path)
    except Exception as error:
        # the library tells a damaged file by exceptions of several kinds
        # and its words may be those of a cell
        told = {"error": type(error).__name__}
    json.dump(told, sys.stdout)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
