"""A landing that is killed at any of its operations on files loses nothing and ends right."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import pytest

from declarations import load_study
from declarations.operation import Landing
from pipelines.operate.judging import digest_of
from pipelines.operate.landing import taken_exports
from tests.faults.killing import killed_at
from tests.pipelines.test_landing import PATIENCE, SETTLE, STALL, Place

WAVE, NEW = "2018", {"dataset": b"s_1;s_2\n2;2\n"}
MOST = 500
# of `make test`; the others are `long`
EACH = 9


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A wave in place, and another export of it that has stopped changing in the landing folder."""
    from tests.conftest import copy_study

    root = tmp_path_factory.mktemp("settled") / "checkout"
    study = copy_study(root)
    (study / "waves").mkdir()
    settings = Landing(
        folder=Path("landing"), settle_seconds=SETTLE, patience_seconds=PATIENCE, stalls=STALL
    )
    place = Place(root, load_study(study), settings)
    place.drop(WAVE)
    place.settle()
    place.drop(WAVE, NEW)
    place.look()
    return place


def once(settled: Place, at: int) -> bool:
    """Kill the look that takes the export at an operation, then look until it is taken."""
    kept = settled.root.with_name("kept")
    if not kept.exists():
        shutil.copytree(settled.root, kept)
    shutil.rmtree(settled.root)
    shutil.copytree(kept, settled.root)
    place = Place(settled.root, settled.study, settled.settings, settled.now)
    place.look()
    waves, landed = place.waves / WAVE, place.landing / WAVE
    before, after = digest_of(waves), digest_of(landed)
    assert before != after
    killed = killed_at(at, partial(place.look, SETTLE))
    assert digest_of(waves) in (before, after), at
    # what arrived is in the landing folder still, or it is in its place and somebody knows
    taken = taken_exports(place.landing)
    whole = landed.is_dir() and digest_of(landed) == after
    assert whole or (digest_of(waves) == after and [one.digest for one in taken] == [after]), at
    if killed and landed.is_dir():
        place.look()
        place.look(SETTLE)
        place.look(PATIENCE)
    assert digest_of(waves) == after, at
    assert [path.name for path in place.waves.iterdir()] == [WAVE], at
    former = [digest_of(path) for path in (place.root / ".work" / "replaced" / "samspil").iterdir()]
    assert former == [before], at
    assert {one.digest for one in taken_exports(place.landing)} <= {after}
    # nobody is alarmed by what a kill left of it
    assert {path.name for path in place.landing.iterdir()} == {".taken"}, at
    place.look()
    assert [path.name for path in (place.landing / ".taken").iterdir()] == [f"{WAVE}.json"], at
    return killed


def test_a_landing_that_is_killed_loses_nothing_and_comes_right(settled: Place) -> None:
    reached = 0
    for at in range(1, MOST, EACH):
        if not once(settled, at):
            break
        reached = at
    assert 3 * EACH < reached < MOST - EACH


@pytest.mark.long
def test_a_landing_that_is_killed_at_each_operation(settled: Place) -> None:
    kills = 0
    while once(settled, kills + 1):
        kills += 1
    assert 30 < kills < MOST
