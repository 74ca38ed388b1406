"""Every asset, check, job and resource of a study, put together."""

from __future__ import annotations

import dagster as dg

from assets.analysis.model_assets import build_models
from assets.analysis.scan_assets import build_scan
from assets.analysis.significance_assets import build_significance
from assets.clean.assets import build_answers, build_clean
from assets.clean.quarantine_assets import build_quarantine
from assets.counts.assets import build_counts
from assets.raw.assets import build_raw
from assets.tables.assets import build_tables
from assets.tables.unnumbered_assets import build_unnumbered
from declarations import Study, load_study
from declarations.claims.claim import read_claims
from declarations.operation import read_operation
from expectations.checks_page import tell_balances
from expectations.disclosure.assets import build_gate
from expectations.scale_checks import build_scale_checks
from expectations.structural import build_structural_checks
from pipelines.operate.after_runs import TRENDS_JOB
from pipelines.operate.freshness import build_freshness
from pipelines.operate.triggers import build_schedules, build_sensors
from pipelines.run.progress import progress_logger
from pipelines.run.sealing import Whole, sealing_workspace
from pipelines.run.standing_runs import STUDY_TAG, WAVE_JOB
from pipelines.versions.retries import with_retries
from pipelines.versions.versions import with_versions
from publishing.folder import build_publication
from publishing.trend_files import build_trends
from replication.audit.assets import build_audit
from replication.convention_fit import build_convention_fit
from replication.ledger import build_ledger
from replication.proof.assets import build_claim_bounds
from replication.reproduction import build_print_checks, build_reproduction
from runtime import paths

__all__ = ["WAVE_JOB", "build_definitions", "study_definitions"]


def build_definitions(study: Study, root: str) -> dg.Definitions:
    """All definitions of a study whose checkout is at `root`."""
    claims, operation = read_claims(study), read_operation(study.folder)
    trends = build_trends(study)
    of_a_wave: dg.AssetSelection = dg.AssetSelection.all()
    if trends:
        of_a_wave -= dg.AssetSelection.assets(*trends)
    jobs = [
        dg.define_asset_job(
            WAVE_JOB,
            selection=of_a_wave,
            description="From the raw export of a wave to every table, checked.",
            tags={STUDY_TAG: study.folder.name},
        ),
        *(
            dg.define_asset_job(
                TRENDS_JOB,
                selection=dg.AssetSelection.assets(*trends),
                description="The changes from wave to wave, over all that are published.",
                tags={STUDY_TAG: study.folder.name},
            )
            for _ in trends[:1]
        ),
    ]
    assets = [
        build_raw(study),
        build_clean(study),
        build_answers(study),
        build_counts(study),
        *build_tables(study),
        *build_significance(study),
        build_quarantine(study, tell_balances),
        *build_reproduction(study),
        *build_models(study),
        *build_unnumbered(study),
        *build_scan(study),
        *build_ledger(study, claims),
        *build_convention_fit(study),
        *build_audit(study, claims),
        *build_claim_bounds(study, claims),
        *build_gate(study),
        build_publication(study, claims),
    ]
    checks = [
        build_structural_checks(study),
        build_scale_checks(study),
        *build_print_checks(study),
    ]
    versioned = with_versions([*assets, *trends], checks, study, claims)
    # after the versions: how often a step is tried makes no asset stale
    with_retries([*versioned, *checks], operation.retries)
    of_the_wave = {key for one in assets for key in one.keys}
    checked = {key for one in [*assets, *checks] for key in one.check_keys}
    whole = Whole(frozenset(of_the_wave), frozenset(checked))
    place = paths.place_of(study.folder.name)
    return dg.Definitions(
        assets=[*versioned, *build_freshness(operation.lags(study.waves))],
        asset_checks=checks,
        jobs=jobs,
        sensors=build_sensors(study, operation, jobs),
        schedules=build_schedules(study, operation, jobs),
        resources={"workspace": sealing_workspace(root, place, study.folder, whole)},
        # Steps are short: a process each would cost more than all of them together.
        executor=dg.in_process_executor,
        loggers={"progress": progress_logger},
    )


def study_definitions(name: str) -> dg.Definitions:
    """The definitions of `studies/NAME` in this checkout."""
    return build_definitions(load_study(paths.study_folder(name)), str(paths.ROOT))
