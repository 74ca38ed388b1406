"""The SPSS export: a .sav file with variable labels, value labels and missing values."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assets.raw.delimited import RawTable, check_header
from assets.raw.errors import DataError, Finding
from assets.raw.limits import read_limited
from assets.raw.readers.structure_guess import GUESSED, STRUCTURE_COLUMNS, guess_structure

LABEL_COLUMNS = ("variable", "code", "label")
ROOT = Path(__file__).resolve().parents[3]
MOST_SECONDS = 600


def read_spss(path: Path) -> tuple[RawTable, RawTable, RawTable]:
    """Data set, structure and labels of a .sav file.

    Values declared as missing are empty cells and have no label; `form` says how many there
    were. Rows are numbered as cases, the first being 1. Raises DataError.
    """
    content = read_limited(path)
    told = _content(path)
    names = tuple(told["names"])
    check_header(path, names)
    if not names or not told["columns"][0]:
        raise _error("not_empty", path, "at least one case")
    labels = [(str(name), str(code), str(label)) for name, code, label in told["labels"]]
    codes: dict[str, list[str]] = {}
    for name, code, _ in labels:
        codes.setdefault(name, []).append(code)
    form = f"spss, {told['missing']} values declared as missing"
    guessed = f"{GUESSED}: an SPSS file has no structure"
    digest = hashlib.sha256(content).hexdigest()

    def table(
        columns: tuple[str, ...], rows: Sequence[tuple[str, ...]], form: str = form
    ) -> RawTable:
        lines = tuple(range(1, len(rows) + 1))
        return RawTable(path.name, digest, len(content), columns, tuple(rows), lines, form)

    return (
        table(names, list(zip(*told["columns"], strict=True))),
        table(STRUCTURE_COLUMNS, guess_structure(names, codes, told["described"]), guessed),
        table(LABEL_COLUMNS, labels),
    )


def _error(rule: str, path: Path, expected: str) -> DataError:
    return DataError([Finding(rule, path.name, None, None, None, expected)])


def _content(path: Path) -> dict[str, Any]:
    """What the reading process tells; DataError where it dies, fails or never ends."""
    command = [sys.executable, "-m", "assets.raw.readers.spss_process", str(path.resolve())]
    try:
        done = subprocess.run(  # noqa: S603
            command,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=False,
            timeout=MOST_SECONDS,
        )
        told: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        told = {"error": "the reader gave up"}
    if "error" in told:
        raise _error("spss_file", path, f"a readable SPSS file ({told['error']})")
    return told
