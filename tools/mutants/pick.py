"""Runs chosen tests in a chosen order in a process forked from this one.

Starting Python and importing the libraries costs more than most tests. The process that forks has
imported the libraries but none of our modules.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

LIBRARIES = (
    "dagster", "duckdb", "pandas", "pydantic", "yaml", "statsmodels.api", "scipy.stats", "openpyxl",
    "xlsxwriter", "hypothesis", "_pytest.pytester", "jsonschema", "altair", "great_expectations",
    "docx", "pyreadstat", "dagster_webserver.app", "sqlglot", "sqlalchemy",
)  # fmt: skip
# A test that takes so many times as long as known, and so many seconds more, does not end.
SLOWER, LONGER = 10, 20
# allowed seconds on the clock for each second of processor time
PATIENCE = 12
# exit codes of pytest: no tests ran; a `conftest.py` cannot be imported, before or while collecting
NOTHING_RUN, WRONG_USE, INTERNAL_ERROR = 5, 4, 3


@dataclass(frozen=True)
class Run:
    """The exit code of pytest (None if stopped), the test that failed, tests run, seconds."""

    code: int | None
    failed: str
    ran: int
    seconds: float

    @property
    def caught(self) -> bool:
        """Whether a test, the import of its file or of `conftest.py` failed."""
        if self.code in (0, NOTHING_RUN, None):
            return False
        if not self.failed and self.code not in (WRONG_USE, INTERNAL_ERROR):
            raise RuntimeError(f"pytest ended with {self.code}, found no test that failed")
        return True


class Picked:
    """A pytest plugin: the chosen tests in their order, each with a limit of time."""

    def __init__(self, tests: Sequence[str], costs: Mapping[str, float], target: Path) -> None:
        self.order = {test: number for number, test in enumerate(tests)}
        self.costs, self.target = costs, target
        self.failed, self.ran = "", 0

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the chosen tests, and those of chosen files."""
        places = [(self.place(item.nodeid), item) for item in items]
        items[:] = [item for at, item in sorted(places, key=lambda one: one[0]) if at >= 0]

    def place(self, test: str) -> int:
        """The position of a test, of its function or of its file in the order; -1 if not chosen."""
        names = (test, test.partition("[")[0], test.partition("::")[0])
        return next((self.order[name] for name in names if name in self.order), -1)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Stop a test that does not end."""
        signal.signal(signal.SIGPROF, _stop)
        signal.setitimer(signal.ITIMER_PROF, SLOWER * self.costs.get(item.nodeid, 1) + LONGER)
        self.ran += 1
        self.write()
        try:
            return (yield)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Record the test that failed."""
        if report.failed and not self.failed:
            self.failed = report.nodeid
            self.write()

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Record a test file that cannot be imported."""
        if report.failed and not self.failed:
            self.failed = report.nodeid
            self.write()

    def write(self) -> None:
        """Append a result at once, because the process may be stopped."""
        self.target.write_text(json.dumps([self.failed, self.ran]), encoding="utf-8")


def import_libraries() -> None:
    """Import what most tests import, once for all of them."""
    for name in LIBRARIES:
        with suppress(ImportError):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()


def run_tests(
    root: Path, own: Iterable[str], tests: Sequence[str], costs: Mapping[str, float], seconds: float
) -> Run:
    """Run tests of the checkout at `root`, whose packages are `own`, until one fails."""
    target = root.parent / "picked.json"
    target.write_text(json.dumps(["", 0]), encoding="utf-8")
    process = os.fork()
    if not process:
        code = 1
        try:
            code = _inside(root, set(own), Picked(tests, costs, target), seconds)
        finally:
            os._exit(code)
    end = time.monotonic() + PATIENCE * seconds + 60
    done, status, used = os.wait4(process, os.WNOHANG)
    while not done and time.monotonic() < end:
        time.sleep(0.05)
        done, status, used = os.wait4(process, os.WNOHANG)
    # including child processes that a test started and did not stop
    with suppress(ProcessLookupError):
        os.killpg(process, signal.SIGKILL)
    if not done:
        _, status, used = os.wait4(process, 0)
    failed, ran = json.loads(target.read_text(encoding="utf-8"))
    code = os.waitstatus_to_exitcode(status)
    return Run(code if done and code >= 0 else None, failed, ran, used.ru_utime + used.ru_stime)


def _inside(root: Path, own: set[str], picked: Picked, seconds: float) -> int:
    """Pytest, in the forked process."""
    os.setsid()
    quiet = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(quiet, stream)
    limit = int(seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (limit + 1, limit + 2))
    checkout = str(Path(__file__).resolve().parents[2])
    for name in [name for name in sys.modules if name.partition(".")[0] in own]:
        del sys.modules[name]
    sys.path[:] = [str(root), *(p for p in sys.path if os.path.realpath(p or ".") != checkout)]
    os.chdir(root)
    os.environ["PYTHONPATH"] = str(root)
    sys.dont_write_bytecode = True
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    files = dict.fromkeys(test.partition("::")[0] for test in picked.order)
    if not all((root / file).exists() for file in files):
        return NOTHING_RUN
    return int(
        pytest.main(
            ["-x", "-q", "--no-header", "--tb=no", "-p", "no:cacheprovider",
             "-m", "not long and not browser", *files],
            plugins=[picked],
        )
    )  # fmt: skip


def _stop(number: int, frame: FrameType | None) -> None:
    raise TimeoutError("the test does not end")
