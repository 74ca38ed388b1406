"""`--changed`: materialize what is stale, check again, and repeat until nothing is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import dagster as dg

from declarations import Study
from pipelines.records.standing_runs import WAVE_JOB
from pipelines.run.staleness import can_build_on, row_versions, stale_assets, whole_steps
from pipelines.steps import wave_versions

# greater than the length of the longest path from a raw file to a published one
MOST_ROUNDS = 15


def ready_assets(
    stale: AbstractSet[dg.AssetKey],
    above: Mapping[dg.AssetKey, AbstractSet[dg.AssetKey]],
    made_together: Sequence[AbstractSet[dg.AssetKey]],
) -> set[dg.AssetKey]:
    """The stale assets to materialize now; `above` has the parents of each, upstream first.

    An asset waits if there is a fresh asset between it and a stale one, because the fresh one may
    become stale when the upper one is made again. A blocking check on that path stops only the
    assets downstream of it.
    """
    waiting: set[dg.AssetKey] = set()
    touched = set(stale)
    for key, parents in above.items():
        if any(p in waiting or (p in touched and p not in stale) for p in parents):
            waiting.add(key)
        if touched & set(parents):
            touched.add(key)
    for keys in made_together:
        if keys & waiting:
            waiting |= keys
    return set(stale) - waiting


def parents(definitions: dg.Definitions) -> dict[dg.AssetKey, AbstractSet[dg.AssetKey]]:
    """The assets of a wave's run with their direct parents, upstream first.

    Assets that span all waves and assets made on demand are left out.
    """
    graph = definitions.resolve_asset_graph()
    selected = definitions.resolve_job_def(WAVE_JOB).asset_layer.selected_asset_keys
    own = [key for key in graph.toposorted_asset_keys if key in selected]
    return {key: graph.get(key).parent_keys for key in own}


def run_changed(
    instance: dg.DagsterInstance,
    definitions: dg.Definitions,
    study: Study,
    wave: str,
    tags: Mapping[str, str],
) -> list[dg.ExecuteInProcessResult] | None:
    """One run per round; the last may have failed. None if everything must be computed.

    Staleness is queried once. After a round, only changed rows make further assets stale, and only
    direct children, so the rounds may end long before the end of the chain. Checks on materialized
    assets run again.
    """
    if not can_build_on(instance, study, wave):
        return None
    job, results = definitions.resolve_job_def(WAVE_JOB), list[dg.ExecuteInProcessResult]()
    graph = definitions.resolve_asset_graph()
    checks = graph.asset_check_keys
    declared, own = parents(definitions), wave_versions(study).of(wave)
    made_together = [set(d.keys) for d in graph.assets_defs if not d.can_subset]
    stale = stale_assets(instance, definitions, study, wave)
    for _ in range(MOST_ROUNDS):
        if not stale:
            return results
        # fresh assets may have parents that do not concern the wave
        above = {
            key: parents if key in stale or key not in own else parents & own[key].deps
            for key, parents in declared.items()
        }
        chosen = ready_assets(stale, above, made_together)
        part = job.get_subset(
            asset_selection=chosen,
            asset_check_selection={check for check in checks if check.asset_key in chosen},
        )
        before = row_versions(instance, chosen, wave)
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
        now = row_versions(instance, chosen, wave)
        changed = {key for key in chosen if now.get(key) != before.get(key)}
        below = {key for key, parents in above.items() if changed & parents}
        stale = (stale | whole_steps(below, graph)) - chosen
    raise RuntimeError(f"assets of wave {wave} are stale after {MOST_ROUNDS} rounds")
