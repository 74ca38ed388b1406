"""Grow a wave: new identifiers, lines drawn with a seed, answers redrawn, a share of them damaged.

Every damaged cell is recorded, so that the quarantine can be compared with the damage.
"""

from __future__ import annotations

import csv
import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from declarations import Study, load_study

WAVE = "2015"
OUTSIDE = ("77", "x", "3,5", "1.000", "-1", "9 9")
# Number of lines per block.
BATCH = 50_000
# The damage exceeds the study's thresholds, but the run must not stop here.
RAISED = ("scale", "status_says_unanswered", "exclusive")


@dataclass(frozen=True)
class Grown:
    """A checkout with a grown wave; `planted` lists the damaged cells (row, variable, rule)."""

    root: Path
    dataset: Path
    planted: Path
    rows: int
    bytes: int


def grow(repository: Path, root: Path, rows: int, share: float, seed: int) -> Grown:
    """A copy of the report's study whose wave has `rows` lines, `share` of its answers damaged."""
    shutil.copytree(repository / "studies" / "samspil", root / "studies" / "samspil")
    shutil.copy(repository / "dagster.yaml", root)
    folder = root / "studies" / "samspil"
    for other in (folder / "waves").iterdir():
        if other.name != WAVE:
            shutil.rmtree(other)
    study = load_study(folder).in_wave(WAVE)
    dataset, planted = folder / "waves" / WAVE / "dataset.csv", root / "planted.csv"
    _write(study, dataset, planted, rows, share, np.random.default_rng(seed))
    _declare(folder, dataset, rows)
    return Grown(root, dataset, planted, rows, dataset.stat().st_size)


def _write(
    study: Study, dataset: Path, planted: Path, rows: int, share: float, rng: np.random.Generator
) -> None:
    with dataset.open(encoding="cp1252", newline="") as stream:
        header, *lines = csv.reader(stream, delimiter=";")
    base = np.array(lines, dtype=object)
    places = {name: place for place, name in enumerate(header)}
    redrawn = _redrawn(study)
    with (
        dataset.open("w", encoding="cp1252", newline="") as out,
        planted.open("w", encoding="utf-8", newline="") as found,
    ):
        writer = csv.writer(out, delimiter=";", lineterminator="\n")
        damage = csv.writer(found)
        damage.writerow(("file_row", "variable", "rule"))
        writer.writerow(header)
        for start in range(0, rows, BATCH):
            size = min(BATCH, rows - start)
            block = base[rng.integers(0, len(base), size)].copy()
            block[:, 0] = [f"G{number:09d}" for number in range(start, start + size)]
            for name in redrawn:
                column = block[:, places[name]]
                filled = column != ""
                margin = base[:, places[name]]
                column[filled] = rng.choice(margin[margin != ""], int(filled.sum()))
            if share:
                damage.writerows(_damage(block, places, redrawn, share, start + 2, rng))
            writer.writerows(block.tolist())


def _redrawn(study: Study) -> list[str]:
    """Columns that no rule relates to another column, so their answers may be redrawn."""
    conditions = {item.condition.item for item in study.items.values() if item.condition}
    return [
        item.variable
        for item in study.items.values()
        if item.type in ("single", "grid")
        and not item.exclusive
        and item.condition is None
        and item.id not in conditions
        and len(item.codes) > 1
        and not any(code.ends for code in item.scale)
    ]


def _damage(
    block: np.ndarray,
    places: dict[str, int],
    redrawn: list[str],
    share: float,
    first: int,
    rng: np.random.Generator,
) -> Iterator[tuple[int, str, str]]:
    """Damage a block in place: answers outside scales, unexpected answers, and exclusive ones."""
    answered = (block[:, places["stato_4"]] == "1") | (block[:, places["stato_3"]] == "1")
    silent = (block[:, places["stato_1"]] == "1") | (block[:, places["stato_2"]] == "1")
    for name in redrawn:
        column = block[:, places[name]]
        hit = (column != "") & answered & (rng.random(len(block)) < share)
        column[hit] = rng.choice(np.array(OUTSIDE, dtype=object), int(hit.sum()))
        yield from ((first + int(row), name, "scale") for row in np.flatnonzero(hit))
    hit = silent & (rng.random(len(block)) < share)
    block[hit, places["s_6"]] = "1"
    yield from ((first + int(row), "s_6", "status_says_unanswered") for row in np.flatnonzero(hit))
    hit = answered & (block[:, places["s_53"]] != "") & (rng.random(len(block)) < share)
    block[hit, places["s_53"]], block[hit, places["s_54"]] = "4", "1"
    for row in np.flatnonzero(hit):
        yield first + int(row), "s_53", "exclusive"
        yield first + int(row), "s_54", "exclusive"


def _declare(folder: Path, dataset: Path, rows: int) -> None:
    """Adapt the source sheet and the policies to the grown wave."""
    path = dataset.with_name("source.yaml")
    sheet = yaml.safe_load(path.read_text(encoding="utf-8"))
    sheet.pop("invited", None)
    with dataset.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    sheet["files"]["dataset"] |= {"rows": rows, "sha256": digest}
    path.write_text(yaml.safe_dump(sheet, allow_unicode=True), encoding="utf-8")
    declared = folder / "study.yaml"
    text = declared.read_text(encoding="utf-8")
    for rule in RAISED:
        text = text.replace(
            f"{rule}: {{policy: quarantine, threshold: 0.01}}",
            f"{rule}: {{policy: quarantine, threshold: 0.5}}",
        )
    declared.write_text(text, encoding="utf-8")
