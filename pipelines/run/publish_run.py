"""`samspil publish`: makes the files of a published wave, and reports the result."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from pipelines.operate.history import opened
from pipelines.run.wave_run import CHECKS_FAILED, FAILED, SUCCESS, prepare
from runtime import paths
from runtime.wave_lock import PATIENCE_SECONDS, LockError, lock_file, wave_lock

FILES = (
    "tables.da.xlsx", "tables.da.docx", "charts", "answers.sav", "codebook.xml",
    "datapackage.json", "openlineage.ndjson", "ro-crate-metadata.json",
)  # fmt: skip


def run_publish(
    study: str,
    wave: str,
    report: Callable[[str], None],
    *,
    strict: bool = False,
    openlineage: str | None = None,
    wait: float = PATIENCE_SECONDS,
) -> int:
    """Run the job in this process under the lock of the wave; exit codes as for a run.

    `openlineage` is the address of a server that also gets the events.
    """
    lock = lock_file(paths.ROOT, paths.place_of(study), wave)
    owner = f"command {os.getpid()} {time.time_ns()}"
    try:
        with wave_lock(lock, owner, wait, report, everybody=True):
            return _run(study, wave, report, strict, openlineage)
    except LockError as error:
        report(str(error))
        return FAILED


def _run(
    study: str, wave: str, report: Callable[[str], None], strict: bool, openlineage: str | None
) -> int:
    prepare()
    from declarations import load_study
    from pipelines.chain import PUBLISH_JOB, build_definitions
    from pipelines.operate.waves import register_waves
    from pipelines.run.summary import step_failures
    from publishing.on_demand import ADDRESS_TAG

    declared = load_study(paths.study_folder(study))
    job = build_definitions(declared, str(paths.ROOT)).resolve_job_def(PUBLISH_JOB)
    with opened() as instance:
        register_waves(instance, declared)
        result = job.execute_in_process(
            instance=instance,
            partition_key=wave,
            raise_on_error=False,
            tags={ADDRESS_TAG: openlineage} if openlineage else {},
            run_config={"loggers": {"progress": {}}},
        )
    for failure in step_failures(result.all_events):
        report(failure)
    if not result.success:
        return FAILED
    evaluations = result.get_asset_check_evaluations()
    unmet = [check for check in evaluations if not check.passed]
    for check in unmet:
        report(f"{check.asset_key.to_user_string()}: {check.description}")
    report(f"wave {wave}: {len(evaluations) - len(unmet)} of {len(evaluations)} files are valid")
    output = paths.output_folder(study, wave)
    # the policy of a real wave may withhold some of the files
    made = [name for name in FILES if (output / name).exists()]
    report(f"output: {output}/ ({', '.join(made)})")
    return CHECKS_FAILED if strict and unmet else SUCCESS
