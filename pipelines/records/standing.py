"""The state of a study's waves: computed, up to date, and the result of the last run."""

from __future__ import annotations

from pathlib import Path

from declarations import SpecError, Study
from pipelines.records.fingerprint import fingerprint, last_run
from runtime import paths
from runtime.private.key_file import existing_key


def failed_page(name: str, wave: str) -> Path:
    """The page of checks of a run that a check stopped; the next run removes it."""
    return paths.ROOT / ".work" / paths.study_place(name) / f"{wave}.checks.html"


def wave_origin(study: Study, wave: str) -> str:
    """The origin of the wave's data by its source sheet, or what is wrong with the sheet."""
    try:
        return study.source_sheet(wave).origin
    except SpecError as error:
        return f"its source sheet cannot be read: {error}"


def standing(study: Study, name: str) -> list[str]:
    """Lines about a study: one for the study, then one per wave."""
    lines = [
        f"{name}: {study.title.both} ({len(study.questions)} questions, {len(study.tables)} tables)"
    ]
    for wave in study.waves:
        output = paths.output_folder(name, wave)
        record = last_run(output)
        stopped = failed_page(name, wave)
        if record is None and not output.exists():
            text = "not computed"
        elif record is None:
            text = "not computed as a whole, or its output was changed"
        else:
            # `status` does not make a key
            current = fingerprint(paths.ROOT, paths.study_folder(name), wave, existing_key())
            text = "up to date" if record.get("fingerprint") == current else "changed since its run"
            if record["failed_checks"]:
                text += f", {record['failed_checks']} checks did not pass"
        text += _released(study, name, wave)
        if stopped.is_file():
            text += f"; the last run was stopped by a check, see {stopped.relative_to(paths.ROOT)}"
        lines.append(f"  wave {wave} ({wave_origin(study, wave)}): {text}")
    if not study.waves:
        lines.append(
            "  no waves; to add one, make a folder below waves/ with the export and a source.yaml"
        )
    return lines


def _released(study: Study, name: str, wave: str) -> str:
    """Whether a wave was withdrawn. For real data, whether it was released to readers."""
    place = paths.study_place(name)
    if paths.withdrawn_note(paths.ROOT, place, wave).is_file():
        return ", withdrawn (samspil withdraw --lift)"
    if wave_origin(study, wave) != "real":
        return ""
    there = (paths.ROOT / "released" / place / wave / "RELEASE.json").is_file()
    return ", released" if there else ", not released (samspil release)"
