"""A banner book of 100 questions by 6 groups against the run of its frequencies alone."""

from __future__ import annotations

import csv
import hashlib
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from declarations import load_study
from tests.checkout import execute
from tests.poll import put

QUESTIONS, GROUPS, PEOPLE = 100, 6, 1000


def write(root: Path, book: bool) -> Path:
    """The study; with its banner book, or with a frequency table per question only."""
    generator = np.random.default_rng(11)
    folder = root / "studies" / "wide"
    wave = folder / "waves" / "1"
    wave.mkdir(parents=True)
    names = [f"q{n}" for n in range(1, QUESTIONS + 1)]
    put(folder / "study.yaml", {"id": "wide", "title": "Wide", "export": {"respondent": "id"}})
    scale = [{"code": c, "key": f"a{c}", "text": f"Answer {c}"} for c in range(1, 6)]
    for order, name in enumerate(names, start=1):
        item = {"id": name, "variable": name}
        question: dict[str, Any] = {
            "id": name, "order": order, "type": "single", "label": name, "scale": scale,
            "section": f"part_{(order - 1) // 10}", "items": [item],
        }  # fmt: skip
        put(folder / "questions" / f"{order:03}_{name}.yaml", question)
        chapter = f"part_{(order - 1) // 10}"
        table = {"id": f"table_{order:03}", "number": str(order), "chapter": chapter}
        put(folder / "tables" / f"table_{order:03}.yaml", table | {"frequency": name})
    if book:
        put(folder / "crosstabs.yaml", {"by": names[:GROUPS]})
    lines = generator.integers(1, 6, (PEOPLE, QUESTIONS)).astype(str).tolist()
    files = {
        "dataset": [["id", *names], *([f"P{n}", *line] for n, line in enumerate(lines))],
        "structure": [["questionName", "variableName"], *([n, n] for n in names)],
        "labels": [[n, str(c), f"Answer {c}"] for n in names for c in range(1, 6)],
    }
    told = {}
    for role, content in files.items():
        path = wave / f"{role}.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, delimiter=";", lineterminator="\n").writerows(content)
        told[role] = {"name": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    sheet = {"wave": "1", "origin": "constructed", "statement": "Invented for a test.",
             "format": {"delimiter": ";", "encoding": "utf-8"}, "files": told}  # fmt: skip
    put(wave / "source.yaml", sheet)
    return folder


def spent(root: Path, book: bool) -> float:
    """CPU seconds of a run."""
    study = load_study(write(root, book))
    before = time.process_time()
    assert execute(study, root, "1").success
    return time.process_time() - before


@pytest.mark.long
def test_a_banner_book_takes_less_than_the_frequencies_again(tmp_path: Path) -> None:
    # the first run pays for imports
    spent(tmp_path / "warm", book=False)
    alone = spent(tmp_path / "alone", book=False)
    whole = spent(tmp_path / "whole", book=True)
    frame = pd.read_csv(tmp_path / "whole" / "output" / "wide" / "1" / "crosstabs.csv")
    assert frame["table"].nunique() == QUESTIONS
    # everyone and five levels of six groups
    assert len(frame[frame["statistic"] == "percent"]) == QUESTIONS * 5 * (1 + 5 * GROUPS)
    assert whole < 2 * alone, f"{whole:.1f} s of CPU, {alone:.1f} s of frequencies alone"
