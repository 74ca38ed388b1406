"""A pytest plugin that records which test executes which line, with coverage.py.

Lines of a fixture that several tests share are recorded under the fixture, because every test that
uses it depends on them. Lines of processes that a test starts count for that test
(`child/sitecustomize.py`). coverage.py comes from `.venv-mutants`; the plugin appends its folder to
the path, so that everything else stays as it is in `.venv`.
"""

from __future__ import annotations

import json
import os
import sys
import uuid
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

sys.path.append(os.environ["SAMSPIL_COVERAGE"])
import coverage


class LineTracer:
    """Switches the context of coverage.py with each test and each shared fixture."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seconds: dict[str, float] = {}
        self.shared: dict[str, dict[str, str]] = {}
        self.uses: dict[str, list[str]] = {}
        self.failed: list[str] = []
        self.test = ""
        self.coverage = coverage.Coverage(
            data_file=str(folder / "lines"), data_suffix=True, config_file=False,
            source=os.environ["SAMSPIL_SOURCE"].split(":"),
        )  # fmt: skip
        self.coverage.start()

    def switch(self, context: str) -> None:
        """Record the following lines for this context."""
        os.environ["SAMSPIL_TEST"] = context
        self.coverage.switch_context(context)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Run a test with its setup and teardown in one context."""
        self.test = item.nodeid
        self.switch(item.nodeid)
        started, shared = used(), sum(self.seconds[name] for name in self.names())
        result = yield
        shared = sum(self.seconds[name] for name in self.names()) - shared
        self.seconds[item.nodeid] = used() - started - shared
        self.uses[item.nodeid] = [
            key
            for name in getattr(item, "fixturenames", ())
            for key, base in self.shared.get(name, {}).items()
            if item.nodeid.startswith(base)
        ]
        self.test = ""
        self.switch("")
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Generator[None, Any, Any]:
        """Run a fixture. Only a fixture that several tests share has its own context."""
        if fixturedef.scope == "function":
            return (yield)
        before = os.environ["SAMSPIL_TEST"]
        key = f"fixture:{fixturedef.baseid}::{fixturedef.argname}"
        self.shared.setdefault(fixturedef.argname, {})[key] = fixturedef.baseid
        self.switch(key)
        started = used()
        try:
            return (yield)
        finally:
            self.seconds[key] = self.seconds.get(key, 0) + used() - started
            self.switch(before)

    def names(self) -> list[str]:
        """The shared fixtures made so far."""
        return [key for keys in self.shared.values() for key in keys]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a test that fails without a mutant, because it proves nothing."""
        if report.failed:
            self.failed.append(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Save the lines and, next to them, the seconds."""
        self.coverage.stop()
        self.coverage.save()
        record = {"seconds": self.seconds, "uses": self.uses, "failed": self.failed}
        target = self.folder / f"tests-{uuid.uuid4().hex}.json"
        target.write_text(json.dumps(record), encoding="utf-8")


def used() -> float:
    """Processor seconds of this process and of child processes that it waited for."""
    return sum(os.times()[:4])


def pytest_configure(config: pytest.Config) -> None:
    """Trace where tests run: in the workers of xdist, or in the one process."""
    controls = getattr(config.option, "dist", "no") != "no" and not hasattr(config, "workerinput")
    if not controls:
        os.environ["SAMSPIL_TEST"] = ""
        config.pluginmanager.register(LineTracer(Path(os.environ["SAMSPIL_TRACE"])), "tracer")
