"""Labels in Danish and English."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assets.specs.errors import SpecError


@dataclass(frozen=True)
class Label:
    """A short label in both languages."""

    da: str
    en: str


def read_label(value: Any, where: str | Path) -> Label:
    """Read `{da: ..., en: ...}`; both are required and must be text."""
    if not isinstance(value, dict) or not {"da", "en"} <= set(value):
        raise SpecError(where, f"expected a label with 'da' and 'en', found {str(value)[:60]!r}")
    if not isinstance(value["da"], str) or not isinstance(value["en"], str):
        raise SpecError(where, f"labels must be text, found {value!r} (quote yes/no and numbers)")
    return Label(value["da"], value["en"])
