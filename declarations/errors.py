"""Errors in declarations, always naming the file and the entry."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from runtime.safe_text import visible


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


def only(mapping: Any, known: Collection[str], where: str | Path) -> None:
    """SpecError that names the file and the first key that nothing reads, and what it may be.

    A misspelt key would else be as good as none. What is no mapping others refuse.
    """
    for key in mapping if isinstance(mapping, Mapping) else ():
        if key not in known:
            near = get_close_matches(str(key), sorted(known), n=2, cutoff=0.7)
            meant = f" (is {' or '.join(map(repr, near))} meant?)" if near else ""
            entries = ", ".join(sorted(known))
            raise SpecError(
                where, f"{str(key)[:60]!r} is no entry here{meant}; there are: {entries}"
            )
