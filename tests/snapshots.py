"""Snapshots written in this process, for tests of what they hold."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from runtime import snapshot


@contextmanager
def snapshots_in_process() -> Iterator[None]:
    """Without the process that writes a snapshot: its start costs more than a small snapshot.

    tests/faults/test_snapshot.py and whole runs test the process.
    """

    def run(command: Sequence[str], **_: Any) -> subprocess.CompletedProcess[str]:
        try:
            snapshot.main(command[-2:])
        except (OSError, duckdb.Error) as fault:
            return subprocess.CompletedProcess(command, 1, "", str(fault))
        return subprocess.CompletedProcess(command, 0, "", "")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(snapshot, "subprocess", SimpleNamespace(run=run))
        yield
