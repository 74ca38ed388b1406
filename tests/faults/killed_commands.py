"""Commands of `samspil`, killed with all their processes, and the report of `make kills`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.checkout import REPOSITORY

MOST_SECONDS = 900.0


def start(root: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """A command on a checkout, its further processes included, as a group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli", *arguments],
        cwd=REPOSITORY,
        env=os.environ | {"SAMSPIL_ROOT": str(root), "DAGSTER_HOME": str(root / ".dagster_home")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def finished(root: Path, *arguments: str) -> str:
    """Run a command to its end; what it said to standard error, where it failed."""
    process = start(root, *arguments)
    said = process.communicate(timeout=MOST_SECONDS)[1].decode()
    return "" if process.returncode == 0 else said or f"code {process.returncode}"


def killed(process: subprocess.Popen[bytes], moment: float) -> bool:
    """Kill the group after so many seconds; false if it was over before."""
    try:
        process.wait(timeout=max(moment, 0.0))
        over = True
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        over = False
    if process.stderr is not None:
        process.stderr.close()
    return not over


def told(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def report(counts: Mapping[str, int], faults: Sequence[str]) -> int:
    """Print what was counted and what was wrong; 1 if anything was."""
    for what, count in sorted(counts.items()):
        told(f"{count:5} {what}")
    for fault in faults:
        told(f"FAULT {fault}")
    return 1 if faults else 0
