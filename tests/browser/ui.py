"""A checkout whose processes a browser uses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.browser.driving import ROOT
from tests.checkout import Checkout


@dataclass(frozen=True)
class Place:
    """A checkout of its own, with the environment its processes run in."""

    checkout: Checkout
    environment: dict[str, str]

    @classmethod
    def create(cls, root: Path) -> Place:
        return cls(Checkout.create(root), cls.environment_of(root))

    @staticmethod
    def environment_of(root: Path) -> dict[str, str]:
        """The environment of processes that work in a folder."""
        own = {
            "SAMSPIL_ROOT": str(root),
            "DAGSTER_HOME": str(root / ".dagster_home"),
            "DAGSTER_DISABLE_TELEMETRY": "yes",
            "PYTHONPATH": str(ROOT),
            "SE_OFFLINE": "true",
            "SE_AVOID_STATS": "true",
        }
        return {**os.environ, **own}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`samspil run` on this checkout."""
        return self.python("pipelines.cli", "run", *arguments)

    def compare_waves(self) -> subprocess.CompletedProcess[str]:
        """`samspil trends` on this checkout."""
        return self.python("pipelines.cli", "trends")

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=self.checkout.root, env=self.environment,
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip


def graphql(address: str, query: str) -> Any:
    """The answer of the web server."""
    request = urllib.request.Request(
        f"{address}/graphql",
        json.dumps({"query": query}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)
