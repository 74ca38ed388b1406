"""What declared files say, as text whose hash changes only where what is said does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from declarations.documents import read_document
from declarations.errors import SpecError

# Folders of a study whose files a run reads, beside `waves`.
FOLDERS = ("questions", "tables", "printed", "claims", "models", "unnumbered", "proofs")


def content_of(path: Path) -> bytes:
    """What a file says, as one text: comments and line breaks of a YAML file say nothing."""
    if path.suffix != ".yaml":
        return path.read_bytes()
    return json.dumps(read_document(path), sort_keys=True, default=str).encode()


def declared_files(study: Path) -> Iterator[Path]:
    """The declarations of a study, and the printed figures: every file but those of waves."""
    yield study / "study.yaml"
    for folder in FOLDERS:
        yield from sorted(p for p in (study / folder).glob("*") if p.suffix in (".yaml", ".csv"))


def content_hash(study: Path) -> str:
    """One hash of what all declared files say; the order of entries counts.

    A file that cannot be read as what it is counts by its bytes: a run says what is wrong with it.
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
