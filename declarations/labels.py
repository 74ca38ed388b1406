"""Labels in Danish and English."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from declarations.errors import SpecError


@dataclass(frozen=True)
class Label:
    """A short label in both languages."""

    da: str
    en: str

    @property
    def both(self) -> str:
        """The label in both languages, or the one text for both."""
        return self.da if self.da == self.en else f"{self.da} / {self.en}"


def read_label(value: Any, where: str | Path) -> Label:
    """Read `{da: ..., en: ...}`. One text, alone or as `text`, is the label in both languages."""
    if isinstance(value, str):
        return Label(value, value)
    if isinstance(value, dict) and isinstance(value.get("text"), str) and "da" not in value:
        return Label(value["text"], value["text"])
    if not isinstance(value, dict) or not {"da", "en"} <= set(value):
        raise SpecError(where, f"expected a label with 'da' and 'en', found {str(value)[:60]!r}")
    if not isinstance(value["da"], str) or not isinstance(value["en"], str):
        raise SpecError(where, f"labels must be text, found {value!r} (quote yes/no and numbers)")
    return Label(value["da"], value["en"])
