"""Dagster's own processes on a checkout in a temporary folder: daemon, web server, runs."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.checkout import REPOSITORY, Checkout

DAEMON = ("pipelines.serve.daemon",)
WEBSERVER = ("pipelines.serve", "--no-daemon")
FINISHED = ("SUCCESS", "FAILURE", "CANCELED")
LAUNCH = """
mutation($params: ExecutionParams!) {
  launchRun(executionParams: $params) { __typename ... on PythonError { message }
    ... on LaunchRunSuccess { run { runId } } }
}"""
RUNS = """{ runsOrError(limit: 500) { ... on Runs { results {
  runId status jobName startTime endTime tags { key value } } } } }"""

PARTITIONS = '{ assetNodes(assetKeys: [{path: ["raw", "dataset"]}]) { partitionKeys } }'


@dataclass
class Servers:
    """Processes that share an instance. Each has its own log below `logs`."""

    checkout: Checkout
    settings: str = (REPOSITORY / "dagster.yaml").read_text(encoding="utf-8")
    extra: dict[str, str] = field(default_factory=dict)
    port: int = 0
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        self.logs.mkdir(exist_ok=True)
        (self.home / "dagster.yaml").write_text(self.settings, encoding="utf-8")
        self.port = self.port or free_port()

    @property
    def home(self) -> Path:
        return self.checkout.root / ".dagster_home"

    @property
    def logs(self) -> Path:
        return self.checkout.root / "logs"

    @property
    def environment(self) -> dict[str, str]:
        own = {
            "SAMSPIL_ROOT": str(self.checkout.root),
            "DAGSTER_HOME": str(self.home),
            "DAGSTER_DISABLE_TELEMETRY": "yes",
            "GX_ANALYTICS_ENABLED": "false",
            "PYTHONPATH": str(REPOSITORY),
        }
        return {**os.environ, **own, **self.extra}

    def start(self, name: str, *arguments: str) -> None:
        """Start a process in a separate group, in DAGSTER_HOME, as `make ui` does."""
        with (self.logs / f"{name}.log").open("ab") as stream:
            self.running[name] = subprocess.Popen(
                [sys.executable, "-m", *arguments, "-w", str(REPOSITORY / "workspace.yaml")],
                cwd=self.home, env=self.environment, stdout=stream, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip

    def start_daemon(self) -> None:
        self.start("daemon", *DAEMON)

    def start_webserver(self, *options: str) -> None:
        self.start("webserver", *WEBSERVER, "-p", str(self.port), *options)
        wait(lambda: self.query("{ version }") is not None, 120, "the web server")

    def kill(self, name: str) -> None:
        """Kill the whole group at once, as if the machine went down."""
        process = self.running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        """Stop everything that was started here, with its child processes."""
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            for process in self.running.values():
                try:
                    os.killpg(process.pid, sign)
                except ProcessLookupError:
                    continue
            deadline = time.monotonic() + 10
            while time.monotonic() < deadline and not all(
                process.poll() is not None for process in self.running.values()
            ):
                time.sleep(0.2)
        self.running.clear()

    def query(self, text: str, variables: dict[str, Any] | None = None) -> dict[str, Any] | None:
        """The answer of the web server; None without one."""
        body = json.dumps({"query": text, "variables": variables or {}}).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql", body, {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                found: dict[str, Any] = json.load(answer)["data"]
                return found
        except (urllib.error.URLError, OSError, ValueError):
            return None

    def launch(self, wave: str, job: str = "wave") -> str:
        """Request a run of a wave as the button does. Returns its id."""
        selector = {
            "repositoryLocationName": "samspil",
            "repositoryName": "__repository__",
            "jobName": job,
        }
        tags = [{"key": "dagster/partition", "value": wave}]
        params = {"selector": selector, "executionMetadata": {"tags": tags}, "runConfigData": {}}
        answer = (self.query(LAUNCH, {"params": params}) or {})["launchRun"]
        assert answer["__typename"] == "LaunchRunSuccess", answer
        run_id: str = answer["run"]["runId"]
        return run_id

    def runs(self) -> list[dict[str, Any]]:
        """All runs, the last one first, with their tags as a mapping."""
        found = (self.query(RUNS) or {"runsOrError": {"results": []}})["runsOrError"]["results"]
        return [run | {"tags": {t["key"]: t["value"] for t in run["tags"]}} for run in found]

    def partitions(self) -> list[str]:
        """The waves the instance knows."""
        nodes = (self.query(PARTITIONS) or {}).get("assetNodes") or [{"partitionKeys": []}]
        keys: list[str] = nodes[0]["partitionKeys"]
        return keys

    def log_lines(self, *words: str) -> list[str]:
        """Lines of all logs that contain one of the words."""
        return [
            f"{path.name}: {line}"
            for path in sorted(self.logs.glob("*.log"))
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines()
            if any(word in line for word in words)
        ]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def wait(until: Callable[[], bool], seconds: float, what: str) -> None:
    """Ask twice a second. TimeoutError names what is missing."""
    deadline = time.monotonic() + seconds
    while not until():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come within {seconds:g} s")
        time.sleep(0.5)


def second_wave(checkout: Checkout, wave: str = "2018") -> None:
    """A second wave for a checkout with only one: the first under another name."""
    folder = checkout.study / "waves" / wave
    if not folder.exists():
        copy_wave(checkout, folder)
        declared = checkout.study / "study.yaml"
        text = declared.read_text(encoding="utf-8")
        declared.write_text(text.replace("waves: [2015]", f"waves: [2015, {wave}]"), "utf-8")


def copy_wave(checkout: Checkout, folder: Path) -> None:
    """The committed wave named like the folder, or the first wave's files under that name."""
    own = REPOSITORY / "studies" / "samspil" / "waves" / folder.name
    shutil.copytree(own if own.exists() else checkout.dataset.parent, folder)
    sheet = folder / "source.yaml"
    text = sheet.read_text(encoding="utf-8")
    sheet.write_text(text.replace("wave: '2015'", f"wave: '{folder.name}'"), encoding="utf-8")
