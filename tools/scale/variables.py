"""`make scale VARIABLES=1000 ROWS=1000`: a wide .sav file, drafted as a study and run."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from tools.scale.measure import REPOSITORY, Cost, measured_cost

# the lines of a grid
GRID = 8
# Of ten variables, this many are grid lines and single questions; the others are numbers.
OF_GRIDS, ALONE = 4, 5
SCALE: dict[int | float, str] = {
    1: "Agree",
    2: "Partly agree",
    3: "Neither",
    4: "Partly disagree",
    5: "Disagree",
}


def write_sav(path: Path, variables: int, rows: int, seed: int) -> None:
    """A file of `variables` questions and `rows` cases: grids, single questions, numbers.

    Every tenth answer is missing.
    """
    import pyreadstat

    rng = np.random.default_rng(seed)
    columns: dict[str, np.ndarray] = {}
    labels: list[str | None] = ["Respondent"]
    values: dict[str, dict[int | float, str]] = {}
    of_grids, alone = variables * OF_GRIDS // 10, variables * ALONE // 10
    for number in range(variables):
        if number < of_grids:
            grid, line = divmod(number, GRID)
            name = f"g{grid + 1}_{line + 1}"
            labels.append(f"Statements about subject {grid + 1} - Statement {line + 1}")
            values[name] = {**SCALE}
        elif number < of_grids + alone:
            name, kinds = f"q{number + 1}", 2 + number % 7
            labels.append(f"What do you do about matter {number + 1}?")
            values[name] = {code: f"Answer {code} to {number + 1}" for code in range(1, kinds + 1)}
        else:
            name = f"n{number + 1}"
            labels.append(f"How many hours do you spend on matter {number + 1}?")
        most = len(values[name]) if name in values else 40
        columns[name] = rng.integers(1, most + 1, rows).astype(float)
    frame = pd.DataFrame(columns)
    frame = frame.mask(rng.random(frame.shape) < 0.1)
    frame.insert(0, "id", [f"P{number:06d}" for number in range(rows)])
    pyreadstat.write_sav(frame, str(path), column_labels=labels, variable_value_labels=values)


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
    init = measured_cost(
        [*command, "init", str(export), "--study", "wide", "--wave", "1"], environment
    )
    return init, measured_cost([*command, "run", "wide"], environment)
