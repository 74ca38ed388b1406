"""Runs the chain for one wave and reports the result."""

from __future__ import annotations

import gc
import os
import sys
import time
from pathlib import Path
from typing import Any

from pipelines.records.fingerprint import current_inputs, keep_record, last_run
from pipelines.records.history import HistoryError, dagster_home, opened
from runtime import paths, second_process
from runtime.faults import DiskFullError, NotAllowedError, writing
from runtime.private.key_file import KeyFileError, key_of
from runtime.wave_lock import PATIENCE_SECONDS, LockError, lock_file, wave_lock

SUCCESS, FAILED, CHECKS_FAILED = 0, 1, 3
# Libraries of a whole run's steps whose import takes seconds.
IMPORTED = ("great_expectations", "statsmodels.genmod.generalized_linear_model")


def run_wave(
    study: str,
    wave: str,
    *,
    force: bool = False,
    strict: bool = False,
    wait: float = PATIENCE_SECONDS,
    changed: bool = False,
) -> int:
    """Run a wave of a study if something changed; returns the exit code.

    0: materialized. 1: a step or a blocking check failed, and the output is that of the last good
    run. 3 (only with `strict`): materialized, but a check did not pass. With `changed` only stale
    assets are materialized, with the same result. Waits for another run of the wave at most `wait`
    seconds.
    """
    if Path(wave).name != wave:
        _say(f"{wave!r} is not a valid name of a wave")
        return FAILED
    lock = lock_file(paths.ROOT, paths.study_place(study), wave)
    owner = f"command {os.getpid()} {time.time_ns()}"
    try:
        with writing(lock), wave_lock(lock, owner, wait, _say, everybody=True):
            return _run(study, wave, force=force, strict=strict, changed=changed)
    except (DiskFullError, KeyFileError, LockError, NotAllowedError) as error:
        _say(str(error))
        return FAILED
    except BrokenPipeError:
        _say(f"wave {wave}: stopped, as nobody reads the output of this command. Run it again")
        raise


def _run(study: str, wave: str, *, force: bool, strict: bool, changed: bool) -> int:
    # Loading the code makes millions of objects that stay. Garbage collection among them takes a
    # fifth of the time, and this process ends with the run.
    gc.disable()
    started = time.monotonic()
    note = paths.withdrawn_note(paths.ROOT, paths.study_place(study), wave)
    if note.is_file():
        _say("; ".join(note.read_text(encoding="utf-8").split("\n", 4)[:4]))
        _say(f"samspil withdraw {study} --wave {wave} --by NAME --lift lets it be published again")
        return FAILED
    output, declared = paths.output_folder(study, wave), paths.study_folder(study)
    before = current_inputs(paths.ROOT, declared, wave, key_of(paths.ROOT))
    record = last_run(output)
    if record is not None and record.get("fingerprint") == before.fingerprint and not force:
        print(f"samspil: wave {wave} is up to date (nothing changed since the last run)")
        print(record["summary"])
        return CHECKS_FAILED if strict and record["failed_checks"] else SUCCESS
    print(f"samspil: running wave {wave} ...", flush=True)
    try:
        # stale assets seldom need them
        imported = () if changed and record is not None else IMPORTED
        with writing(dagster_home()), second_process.started(*imported):
            outcome = _execute(study, wave, before.fingerprint, changed and record is not None)
    except (DiskFullError, HistoryError, NotAllowedError) as error:
        # steps report errors of their files; these are Dagster's own records
        _say(str(error))
        return FAILED
    if outcome is None:
        return FAILED
    print(outcome["summary"])
    if outcome["success"]:
        text = keep_record(before, paths.ROOT, declared, wave, output, outcome)
        if text:
            _say(text)
    print(f"({time.monotonic() - started:.1f} s)")
    if not outcome["success"]:
        # errors keep the database open, which DuckDB's binding would report as leaked
        gc.collect()
        return FAILED
    # collecting everything would only delay the end of the process
    gc.freeze()
    return CHECKS_FAILED if strict and outcome["failed_checks"] else SUCCESS


def _say(message: str) -> None:
    print(f"samspil: {message}", file=sys.stderr, flush=True)


def prepare() -> None:
    """Settings of this process that are needed before Dagster is imported."""
    dagster_home()
    gc.disable()


def _execute(study: str, wave: str, mark: str, changed: bool) -> dict[str, Any] | None:
    """Run the job in this process; None if it could not be loaded."""
    prepare()
    # import Dagster only if there is something to run
    from assets.step.workspace import Workspace
    from declarations import SpecError, load_study

    try:
        from pipelines.chain import WAVE_JOB, build_definitions

        declared = load_study(paths.study_folder(study))
        defs = build_definitions(declared, str(paths.ROOT))
    except SpecError as error:
        print(f"samspil: a declaration is wrong\n{error}", file=sys.stderr)
        return None
    from pipelines.records.standing_runs import wave_tags
    from pipelines.records.summary import summarize_run
    from pipelines.records.waves import register_waves
    from runtime.event_log import remembered

    if wave not in declared.waves:
        print(
            f"samspil: there is no wave {wave!r}, no folder with a source.yaml (waves: "
            f"{', '.join(declared.waves)})",
            file=sys.stderr,
        )
        return None
    job = defs.resolve_job_def(WAVE_JOB)
    with opened() as instance, remembered(instance):
        register_waves(instance, declared)
        results = None
        output = paths.output_folder(study, wave)
        if changed:
            # staleness imports much of Dagster that a whole run does not need
            from pipelines.run.changed_run import run_changed

            results = run_changed(instance, defs, declared, wave, wave_tags(declared, mark))
        if results is None:
            results = [
                job.execute_in_process(
                    instance=instance,
                    partition_key=wave,
                    raise_on_error=False,
                    tags=wave_tags(declared, mark),
                    run_config={"loggers": {"progress": {}}},
                )
            ]
        page = Workspace(root=str(paths.ROOT), place=paths.study_place(study)).failed_page(wave)
        return summarize_run(results, output, page)
