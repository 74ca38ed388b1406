"""All waves of a study, one after the other."""

from __future__ import annotations

from collections.abc import Callable

from declarations import Study
from pipelines.records.fingerprint import fingerprint, last_run
from pipelines.records.history import opened
from pipelines.run.wave_run import CHECKS_FAILED, SUCCESS, prepare, run_wave
from runtime import paths
from runtime.private.key_file import read_key


def run_waves(
    study: Study, report: Callable[[str], object], *, force: bool, strict: bool, changed: bool
) -> list[int]:
    """Exit codes of the waves' runs (see `pipelines.run.wave_run.run_wave`), in order.

    A wave whose last run failed with the same inputs is reported and skipped, except with `force`.
    Its code is 3 with `strict`, else 0. If a wave fails, the others are still computed.
    """
    codes = []
    for wave in study.waves:
        known = "" if force else known_to_fail(study, wave)
        if known:
            report(f"samspil: {known}; --force runs it anyway")
            codes.append(CHECKS_FAILED if strict else SUCCESS)
            continue
        name = study.folder.name
        codes.append(run_wave(name, wave, force=force, strict=strict, changed=changed))
    return codes


def known_to_fail(study: Study, wave: str) -> str:
    """Why a run of the wave would fail like the last one; empty if it might not."""
    mark = fingerprint(paths.ROOT, study.folder, wave, read_key())
    record = last_run(paths.output_folder(study.folder.name, wave))
    if record is not None and record.get("fingerprint") == mark:
        return ""
    prepare()
    # imported only if needed
    from pipelines.records.standing_runs import failed_alike, not_again

    with opened() as instance:
        failed = failed_alike(instance, study, wave, mark)
    return not_again(f"wave {wave}", failed) if failed is not None else ""
