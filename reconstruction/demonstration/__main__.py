"""Build the invented wave and write it: `python -m reconstruction.demonstration [--out DIR]`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from declarations import Study, load_study
from reconstruction import export
from reconstruction.demonstration.base import Head, WaveBase, read_base
from reconstruction.demonstration.drifting import Demonstration

HERE = Path(__file__).resolve().parents[1]
STUDY = HERE.parent / "studies" / "samspil"
PHRASES, OPEN = "phrases.yaml", "targets.yaml"


def demonstrate(folder: Path, out: Path) -> None:
    """Write the wave to `out`; equal input gives equal bytes."""
    wishes = _read("demonstration.yaml")
    phrases = dict(_read(PHRASES))
    for name, more in wishes["phrases"].items():
        if name != "responsibilities":
            phrases[name] = [*phrases[name], *more]
    study = load_study(folder)
    base = read_base(study, str(study.printed_wave))
    asked = study.in_wave(wishes["wave"])
    heads = Demonstration(base, asked, wishes, phrases, _read(OPEN)["open_answers"]).build()
    export.write_wave(
        out, wave_files(asked, base, heads, wishes["renamed"]), sheet(base, wishes, len(heads))
    )


def wave_files(
    study: Study, base: WaveBase, heads: Sequence[Head], renamed: Mapping[str, str]
) -> dict[str, tuple[str, bytes, int]]:
    """Name, content and number of data rows of each file of the wave, by role."""
    register = [{**row, "name": renamed.get(row["code"], row["name"])} for row in base.register]
    names = {row["code"]: row["name"] for row in register}
    background = [
        (f"D{number:04d}", names[head.municipality], head.flag)
        for number, head in enumerate(heads, start=1)
    ]
    answers: dict[str, dict[int, Any]] = {}
    for person, head in enumerate(heads):
        for item, value in head.answers.items():
            answers.setdefault(item, {})[person] = value
    files = {}
    for role, rows, header in (
        ("dataset", export.dataset_rows(study, background, answers), 1),
        ("structure", export.structure_rows(study), 1),
        ("labels", export.label_rows(study), 0),
    ):
        content = export.encode(rows, export.DELIMITER, export.ENCODING)
        files[role] = (f"{role}.csv", content, len(rows) - header)
    content = export.register_bytes(register)
    files["municipalities"] = ("municipalities.csv", content, len(register))
    return files


def sheet(base: WaveBase, wishes: Mapping[str, Any], invited: int) -> dict[str, Any]:
    """The entries of `source.yaml`, without those of the files."""
    known = {head.municipality for head in base.heads}
    names = [row["name"] for row in base.register if row["code"] not in known]
    return {
        "study": base.study.id,
        "wave": wishes["wave"],
        "origin": "constructed",
        "purpose": "demonstration",
        **wishes["source"],
        "invited": invited,
        "municipalities_without_invitations": names,
        "format": {"delimiter": export.DELIMITER, "encoding": export.ENCODING},
    }


def _read(name: str) -> Mapping[str, Any]:
    data: Mapping[str, Any] = yaml.safe_load((HERE / name).read_text(encoding="utf-8"))
    return data


def main() -> int:
    """Write the wave's folder."""
    parser = argparse.ArgumentParser(prog="python -m reconstruction.demonstration")
    parser.add_argument("--study", type=Path, default=STUDY, help="folder of the declared study")
    parser.add_argument("--out", type=Path, help="folder to write (default: the wave's folder)")
    arguments = parser.parse_args()
    wave = str(_read("demonstration.yaml")["wave"])
    demonstrate(arguments.study, arguments.out or arguments.study / "waves" / wave)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
