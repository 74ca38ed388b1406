"""`make mutants`: the tests of a line, and the verdict on a mutant, on a checkout of two files."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from tools.mutants.judge import CAUGHT, SURVIVED, Judge
from tools.mutants.lines import Lines, place
from tools.mutants.page import written
from tools.mutants.prepare import Workplace
from tools.mutants.reach import Reach

SOURCE = """LIMIT = 3


def above(n, least=LIMIT):
    if n > least:
        return True
    return not (
        n
        <= least
    )


def unseen(n):
    return n
"""
TESTS = """from toy.sign import above


def test_above():
    assert above(4) and not above(2)


def test_nothing():
    assert not above(1)


def test_always_red():
    assert above(1)
"""


@pytest.mark.parametrize(
    ("line", "lines", "at_import"),
    [
        (1, set(), True),
        (4, {5, 6, 7, 8, 9, 10}, True),
        (5, {5}, False),
        (6, {6}, False),
        (9, {7, 8, 9, 10}, False),
    ],
)
def test_the_lines_of_a_statement(line: int, lines: set[int], at_import: bool) -> None:
    assert place(ast.parse(SOURCE), line) == (lines, at_import)


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    root = tmp_path / "tree"
    (root / "toy").mkdir(parents=True)
    (root / "tests").mkdir()
    (root / "toy" / "sign.py").write_text(SOURCE, encoding="utf-8")
    (root / "tests" / "test_sign.py").write_text(TESTS, encoding="utf-8")
    (root / "pyproject.toml").write_text(
        '[tool.pytest.ini_options]\naddopts = ["--import-mode=importlib"]\n'
        'markers = ["long: slow", "browser: needs one"]\n', encoding="utf-8",
    )  # fmt: skip
    names = [f"tests/test_sign.py::test_{name}" for name in ("above", "nothing", "always_red")]
    traced: dict[str, Any] = {
        "contexts": ["", *names, "fixture:tests::four"],
        "files": {"toy/sign.py": [[[1, 4, 13], [0]], [[5], [1, 2, 3]], [[6], [4]], [[7], [2]]]},
        "seconds": {names[0]: 2.0, names[1]: 0.1, "fixture:tests::four": 1.0},
        "uses": {names[0]: ["fixture:tests::four"]},
        "failed": names[2:],
    }
    return Judge(root, ("toy", "tests"), Lines(root, traced, Reach(root, ["toy"])), 30)


@pytest.mark.parametrize(
    ("line", "first", "others"),
    [
        # at import: those of any function, the cheap first; one that is red anyway is left out
        (1, ["nothing", "above"], []),
        (5, ["nothing", "above"], []),
        # in a fixture: the tests that share it
        (6, ["above"], ["nothing"]),
        (8, ["nothing"], ["above"]),
        # executed by none: those that import the module
        (14, [], ["nothing", "above"]),
    ],
)
def test_the_tests_of_a_line(judge: Judge, line: int, first: list[str], others: list[str]) -> None:
    found = judge.lines.tests_of("toy/sign.py", line)
    assert found == tuple(
        [f"tests/test_sign.py::test_{name}" for name in names] for names in (first, others)
    )


@pytest.mark.parametrize(
    ("line", "before", "after", "outcome", "by"),
    [
        (5, "n > least", "n < least", CAUGHT, "nothing"),
        (6, "return True", "return False", CAUGHT, "above"),
        # no test tries 3
        (5, "n > least", "n >= least", SURVIVED, ""),
        (14, "return n\n", "return -n\n", SURVIVED, ""),
        (5, "n > least", "n > least or above(n)", CAUGHT, "nothing"),
    ],
)
def test_a_mutant_meets_the_tests_of_its_line(
    judge: Judge, line: int, before: str, after: str, outcome: str, by: str
) -> None:
    mutant = {
        "file": "toy/sign.py", "line": line, "operator": "any",
        "after": SOURCE.replace(before, after, 1),
    }  # fmt: skip
    found = judge.judged(mutant)
    assert (found.outcome, found.by) == (outcome, by and f"tests/test_sign.py::test_{by}")
    assert (judge.root / "toy" / "sign.py").read_text(encoding="utf-8") == SOURCE


def test_the_page_counts_what_is_no_equivalent() -> None:
    one = {"line": 1, "operator": "", "before": "a | b", "after": "a & b"}
    results = [
        one | {"file": "assets/a.py", "outcome": CAUGHT},
        one | {"file": "assets/a.py", "outcome": CAUGHT},
        one | {"file": "tools/b.py", "outcome": SURVIVED},
    ]
    page, open_ones = written(results, 200, 2015, 90)
    assert open_ones == 1
    assert "| assets | 2 | 2 | 0 | 0 | 0 |" in page
    assert "Caught: 2 of 3 that are not equivalent (67 %)." in page
    assert "| `tools/b.py:1` | `a \\| b` | `a & b` | survived, no reason yet |" in page


def test_a_mutant_follows_its_line(tmp_path: Path) -> None:
    work = Workplace(tmp_path, tmp_path / "state", ["toy"])
    (work.tree / "toy").mkdir(parents=True)
    (work.tree / "toy" / "sign.py").write_text(SOURCE, encoding="utf-8")
    now = tmp_path / "now"
    (now / "toy").mkdir(parents=True)
    later = SOURCE.replace("LIMIT = 3", "# the least\nLIMIT = 3").replace("unseen(n)", "seen(n)")
    (now / "toy" / "sign.py").write_text(later, encoding="utf-8")
    mutant = {"file": "toy/sign.py", "line": 5, "operator": "any",
              "after": SOURCE.replace("n > least", "n >= least")}  # fmt: skip
    assert work.moved(mutant, now) == mutant | {"after": later.replace("n > least", "n >= least")}
    gone = mutant | {"after": SOURCE.replace("unseen(n)", "unseen(m)")}
    assert work.moved(gone, now) is None
    assert work.moved(mutant | {"file": "toy/other.py"}, now) is None
