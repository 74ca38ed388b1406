"""Both waves run and published once for all tests of this folder, whichever process is first."""

from __future__ import annotations

import fcntl
import shutil
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from declarations import load_study
from publishing.published import PublishedWave
from tests.browser.ui import Place
from tests.checkout import Checkout

STEPS = (("run", "--wave", "2015"), ("run", "--wave", "2018"), ("trends",), ("publish", "--strict"))


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Checkout:
    """A checkout after runs of 2015 and 2018 and a comparison of the waves."""
    own = tmp_path_factory.getbasetemp()
    shared = (own if worker_id == "master" else own.parent) / "published_waves"
    shared.mkdir(exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        root = shared / "checkout"
        if not (shared / "done").exists():
            shutil.rmtree(root, ignore_errors=True)
            place = Place.create(root)
            for step in STEPS:
                done = place.python("pipelines.cli", *step)
                assert done.returncode == 0, done.stdout + done.stderr
            (shared / "done").touch()
    return Checkout(root)


@pytest.fixture(scope="session")
def output(checkout: Checkout) -> Path:
    """What readers have: the folder with all waves."""
    return checkout.root / "output"


@pytest.fixture(scope="session")
def wave_2015(checkout: Checkout) -> PublishedWave:
    """What is published of the printed wave, read from its snapshot."""
    return published(checkout, "2015")


def published(checkout: Checkout, wave: str) -> PublishedWave:
    study = load_study(checkout.study)
    relations: dict[tuple[str, str], pd.DataFrame] = {}
    path = checkout.root / "output" / wave / "samspil.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        names = connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables"
        ).fetchall()
        for schema, name in names:
            relations[schema, name] = connection.execute(f'FROM "{schema}"."{name}"').df()
    return PublishedWave(study, study.source_sheet(wave), relations)
