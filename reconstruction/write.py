"""From declarations to the files of the constructed wave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reconstruction import export
from reconstruction.drawing.build import build_wave
from reconstruction.drawing.drawn import Wave
from reconstruction.drawing.people import statuses
from reconstruction.provenance import provenance
from reconstruction.targets.plan import Plan, load_plan
from reconstruction.wanted import wanted_differences


def reconstruct(study_folder: Path, register: Path, out: Path) -> list[str]:
    """Build the wave and write its files to `out`; returns the differences not reached.

    The same inputs give the same bytes: seeds are fixed and solvers are limited in work, not
    in time.
    """
    plan = load_plan(study_folder, register)
    wanted = wanted_differences(plan)
    wave = build_wave(plan, wanted)
    export.write_wave(out, wave_files(plan, wave), source_sheet(plan))
    export.write_yaml(out / "provenance.yaml", provenance(plan, wanted))
    return wave.missed


def wave_files(plan: Plan, wave: Wave) -> dict[str, tuple[str, bytes, int]]:
    """Name, content and number of data rows of each file of the wave, by role."""
    study, people = plan.study, wave.people
    names = {row["code"]: row["name"] for row in plan.register}
    flags = statuses(people, plan.wishes["status"], str(plan.wishes["seed"]))
    background = [
        (f"R{number:04d}", names[person.municipality], flag)
        for number, (person, flag) in enumerate(zip(people.invited, flags, strict=True), start=1)
    ]
    data = export.dataset_rows(study, background, wave.answers)
    structure = export.structure_rows(study)
    labels = export.label_rows(study)
    files = {}
    for role, rows, header in (
        ("dataset", data, 1),
        ("structure", structure, 1),
        ("labels", labels, 0),
    ):
        content = export.encode(rows, export.DELIMITER, export.ENCODING)
        files[role] = (f"{role}.csv", content, len(rows) - header)
    register = export.register_bytes(people.register)
    files["municipalities"] = ("municipalities.csv", register, len(people.register))
    return files


def source_sheet(plan: Plan) -> dict[str, Any]:
    """The entries of `source.yaml`, without those of the files."""
    invited = {code for code, counts in plan.appendix.items() if sum(counts)}
    left_out = [row["name"] for row in plan.register if row["code"] not in invited]
    return {
        "study": plan.study.id,
        "wave": plan.study.printed_wave,
        "origin": "constructed",
        **plan.wishes["source"],
        "invited": sum(map(sum, plan.appendix.values())),
        "municipalities_without_invitations": left_out,
        "format": {"delimiter": export.DELIMITER, "encoding": export.ENCODING},
    }
