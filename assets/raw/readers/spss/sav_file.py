"""The SPSS export: a .sav file with variable labels, value labels and missing values."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from assets.raw.delimited import AUTO, RawTable, check_header
from assets.raw.errors import file_error
from assets.raw.limits import read_limited
from assets.raw.readers.boxes import DeclaredSet, describe
from assets.raw.readers.structure_guess import GUESSED, LABEL_COLUMNS, STRUCTURE_COLUMNS

ROOT = Path(__file__).resolve().parents[4]
MOST_SECONDS = 600


def read_spss(path: Path, encoding: str = AUTO) -> tuple[RawTable, RawTable, RawTable]:
    """Data set, structure and labels of a .sav file.

    Values declared as missing become empty cells and have no label; `form` gives their number.
    Texts are decoded with the encoding of the header if they are valid words in it, else by their
    bytes; `encoding` overrides both. Rows are numbered as cases, from 1. Raises DataError.
    """
    content = read_limited(path)
    digest = hashlib.sha256(content).hexdigest()
    parts = _content(path, encoding, digest)
    names = tuple(parts["names"])
    check_header(path, names)
    if not names or not parts["columns"][0]:
        raise file_error("not_empty", path, "at least one case")
    labels = [(str(name), str(code), str(label)) for name, code, label in parts["labels"]]
    sets = [
        DeclaredSet(s["name"], s["label"], tuple(s["variables"]), s["counted"])
        for s in parts["sets"]
    ]
    described = describe(names, parts["columns"], labels, parts["described"], sets)
    form = f"spss, {parts['missing']} values declared as missing"
    guessed = f"{GUESSED}: an SPSS file has no structure"

    def table(
        columns: tuple[str, ...], rows: Sequence[tuple[str, ...]], form: str = form
    ) -> RawTable:
        # labels and structure are in the file's dictionary, not on a line
        lines = tuple(range(1, len(rows) + 1)) if columns == names else (0,) * len(rows)
        return RawTable(path.name, digest, len(content), columns, tuple(rows), lines, form)

    return (
        table(names, list(zip(*described.columns, strict=True))).noted(
            *parts["notes"], *described.notes
        ),
        table(STRUCTURE_COLUMNS, described.structure, guessed),
        table(LABEL_COLUMNS, described.labels),
    )


@lru_cache(maxsize=1)
def _content(path: Path, encoding: str, digest: str) -> dict[str, Any]:
    """The output of the reading process. Raises DataError if it crashes, fails or hangs.

    The result is cached for the next reader of the same file, such as a draft's trial run.
    """
    command = [sys.executable, "-m", "assets.raw.readers.spss.process", str(path.resolve())]
    command += [] if encoding == AUTO else [encoding]
    try:
        done = subprocess.run(  # noqa: S603
            command,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=False,
            timeout=MOST_SECONDS,
        )
        facts: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        facts = {"error": "the reader gave up"}
    if "error" in facts:
        raise file_error("spss_file", path, f"a readable SPSS file ({facts['error']})")
    return facts
