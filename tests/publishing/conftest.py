"""Both waves as published, and the handed-over files, for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from declarations import load_study
from publishing.on_demand import read_published
from publishing.published import PublishedWave
from runtime.snapshot import SNAPSHOT
from tests.checkout import Checkout
from tests.shared_runs import SharedRuns


@pytest.fixture(scope="session")
def checkout(after_2015: SharedRuns) -> Checkout:
    """A checkout after a run of 2015."""
    return after_2015.checkout


@pytest.fixture(scope="session")
def both_waves(after_2018: SharedRuns) -> Checkout:
    """The checkout after a run of 2018 and a comparison of the waves."""
    after_2018.stage("trends", "trends")
    return after_2018.checkout


@pytest.fixture(scope="session")
def packages(after_2015: SharedRuns) -> Path:
    """The folder of 2015 with the files that `samspil publish` adds."""
    after_2015.stage("publish", "publish", "--strict")
    return after_2015.checkout.output


@pytest.fixture(scope="session")
def output(both_waves: Checkout) -> Path:
    """The published folder with all waves."""
    return both_waves.root / "output"


@pytest.fixture(scope="session")
def wave_2015(checkout: Checkout) -> PublishedWave:
    """The published relations of the printed wave, read from its snapshot."""
    study = load_study(checkout.study)
    return read_published(study, study.source_sheet("2015"), checkout.output / SNAPSHOT)
