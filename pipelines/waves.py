"""The waves of a study as partitions of an instance: a folder that appears becomes a key."""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg

from assets.graph.names import partitions_name
from assets.specs import Study


def register_waves(
    instance: dg.DagsterInstance, study: Study, waves: Sequence[str] | None = None
) -> tuple[str, ...]:
    """Make the study's waves (or those given) known to the instance; returns the new ones.

    Nothing is written where all are known. A wave whose folder is gone stays: its history does.
    """
    name = partitions_name(study)
    known = set(instance.get_dynamic_partitions(name))
    new = tuple(wave for wave in (study.waves if waves is None else waves) if wave not in known)
    if new:
        instance.add_dynamic_partitions(name, list(new))
    return new
