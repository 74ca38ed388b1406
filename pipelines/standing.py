"""Where the waves of a study stand: computed, up to date, with what outcome."""

from __future__ import annotations

from assets.key_file import existing_key
from assets.specs import Study
from pipelines import paths
from pipelines.fingerprint import fingerprint, last_run


def standing(study: Study, name: str) -> list[str]:
    """The study, then a line per wave."""
    lines = [
        f"{name}: {study.title.both} ({len(study.questions)} questions, {len(study.tables)} tables)"
    ]
    for wave in study.waves:
        record = last_run(paths.output_folder(name, wave))
        if record is None:
            told = "not computed, or its output was changed"
        else:
            # a look at where things stand makes no key
            current = fingerprint(paths.ROOT, paths.study_folder(name), wave, existing_key())
            told = "up to date" if record.get("fingerprint") == current else "changed since its run"
            if record["failed_checks"]:
                told += f", {record['failed_checks']} checks did not pass"
        lines.append(f"  wave {wave} ({study.source_sheet(wave).origin}): {told}")
    return lines
