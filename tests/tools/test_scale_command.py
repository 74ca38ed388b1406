"""`python -m tools.scale`: what it measures by its options, and what it prints of it."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tools.scale import __main__ as command
from tools.scale.measure import Cost, Measured


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What is grown and measured, instead of measuring it."""
    done: list[tuple[Any, ...]] = []

    def grow(_: Path, folder: Path, rows: int, share: float, seed: int) -> SimpleNamespace:
        done.append((rows, share, seed))
        return SimpleNamespace(root=folder, rows=rows)

    def measure(grown: SimpleNamespace, threads: str, memory: str, crosstabs: int) -> Measured:
        done[-1] += (threads, memory, crosstabs)
        # ten times the lines take five times as long, and the last has a wrong count
        cpu = 2 * grown.rows ** math.log10(5)
        wrong = int(grown.rows == 77)
        return Measured(
            grown.rows, 2_000_000, Cost(cpu / 4, 1, 1), Cost(cpu, 3, 1_500_000_000),
            {"clean": 1.25}, (0.5, 10.0), 0, (9, wrong),
        )  # fmt: skip

    def measure_wide(_: Path, variables: int, rows: int, seed: int) -> tuple[Cost, Cost]:
        done.append((variables, rows, seed))
        return Cost(1.5, 2, 3), Cost(2.5, 3, 4_000_000_000, "done\n")

    monkeypatch.setattr(command, "grow", grow)
    monkeypatch.setattr(command, "measure_wave", measure)
    monkeypatch.setattr(command, "measure_wide", measure_wide)
    return done


@pytest.mark.parametrize(
    ("arguments", "measured"),
    [
        ([], [838, 10_000, 100_000]),
        (["--rows", "838"], [838]),
        (["--rows", "8390"], [838, 839, 8390]),
        (["--sizes", "10,100"], [10, 100]),
    ],
)
def test_sizes_up_to_the_requested_one_are_measured(
    calls: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], arguments: list[str], measured: list[int],
) -> None:  # fmt: skip
    monkeypatch.setattr(sys, "argv", ["scale", *arguments])
    assert command.main() == 0
    assert calls == [(rows, 0.01, 2015, "2", "2GB", 60) for rows in measured]
    table = [one for one in capsys.readouterr().out.splitlines() if one.startswith("| ")]
    assert [one.split(" | ")[0].removeprefix("| ") for one in table[1:]] == list(map(str, measured))


def test_the_growth_is_that_of_processor_time_by_lines(
    calls: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(sys, "argv", ["scale", "--sizes", "10,1000", "--memory", "9GB"])
    assert command.main() == 0
    assert len(calls) == 2
    said = capsys.readouterr().out
    assert said.splitlines()[-1] == (
        f"| 1000 | 2 | {62.5:.1f} | {250:.1f} | 4.0 | 1.50 | 0.50 | 10.0 | {math.log10(5):.2f} |"
    )
    assert "counting 0.50 CPU s, pandas.crosstab 10.0 CPU s (20 times)" in said
    assert "counts: 9, by pandas from the raw file otherwise: 0" in said


def test_a_wrong_count_ends_with_1(
    calls: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["scale", "--sizes", "77"])
    assert command.main() == 1
    assert len(calls) == 1


def test_a_wide_file_is_measured_instead(
    calls: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(sys, "argv", ["scale", "--variables", "50", "--rows", "70"])
    assert command.main() == 0
    assert calls == [(50, 70, 2015)]
    assert capsys.readouterr().out == (
        "50 variables, 70 cases: init 1.5 CPU s, run 2.5 CPU s, peak 4.00 GB\n\ndone\n"
    )
