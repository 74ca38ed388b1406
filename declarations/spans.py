"""The waves in which something was asked: the first, the last, and changes in between.

Waves are ordered by name; numbers in a name are compared as numbers, so 9 comes before 10. A span
may name a wave that has no folder yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from pydantic import Field, model_validator

from declarations.labels import Label
from declarations.model import Declared, Labelled, LabelText, Name, wrong

PARTS = re.compile(r"[0-9]+|[^0-9]+")


def wave_order(wave: str) -> tuple[tuple[int, int, str], ...]:
    """The sort key of a wave: numbers in its name are compared as numbers."""
    parts = PARTS.findall(wave)
    return tuple((0, int(p), p) if p[0].isdecimal() else (1, 0, p) for p in parts)


@dataclass(frozen=True)
class WaveSpan:
    """From the first to the last wave, both included. None: no bound."""

    first: str | None = None
    last: str | None = None

    def holds(self, wave: str) -> bool:
        """Whether the span includes the wave."""
        place = wave_order(wave)
        late = self.first is None or place >= wave_order(self.first)
        return late and (self.last is None or place <= wave_order(self.last))

    def within(self, other: WaveSpan) -> WaveSpan:
        """The intersection of both spans."""
        firsts = [first for first in (self.first, other.first) if first is not None]
        lasts = [last for last in (self.last, other.last) if last is not None]
        return WaveSpan(
            max(firsts, key=wave_order, default=None), min(lasts, key=wave_order, default=None)
        )

    @property
    def waves(self) -> tuple[str, ...]:
        """The waves that it names."""
        return tuple(wave for wave in (self.first, self.last) if wave is not None)


ALWAYS = WaveSpan()


@dataclass(frozen=True)
class Rewording:
    """Another wording from a wave on. `comparable`: whether answers to both may be compared.

    `note` describes the change for readers.
    """

    wave: str
    label: Label
    comparable: bool
    note: Label | None = None


class Spanned(Declared):
    """An entry that may apply to some waves only."""

    from_: Name | None = Field(
        None, alias="from", description="First wave; all earlier ones by default."
    )
    until: Name | None = Field(None, description="Last wave; all later ones by default.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        first, last = self.from_, self.until
        if first is not None and last is not None and wave_order(first) > wave_order(last):
            raise wrong(last, f"a wave from {first} on: no wave lies between", at=["until"])
        return self

    @property
    def span(self) -> WaveSpan:
        """The waves."""
        return WaveSpan(self.from_, self.until)


class RewordingEntry(Labelled):
    """Another wording. The key of the entry is the first wave with this wording."""

    comparable: bool = Field(description="Whether answers to both wordings may be compared.")
    note: LabelText | None = Field(None, description="A note for readers on the change.")


def rewordings(entries: Mapping[str, RewordingEntry]) -> tuple[Rewording, ...]:
    """The rewordings in the order of waves."""
    made = (Rewording(w, e.label, e.comparable, e.note) for w, e in entries.items())
    return tuple(sorted(made, key=lambda r: wave_order(r.wave)))


def in_force(rewordings: Iterable[Rewording], wave: str) -> tuple[Rewording, ...]:
    """The rewordings up to the wave; the current one is last."""
    return tuple(r for r in rewordings if wave_order(r.wave) <= wave_order(wave))


def wording(label: Label, rewordings: Iterable[Rewording], wave: str) -> Label:
    """The label in a wave."""
    made = in_force(rewordings, wave)
    return made[-1].label if made else label
