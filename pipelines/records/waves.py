"""The waves of a study as partitions of an instance: each wave folder is a key."""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg

from assets.step.names import partitions_name
from declarations import Study
from declarations.survey.study_file import WAVES
from pipelines.records.standing_runs import under_way


def register_waves(
    instance: dg.DagsterInstance, study: Study, waves: Sequence[str] | None = None
) -> tuple[str, ...]:
    """Register the study's waves (or those given) with the instance; returns the new ones.

    Nothing is written if all are known. A wave whose folder is gone stays until `withdraw_waves`.
    """
    name = partitions_name(study)
    known = set(instance.get_dynamic_partitions(name))
    new = tuple(wave for wave in (study.waves if waves is None else waves) if wave not in known)
    if new:
        instance.add_dynamic_partitions(name, list(new))
    return new


def withdraw_waves(instance: dg.DagsterInstance, study: Study) -> tuple[str, ...]:
    """Remove the partitions of waves without a folder; returns them.

    The history of the wave stays, and is visible again when the folder comes back. A wave that is
    being computed or queued keeps its partition.
    """
    waves, name = study.folder / WAVES, partitions_name(study)
    if not waves.is_dir():
        # a missing folder `waves` is a mistake, or a drive that is not mounted
        return ()
    gone = tuple(
        wave
        for wave in instance.get_dynamic_partitions(name)
        if not (waves / wave).exists() and not under_way(instance, study, wave)
    )
    for wave in gone:
        instance.delete_dynamic_partition(name, wave)
    return gone
