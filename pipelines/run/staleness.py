"""Which assets of a wave are stale: the input of `samspil run --changed`.

The decision is Dagster's, which the UI shows, from the tags that Dagster gives each
materialization. Code, declarations and dependencies that do not concern the wave make nothing stale
(`pipelines/steps.py`). Raw files have no upstream asset; they are stale if their checksums, or
their description in the source sheet, differ from the last materialization.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import dagster as dg

from assets.step.names import raw, raw_files
from assets.step.rows_version import file_version
from assets.step.workspace import PARTITION_TAG
from declarations import Study
from pipelines.records.standing_runs import STUDY_TAG
from pipelines.steps import TAG, wave_versions
from publishing.on_demand import GROUP

# Dagster's tags of a materialization: its code, its rows, and the event that each input was.
CODE_VERSION, DATA_VERSION = "dagster/code_version", "dagster/data_version"
INPUT = "dagster/input_event_pointer/"


@dataclass(frozen=True)
class Materialized:
    """A materialization: the number of its event, and its tags."""

    event: int
    tags: Mapping[str, str]

    @property
    def version(self) -> str:
        """The version of the rows."""
        return self.tags.get(DATA_VERSION, "")

    @property
    def inputs(self) -> dict[dg.AssetKey, str]:
        """The event of each input, as text."""
        return {
            dg.AssetKey.from_user_string(tag.removeprefix(INPUT)): event
            for tag, event in self.tags.items()
            if tag.startswith(INPUT)
        }


def stale_assets(
    instance: dg.DagsterInstance, definitions: dg.Definitions, study: Study, wave: str
) -> set[dg.AssetKey]:
    """Assets whose code, declarations or inputs changed since they were last materialized.

    If a step makes all its assets together and one is stale, all are returned.
    """
    graph = definitions.resolve_asset_graph()
    own = [
        key
        for key in graph.materializable_asset_keys
        # without the assets that span all waves, and without those made on demand
        if graph.get(key).is_partitioned and graph.get(key).group_name != GROUP
    ]
    made, current = last_made(instance, own, wave), wave_versions(study).of(wave)

    @cache
    def same_rows(key: dg.AssetKey, event: str) -> bool:
        """Whether the rows of an input are still those of the event that was used."""
        now = made.get(key)
        if now is None or event == str(now.event):
            return True
        if not event.isdigit():
            return False
        before = dg.AssetRecordsFilter(key, [wave], before_storage_id=int(event) + 1)
        used = _first(instance.fetch_materializations(before, limit=1).records)
        return used is not None and used.version == now.version

    def changed(key: dg.AssetKey) -> bool:
        last, asset = made.get(key), graph.get(key)
        if last is None:
            return True
        inputs, code = last.inputs, last.tags.get(CODE_VERSION)
        as_made = inputs.keys() == asset.parent_keys and code == asset.code_version
        # what changed may not concern the wave
        if not as_made and (key not in current or last.tags.get(TAG) != current[key].tag):
            return True
        return not all(same_rows(dep, inputs[dep]) for dep in inputs.keys() & asset.parent_keys)

    stale = {key for key in own if changed(key)}
    stale |= {
        raw(role)
        for role, version in expected_versions(study, wave).items()
        if raw(role) not in made or made[raw(role)].version != version.value
    }
    return whole_steps(stale, graph)


def last_made(
    instance: dg.DagsterInstance, keys: Iterable[dg.AssetKey], wave: str
) -> dict[dg.AssetKey, Materialized]:
    """The last materialization in a wave; none for an asset never made in it."""
    found = {}
    for asset in instance.get_asset_records(list(keys)):
        key, newest = asset.asset_entry.asset_key, asset.asset_entry.last_materialization_record
        if newest is not None and newest.partition_key != wave:
            # another wave was made later
            wanted = dg.AssetRecordsFilter(key, [wave])
            last = _first(instance.fetch_materializations(wanted, limit=1).records)
        else:
            last = _first([newest] if newest is not None else [])
        if last is not None:
            found[key] = last
    return found


def _first(records: Sequence[Any]) -> Materialized | None:
    made = records[0].asset_materialization if records else None
    return Materialized(records[0].storage_id, made.tags or {}) if made is not None else None


def whole_steps(keys: set[dg.AssetKey], graph: Any) -> set[dg.AssetKey]:
    """The given assets, and those that a step makes together with one of them."""
    together = [d.keys for d in graph.assets_defs if not d.can_subset and keys & set(d.keys)]
    return keys.union(*together)


def row_versions(
    instance: dg.DagsterInstance, keys: Iterable[dg.AssetKey], wave: str
) -> dict[dg.AssetKey, str]:
    """The data versions last recorded for some assets; none for an asset never made."""
    return {key: last.version for key, last in last_made(instance, keys, wave).items()}


def expected_versions(study: Study, wave: str) -> dict[str, dg.DataVersion]:
    """The current data versions of the raw files."""
    sheet = study.source_sheet(wave)
    return {
        role: file_version(
            role, hashlib.sha256(sheet.files[role].path.read_bytes()).hexdigest(), sheet
        )
        for role in raw_files(study)
        if sheet.files[role].path.is_file()
    }


def can_build_on(instance: dg.DagsterInstance, study: Study, wave: str) -> bool:
    """Whether the working file matches the instance's records: its last run succeeded.

    After a failed or killed run everything is computed again: a blocking check may have failed, and
    a step may have stored results that were never recorded.
    """
    tags = {PARTITION_TAG: wave, STUDY_TAG: study.folder.name}
    last = instance.get_runs(dg.RunsFilter(tags=tags), limit=1)
    return bool(last) and last[0].status == dg.DagsterRunStatus.SUCCESS
