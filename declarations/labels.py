"""Labels in Danish and English."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Label:
    """A short label in both languages."""

    da: str
    en: str

    @property
    def both(self) -> str:
        """The label in both languages, or the one text for both."""
        return self.da if self.da == self.en else f"{self.da} / {self.en}"
