"""Ids of declarations. They become names of files, relations and assets."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from declarations.errors import SpecError

ID = re.compile(r"[a-z][a-z0-9_]{0,79}")
PART = re.compile(r"[a-z0-9][a-z0-9_]{0,39}")
WAVE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
# the name of the relation with counts of invitations
RESERVED = frozenset({"status"})


def read_id(value: Any, where: str | Path) -> str:
    """An id as text. Raises SpecError if it cannot name a file, a relation and an asset."""
    text = str(value)
    if not isinstance(value, str) or not ID.fullmatch(text) or text in RESERVED:
        expected = "lower-case letters, digits and underscores, a letter first, not 'status'"
        raise SpecError(where, f"id is {text[:60]!r}, expected {expected} (quote yes, no, null)")
    return text


def read_part(value: Any, name: str, where: str | Path) -> str:
    """A chapter or section as text; it names a group of assets."""
    text = str(value)
    if not isinstance(value, (str, int)) or not PART.fullmatch(text):
        expected = "lower-case letters, digits and underscores"
        raise SpecError(where, f"{name} is {text[:60]!r}, expected {expected}")
    return text
