"""The cost of a grown wave: the floor, the whole run, and the same counts by pandas."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tools.scale.grow import WAVE, Grown

REPOSITORY = Path(__file__).resolve().parents[2]
STAGE = re.compile(r"^\s+(\S+)\s+([0-9.]+) s$", re.MULTILINE)
FLOOR = """
import duckdb, sys
source, target, threads, memory = sys.argv[1:]
with duckdb.connect(target, config={"threads": threads, "memory_limit": memory}) as connection:
    connection.execute(
        "CREATE TABLE dataset AS FROM read_csv(?, all_varchar = true, header = true, delim = ';', "
        "encoding = 'latin-1')", [source])
    connection.execute("CHECKPOINT")
"""
CROSSTAB = """
import sys, time
import duckdb, pandas as pd
from assets.counts.blocks import blocks_of, count_sql, lines_sql
from assets.counts.counting import LINES, PATTERNS, write_patterns
from assets.clean.coded import coded
from assets.clean.people import MEMBERS, NUMBER
from declarations import load_study
from pathlib import Path
file, folder, wave, most = sys.argv[1:]
study = load_study(Path(folder)).in_wave(wave)
number = NUMBER.strip('"')
with duckdb.connect(file) as connection:
    connection.execute("SET threads = 1")
    start = time.process_time()
    write_patterns(connection, study)
    ours = 0
    for question in study.counted_questions:
        items = [item.id for item in question.items if item.closed]
        if items and not question.of_invitations:
            lines = lines_sql(coded(question.id), blocks_of(study), PATTERNS, NUMBER)
            connection.execute(f"CREATE OR REPLACE TEMP TABLE {LINES} AS {lines}")
            for block in blocks_of(study):
                sql = count_sql(LINES, items, "code", block)
                ours += len(connection.execute(sql).fetchall())
    own = time.process_time() - start
    members = connection.execute(f"FROM {MEMBERS}").df()
    members["level"] = members["group"].astype(str) + "/" + members["level"].astype(str)
    by_group = {
        name: part[[number, "level"]] for name, part in members.groupby("group", observed=True)
    }
    done, theirs = 0, 0.0
    pairs = 0
    for question in study.counted_questions:
        items = [item.id for item in question.items if item.closed]
        if question.of_invitations or not items:
            continue
        pairs += len(items) * len(by_group)
        if done >= int(most):
            continue
        frame = connection.execute(f"FROM {coded(question.id)}").df()
        for item in items:
            for part in by_group.values():
                if done >= int(most):
                    break
                start = time.process_time()
                joined = frame[[number, item]].dropna().merge(part, on=number)
                pd.crosstab(joined[item], joined["level"])
                theirs += time.process_time() - start
                done += 1
print(own, theirs / done * pairs, done, pairs)
"""


@dataclass(frozen=True)
class Cost:
    """CPU and wall seconds, and the peak memory of the largest process in bytes."""

    cpu: float
    wall: float
    memory: int
    output: str = ""


@dataclass(frozen=True)
class Measured:
    """One size: the wave, the floor, the run with its stages (wall seconds), counting."""

    rows: int
    bytes: int
    floor: Cost
    run: Cost
    stages: dict[str, float] = field(default_factory=dict)
    counted: tuple[float, float] = (0.0, 0.0)
    unequal: int = 0
    recounted: tuple[int, int] = (0, 0)

    @property
    def ratio(self) -> float:
        """CPU seconds of the whole run divided by those of the floor."""
        return self.run.cpu / self.floor.cpu


def measured_cost(command: list[str], environment: dict[str, str] | None = None) -> Cost:
    """Run a command and measure it. Raises RuntimeError with its output if it fails."""
    start = time.monotonic()
    with subprocess.Popen(  # noqa: S603
        command,
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)} | (environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        output = process.stdout.read() if process.stdout else ""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command[:4])}: {output[-3000:]}")
    return Cost(
        used.ru_utime + used.ru_stime, time.monotonic() - start, used.ru_maxrss * 1024, output
    )


def measure_wave(grown: Grown, threads: str, memory: str, crosstabs: int) -> Measured:
    """All measurements of one grown wave."""
    scratch = grown.root / "floor.duckdb"
    floor = measured_cost(
        [sys.executable, "-c", FLOOR, str(grown.dataset), str(scratch), threads, memory]
    )
    scratch.unlink()
    environment = {
        "SAMSPIL_ROOT": str(grown.root),
        "DAGSTER_HOME": _home(grown),
        "SAMSPIL_THREADS": threads,
        "SAMSPIL_MEMORY": memory,
    }
    run = measured_cost([sys.executable, "-m", "pipelines.cli", "run", "--wave", WAVE], environment)
    stages = {name: float(seconds) for name, seconds in STAGE.findall(run.output)}
    working = grown.root / ".work" / f"{WAVE}.duckdb"
    folder = grown.root / "studies" / "samspil"
    found = measured_cost(
        [sys.executable, "-c", CROSSTAB, str(working), str(folder), WAVE, str(crosstabs)]
    ).output.split()
    return Measured(
        grown.rows, grown.bytes, floor, run, stages, (float(found[-4]), float(found[-3])),
        unequal(grown), recounted(grown, working, folder),
    )  # fmt: skip


def recounted(grown: Grown, working: Path, folder: Path) -> tuple[int, int]:
    """Counts of the working file, and how many differ from pandas' counts of the raw file."""
    found = measured_cost(
        [sys.executable, "-m", "tools.scale.recount", str(working), str(folder), WAVE,
         str(grown.planted)],
    ).output.split()  # fmt: skip
    return int(found[-2]), int(found[-1])


def unequal(grown: Grown) -> int:
    """Damaged cells that are not quarantined, and quarantined cells that are not damaged."""
    with grown.planted.open(encoding="utf-8", newline="") as stream:
        planted = {
            (int(row), variable, rule) for row, variable, rule in list(csv.reader(stream))[1:]
        }
    path = grown.root / "output" / WAVE / "quarantine.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        found = {
            (int(line["file_row"]), line["variable"], line["rule"])
            for line in csv.DictReader(stream)
        }
    return len(planted ^ found)


def _home(grown: Grown) -> str:
    home = grown.root / ".dagster_home"
    home.mkdir(exist_ok=True)
    (home / "dagster.yaml").write_text((REPOSITORY / "dagster.yaml").read_text("utf-8"), "utf-8")
    return str(home)
