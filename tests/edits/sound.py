"""Changes of declarations, what they make stale, and the steps run with those that do not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import dagster as dg

from assets.analysis.comparisons import comparisons, marked_tables
from assets.step.factory import Step
from declarations import SpecError, Study
from declarations.documents import read_document
from declarations.errors import Mistake
from declarations.model.reading import entry_of
from pipelines.steps import wave_steps
from replication.consistency.settings import read_audit_settings
from replication.printed import check_errata, read_errata
from replication.proof.record import check_records
from tests.edits.bench import Bench, Values
from tests.edits.places import NOTHING, Place

PUBLISHED = "report/published"


@dataclass
class Change:
    """Other values in some places, and the assets that they make stale."""

    values: dict[Place, Any]
    stale: frozenset[str] = frozenset()
    unvaried: list[Place] = field(default_factory=list)

    def __str__(self) -> str:
        return ", ".join(f"{p.file} {p.field} = {_text(v)}" for p, v in self.values.items())


def _text(value: Any) -> str:
    return "nothing" if value is NOTHING else f"{value!r:.40}"


def changed(
    bench: Bench, places: Iterable[Place], before: Mapping[str, str], most: int = 20
) -> Change:
    """The places with the first of their other values that are valid together, `most` tried.

    `before` are the versions without the change.
    """
    tried = dict.fromkeys(places, 0)
    change = Change({})
    while True:
        for place in [p for p, number in tried.items() if number >= len(p.others[:most])]:
            del tried[place]
            change.unvaried.append(place)
        change.values = {place: place.others[number] for place, number in tried.items()}
        if not tried:
            return change
        try:
            with bench.changed(change.values):
                _check(bench.study(), bench.wave)
                after = bench.tags()
        except SpecError as error:
            for place in _meant(bench, [*tried], error.mistakes):
                tried[place] += 1
            continue
        change.stale = frozenset(key for key in before if after.get(key) != before[key])
        return change


def _meant(bench: Bench, places: list[Place], mistakes: Iterable[Mistake]) -> list[Place]:
    """The places that mistakes are about: at the entry, with the name that is missed, in the file.

    All places if a mistake is about none of them.
    """
    entries = {
        place: entry_of(read_document(bench.source / place.file), place.path) for place in places
    }
    found: dict[Place, None] = {}
    for one in mistakes:
        own = [place for place in places if place.file == one.file]
        at = [
            p for p in own if entries[p].startswith(one.entry) or one.entry.startswith(entries[p])
        ]
        missed = [p for p in places if isinstance(p.value, str) and f"'{p.value}'" in one.problem]
        found |= dict.fromkeys((at if one.entry else []) or missed or own or places)
    return [*found]


def _check(study: Study, wave: str) -> None:
    """What reading the study leaves to the step that needs it."""
    study.source_sheet(wave)
    for spec, marking in marked_tables(study).items():
        comparisons(study.table[spec], marking, study)
    check_records(study)
    read_audit_settings(study)
    check_errata(study, read_errata(study.folder / "printed"))


@dataclass(frozen=True)
class Unsound:
    """An asset that a step makes otherwise by a change that does not make it stale."""

    asset: str
    change: str


def unsound(
    bench: Bench, changes: Sequence[Change], most_groups: int | None = None
) -> Iterator[Unsound]:
    """Each step is run with all changes that leave its assets fresh.

    Assets that are fresh by the same changes are made together; `most_groups` of a step at most,
    those that are fresh by most changes.
    """
    with bench.changed({}):
        steps = wave_steps(bench.study())
    known = keys_of(steps)
    for step in steps:
        keys = known[step.name]
        before: Mapping[str, str] = {}
        every = sorted(groups(step, keys, changes), key=lambda one: -len(one[1]))
        for chosen, fresh in every[:most_groups]:
            for some in compatible(fresh):
                before = before or bench.came_to(step, keys)
                yield from _of(bench, step, chosen, some, before)


def _of(
    bench: Bench, step: Step, chosen: frozenset[dg.AssetKey], changes: Sequence[Change],
    before: Mapping[str, str],
) -> Iterator[Unsound]:  # fmt: skip
    """What the step makes otherwise, by the change that it comes from."""
    names = differing(bench, step, chosen, changes, before)
    if len(changes) > 1 and names:
        half = len(changes) // 2
        yield from _of(bench, step, chosen, changes[:half], before)
        yield from _of(bench, step, chosen, changes[half:], before)
    else:
        yield from (Unsound(name, ", ".join(map(str, changes))) for name in names)


def compatible(changes: Iterable[Change]) -> list[list[Change]]:
    """The changes in as few parts as need be, so that none changes what another one is in."""
    parts: list[list[Change]] = []
    for change in changes:
        for part in parts:
            known = [place for one in part for place in one.values]
            if not any(p.holds(k) or k.holds(p) for p in change.values for k in known):
                part.append(change)
                break
        else:
            parts.append([change])
    return parts


def keys_of(steps: Iterable[Step]) -> dict[str, frozenset[dg.AssetKey]]:
    """The assets that each step makes or checks, by its name."""
    return {
        step.name: frozenset(asset.key for asset in step.assets)
        or frozenset(check.asset for check in step.checks)
        for step in steps
    }


def groups(
    step: Step, keys: frozenset[dg.AssetKey], changes: Sequence[Change]
) -> Iterator[tuple[frozenset[dg.AssetKey], list[Change]]]:
    """Assets of a step with the changes that leave all of them fresh."""
    found: dict[tuple[int, ...], set[dg.AssetKey]] = {}
    for key in keys:
        # a step that makes all its assets at once is stale with any of them
        together = {key} if step.partial else keys
        names = {one.to_user_string() for one in together}
        fresh = tuple(n for n, change in enumerate(changes) if not names & change.stale)
        found.setdefault(fresh, set()).add(key)
    for numbers, own in found.items():
        yield frozenset(own), [changes[number] for number in numbers]


def differing(
    bench: Bench, step: Step, chosen: frozenset[dg.AssetKey], changes: Sequence[Change],
    before: Mapping[str, str],
) -> list[str]:  # fmt: skip
    """What the step makes otherwise under all the changes together."""
    values: Values = {p: v for change in changes for p, v in change.values.items()}
    with bench.changed(values):
        again = import_module(step.module).steps(bench.study())
        same = next(one for one in again if one.name == step.name)
        after = bench.came_to(same, chosen)
    return [name for name, said in after.items() if before.get(name) != said]
