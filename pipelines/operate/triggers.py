"""Sensors and schedules that start runs and send notifications.

They run in the server of the code location, which keeps running while each run loads code and
declarations again. They therefore read the files at every tick.
"""

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

import dagster as dg

from declarations import Study
from declarations.operation import Landing, Operation, Schedule
from pipelines.operate import landing as arrivals
from pipelines.operate.abandoned import PROCESS_GONE, abandoned_runs
from pipelines.operate.after_runs import TRENDS_JOB, failures, successes
from pipelines.operate.freshness import look_at_freshness
from pipelines.operate.notify import Notice, send
from pipelines.operate.placing import Refused
from pipelines.records.standing_runs import (
    WAVE_JOB,
    current_fingerprint,
    failed_alike,
    not_again,
    under_way,
    up_to_date,
    was_requested,
    wave_tags,
)
from pipelines.records.waves import register_waves, withdraw_waves
from runtime import paths

SLOWEST_LOOK, FASTEST_LOOK = 30, 5
Job = Any


def build_sensors(study: Study, operation: Operation, jobs: Sequence[Job]) -> list[Any]:
    """The sensors of a study: arrivals, and reactions to finished runs."""
    wave_job = next(job for job in jobs if job.name == WAVE_JOB)
    trends = [job for job in jobs if job.name == TRENDS_JOB]
    return [
        _arrivals(study, operation, wave_job),
        successes(study, operation, trends),
        failures(study, operation),
        _abandoned(study),
    ]


def build_schedules(
    study: Study, operation: Operation, jobs: Sequence[Job]
) -> list[dg.ScheduleDefinition]:
    """The recheck at the declared time, if one is declared."""
    if operation.schedule is None:
        return []
    wave_job = next(job for job in jobs if job.name == WAVE_JOB)
    return [_recheck(study, operation, operation.schedule, wave_job)]


def _arrivals(study: Study, operation: Operation, job: Job) -> dg.SensorDefinition:
    settings = operation.landing
    seconds = SLOWEST_LOOK if settings is None else settings.settle_seconds
    where = "no landing folder is declared" if settings is None else f"`{settings.folder}/`"

    @dg.sensor(
        name="landing",
        job=job,
        minimum_interval_seconds=int(min(max(seconds, FASTEST_LOOK), SLOWEST_LOOK)),
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            f"Makes the study's wave folders known, and takes exports that arrive ({where}) once "
            "they are complete; a damaged one is refused with a notification."
        ),
    )
    def landing(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        instance = context.instance
        register_waves(instance, study)
        for wave in withdraw_waves(instance, study):
            context.log.info(f"wave {wave} is no longer a partition: its folder is gone")
        if settings is None:
            return dg.SkipReason("no landing folder is declared")
        seen = read_cursor(context.cursor)
        outcome = arrivals.look_at_landing(paths.ROOT, study, settings, seen, time.time())
        for refused in outcome.refused:
            _report_refused(study, operation, refused, context.log.warning)
        for taken in outcome.taken:
            former = f"; the former files are in {taken.replaced}" if taken.replaced else ""
            context.log.info(f"took wave {taken.wave} ({taken.digest[:12]}){former}")
        requests = _requests(study, settings, instance)
        register_waves(instance, study, [str(request.partition_key) for request in requests])
        lines = [f"{name} {reason}" for name, reason in outcome.waiting.items()]
        lines += [f"{refused.name} was refused" for refused in outcome.refused]
        return dg.SensorResult(
            run_requests=requests,
            skip_reason=None if requests else "; ".join(lines) or "nothing new",
            cursor=write_cursor(outcome.seen),
        )

    return landing


def _requests(study: Study, settings: Landing, instance: dg.DagsterInstance) -> list[dg.RunRequest]:
    """Request a run for every export that was taken, until the instance has it."""
    requests = []
    for taken in arrivals.taken_exports(paths.ROOT / settings.folder):
        key = f"{study.folder.name}/{taken.key}"
        mark = current_fingerprint(study, taken.wave)
        if was_requested(instance, key) or up_to_date(study, taken.wave, mark):
            arrivals.mark_requested(paths.ROOT / settings.folder, taken)
        else:
            request = dg.RunRequest(
                run_key=key, partition_key=taken.wave, tags=wave_tags(study, mark)
            )
            requests.append(request)
    return requests


def _report_refused(study: Study, operation: Operation, refused: Refused, report: Any) -> None:
    message = f"{'; '.join(refused.reasons)} (now in {refused.folder.name})"
    report(f"wave {refused.name} refused: {message}")
    notice = Notice("refused", study.folder.name, refused.name, message, step="landing")
    send(operation.notify, notice, report)


def read_cursor(cursor: str | None) -> dict[str, arrivals.Seen]:
    """What `look_at_landing` saw last; empty if the cursor is missing or of another version."""
    try:
        return {
            str(n): arrivals.Seen(str(x), float(t))
            for n, (x, t) in json.loads(cursor or "{}").items()
        }
    except (ValueError, TypeError, AttributeError):
        return {}


def write_cursor(seen: dict[str, arrivals.Seen]) -> str:
    """The cursor that `read_cursor` reads."""
    return json.dumps({name: (one.listing, one.since) for name, one in seen.items()})


def _recheck(
    study: Study, operation: Operation, declared: Schedule, job: Job
) -> dg.ScheduleDefinition:
    @dg.schedule(
        name="recheck",
        job=job,
        cron_schedule=declared.cron,
        execution_timezone=declared.timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=(
            "Runs the waves whose files, declarations or code changed since they were computed. "
            "The others are skipped."
        ),
    )
    def recheck(
        context: dg.ScheduleEvaluationContext,
    ) -> list[dg.RunRequest] | dg.SkipReason:
        register_waves(context.instance, study)
        look_at_freshness(context.instance, study, operation, time.time(), context.log.warning)
        return changed_waves(context.instance, study, context.log.info)

    return recheck


def changed_waves(
    instance: dg.DagsterInstance, study: Study, report: Callable[[str], object] = lambda _: None
) -> list[dg.RunRequest] | dg.SkipReason:
    """Run requests for waves that are not up to date, or why none is needed.

    A wave whose last run failed with the same inputs is not run again; `report` is called with the
    reason.
    """
    requests, lines = [], []
    for wave in study.waves:
        mark = current_fingerprint(study, wave)
        if up_to_date(study, wave, mark):
            lines.append(f"{wave} is up to date")
        elif under_way(instance, study, wave):
            lines.append(f"a run of {wave} is under way")
        elif failed := failed_alike(instance, study, wave, mark):
            lines.append(not_again(wave, failed))
            report(lines[-1])
        else:
            requests.append(dg.RunRequest(partition_key=wave, tags=wave_tags(study, mark)))
    return requests or dg.SkipReason("; ".join(lines) or "the study has no waves")


def _abandoned(study: Study) -> dg.SensorDefinition:
    @dg.sensor(
        name="abandoned",
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Ends runs whose process is gone, so that their wave can be run again.",
    )
    def abandoned(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        found = abandoned_runs(context.instance, study, time.time())
        for run in found:
            context.instance.report_run_failed(run, PROCESS_GONE)
        return dg.SkipReason(", ".join(run.run_id for run in found) or "every run is alive")

    return abandoned
