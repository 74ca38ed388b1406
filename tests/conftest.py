"""Fixtures every test may use: the declared study and the committed wave, computed once."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from assets.raw.delimited import AUTO
from assets.raw.readers import spss, spss_process
from declarations import Study
from runtime import second_process
from runtime.private.key_file import VARIABLE
from tests.chain import KEY, STUDY, Chain, compute_chain, declared_study

pytest_plugins = ["tests.shared_runs"]

# The same examples every time: a red test must be red for everybody.
settings.register_profile(
    "samspil",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("samspil")
# Collecting garbage among the objects of the libraries takes a twentieth of the time.
gc.set_threshold(200_000, 20, 100)


@pytest.fixture(scope="session", autouse=True)
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A key of respondent ids for the tests and the processes that they start."""
    path = tmp_path_factory.mktemp("key") / "key"
    path.write_text(KEY.hex() + "\n", encoding="ascii")
    path.chmod(0o600)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(path))
        yield path


@pytest.fixture(scope="session", autouse=True)
def one_process() -> Iterator[None]:
    """Prevent the second process, whose imports cost more than a run of the tests.

    Runs that tests start as commands have it.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(second_process, "started", lambda *_: nullcontext())
        yield


@pytest.fixture
def sav_in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read SPSS files without the separate process, which costs a second."""

    def content(path: Path, encoding: str, digest: str) -> dict[str, Any]:
        told = spss_process.content(str(path), None if encoding == AUTO else encoding)
        return dict(json.loads(json.dumps(told)))

    monkeypatch.setattr(spss, "_content", content)


@pytest.fixture(scope="session")
def study() -> Study:
    """The declared study, as the committed wave 2015 asked it."""
    return declared_study().in_wave("2015")


@pytest.fixture(scope="session")
def committed(study: Study) -> Chain:
    """All results of the committed wave, computed by the pure functions."""
    return compute_chain(study, "2015")


@pytest.fixture
def study_copy(tmp_path: Path) -> Path:
    """A copy of the study folder without its waves, to break declarations in."""
    return copy_study(tmp_path)


def copy_study(target: Path) -> Path:
    """Copy the declarations and the printed figures below `target`; returns the folder."""
    import shutil

    folder = target / "studies" / "samspil"
    shutil.copytree(STUDY, folder, ignore=shutil.ignore_patterns("waves"))
    return folder
