"""Which tests execute a line, and in which order to run them."""

from __future__ import annotations

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


class Lines:
    """The traced tests of a checkout (`prepare.py`)."""

    def __init__(self, root: Path, traced: Mapping[str, Any], reach: Reach) -> None:
        self.root, self.reach = root, reach
        self.lines: dict[str, list[str]] = traced["lines"]
        self.seconds: dict[str, float] = traced["seconds"]
        self.uses: dict[str, list[str]] = traced["uses"]
        self.failed = set(traced["failed"])

    def tests_of(self, file: str, line: int) -> tuple[list[str], list[str]]:
        """The tests that execute a drawn line, and others that may see it; the likeliest first."""
        first = self.executing(file, line)
        own = {test.partition("::")[0] for test in first}
        near = self.distances(file)
        others = [
            test
            for test in self.tests
            if test not in first
            and (test.partition("::")[0] in own or self.near(near, test) < FARTHEST)
        ]
        return self.ordered(first, near), self.ordered(others, near)

    def executing(self, file: str, line: int) -> set[str]:
        """The tests that execute a line, themselves or in a fixture they share."""
        names = set(self.lines.get(f"{file}:{line}", ()))
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
        """All that pass without a mutant."""
        names = (name for name in self.seconds if not name.startswith(FIXTURE))
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

    def shared(self, test: str) -> dict[str, float]:
        """The fixtures that a test shares, and their seconds."""
        return {name: self.seconds.get(name, 0) for name in self.uses.get(test, ())}

    def alone(self, test: str) -> float:
        """Seconds of a test without the fixtures it shares."""
        return self.seconds.get(test, UNTIMED)

    def cost(self, test: str) -> float:
        """Seconds of a test with the fixtures it shares."""
        return self.alone(test) + sum(self.shared(test).values())

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
    def shared(_test: str) -> dict[str, float]:
        """Not known."""
        return {}

    @staticmethod
    def alone(_test: str) -> float:
        """Not known: each runs by itself."""
        return AT_LEAST
