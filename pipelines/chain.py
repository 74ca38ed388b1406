"""The Dagster definitions of a study: all assets, checks, jobs and resources."""

from __future__ import annotations

from typing import Any

import dagster as dg

from assets.step.factory import check_code
from declarations import Study, load_study
from pipelines.operate.after_runs import TRENDS_JOB
from pipelines.operate.freshness import build_freshness
from pipelines.operate.triggers import build_schedules, build_sensors
from pipelines.progress import progress_logger
from pipelines.records.sealing import Whole, sealing_workspace
from pipelines.records.standing_runs import STUDY_TAG, WAVE_JOB
from pipelines.steps import wave_versions
from publishing.on_demand import steps_on_demand
from publishing.trend_files import steps_of_trends
from runtime import paths

__all__ = ["WAVE_JOB", "build_definitions", "study_definitions"]

# the step that makes the files of `samspil publish`, on demand
PUBLISH_JOB = "publish"


def build_definitions(study: Study, root: str) -> dg.Definitions:
    """All definitions of a study whose checkout is at `root`."""
    operation = study.operation
    versions, of_trends = wave_versions(study), steps_of_trends(study)
    of_a_wave, gathered = versions.steps, versions.shown
    files = steps_on_demand(study, of_a_wave)
    judged = check_code([*of_a_wave, *of_trends, *files])
    made = [one.definition(judged, gathered, versions.tags) for one in of_a_wave]
    trends = [one.definition(judged, gathered) for one in of_trends]
    packages = [one.definition(judged, gathered) for one in files]
    wanted: dg.AssetSelection = dg.AssetSelection.all()
    wanted -= dg.AssetSelection.assets(*trends, *packages)

    def job(name: str, selection: dg.AssetSelection, description: str) -> Any:
        tags = {STUDY_TAG: study.folder.name}
        return dg.define_asset_job(name, selection=selection, description=description, tags=tags)

    jobs = [
        job(WAVE_JOB, wanted, "From the raw export of a wave to every table, checked."),
        job(
            PUBLISH_JOB,
            dg.AssetSelection.assets(*packages),
            "Workbook, document, charts, codebook and packages of a published wave.",
        ),
    ]
    if trends:
        said = "The changes between waves, over all published waves."
        jobs.append(job(TRENDS_JOB, dg.AssetSelection.assets(*trends), said))
    whole = Whole(
        frozenset(gathered.get(asset.key, asset.key) for one in of_a_wave for asset in one.assets),
        frozenset(key for one in made for key in one.check_keys),
    )
    place = paths.study_place(study.folder.name)
    checks = [one for one in made if isinstance(one, dg.AssetChecksDefinition)]
    return dg.Definitions(
        assets=[
            *(
                one
                for one in [*made, *trends, *packages]
                if not isinstance(one, dg.AssetChecksDefinition)
            ),
            *build_freshness(operation.lags(study.waves)),
        ],
        asset_checks=checks,
        jobs=jobs,
        sensors=build_sensors(study, operation, jobs),
        schedules=build_schedules(study, operation, jobs),
        resources={
            "workspace": sealing_workspace(
                root, place, study.folder, whole, operation.resources.settings
            )
        },
        # Steps are short: a process for each would take longer than all of them together.
        executor=dg.in_process_executor,
        loggers={"progress": progress_logger},
    )


def study_definitions(name: str) -> dg.Definitions:
    """The definitions of `studies/NAME` in this checkout."""
    return build_definitions(load_study(paths.study_folder(name)), str(paths.ROOT))
