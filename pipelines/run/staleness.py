"""Which assets of a wave are stale: the input of `samspil run --changed`.

Dagster's own resolver, which the UI uses, decides. Code, declarations and dependencies that do not
concern the wave make nothing stale (`pipelines/steps.py`). Raw files have no upstream asset; they
are stale if their checksums, or their description in the source sheet, differ from the last
materialization.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

import dagster as dg
from dagster._core.definitions.data_version import (
    DATA_VERSION_TAG,
    CachingStaleStatusResolver,
    DataProvenance,
    StaleCause,
    StaleCauseCategory,
    StaleStatus,
)
from dagster._core.definitions.events import AssetKeyPartitionKey
from dagster._core.event_api import EventLogRecord
from dagster._core.test_utils import BasicLoadingContext

from assets.step.names import raw, raw_files
from assets.step.rows_version import file_version
from assets.step.workspace import PARTITION_TAG
from declarations import Study
from pipelines.run.standing_runs import STUDY_TAG
from pipelines.steps import TAG, WaveVersions, wave_versions
from publishing.on_demand import GROUP


class _Resolver(CachingStaleStatusResolver):
    """Dagster's resolver for one study whose assets have a version in each wave.

    It saves two queries per edge of the graph. These took longer than most runs.
    """

    versions: WaveVersions

    def _get_stale_causes_materialized(self, key: AssetKeyPartitionKey) -> Iterator[StaleCause]:
        """The causes of staleness: only changed rows, if the wave has the recorded version."""
        causes = list(super()._get_stale_causes_materialized(key))
        if any(c.category != StaleCauseCategory.DATA for c in causes) and self._as_recorded(key):
            causes = [c for c in causes if c.category == StaleCauseCategory.DATA]
        yield from causes

    def _as_recorded(self, key: AssetKeyPartitionKey) -> bool:
        record = self._get_latest_data_version_record(key=key)
        made = record.asset_materialization if record is not None else None
        recorded = (made.tags or {}).get(TAG) if made is not None else None
        if recorded is None or key.partition_key is None:
            return False
        current = self.versions.of(key.partition_key).get(key.asset_key)
        return current is not None and current.tag == recorded

    def _get_latest_data_version_record(self, key: AssetKeyPartitionKey) -> EventLogRecord | None:
        """The newest record of an asset, without a query if that record belongs to the wave."""
        asset = self.instance_queryer.get_asset_record(key.asset_key)
        newest = asset.asset_entry.last_materialization_record if asset is not None else None
        if newest is not None and newest.partition_key == key.partition_key:
            return newest
        return super()._get_latest_data_version_record(key=key)

    def _is_dep_updated(self, provenance: DataProvenance, dep_key: AssetKeyPartitionKey) -> bool:
        """Whether an input changed.

        Queries only if its newest record is newer than the one used.
        """
        newest = self._get_latest_data_version_record(key=dep_key)
        used = provenance.input_storage_ids[dep_key.asset_key]
        if dep_key.partition_key is None or newest is None or used is None:
            return super()._is_dep_updated(provenance, dep_key)
        return newest.storage_id > used and super()._is_dep_updated(provenance, dep_key)


def stale_assets(
    instance: dg.DagsterInstance, definitions: dg.Definitions, study: Study, wave: str
) -> set[dg.AssetKey]:
    """Assets whose code, declarations or inputs changed since they were last materialized.

    If a step makes all its assets together and one is stale, all are returned.
    """
    graph = definitions.resolve_asset_graph()
    resolver = _Resolver(instance, graph, BasicLoadingContext(instance))
    resolver.versions = wave_versions(study)
    resolver.instance_queryer.prefetch_asset_records(graph.materializable_asset_keys)
    stale = {
        key
        for key in graph.materializable_asset_keys
        # without the assets that span all waves, and without those made on demand
        if graph.get(key).is_partitioned
        and graph.get(key).group_name != GROUP
        and resolver.get_status(key, wave) != StaleStatus.FRESH
    }
    stale |= {
        raw(role)
        for role, version in expected_versions(study, wave).items()
        if resolver.get_current_data_version(raw(role), wave) != version
    }
    return whole_steps(stale, graph)


def whole_steps(keys: set[dg.AssetKey], graph: Any) -> set[dg.AssetKey]:
    """The given assets, and those that a step makes together with one of them."""
    together = [d.keys for d in graph.assets_defs if not d.can_subset and keys & set(d.keys)]
    return keys.union(*together)


def row_versions(
    instance: dg.DagsterInstance, keys: Iterable[dg.AssetKey], wave: str
) -> dict[dg.AssetKey, str]:
    """The data versions last recorded for some assets; none for an asset never made."""
    found = {}
    for key in keys:
        wanted = dg.AssetRecordsFilter(key, asset_partitions=[wave])
        for record in instance.fetch_materializations(wanted, limit=1).records:
            tags = record.asset_materialization.tags if record.asset_materialization else None
            found[key] = (tags or {}).get(DATA_VERSION_TAG, "")
    return found


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
