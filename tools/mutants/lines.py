"""Which tests execute a line, and in which order to run them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from tools.mutants.reach import Reach

FIXTURE = "fixture:"
# assumed seconds of a test without a measured time, and of each import between a test and the line
UNTIMED, FAR = 0.3, 1.0
FARTHEST = 8
# assumed seconds of a test file without a measured time
AT_LEAST = 10.0
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Lines:
    """The traced tests of a checkout (`gather.py`)."""

    def __init__(self, root: Path, traced: Mapping[str, Any], reach: Reach) -> None:
        self.root, self.reach = root, reach
        self.contexts: list[str] = traced["contexts"]
        self.files: dict[str, list[list[list[int]]]] = traced["files"]
        self.seconds: dict[str, float] = traced["seconds"]
        self.uses: dict[str, list[str]] = traced["uses"]
        self.failed = set(traced["failed"])

    def tests_of(self, file: str, line: int) -> tuple[list[str], list[str]]:
        """The tests that execute a line, and others that may notice a change.

        The likeliest come first.

        A line of a module or class is executed at import: its tests are those that execute any
        function of the module. The tests of a decorator or a default are those that execute the
        function.
        """
        tree = ast.parse((self.root / file).read_text(encoding="utf-8"))
        wanted, at_import = place(tree, line)
        if at_import and not wanted:
            wanted = {n for one in functions(tree) for n in body_lines(one)}
        first = self.executing(file, wanted)
        own = {test.partition("::")[0] for test in first}
        near = self.distances(file)
        others = [
            test
            for test in self.tests
            if test not in first
            and (test.partition("::")[0] in own or self.near(near, test) < FARTHEST)
        ]
        return self.ordered(first, near), self.ordered(others, near)

    def executing(self, file: str, lines: Iterable[int]) -> set[str]:
        """The tests that execute one of these lines, themselves or in a shared fixture."""
        wanted = set(lines)
        numbers = {
            n for own, places in self.files.get(file, ()) if wanted & set(own) for n in places
        }
        names = {self.contexts[number] for number in numbers} - {""}
        shared = {name for name in names if name.startswith(FIXTURE)}
        found = {test for name in shared for test in self.users.get(name, ())}
        found |= names - shared
        return {test for test in found - self.failed if self.there(test)}

    @cached_property
    def users(self) -> dict[str, list[str]]:
        """The tests of a shared fixture."""
        found: dict[str, list[str]] = {}
        for test, fixtures in self.uses.items():
            for name in fixtures:
                found.setdefault(name, []).append(test)
        return found

    @cached_property
    def tests(self) -> list[str]:
        """All tests that pass without a mutant."""
        names = (name for name in self.contexts if "::" in name and not name.startswith(FIXTURE))
        return [name for name in names if name not in self.failed and self.there(name)]

    def there(self, test: str) -> bool:
        """Whether the file of a test still exists."""
        return (self.root / test.partition("::")[0]).is_file()

    def distances(self, file: str) -> dict[str, int]:
        """Test files by the number of imports between them and a file."""
        levels = self.reach.tests_of(file)
        return {test: steps for steps, level in enumerate(levels) for test in level}

    @staticmethod
    def near(distances: Mapping[str, int], test: str) -> int:
        """The number of imports between a test and the line."""
        return distances.get(test.partition("::")[0], FARTHEST)

    def cost(self, test: str) -> float:
        """The seconds of a test, including its shared fixtures."""
        shared = sum(self.seconds.get(name, 0) for name in self.uses.get(test, ()))
        return self.seconds.get(test, UNTIMED) + shared

    def least(self, file: str, line: int) -> float:
        """Seconds of the cheapest test that executes a line."""
        return min((self.cost(test) for test in self.tests_of(file, line)[0]), default=0)

    def ordered(self, tests: Iterable[str], distances: Mapping[str, int]) -> list[str]:
        """The tests in order: cheap and near ones first."""
        return sorted(
            tests, key=lambda test: (self.cost(test) + FAR * self.near(distances, test), test)
        )


class NearFiles:
    """The given test files or functions that import the module, the nearest first.

    They are not traced.
    """

    def __init__(self, files: Sequence[str], reach: Reach) -> None:
        self.files, self.reach = files, reach
        self.seconds: dict[str, float] = {}

    def tests_of(self, file: str, _line: int) -> tuple[list[str], list[str]]:
        """The test files that import the module, whichever line is changed."""
        near = [test for level in self.reach.tests_of(file) for test in level]
        own = {test: test.partition("::")[0] for test in self.files}
        return sorted((t for t in own if own[t] in near), key=lambda t: near.index(own[t])), []

    @staticmethod
    def cost(_test: str) -> float:
        """A large constant, so that each test runs by itself: its time is not known."""
        return AT_LEAST


def functions(tree: ast.AST) -> list[Function]:
    """All functions and methods."""
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def body_lines(function: Function) -> range:
    """The lines of a function that are executed when it is called."""
    return range(function.body[0].lineno, (function.end_lineno or function.lineno) + 1)


def place(tree: ast.AST, line: int) -> tuple[set[int], bool]:
    """The lines to look up in place of one line, and whether it is executed at import.

    They are the lines of its statement, without the block below it. For a decorator or a default
    they are the lines of the function. For another line of a module or class there are none.
    """
    at_import = not any(line in body_lines(one) for one in functions(tree))
    for one in functions(tree):
        start = min([one.lineno, *(item.lineno for item in one.decorator_list)])
        if start <= line < one.body[0].lineno:
            return set(body_lines(one)), at_import
    if at_import:
        return set(), True
    spans = [header(node) for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    own = min((span for span in spans if line in span), key=len, default=range(line, line + 1))
    return set(own), False


def header(node: ast.stmt) -> range:
    """The lines of a statement, without the block below it."""
    end = node.end_lineno or node.lineno
    inner = getattr(node, "body", None)
    if isinstance(inner, list) and inner:
        end = max(node.lineno, inner[0].lineno - 1)
    return range(node.lineno, end + 1)
