"""`make spark`: counts both waves and a grown one with Spark too, and compares every count."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

import duckdb
import pandas as pd

from assets.counts.counting import COUNT_COLUMNS
from assets.counts.spark import differing
from assets.counts.spark_assets import PYTHON
from declarations import load_study
from tools.scale.grow import WAVE, grow
from tools.scale.measure import REPOSITORY, STAGE, measured_cost


def main() -> int:
    """Run and compare; 0 if all counts are equal."""
    parser = argparse.ArgumentParser(prog="python -m tools.scale.spark", description=__doc__)
    parser.add_argument("--python", default=str(REPOSITORY / ".venv-spark" / "bin" / "python"))
    parser.add_argument("--rows", type=int, default=20_000, help="of the grown wave")
    options = parser.parse_args()
    if not Path(options.python).exists():
        print(f"{options.python} does not exist; `make spark` creates it", file=sys.stderr)
        return 2
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="samspil-spark-") as folder:
        committed = Path(folder) / "committed"
        shutil.copytree(REPOSITORY / "studies", committed / "studies")
        shutil.copy(REPOSITORY / "dagster.yaml", committed)
        for wave in ("2015", "2018"):
            wrong += count_differences(committed, wave, options.python)
        grown = grow(REPOSITORY, Path(folder) / "grown", options.rows, 0.01, 2015)
        wrong += count_differences(grown.root, WAVE, options.python)
    return int(wrong > 0)


def count_differences(root: Path, wave: str, python: str) -> int:
    """Run a wave with Spark and show the number of differing counts in the working file."""
    home = root / ".dagster_home"
    home.mkdir(exist_ok=True)
    shutil.copy(REPOSITORY / "dagster.yaml", home)
    environment = {"SAMSPIL_ROOT": str(root), "DAGSTER_HOME": str(home), PYTHON: python}
    run = measured_cost([sys.executable, "-m", "pipelines.cli", "run", "--wave", wave], environment)
    study = load_study(root / "studies" / "samspil").in_wave(wave)
    with duckdb.connect(str(root / ".work" / f"{wave}.duckdb"), read_only=True) as connection:
        theirs = connection.execute("FROM spark.counts").df()
        own = [
            connection.execute(f'FROM counts."{question.id}"').df()
            for question in study.counted_questions
        ]
        (lines,) = connection.execute("SELECT count(*) FROM clean.invitations").fetchone() or (0,)
    counts = pd.concat(own)[list(COUNT_COLUMNS)]
    wrong = differing(counts, theirs)
    seconds = dict(STAGE.findall(run.output)).get("count_in_spark", "?")
    print(
        f"{root.name} {wave}: {lines} lines, {len(counts)} counts by DuckDB, {len(theirs)} of them "
        f"not 0 by Spark, {len(wrong)} differ; Spark {seconds} s",
        flush=True,
    )
    return len(wrong)


if __name__ == "__main__":
    raise SystemExit(main())
