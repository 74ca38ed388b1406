"""`make mutants`: the tests of a line, and the verdict on a mutant, on a checkout of two files."""

from __future__ import annotations

import ast
import gc
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tools.mutants.judge import CAUGHT, SURVIVED, Judge
from tools.mutants.lines import Lines
from tools.mutants.page import mutants_page
from tools.mutants.prepare import Workplace
from tools.mutants.probes import HIT, Recorder, contexts_by_place, with_probes
from tools.mutants.reach import Reach

# statements that have others in them
BLOCKS = (ast.FunctionDef, ast.If)

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
    ("line", "before"),
    [
        # at import: where each function starts
        (1, [5, 14]),
        # a default, and the statement that has the line
        (4, [5]),
        (5, [5]),
        (6, [6]),
        (9, [7]),
    ],
)
def test_a_probe_is_before_the_statement_of_its_line(line: int, before: list[int]) -> None:
    tree = with_probes(ast.parse(SOURCE), "toy/sign.py", [line])
    found = [
        block[at + 1].lineno
        for node in ast.walk(tree) if isinstance(block := getattr(node, "body", None), list)
        for at, one in enumerate(block) if HIT in ast.dump(one) and not isinstance(one, BLOCKS)
    ]  # fmt: skip
    assert found == before


def test_a_probe_leaves_the_text_of_a_function_and_a_chain_of_conditions() -> None:
    lines = ('"Text."', "if n > 0:", "    return 1", "elif n < 0:", "    return -1")
    source = "\n    ".join(["def sign(n):", *lines])
    hits: list[str] = []
    names: dict[str, Any] = {HIT: hits.append}
    exec(compile(with_probes(ast.parse(source), "a.py", [1, 4, 5]), "a.py", "exec"), names)
    assert names["sign"].__doc__ == "Text."
    assert [names["sign"](n) for n in (3, -3, 0)] == [1, -1, None]
    assert hits == ["a.py:1", "a.py:4", "a.py:1", "a.py:5", "a.py:1", "a.py:5"]


def test_a_place_is_recorded_once_per_context(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    for context, place in (("", "a:1"), ("t::one", "a:1"), ("t::one", "a:1"), ("t::two", "a:2")):
        recorder.context = context
        recorder(place)
    assert recorder.path.read_text(encoding="utf-8").count("\n") == 3
    assert contexts_by_place(tmp_path) == {"a:1": ["t::one"], "a:2": ["t::two"]}


@pytest.fixture
def judge(tmp_path: Path) -> Iterator[Judge]:
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
        "lines": {
            "toy/sign.py:1": names, "toy/sign.py:5": names,
            "toy/sign.py:6": ["fixture:tests::four"], "toy/sign.py:8": names[1:2],
        },
        "seconds": {names[0]: 2.0, names[1]: 0.1, "fixture:tests::four": 1.0},
        "uses": {names[0]: ["fixture:tests::four"]},
        "failed": names[2:],
    }  # fmt: skip
    # as in `import_libraries`: the forked process would collect the garbage of this one
    gc.freeze()
    yield Judge(root, ("toy", "tests"), Lines(root, traced, Reach(root, ["toy"])), 30)
    gc.unfreeze()


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
        pytest.param(5, "n > least", "n < least", CAUGHT, "nothing", marks=pytest.mark.long),
        (6, "return True", "return False", CAUGHT, "above"),
        # no test tries 3
        (5, "n > least", "n >= least", SURVIVED, ""),
        pytest.param(14, "return n\n", "return -n\n", SURVIVED, "", marks=pytest.mark.long),
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
    page, open_ones = mutants_page(results, 200, 2015, 90)
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


def test_a_copy_has_the_versioned_and_the_new_files(tmp_path: Path) -> None:
    root, state = tmp_path / "root", tmp_path / "state"
    (root / "toy").mkdir(parents=True)
    for name in ("toy/sign.py", "new.py", "left_out.py"):
        (root / name).write_text(name, encoding="utf-8")
    (root / ".gitignore").write_text("left_out.py\n", encoding="utf-8")
    for command in (["init", "-q"], ["add", "toy", ".gitignore"]):
        subprocess.run(["git", *command], cwd=root, check=True)
    state.mkdir()
    work = Workplace(root, state, ["toy"])
    work.copied()
    (root / "new.py").write_text("later", encoding="utf-8")
    # the first copy stays as it was, another has what is there now
    work.copied()
    copies = [work.tree, work.now(), work.to_break(work.tree, 0)]
    assert copies[1:] == [state / "now", state / "broken0" / "tree"]
    for copy in copies:
        found = {str(p.relative_to(copy)) for p in copy.rglob("*") if p.is_file()}
        assert found == {".gitignore", "new.py", "toy/sign.py"}
    assert [(copy / "new.py").read_text(encoding="utf-8") for copy in copies] == [
        "new.py", "later", "new.py"
    ]  # fmt: skip
