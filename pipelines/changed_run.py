"""`--changed`: materialize what is stale, look again, until nothing is."""

from __future__ import annotations

from collections.abc import Mapping

import dagster as dg

from assets.specs import Study
from pipelines.changes import WAVE_JOB
from pipelines.staleness import can_build_on, stale_assets

# longer than the longest way from a raw file to what readers get
MOST_ROUNDS = 15


def run_changed(
    instance: dg.DagsterInstance,
    definitions: dg.Definitions,
    study: Study,
    wave: str,
    tags: Mapping[str, str],
) -> list[dg.ExecuteInProcessResult] | None:
    """One run per round, the last of which may have failed; None where all must be computed.

    Rows that came out as they were make nothing below them stale, so a round may be the last one
    long before the end of the chain. Checks of what is materialized are made again.
    """
    if not can_build_on(instance, study, wave):
        return None
    job, results = definitions.resolve_job_def(WAVE_JOB), list[dg.ExecuteInProcessResult]()
    checks = definitions.resolve_asset_graph().asset_check_keys
    for _ in range(MOST_ROUNDS):
        stale = stale_assets(instance, definitions, study, wave)
        if not stale:
            return results
        part = job.get_subset(
            asset_selection=stale,
            asset_check_selection={check for check in checks if check.asset_key in stale},
        )
        result = part.execute_in_process(
            instance=instance,
            partition_key=wave,
            raise_on_error=False,
            tags=dict(tags),
            run_config={"loggers": {"progress": {}}},
        )
        results.append(result)
        if not result.success:
            return results
    raise RuntimeError(f"assets of wave {wave} are stale after {MOST_ROUNDS} rounds")
