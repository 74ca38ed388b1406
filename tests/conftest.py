"""Fixtures every test may use: the declared study and the committed wave, computed once."""

from __future__ import annotations

import gc
import importlib
import json
import os
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from declarations import Study
    from tests.chain import Chain

# Our modules are imported in the fixtures: with xdist a process that runs no test reads this file.
pytest_plugins = ["tests.shared_runs"]

# Collecting garbage among the objects of the libraries takes a twentieth of the time.
gc.set_threshold(200_000, 20, 100)
# Strategies of other libraries: trio's takes a tenth of a second in every process.
os.environ.setdefault("HYPOTHESIS_NO_PLUGINS", "1")


def pytest_collection(session: pytest.Session) -> None:
    """Prepare a process that collects tests; the one that xdist starts the others from does not."""
    settle_examples()
    compile_a_share(session.config)


def settle_examples() -> None:
    """The same examples every time: a red test must be red for everybody."""
    from hypothesis import HealthCheck, settings

    settings.register_profile(
        "samspil",
        deadline=None,
        derandomize=True,
        database=None,
        max_examples=60,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    settings.load_profile("samspil")


def compile_a_share(config: pytest.Config) -> None:
    """Import the test modules from another place in their order than the other processes.

    pytest compiles a test module when it is first imported, and keeps it. Processes that begin at
    the same module would all compile everything.
    """
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    own = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    if own == 0 or config.args != config.getini("testpaths"):
        return
    root = Path(__file__).parent
    modules = sorted(path.relative_to(root.parent) for path in root.rglob("test_*.py"))
    for module in modules[len(modules) * own // processes :]:
        importlib.import_module(".".join(module.with_suffix("").parts))


@pytest.fixture(scope="session", autouse=True)
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A key of respondent ids for the tests and the processes that they start."""
    from runtime.private.key_file import VARIABLE
    from tests.chain import KEY

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
    from runtime import second_process

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(second_process, "started", lambda *_: nullcontext())
        yield


@pytest.fixture
def sav_in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read SPSS files without the separate process, which costs a second."""
    from assets.raw.delimited import AUTO
    from assets.raw.readers.spss import process, sav_file

    def content(path: Path, encoding: str, digest: str) -> dict[str, Any]:
        told = process.content(str(path), None if encoding == AUTO else encoding)
        return dict(json.loads(json.dumps(told)))

    monkeypatch.setattr(sav_file, "_content", content)


@pytest.fixture(scope="session")
def study() -> Study:
    """The declared study, as the committed wave 2015 asked it."""
    from tests.chain import declared_study

    return declared_study().in_wave("2015")


@pytest.fixture(scope="session")
def committed(study: Study) -> Chain:
    """All results of the committed wave, computed by the pure functions."""
    from tests.chain import compute_chain

    return compute_chain(study, "2015")


@pytest.fixture
def study_copy(tmp_path: Path) -> Path:
    """A copy of the study folder without its waves, to break declarations in."""
    return copy_study(tmp_path)


def copy_study(target: Path) -> Path:
    """Copy the declarations and the printed figures below `target`; returns the folder."""
    import shutil

    from tests.chain import STUDY

    folder = target / "studies" / "samspil"
    shutil.copytree(STUDY, folder, ignore=shutil.ignore_patterns("waves"))
    return folder
