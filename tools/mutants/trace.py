"""A pytest plugin that records which test executes which drawn line (`probes.py`).

Lines of a fixture that several tests share are recorded under the fixture: the first test that
needs it is not the only one that sees what it makes. Processes that a test starts count for it.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tools.mutants.probes import CONTEXT, FOLDER, switch_to


class LineTracer:
    """Switches the context with each test and each shared fixture, and measures both."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seconds: dict[str, float] = {}
        self.shared: dict[str, dict[str, str]] = {}
        self.uses: dict[str, list[str]] = {}
        self.failed: list[str] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """A test with its setup and teardown."""
        switch_to(item.nodeid)
        started, shared = cpu_seconds(), sum(self.seconds[name] for name in self.names())
        result = yield
        shared = sum(self.seconds[name] for name in self.names()) - shared
        self.seconds[item.nodeid] = cpu_seconds() - started - shared
        self.uses[item.nodeid] = [
            key
            for name in getattr(item, "fixturenames", ())
            for key, base in self.shared.get(name, {}).items()
            if item.nodeid.startswith(base)
        ]
        switch_to("")
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Generator[None, Any, Any]:
        """Run a fixture. Only a fixture that several tests share has its own context."""
        if fixturedef.scope == "function":
            return (yield)
        before = os.environ[CONTEXT]
        key = f"fixture:{fixturedef.baseid}::{fixturedef.argname}"
        self.shared.setdefault(fixturedef.argname, {})[key] = fixturedef.baseid
        switch_to(key)
        started = cpu_seconds()
        try:
            return (yield)
        finally:
            self.seconds[key] = self.seconds.get(key, 0) + cpu_seconds() - started
            switch_to(before)

    def names(self) -> list[str]:
        """The shared fixtures made so far."""
        return [key for keys in self.shared.values() for key in keys]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a test that fails without a mutant, because it proves nothing."""
        if report.failed:
            self.failed.append(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Save the seconds beside the hits."""
        record = {"seconds": self.seconds, "uses": self.uses, "failed": self.failed}
        target = self.folder / f"tests-{uuid.uuid4().hex}.json"
        target.write_text(json.dumps(record), encoding="utf-8")


def cpu_seconds() -> float:
    """Processor seconds of this process and of child processes that it waited for."""
    return sum(os.times()[:4])


def pytest_configure(config: pytest.Config) -> None:
    """Trace where tests run: in the workers of xdist, or in the one process."""
    controls = getattr(config.option, "dist", "no") != "no" and not hasattr(config, "workerinput")
    if not controls:
        switch_to("")
        config.pluginmanager.register(LineTracer(Path(os.environ[FOLDER])), "tracer")
