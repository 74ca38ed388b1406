"""A whole run of a damaged wave, from the raw files to the publication, by Dagster."""

from __future__ import annotations

import io
import shutil
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import duckdb
import pandas as pd

from assets.step.workspace import Workspace
from declarations import SpecError, Study, load_study
from pipelines.records.summary import summarize_run
from tests.checkout import execute


@dataclass
class Published:
    """The outcome of a run: whether it finished, why not, and what readers have."""

    success: bool
    said: str
    results: pd.DataFrame | None = None
    quarantine: pd.DataFrame | None = None
    invited: int = 0


def whole_run(study: Study, wave: Path, root: Path) -> Published:
    """Run a wave of a study in a separate checkout below `root`.

    A failure without one of our messages raises AssertionError with the error.
    """
    folder = root / "studies" / study.folder.name
    shutil.copytree(study.folder, folder, ignore=shutil.ignore_patterns("waves"))
    waves = folder / "waves"
    waves.mkdir()
    (waves / wave.name).symlink_to(wave.resolve())
    try:
        declared = load_study(folder)
        with redirect_stderr(io.StringIO()), redirect_stdout(io.StringIO()):
            result = execute(declared, root, wave.name)
    except SpecError as error:
        return Published(False, str(error))
    for event in result.all_events:
        if event.is_step_failure:
            _check_told(event)
    place = "" if declared.id == "samspil" else declared.folder.name
    page = Workspace(root=str(root), place=place).failed_page(wave.name)
    output = root / "output" / place / wave.name
    if not result.success:
        assert not output.exists(), "a run that failed published something"
        return Published(False, str(summarize_run([result], output, page)["summary"]))
    with duckdb.connect(str(output / "samspil.duckdb"), read_only=True) as connection:
        invited = connection.execute("SELECT count(*) FROM clean.invitations").fetchone()
    assert invited is not None
    return Published(
        True,
        "",
        pd.read_csv(output / "results.csv", dtype=str, keep_default_na=False),
        pd.read_csv(output / "quarantine.csv", dtype=str, keep_default_na=False),
        int(invited[0]),
    )


def _check_told(event: dg.DagsterEvent) -> None:
    """A step that fails must give a reason. Any other error is a traceback for users."""
    error = event.step_failure_data.error
    assert error is not None
    known = ("Failure", "DagsterAssetCheckFailedError")
    assert error.cls_name in known, f"a step failed by {error.to_string()[:3000]}"
