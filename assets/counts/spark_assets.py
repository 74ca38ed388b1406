"""The counts computed by Spark in addition, if an environment with PySpark is configured."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd

from assets.counts.counting import COUNT_COLUMNS
from assets.counts.spark import differing, read_counts, write_job
from assets.step.columns import described
from assets.step.declared import declared
from assets.step.factory import Asset, Check, Given, Made, Step, step
from assets.step.metadata import data_note
from assets.step.names import answers, clean, counts
from assets.step.workspace import failure
from declarations import Study
from runtime.store import read_relation

# The Python of the environment with PySpark; without it the asset does not exist.
PYTHON = "SAMSPIL_SPARK_PYTHON"
SPARK = dg.AssetKey(["spark", "counts"])
EQUAL = "equals_duckdb"
# The counts are small, so more partitions than this slow the job down.
SETTINGS = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "4"}
JOB = Path(__file__).with_name("spark_job.py")


def steps(study: Study) -> list[Step]:
    """The counts by Spark through Dagster Pipes, and the check that they equal DuckDB's."""
    if not os.environ.get(PYTHON):
        return []
    counted = [question.id for question in study.counted_questions]
    asset = Asset(
        SPARK,
        group="spark",
        description="The same counts by Spark: the same declarations, the same SQL, transpiled. "
        f"Without zeros.\n\n{data_note(study)}",
        deps=[*map(answers, counted), *map(counts, counted), clean("memberships")],
        rests_on=[declared(study).codes, declared(study).rules],
        columns=described(COUNT_COLUMNS, {"code": "Code counted (text)"}),
        kinds=frozenset({"spark", "sql"}),
    )
    check = Check(EQUAL, SPARK, "Every count equals DuckDB's.", blocking=True)
    return [step("count_in_spark", study, asset, count_in_spark, checks=[check])]


def count_in_spark(given: Given) -> Iterator[Made | dg.AssetCheckResult]:
    """Write the codes as Parquet, wait for the job, read the counts and compare every cell."""
    folder = given.store.path.with_name(f"{given.wave}.spark")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        with given.store.connect() as connection:
            job = write_job(connection, given.asked, folder, SETTINGS)
            _run(given, job)
            frame = read_counts(connection, given.asked, folder)
            names = [question.id for question in given.asked.counted_questions]
            own = pd.concat([read_relation(connection, "counts", name) for name in names])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    lineage = {"n": [(clean("memberships"), "respondent")]}
    yield Made(SPARK, frame, lineage, {"compared_with": len(own)})
    wrong = differing(own[list(COUNT_COLUMNS)], frame)
    yield dg.AssetCheckResult(
        asset_key=SPARK,
        check_name=EQUAL,
        passed=wrong.empty,
        description=None if wrong.empty else f"{len(wrong)} counts differ",
        metadata={"compared": len(own), "differing": len(wrong)},
    )


def _run(given: Given, job: Path) -> None:
    """Run the job in its environment. Raises Failure with a plain message if it fails."""
    # on one machine Spark connects only to itself
    client: Any = dg.PipesSubprocessClient(env={"SPARK_LOCAL_IP": "127.0.0.1", **os.environ})
    command = [os.environ[PYTHON], str(JOB)]
    extras = {"job": str(job), "folder": str(job.parent)}
    try:
        client.run(command=command, context=given.context.op_execution_context, extras=extras)
    except Exception as error:
        raise failure(
            "the Spark job ended before it had counted everything "
            f"({str(error).splitlines()[0]}). The published results are unchanged; Dagster's "
            "pages show Spark's log with this step"
        ) from None
