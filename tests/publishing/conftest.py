"""Both waves run and published once for all tests of this folder, whichever process is first.

Each stage is a fixture of its own, so that a test waits for what it looks at and for no more, and
two processes make two stages at once.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from declarations import load_study
from publishing.on_demand import read_published
from publishing.published import PublishedWave
from runtime.snapshot import SNAPSHOT
from tests.checkout import Checkout, samspil

Make = Callable[[Checkout, str, Sequence[str]], None]


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> tuple[Checkout, Make]:
    """The checkout all processes share, and how a stage is made in it by the first that asks."""
    own = tmp_path_factory.getbasetemp()
    shared = (own if worker_id == "master" else own.parent) / "published_waves"
    shared.mkdir(exist_ok=True)
    checkout = Checkout(shared / "checkout")

    def once(name: str, work: Callable[[], None]) -> None:
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (shared / name).exists():
                work()
                (shared / name).touch()

    def stage(checkout: Checkout, name: str, command: Sequence[str]) -> None:
        def work() -> None:
            with checkout.taken_for_own():
                assert samspil(*command) == 0

        once(name, work)

    def copied() -> None:
        Checkout.create(checkout.root)

    once("study", copied)
    return checkout, stage


@pytest.fixture(scope="session")
def checkout(make: tuple[Checkout, Make]) -> Checkout:
    """A checkout after a run of 2015."""
    place, stage = make
    stage(place, "2015", ["run", "--wave", "2015"])
    return place


@pytest.fixture(scope="session")
def both_waves(checkout: Checkout, make: tuple[Checkout, Make]) -> Checkout:
    """The same after a run of 2018 and a comparison of the waves."""
    place, stage = make
    stage(place, "2018", ["run", "--wave", "2018"])
    stage(place, "trends", ["trends"])
    return checkout


@pytest.fixture(scope="session")
def packages(checkout: Checkout, make: tuple[Checkout, Make]) -> Path:
    """The folder of 2015 with what `samspil publish` adds."""
    place, stage = make
    stage(place, "publish", ["publish", "--strict"])
    return checkout.output


@pytest.fixture(scope="session")
def output(both_waves: Checkout) -> Path:
    """The published folder with all waves."""
    return both_waves.root / "output"


@pytest.fixture(scope="session")
def wave_2015(checkout: Checkout) -> PublishedWave:
    """The published relations of the printed wave, read from its snapshot."""
    study = load_study(checkout.study)
    return read_published(study, study.source_sheet("2015"), checkout.output / SNAPSHOT)
