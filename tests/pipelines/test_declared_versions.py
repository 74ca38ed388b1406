"""Every declared field: a change of it makes stale what a step makes otherwise by it.

The fields come from the models and are changed in the report's study (`tests/edits/places.py`).
Versions say what becomes stale; the functions of the steps, run on stored results, say what
becomes otherwise. Neither knows of the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import pytest

from tests.chain import STUDY
from tests.edits.bench import Bench
from tests.edits.places import LABEL, Place, places
from tests.edits.sound import PUBLISHED, Change, changed, unsound
from tests.shared_runs import SharedRuns

pytestmark = pytest.mark.long
# Fields that no result depends on. `report/published` depends on all declarations.
COMMANDS = "read by commands, sensors and schedules only"
ONE_VALUE = "has one valid value, which is also the default"
SHOWN = "shown with the printed report only"
WITHOUT_EFFECT: Mapping[str, str] = {
    "Conventions.base": ONE_VALUE,
    "Conventions.rounding": ONE_VALUE,
    "Conventions.unanswered": ONE_VALUE,
    "Rounding.mode": ONE_VALUE,
    "Rounding.percent_decimals": ONE_VALUE,
    "SignificanceSettings.correction": ONE_VALUE,
    "TrendSettings.test": ONE_VALUE,
    "UnnumberedFile.unit": ONE_VALUE,
    "Report.title": SHOWN,
    "Report.authors": SHOWN,
    "Report.publisher": SHOWN,
    "Report.year": SHOWN,
    "StudyFile.source": SHOWN,
    "StudyFile.language_labels": SHOWN,
    "Hook.file": COMMANDS,
    "Hook.private": COMMANDS,
    "Lag.days": COMMANDS,
    "Lag.hours": COMMANDS,
    "Lag.minutes": COMMANDS,
    "Landing.folder": COMMANDS,
    "Landing.patience_seconds": COMMANDS,
    "Landing.settle_seconds": COMMANDS,
    "Landing.stalls": COMMANDS,
    "Schedule.cron": COMMANDS,
    "Schedule.timezone": COMMANDS,
    "StudyFile.freshness": COMMANDS,
    "StudyFile.landing": COMMANDS,
    "StudyFile.notify": COMMANDS,
    "StudyFile.schedule": COMMANDS,
}
# At most this many values are tried for a field.
MOST_TRIED = 4
# What other declarations refer to. A change of it alone is a mistake.
NAMES = ("id", "key", "kind", "variable")
WORDS = (*LABEL, "label", "title", "note", "statement", "heading", "evidence")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, after_2015: SharedRuns) -> Bench:
    root = tmp_path_factory.mktemp("bench")
    stored = after_2015.kept("2015") / ".work" / "2015.duckdb"
    return Bench(root, STUDY, stored=stored)


@pytest.fixture(scope="module")
def before(bench: Bench) -> Mapping[str, str]:
    return bench.tags()


@pytest.fixture(scope="module")
def of_fields() -> Mapping[str, list[Place]]:
    """The places of every field of the report's study; source sheets are in data versions."""
    found: dict[str, list[Place]] = {}
    for place in places(STUDY):
        if not place.file.startswith("waves/"):
            found.setdefault(place.field, []).append(place)
    return found


def chosen(of_fields: Mapping[str, list[Place]]) -> list[Place]:
    """One place of each field: where it is set, in turn of another file."""
    found = []
    for number, own in enumerate(of_fields.values()):
        set_ = [place for place in own if place.set] or own
        found.append(set_[number % len(set_)])
    return found


def kind(place: Place) -> str:
    """Fields that are changed together, as most results depend on all of them or on none."""
    folder = place.file.partition("/")[0]
    if place.field in WITHOUT_EFFECT:
        return "without effect"
    if place.model == "PolicyEntry":
        return "policies"
    if folder in ("questions", "tables"):
        return f"{folder}, {'words' if place.name in WORDS else 'the rest'}"
    if folder == "study.yaml":
        return str(place.path[0]) if place.path[0] in ("groups", "conventions") else "study"
    if folder in ("models", "unnumbered"):
        return "results"
    return folder


def together(
    chosen_places: Iterable[Place], by: Callable[[Place], str] = kind
) -> Mapping[str, list[Place]]:
    found: dict[str, list[Place]] = {}
    for place in chosen_places:
        found.setdefault(by(place), []).append(place)
    return found


@pytest.fixture(scope="module")
def changes(
    bench: Bench, before: Mapping[str, str], of_fields: Mapping[str, list[Place]]
) -> Mapping[str, Change]:
    """Fields changed together, one place of each; not what holds another place."""
    every = chosen(of_fields)
    single = [
        place for place in every
        # statements are hashed whole; a change of one is an edit of `tests/edits`
        if place.name not in NAMES and not place.file.startswith("claims/chapter")
        and not place.file.startswith("claims/resume")
        and not any(place.holds(other) for other in every if other is not place)
    ]  # fmt: skip
    return {name: changed(bench, own, before, MOST_TRIED) for name, own in together(single).items()}


def test_what_a_step_makes_otherwise_is_stale(bench: Bench, changes: Mapping[str, Change]) -> None:
    assert [*unsound(bench, [*changes.values()], most_groups=2)] == []


def test_every_change_is_published_and_fields_without_effect_change_nothing_else(
    changes: Mapping[str, Change],
) -> None:
    assert all(PUBLISHED in change.stale for change in changes.values() if change.values)
    assert changes["without effect"].stale == {PUBLISHED}
