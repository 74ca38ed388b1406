"""Whether a wave's results match its present files, declarations and code.

Dagster judges freshness per asset, not per partition, and by the time of materialization. Results
of an unchanged wave stay right for years. So each wave with a declared time has a separate asset
that no run computes. It is reported whenever a check finds the results up to date, and becomes
overdue in the UI when no check did so within the declared time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import dagster as dg

from assets.step.names import OWNERS
from declarations import Study
from declarations.operation import Operation
from pipelines.operate.notify import Notice, send
from pipelines.records.fingerprint import inputs
from pipelines.records.standing_runs import current_fingerprint, up_to_date
from publishing.chapters import PUBLISHED
from runtime import paths

GROUP = "report"
# the shortest window that Dagster accepts
SHORTEST = timedelta(minutes=1)


def fresh_key(wave: str) -> dg.AssetKey:
    """The key of the asset that observes the freshness of a wave."""
    return dg.AssetKey([GROUP, f"wave_{wave}_is_fresh"])


def duration_in_words(lag: timedelta) -> str:
    """A duration as declared: days, hours and minutes."""
    minutes = int(lag.total_seconds()) // 60
    parts = (minutes // 1440, "days"), (minutes // 60 % 24, "hours"), (minutes % 60, "minutes")
    return " ".join(f"{n} {unit}" for n, unit in parts if n) or "a minute"


def build_freshness(declared: Mapping[str, timedelta]) -> list[dg.AssetSpec]:
    """One asset per wave with a declared time and its policy; nothing computes them."""
    return [
        dg.AssetSpec(
            fresh_key(wave),
            group_name=GROUP,
            description="Materialized when a recheck or a run confirms that the results of wave "
            f"{wave} match its present files, declarations and code. Overdue if nothing confirmed "
            f"this for {duration_in_words(lag)}. The results of the wave are in "
            "`report/published`.",
            deps=[PUBLISHED],
            kinds={"check"},
            owners=OWNERS,
            freshness_policy=dg.FreshnessPolicy.time_window(fail_window=max(lag, SHORTEST)),
        )
        for wave, lag in declared.items()
    ]


def look_at_freshness(
    instance: dg.DagsterInstance, study: Study, operation: Operation, now: float, report: Any
) -> None:
    """Report the waves that are up to date, and notify of overdue ones (by `freshness`)."""
    for wave, lag in operation.lags(study.waves).items():
        if wave not in study.waves or report_fresh(instance, study, operation, wave):
            continue
        changed = max(
            p.stat().st_mtime for p in inputs(paths.ROOT, study.folder, wave) if p.is_file()
        )
        if now - changed > lag.total_seconds():
            message = f"the results have been out of date for more than {duration_in_words(lag)}"
            send(operation.notify, Notice("not_fresh", study.folder.name, wave, message), report)


def report_fresh(
    instance: dg.DagsterInstance, study: Study, operation: Operation, wave: str
) -> bool:
    """Whether the wave is up to date. If so, and it has a declared time, report it to the UI."""
    if wave not in study.waves or wave not in operation.lags([wave]):
        return False
    mark = current_fingerprint(study, wave)
    fresh = up_to_date(study, wave, mark)
    if fresh:
        instance.report_runless_asset_event(
            dg.AssetMaterialization(fresh_key(wave), metadata={"wave": wave, "inputs": mark[:12]})
        )
    return fresh
