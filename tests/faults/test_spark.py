"""A Spark job that dies ends its step with a clear message; nothing below the step is made."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest

from assets.counts import spark_assets

JOB = """
import os, signal, sys
open(sys.argv[0] + ".started", "w").close()
{end}
"""


@pytest.mark.parametrize(
    ("end", "told"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", "code -9"),
        ("sys.exit(3)", "code 3"),
        ("raise RuntimeError('no room')", "code 1"),
    ],
)
def test_a_job_that_dies_is_reported_and_what_is_below_it_is_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str, told: str
) -> None:
    script = tmp_path / "job.py"
    script.write_text(JOB.format(end=end), encoding="utf-8")
    monkeypatch.setenv(spark_assets.PYTHON, sys.executable)
    monkeypatch.setattr(spark_assets, "JOB", script)
    made: list[str] = []

    @dg.asset
    def counted(context: dg.AssetExecutionContext) -> None:
        given: Any = SimpleNamespace(context=context)
        spark_assets._run(given, tmp_path / "job.json")
        made.append("counted")

    @dg.asset(deps=[counted])
    def published() -> None:
        made.append("published")

    result = dg.materialize([counted, published], raise_on_error=False)
    assert not result.success
    assert made == []
    assert (tmp_path / "job.py.started").exists()
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    error = failed.step_failure_data.error
    assert error is not None
    said = str(error.cause or error) + str(failed.step_failure_data.user_failure_data)
    assert "the Spark job ended before it had counted everything" in said
    assert told in said
    assert "The published results are unchanged" in said
