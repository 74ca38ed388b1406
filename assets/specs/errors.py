"""Errors in declarations, always naming the file and the entry."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assets.safe_text import visible


class SpecError(ValueError):
    """A declaration is incomplete or contradicts another one."""

    def __init__(self, where: str | Path, problem: str) -> None:
        super().__init__(visible(f"{where}: {problem}", keep="\n"))


def need(mapping: Mapping[str, Any], key: str, where: str | Path) -> Any:
    """The value under `key`, or a SpecError that names the file and the missing key."""
    if not isinstance(mapping, Mapping):
        raise SpecError(where, f"expected a mapping with '{key}', found {str(mapping)[:60]!r}")
    if key not in mapping:
        raise SpecError(where, f"'{key}' is missing (found: {', '.join(map(str, mapping))})")
    return mapping[key]
