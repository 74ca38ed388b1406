"""`make scale VARIABLES=1000 ROWS=1000`: a wide .sav file, drafted as a study and run."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from tools.scale.measure import REPOSITORY, Cost, cost

# consecutive questions per section, and lines per grid
GRID = 8
SCALE: dict[int | float, str] = {
    1: "Agree",
    2: "Partly agree",
    3: "Neither",
    4: "Partly disagree",
    5: "Disagree",
}


def write_sav(path: Path, variables: int, rows: int, seed: int) -> None:
    """A file of `variables` closed questions, most of them grid lines, with `rows` cases."""
    import pyreadstat

    rng = np.random.default_rng(seed)
    names = [f"q{number // GRID + 1}_{number % GRID + 1}" for number in range(variables)]
    frame = pd.DataFrame(
        rng.integers(1, len(SCALE) + 1, (rows, variables)).astype(float), columns=names
    )
    frame = frame.mask(rng.random(frame.shape) < 0.1)
    frame.insert(0, "id", [f"P{number:06d}" for number in range(rows)])
    labels: list[str | None] = ["Respondent"]
    labels += [
        f"Statements about subject {number // GRID + 1} - Statement {number % GRID + 1}"
        for number in range(variables)
    ]
    pyreadstat.write_sav(
        frame, str(path), column_labels=labels,
        variable_value_labels={name: {**SCALE} for name in names},
    )  # fmt: skip


def measure_wide(root: Path, variables: int, rows: int, seed: int) -> tuple[Cost, Cost]:
    """The cost of drafting and running the study."""
    shutil.copytree(REPOSITORY / "studies" / "samspil", root / "studies" / "samspil")
    home = root / ".dagster_home"
    home.mkdir()
    for folder in (root, home):
        shutil.copy(REPOSITORY / "dagster.yaml", folder)
    export = root / "wide.sav"
    write_sav(export, variables, rows, seed)
    environment = {"SAMSPIL_ROOT": str(root), "DAGSTER_HOME": str(home)}
    command = [sys.executable, "-m", "pipelines.cli"]
    init = cost([*command, "init", str(export), "--study", "wide", "--wave", "1"], environment)
    return init, cost([*command, "run", "wide"], environment)
