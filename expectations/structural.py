"""Structural checks on the raw files: blocking, so that a bad export replaces nothing."""

from collections.abc import Iterator

import dagster as dg

from assets.errors import Finding, summarize
from assets.graph.names import raw, raw_files, wave_partitions
from assets.graph.raw_assets import stored_wave
from assets.graph.workspace import Workspace
from assets.specs import Study
from assets.structure import BLOCKING, checksums, row_counts

ROW_COUNT = "row_count"
CHECKSUM = "checksum"
DESCRIPTIONS = {
    "missing_column": "Every declared variable is a column of the data set.",
    "register_column": "The municipality register has every declared column.",
    "undeclared_column": "Every column of the data set is declared.",
    "duplicate_respondent": "Every respondent stands on one line.",
    "duplicate_municipality": "Every municipality stands once in the register.",
    "unknown_municipality": "Every invitation's municipality is in the register.",
    "one_status": "Exactly one status flag is set on every line.",
    "label_code": "The export labels exactly the declared codes of every closed variable.",
    ROW_COUNT: "Files have as many lines as the source sheet says.",
    CHECKSUM: "Files are the ones the source sheet describes (warns only).",
}


FRAME_RULES = ("register_column", "duplicate_municipality", "unknown_municipality")


def applicable_rules(study: Study) -> list[str]:
    """Checks a study can fail: those on the register need a frame, and so on."""
    without = set() if study.has_frame else set(FRAME_RULES)
    if study.respondent_column is None:
        without.add("duplicate_respondent")
    if not study.status_flags:
        without.add("one_status")
    return [name for name in DESCRIPTIONS if name not in without]


def build_structural_checks(study: Study) -> dg.AssetChecksDefinition:
    """One check per rule on raw/dataset; all but the checksum block what comes after."""
    applicable = applicable_rules(study)

    @dg.multi_asset_check(
        name="check_structure",
        specs=[
            dg.AssetCheckSpec(
                name,
                asset=raw("dataset"),
                additional_deps=[raw(role) for role in raw_files(study) if role != "dataset"],
                description=description,
                blocking=name != CHECKSUM,
                partitions_def=wave_partitions(study),
            )
            for name, description in DESCRIPTIONS.items()
            if name in applicable
        ],
    )
    def check_structure(
        context: dg.AssetCheckExecutionContext, workspace: Workspace
    ) -> Iterator[dg.AssetCheckResult]:
        wave = context.partition_key
        files, sheet = stored_wave(workspace.store(wave)), workspace.sheet(study, wave)
        for name, rule in BLOCKING.items():
            if name not in applicable:
                continue
            yield _result(name, rule(files, study))
        yield _result(ROW_COUNT, row_counts(files, sheet))
        yield _result(CHECKSUM, checksums(files, sheet), dg.AssetCheckSeverity.WARN)

    return check_structure


def _result(
    name: str,
    findings: list[Finding],
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR,
) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=raw("dataset"),
        check_name=name,
        passed=not findings,
        severity=severity,
        description=summarize(findings) or None,
        metadata={"findings": len(findings)},
    )
