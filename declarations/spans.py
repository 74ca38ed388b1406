"""When something was asked: its first and last wave, and what changed on the way.

A wave's name orders it: numbers in a name count as numbers, so that 9 comes before 10. A span may
name a wave that has no folder yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from declarations.errors import SpecError, only
from declarations.labels import LABELLED, Label, read_label

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


def read_span(entry: Mapping[str, Any], where: str) -> WaveSpan:
    """`from` and `until`, each optional. SpecError where nothing lies between them."""
    bounds = [entry.get(name) for name in ("from", "until")]
    for name, bound in zip(("from", "until"), bounds, strict=True):
        if isinstance(bound, bool) or not isinstance(bound, str | int | None):
            raise SpecError(where, f"{name} is {bound!r}, expected the name of a wave")
    first, last = (None if bound is None else str(bound) for bound in bounds)
    if first is not None and last is not None and wave_order(first) > wave_order(last):
        raise SpecError(where, f"from {first} until {last} holds no wave")
    return WaveSpan(first, last)


def read_rewordings(entry: Mapping[str, Any], where: str) -> tuple[Rewording, ...]:
    """`reworded: {WAVE: {da:, en:, comparable:, note:}}`, in the order of waves."""
    found = entry.get("reworded") or {}
    if not isinstance(found, Mapping):
        raise SpecError(where, f"reworded is {str(found)[:60]!r}, expected wordings by wave")
    rewordings = []
    for wave, data in found.items():
        place = f"{where}: reworded {wave}"
        label = read_label(data, place)
        only(data, (*LABELLED, "comparable", "note"), place)
        comparable = data.get("comparable") if isinstance(data, Mapping) else None
        if not isinstance(comparable, bool):
            raise SpecError(
                place, f"comparable is {comparable!r}, expected true or false: may answers to both "
                "wordings be set beside each other?"
            )  # fmt: skip
        note = read_label(data["note"], place) if data.get("note") else None
        rewordings.append(Rewording(str(wave), label, comparable, note))
    return tuple(sorted(rewordings, key=lambda r: wave_order(r.wave)))


def in_force(rewordings: Iterable[Rewording], wave: str) -> tuple[Rewording, ...]:
    """The rewordings made by that wave, the one that holds in it last."""
    return tuple(r for r in rewordings if wave_order(r.wave) <= wave_order(wave))


def wording(label: Label, rewordings: Iterable[Rewording], wave: str) -> Label:
    """The label a wave used."""
    made = in_force(rewordings, wave)
    return made[-1].label if made else label


def read_moves(entry: Mapping[str, Any], where: str) -> tuple[tuple[str, str], ...]:
    """`variables: {WAVE: column}`: the export's column from that wave on, in the order of waves."""
    found = entry.get("variables") or {}
    if not isinstance(found, Mapping):
        raise SpecError(where, f"variables is {str(found)[:60]!r}, expected columns by wave")
    return tuple(
        sorted(((str(w), str(v)) for w, v in found.items()), key=lambda m: wave_order(m[0]))
    )
