"""What a checkout's instance records about a wave, as JSON.

Runs in a separate process, because code is edited.

`python -m tests.edits.look WAVE` prints the stale assets. For every asset it prints what was last
stored, how often it was materialized, and what it is made from. It also prints the steps that make
several assets at once.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter
from typing import Any

import dagster as dg

from declarations import load_study
from pipelines.chain import build_definitions
from pipelines.run.staleness import stale_assets
from pipelines.steps import wave_versions
from runtime import paths

# words about columns: renewed with the next materialization (docs/engineer.md)
PRESENTATION = ("dagster/column_schema", "dagster/column_lineage")


def look(wave: str) -> dict[str, Any]:
    """See above."""
    study = load_study(paths.study_folder(paths.OWN))
    definitions = build_definitions(study, str(paths.ROOT))
    graph = definitions.resolve_asset_graph()
    keys = [key for key in graph.materializable_asset_keys if graph.get(key).is_partitioned]
    with dg.DagsterInstance.get() as instance:
        stale = stale_assets(instance, definitions, study, wave)
        rows, shown, made = {}, {}, Counter[str]()
        for key in keys:
            records = instance.fetch_materializations(
                dg.AssetRecordsFilter(key, asset_partitions=[wave]), limit=50
            ).records
            name = key.to_user_string()
            made[name] = len(records)
            last = records[0].asset_materialization if records else None
            if last is not None:
                tags = last.tags or {}
                rows[name] = tags.get("dagster/data_version", "")
                shown[name] = _digest(last.metadata)
    steps = [
        sorted(key.to_user_string() for key in definition.keys)
        for definition in graph.assets_defs
        if not definition.can_subset and len(definition.keys) > 1
    ]
    # without those that do not concern the wave
    own = wave_versions(study).of(wave)
    above = {
        key.to_user_string(): sorted(p.to_user_string() for p in own[key].deps)
        for key in keys
        if key in own
    }
    names = sorted(key.to_user_string() for key in stale)
    return {"stale": names, "rows": rows, "shown": shown, "made": made, "steps": steps,
            "above": above}  # fmt: skip


def _digest(metadata: Any) -> dict[str, str]:
    return {
        name: hashlib.sha256(repr(value).encode()).hexdigest()[:12]
        for name, value in sorted(metadata.items())
        if name not in PRESENTATION
    }


if __name__ == "__main__":
    json.dump(look(sys.argv[1]), sys.stdout)
