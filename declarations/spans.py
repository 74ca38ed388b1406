"""When something was asked: its first and last wave, and what changed on the way.

A wave's name orders it: numbers in a name count as numbers, so that 9 comes before 10. A span may
name a wave that has no folder yet.
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
    """Where a wave stands among others; sorts as people count."""
    parts = PARTS.findall(wave)
    return tuple((0, int(p), p) if p[0].isdecimal() else (1, 0, p) for p in parts)


@dataclass(frozen=True)
class WaveSpan:
    """From the first to the last wave, both included; None: no bound."""

    first: str | None = None
    last: str | None = None

    def holds(self, wave: str) -> bool:
        """Whether the wave lies in the span."""
        place = wave_order(wave)
        late = self.first is None or place >= wave_order(self.first)
        return late and (self.last is None or place <= wave_order(self.last))

    def within(self, other: WaveSpan) -> WaveSpan:
        """What both spans hold."""
        firsts = [first for first in (self.first, other.first) if first is not None]
        lasts = [last for last in (self.last, other.last) if last is not None]
        return WaveSpan(
            max(firsts, key=wave_order, default=None), min(lasts, key=wave_order, default=None)
        )

    @property
    def waves(self) -> tuple[str, ...]:
        """The waves it names."""
        return tuple(wave for wave in (self.first, self.last) if wave is not None)


ALWAYS = WaveSpan()


@dataclass(frozen=True)
class Rewording:
    """Another wording from a wave on; `comparable` says whether answers may be set beside older.

    `note` says what changed, for readers.
    """

    wave: str
    label: Label
    comparable: bool
    note: Label | None = None


class Spanned(Declared):
    """Something asked in some waves only."""

    from_: Name | None = Field(
        None, alias="from", description="First wave it was asked in; every earlier one if left out."
    )
    until: Name | None = Field(
        None, description="Last wave it was asked in; every later one if left out."
    )

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
    """Another wording, from the wave on that is its key."""

    comparable: bool = Field(
        description="Whether answers to both wordings may be set beside each other."
    )
    note: LabelText | None = Field(None, description="What changed, for readers.")


def rewordings(entries: Mapping[str, RewordingEntry]) -> tuple[Rewording, ...]:
    """In the order of waves."""
    made = (Rewording(w, e.label, e.comparable, e.note) for w, e in entries.items())
    return tuple(sorted(made, key=lambda r: wave_order(r.wave)))


def in_force(rewordings: Iterable[Rewording], wave: str) -> tuple[Rewording, ...]:
    """The rewordings made by that wave, the one that holds in it last."""
    return tuple(r for r in rewordings if wave_order(r.wave) <= wave_order(wave))


def wording(label: Label, rewordings: Iterable[Rewording], wave: str) -> Label:
    """The label a wave used."""
    made = in_force(rewordings, wave)
    return made[-1].label if made else label
