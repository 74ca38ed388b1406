"""The record beside what was published: by it a run knows that its output is undamaged."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

RECORD = "run.json"


def output_digests(output: Path) -> dict[str, str]:
    """sha256 of every published file, so that a damaged output is not taken for current."""
    # one version is looked at, whatever is published meanwhile
    folder = output.resolve()
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != RECORD)
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def carry_over(before: Path, folder: Path) -> None:
    """Copy a published version into the folder of the next one, its record left out."""
    shutil.copytree(
        before, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(RECORD), symlinks=True
    )


def carry_record(before: Path, folder: Path) -> None:
    """Give the next version the record of the one before, with the files it has now.

    Only where the version before was undamaged: else the next run computes again.
    """
    try:
        record = json.loads((before / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    if not isinstance(record, dict) or record.get("output") != output_digests(before):
        return
    record["output"] = output_digests(folder)
    text = json.dumps(record, indent=1, ensure_ascii=False)
    (folder / RECORD).write_text(text, encoding="utf-8")
