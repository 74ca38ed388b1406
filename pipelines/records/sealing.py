"""Writes the record of a run that a server started, so that no later run repeats it.

A command writes the record itself, because it sees how its run ended. For a run that the daemon or
the UI started, the record is written after its last step, still under the lock of its wave.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg

import pipelines
from assets.step.workspace import PARTITION_TAG, Workspace
from pipelines.records.fingerprint import Inputs, current_inputs, keep_record
from pipelines.records.standing_runs import FINGERPRINT_TAG, STUDY_TAG
from pipelines.records.summary import summarize_run

# tolerance for "written after the process began": file system times have coarse steps
STEP_SECONDS = 0.1
EVENTS = {
    dg.DagsterEventType.ASSET_MATERIALIZATION,
    dg.DagsterEventType.ASSET_CHECK_EVALUATION,
    dg.DagsterEventType.STEP_FAILURE,
}


@dataclass(frozen=True)
class Whole:
    """What a run must make to compute its wave: all assets, with all their checks."""

    assets: frozenset[dg.AssetKey]
    checks: frozenset[dg.AssetCheckKey]

    def made_by(self, events: Collection[dg.DagsterEvent]) -> bool:
        """Whether the events show that a run made everything and no step failed."""
        assets = {e.asset_key for e in events if e.is_step_materialization}
        checks = {e.asset_check_evaluation_data.asset_check_key for e in events if is_check(e)}
        failed = any(event.is_step_failure for event in events)
        return not failed and self.assets <= assets and self.checks <= checks


@dataclass(frozen=True)
class Logged:
    """A run for `summarize_run`, from the records of the instance."""

    all_events: Collection[dg.DagsterEvent]
    success: bool = True

    def get_asset_check_evaluations(self) -> list[dg.AssetCheckEvaluation]:
        """The checks that were made."""
        return [e.asset_check_evaluation_data for e in self.all_events if is_check(e)]


def is_check(event: dg.DagsterEvent) -> bool:
    """Whether the event has the result of a check."""
    return event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION


def sealing_workspace(
    root: str, place: str, study: Path, whole: Whole, settings: Mapping[str, str]
) -> Workspace:
    """The workspace for runs started by a server, which writes their record if complete."""

    class Sealing(Workspace):
        """A `Workspace` that writes the record last, before it releases the lock."""

        @contextmanager
        def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Workspace]:
            with super().yield_for_execution(context) as held:
                run = context.run
                wave = run.tags.get(PARTITION_TAG) if run is not None else None
                # a run in the process of a command has no origin
                if run is None or wave is None or run.remote_job_origin is None:
                    yield held
                    return
                before, instance = (
                    current_inputs(Path(self.root), study, wave, self.key()),
                    _instance(context),
                )
                # The tag lets a later command recognise the same failing inputs. Runs from the
                # pages have no tag.
                tags = {STUDY_TAG: study.name, FINGERPRINT_TAG: before.fingerprint}
                instance.add_run_tags(run.run_id, tags)
                yield held
                log = context.log or dg.get_dagster_logger()
                found = seal(held, instance, run.run_id, study, wave, before, whole)
                # the summary comes last, where a reader of the log looks first, as for the command
                for line in failed_checks(instance, run.run_id):
                    log.warning(line)
                log.info(found)

    return Sealing(root=root, place=place, settings=dict(settings))


def seal(
    workspace: Workspace, instance: dg.DagsterInstance, run_id: str, study: Path, wave: str,
    before: Inputs, whole: Whole,
) -> str:  # fmt: skip
    """Write the record into what a run published, or log why the run gets no record.

    `before` are the inputs at the time when the run took the lock. A run gets a record only if it
    made the whole wave, and if no input was written after its process began to load.
    """
    logged = instance.all_logs(run_id, of_type=EVENTS)
    events = [entry.dagster_event for entry in logged if entry.dagster_event is not None]
    if not whole.made_by(events):
        return "only a part of the wave was computed; the next run computes the rest"
    if not before.older_than(pipelines.LOADED - STEP_SECONDS):
        return "an input was written during the run; the next run computes again"
    result: Any = Logged(events)
    output = workspace.output(wave)
    outcome = summarize_run([result], output, workspace.failed_page(wave))
    found = keep_record(before, Path(workspace.root), study, wave, output, outcome)
    return found or f"wave {wave} is up to date with its files, declarations and code"


def failed_checks(instance: dg.DagsterInstance, run_id: str) -> list[str]:
    """The checks of a run that did not pass, one per line."""
    logged = instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    events = [entry.dagster_event for entry in logged if entry.dagster_event is not None]
    found = [event.asset_check_evaluation_data for event in events if is_check(event)]
    return [
        f"check {one.severity.value}: {one.asset_key.to_user_string()}: {one.check_name}"
        for one in found
        if not one.passed
    ]


def _instance(context: dg.InitResourceContext) -> dg.DagsterInstance:
    instance = context.instance
    if instance is None:
        raise RuntimeError("a run without an instance")
    return instance
