"""Whole runs of the committed waves, made once for all tests by the process that needs them first.

Each stage is a separate fixture. A test therefore waits only for the stages that it needs, and two
processes make two stages at once.
"""

from __future__ import annotations

import fcntl
import subprocess
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.checkout import Checkout


@dataclass(frozen=True)
class SharedRuns:
    """A folder that all processes share, with a checkout in which each stage is run once."""

    folder: Path

    @property
    def checkout(self) -> Checkout:
        """The checkout; tests only read it."""
        from tests.checkout import Checkout

        return Checkout(self.folder / "checkout")

    def create(self) -> None:
        """Copy what a run reads."""
        from tests.checkout import Checkout

        Checkout.create(self.checkout.root)

    def once(self, name: str, work: Callable[[], None]) -> None:
        """Do the work, unless a process did it before."""
        with (self.folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (self.folder / name).exists():
                work()
                (self.folder / name).touch()

    def stage(self, name: str, *command: str, keep: bool = False) -> None:
        """A command of `samspil` in the checkout, which must succeed; its output is kept.

        With `keep` the checkout is copied afterwards, for tests that change it.
        """

        from tests.checkout import samspil

        def work() -> None:
            said = StringIO()
            with self.checkout.taken_for_own(), redirect_stdout(said), redirect_stderr(said):
                assert samspil(*command) == 0, said.getvalue()
            self.said(name).write_text(said.getvalue(), encoding="utf-8")
            if keep:
                # a process of its own: this one would lose its locks on SQLite's files
                copy = ["cp", "-a", str(self.checkout.root), str(self.kept(name))]
                subprocess.run(copy, check=True)

        self.once(name, work)

    def said(self, name: str) -> Path:
        """The file with the output of a stage."""
        return self.folder / f"{name}.txt"

    def kept(self, name: str) -> Path:
        """A copy of the checkout after a stage, which later stages do not change."""
        return self.folder / f"after_{name}"


@pytest.fixture(scope="session")
def shared_runs(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> SharedRuns:
    """The folder of all processes, with the study and no run yet."""
    own = tmp_path_factory.getbasetemp()
    runs = SharedRuns((own if worker_id == "master" else own.parent) / "shared_runs")
    runs.folder.mkdir(exist_ok=True)
    runs.once("study", runs.create)
    return runs


@pytest.fixture(scope="session")
def after_2015(shared_runs: SharedRuns) -> SharedRuns:
    """After a run of the printed wave."""
    shared_runs.stage("2015", "run", "--wave", "2015", "--strict", keep=True)
    return shared_runs


@pytest.fixture(scope="session")
def after_2018(after_2015: SharedRuns) -> SharedRuns:
    """After runs of both waves."""
    after_2015.stage("2018", "run", "--wave", "2018", keep=True)
    return after_2015
