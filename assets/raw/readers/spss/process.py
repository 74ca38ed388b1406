"""`python -m assets.raw.readers.spss.process FILE [ENCODING]`: a .sav file's content as JSON.

pyreadstat is C code that a damaged file can crash. In a separate process the crash does not end the
run. Starting the process takes a second.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from assets.raw.readers.numbers import cell_text
from assets.raw.readers.spss.header import Header, read_header
from assets.raw.readers.spss.values import Texts, date_text, is_date

# With Latin-1 each byte is one letter, so texts can be decoded later.
AS_BYTES = "ISO-8859-1"


def content(path: str, encoding: str | None = None) -> dict[str, Any]:
    """Names, columns as text, labels, descriptions, sets, and notes of the reader."""
    import pyreadstat

    header = read_header(Path(path).read_bytes())
    frame, meta = pyreadstat.read_sav(
        path, user_missing=True, encoding=AS_BYTES, disable_datetime_conversion=True
    )
    written = [str(name) for name in meta.column_names]
    labels: Mapping[str, Mapping[Any, str]] = meta.variable_value_labels or {}
    columns = {name: frame.iloc[:, at].tolist() for at, name in enumerate(written)}
    texts = Texts(_texts(meta, labels, columns), header.encoding, encoding)
    missing: Mapping[str, Any] = meta.missing_ranges or {}
    notes = list(texts.notes)
    blanked: dict[str, int] = {}
    lines = []
    for name in written:
        kind = str(meta.original_variable_types.get(name, ""))
        cells, absent, no_dates = _cells(columns[name], missing.get(name) or (), kind, texts)
        lines.append(cells)
        if absent:
            blanked[texts(name)] = absent
        if no_dates:
            notes.append(
                f"{no_dates} values that are not dates in {texts(name)}, expected a date of {kind} "
                "(the cells have their numbers)"
            )
    if header.weight:
        notes.append(
            f"the file weights by {texts(header.weight)}, expected a study that declares its "
            "weight (figures are not weighted)"
        )
    return {
        "names": [texts(name) for name in written],
        "columns": lines,
        "labels": [
            (texts(name), _value_text(value, texts), texts(str(label)))
            for name in written
            for value, label in labels.get(name, {}).items()
            if not _absent(value, missing.get(name) or ())
        ],
        "described": {
            texts(str(n)): texts(str(t or "")) for n, t in meta.column_names_to_labels.items()
        },
        "missing": sum(blanked.values()),
        "blanked": blanked,
        "sets": _sets(meta.mr_sets or {}, header, set(written), texts),
        "weight": texts(header.weight) if header.weight else None,
        "notes": notes,
    }


def _texts(
    meta: Any, labels: Mapping[str, Mapping[Any, str]], columns: Mapping[str, Sequence[Any]]
) -> Iterator[str]:
    yield from map(str, meta.column_names)
    yield from (str(text) for text in meta.column_names_to_labels.values() if text)
    for own in labels.values():
        yield from (str(text) for text in (*own.values(), *own) if isinstance(text, str))
    for name, entry in (meta.mr_sets or {}).items():
        yield from (str(name), str(entry.get("label") or ""))
    for cells in columns.values():
        yield from {cell for cell in cells if isinstance(cell, str)}


def _cells(
    values: Sequence[Any], ranges: Sequence[Mapping[str, Any]], kind: str, texts: Texts
) -> tuple[list[str], int, int]:
    """Cells as text, the number declared missing, and the number of invalid dates."""
    dated, cells, blanked, amiss = is_date(kind), [], 0, 0
    for value in values:
        absent = _absent(value, ranges)
        blanked += absent
        text: str | None = "" if absent else _value_text(value, texts)
        if dated and not absent and not isinstance(value, str):
            text = date_text(value, kind)
            if text is None:
                amiss, text = amiss + 1, cell_text(value)
        cells.append(text or "")
    return cells, blanked, amiss


def _value_text(value: Any, texts: Texts) -> str:
    return texts(value) if isinstance(value, str) else cell_text(value)


def _absent(value: Any, ranges: Sequence[Mapping[str, Any]]) -> bool:
    for bounds in ranges:
        try:
            if bounds["lo"] <= value <= bounds["hi"]:
                return True
        except TypeError:
            # a range of missing numbers does not apply to text
            continue
    return False


def _sets(
    declared: Mapping[str, Mapping[str, Any]], header: Header, known: set[str], texts: Texts
) -> list[dict[str, Any]]:
    """The file's multiple-response sets: name, label, variables, the counted value of boxes."""

    def named(variable: str) -> str:
        # sets refer to variables by their short names
        return variable if variable in known else header.name(variable)

    return [
        {
            "name": texts(str(name)),
            "label": texts(str(entry.get("label") or "")),
            "variables": [texts(named(str(v))) for v in entry.get("variable_list") or ()],
            "counted": cell_text(entry.get("counted_value")) if entry.get("is_dichotomy") else None,
        }
        for name, entry in declared.items()
    ]


def main(path: str, encoding: str | None = None) -> int:
    """Write the content, or the reason why there is none, to standard output."""
    try:
        facts: dict[str, Any] = content(path, encoding)
    except Exception as error:
        # For a damaged file the library raises various errors, whose message may quote a cell.
        facts = {"error": type(error).__name__}
    json.dump(facts, sys.stdout)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:3]))
