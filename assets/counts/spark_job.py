"""The Spark side of the counts: a script that runs in a separate environment with PySpark.

Dagster starts it through Pipes and passes the folder of a job: Parquet files, and `job.json` with
the views to create and the queries in Spark's SQL. The script writes the results as Parquet, one
folder per query. It imports nothing from samspil.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


def main() -> None:
    """Run the job that Dagster's extras name."""
    from dagster_pipes import open_dagster_pipes
    from pyspark.sql import SparkSession

    with open_dagster_pipes() as pipes:
        folder = str(pipes.get_extra("folder"))
        job: dict[str, Any] = json.loads(Path(pipes.get_extra("job")).read_text(encoding="utf-8"))
        builder = SparkSession.builder.appName("samspil counts")
        builder = builder.master(os.environ.get("SAMSPIL_SPARK_MASTER", "local[2]"))
        for name, value in job["settings"].items():
            builder = builder.config(name, value)
        spark = builder.getOrCreate()
        try:
            spark.sparkContext.setLogLevel("ERROR")
            for name, file in job["files"].items():
                spark.read.parquet(f"{folder}/{file}").createOrReplaceTempView(name)
            for name, sql in job["views"].items():
                spark.sql(sql).cache().createOrReplaceTempView(name)
            for name, sql in job["queries"].items():
                spark.sql(sql).coalesce(1).write.mode("overwrite").parquet(f"{folder}/out/{name}")
        finally:
            spark.stop()
        pipes.log.info(f"{len(job['queries'])} queries in Spark {spark.version}")


if __name__ == "__main__":
    main()
