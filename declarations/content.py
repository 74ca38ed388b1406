"""The content of declared files as text, for hashes that ignore comments and layout."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from declarations.documents import read_document
from declarations.errors import SpecError

# Declarations do not include the data of waves.
WAVES = "waves"
READ = (".yaml", ".csv")


def content_of(path: Path) -> bytes:
    """The content of a file as one text, without the comments and line breaks of YAML."""
    if path.suffix != ".yaml":
        return path.read_bytes()
    return json.dumps(read_document(path), sort_keys=True, default=str).encode()


def declared_files(study: Path) -> Iterator[Path]:
    """All declarations of a study: the YAML and CSV files at its top and in its folders, in order.

    Files of waves are data and not included.
    """
    folders = sorted(path for path in study.glob("*/") if path.name != WAVES)
    for folder in (study, *folders):
        yield from sorted(path for path in folder.glob("*") if path.suffix in READ)


def content_hash(study: Path) -> str:
    """One hash of the content of all declared files; the order of entries counts.

    A file that cannot be parsed counts by its bytes. The run itself reports the error.
    """
    digest = hashlib.sha256()
    for path in declared_files(study):
        if path.is_file():
            digest.update(f"{path.relative_to(study)}\0".encode())
            digest.update(hashlib.sha256(_said(path)).digest())
    return digest.hexdigest()


def _said(path: Path) -> bytes:
    if path.suffix == ".yaml":
        try:
            return repr(read_document(path)).encode()
        except SpecError:
            pass
    return path.read_bytes()
