"""A checkout in a temporary folder: the study with its committed wave, to damage and run."""

from __future__ import annotations

import csv
import gc
import hashlib
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import dagster as dg
import pandas as pd
import pytest
import yaml

import pipelines.chain
import pipelines.cli
import runtime.paths
from declarations import Study, load_study
from pipelines.chain import build_definitions
from pipelines.records.standing_runs import WAVE_JOB
from pipelines.records.waves import register_waves
from runtime.snapshot import SNAPSHOT, row_hashes
from tests.chain import WAVE
from tests.snapshots import snapshots_in_process

REPOSITORY = Path(__file__).resolve().parents[1]
# the committed waves
WAVES = (WAVE, "2018")


@contextmanager
def collector_off() -> Iterator[None]:
    """Without garbage collection, which takes a third of a run's time among Dagster's objects."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def execute(
    study: Study, root: Path, wave: str, selection: Sequence[dg.AssetKey] | None = None
) -> dg.ExecuteInProcessResult:
    """Run the job of a wave in this process, without output, with a separate instance."""
    definitions = build_definitions(study, str(root))
    if selection is not None:
        # the publication makes an asset per chapter in one step
        whole = dg.AssetSelection.assets(*selection).required_multi_asset_neighbors()
        selection = sorted(whole.resolve(definitions.resolve_asset_graph()))
    with dg.DagsterInstance.ephemeral() as instance, collector_off(), snapshots_in_process():
        register_waves(instance, study)
        return definitions.resolve_job_def(WAVE_JOB).execute_in_process(
            instance=instance,
            partition_key=wave,
            raise_on_error=False,
            asset_selection=selection,
            run_config={"loggers": {"progress": {}}},
        )


def samspil(*arguments: str) -> int:
    """The command in this process; its exit code."""
    try:
        pipelines.cli.samspil(list(arguments), standalone_mode=False)
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def contents(folder: Path) -> dict[str, str]:
    """A hash of every file below, by path: of the rows of a snapshot, otherwise of the bytes."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = (
                repr(row_hashes(path)).encode() if path.name == SNAPSHOT else path.read_bytes()
            )
            found[str(path.relative_to(folder))] = hashlib.sha256(content).hexdigest()
    return found


@dataclass(frozen=True)
class Checkout:
    """Declarations, print and wave of the repository under another root, with its own output."""

    root: Path

    @classmethod
    def create(cls, root: Path) -> Checkout:
        """Copy what a run reads."""
        waves = Path("studies") / "samspil" / "waves"
        # a developer may have added studies and waves
        shutil.copytree(
            REPOSITORY / waves.parent, root / waves.parent, ignore=shutil.ignore_patterns("waves")
        )
        for wave in WAVES:
            shutil.copytree(REPOSITORY / waves / wave, root / waves / wave)
        shutil.copy(REPOSITORY / "dagster.yaml", root)
        return cls(root)

    @property
    def study(self) -> Path:
        """The study folder."""
        return self.root / "studies" / "samspil"

    @property
    def dataset(self) -> Path:
        """The data set file of the wave."""
        return self.study / "waves" / WAVE / "dataset.csv"

    @property
    def output(self) -> Path:
        """Where readers look."""
        return self.root / "output" / WAVE

    def published(self) -> dict[str, str]:
        """The content of every published file, by path."""
        return contents(self.output)

    def csv(self, name: str) -> pd.DataFrame:
        """A published CSV as text."""
        return pd.read_csv(self.output / name, dtype=str, keep_default_na=False)

    def lines(self) -> list[list[str]]:
        """The data set's lines, header included."""
        text = self.dataset.read_bytes().decode("cp1252")
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))

    def cell(self, row: int, variable: str) -> str:
        """Text of a cell; row 1 is the header."""
        lines = self.lines()
        return lines[row - 1][lines[0].index(variable)]

    @contextmanager
    def changed(self, cells: dict[tuple[int, str], str]) -> Iterator[None]:
        """The data set with other texts in some cells, its source sheet brought up to date."""
        lines = self.lines()
        for (row, variable), text in cells.items():
            lines[row - 1][lines[0].index(variable)] = text
        stream = io.StringIO()
        csv.writer(stream, delimiter=";", lineterminator="\n").writerows(lines)
        with self.replaced(stream.getvalue().encode("cp1252")):
            yield

    @contextmanager
    def replaced(self, content: bytes | None) -> Iterator[None]:
        """The data set with other content, or removed; restored afterwards."""
        sheet_path = self.dataset.with_name("source.yaml")
        sheet, before = sheet_path.read_bytes(), self.dataset.read_bytes()
        try:
            if content is None:
                self.dataset.unlink()
            else:
                self.dataset.write_bytes(content)
                described = yaml.safe_load(sheet)
                described["files"]["dataset"]["sha256"] = hashlib.sha256(content).hexdigest()
                sheet_path.write_text(yaml.safe_dump(described, allow_unicode=True), "utf-8")
            yield
        finally:
            self.dataset.write_bytes(before)
            sheet_path.write_bytes(sheet)

    def execute(
        self, selection: list[dg.AssetKey] | None = None, wave: str = WAVE
    ) -> dg.ExecuteInProcessResult:
        """Run the job in this process, without output.

        A selection runs these assets without checks.
        """
        return execute(load_study(self.study), self.root, wave, selection)

    @contextmanager
    def taken_for_own(self) -> Iterator[None]:
        """Make `samspil run` within this process work on this checkout."""

        @cache
        def definitions() -> dg.Definitions:
            return build_definitions(load_study(self.study), str(self.root))

        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DAGSTER_HOME", str(self.root / ".dagster_home"))
            patch.setattr(runtime.paths, "ROOT", self.root)
            patch.setattr(runtime.paths, "STUDIES", self.root / "studies")
            patch.setattr(runtime.paths, "OUTPUT", self.root / "output")
            patch.setattr(pipelines.chain, "build_definitions", lambda *_: definitions())
            yield
        gc.unfreeze()
        gc.enable()  # a run switches the collector off, for its process ends with it

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`samspil run` on this checkout, in a separate process."""
        return subprocess.run(
            [sys.executable, "-m", "pipelines.cli", "run", "--wave", WAVE, *arguments],
            cwd=REPOSITORY,
            env=os.environ
            | {"SAMSPIL_ROOT": str(self.root), "DAGSTER_HOME": str(self.root / ".dagster_home")},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
