"""Judge a mutant: run the tests that execute its line until one fails."""

from __future__ import annotations

import compileall
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.mutants.lines import Lines, NearFiles
from tools.mutants.pick import Run, run_tests

CAUGHT, SURVIVED, UNDECIDED = "caught", "survived", "undecided"
# Tests that start in one process, by their known seconds: the first processes are cheap and often
# suffice.
AT_ONCE = (4.0, 20.0, 80.0)
MOST_FILES = (6, 20, 1000)


@dataclass(frozen=True)
class Result:
    """The outcome of a mutant. `by` is the test that failed; `tests` of `reach` tests were run.

    `later`: only a test that was written afterwards caught it.
    """

    file: str
    line: int
    operator: str
    before: str
    after: str
    outcome: str
    by: str
    tests: int
    reach: int
    seconds: float
    later: bool = False


class Judge:
    """A checkout to break, with its traced tests."""

    def __init__(
        self, root: Path, own: Sequence[str], lines: Lines | NearFiles, seconds: float
    ) -> None:
        self.root, self.own, self.lines, self.seconds = root, own, lines, seconds
        self.not_used: set[str] = set()
        compileall.compile_dir(root, quiet=1)

    def judged(self, mutant: Mapping[str, Any]) -> Result:
        """Run the tests that execute the line, and others until the time is used."""
        path = self.root / mutant["file"]
        before, stamp = path.read_text(encoding="utf-8"), path.stat()
        first, others = self.lines.tests_of(mutant["file"], mutant["line"])
        runs: list[Run] = []
        path.write_text(mutant["after"], encoding="utf-8")
        # the compiled file records seconds and size, so this time differs from the original in
        # whole seconds
        os.utime(path, (stamp.st_atime, stamp.st_mtime + 60))
        try:
            left, outcome = self.until_one_fails(first, self.seconds, runs)
            # if no test executes the line itself, or the tests that do pass, try neighbouring tests
            if outcome == SURVIVED and others:
                _, later = self.until_one_fails(others, min(left, self.seconds / 5), runs)
                outcome = later if later == CAUGHT or not first else SURVIVED
        finally:
            path.write_text(before, encoding="utf-8")
            # restores the time, so the compiled file stays valid
            os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
        return Result(
            mutant["file"], mutant["line"], mutant["operator"],
            *changes(before, mutant["after"]), outcome, runs[-1].failed if runs else "",
            sum(run.ran for run in runs), len(first), sum(run.seconds for run in runs),
        )  # fmt: skip

    def until_one_fails(
        self, tests: Iterable[str], seconds: float, runs: list[Run]
    ) -> tuple[float, str]:
        """Run tests until one fails. Returns the seconds left and the outcome."""
        for batch in self.batches([test for test in tests if test not in self.not_used]):
            if seconds < 1:
                return 0, UNDECIDED
            costs = {test: self.lines.seconds[test] for test in batch if test in self.lines.seconds}
            run = run_tests(self.root, self.own, batch, costs, seconds)
            runs.append(run)
            seconds -= run.seconds
            if run.code is None:
                return 0, UNDECIDED
            if run.caught:
                return seconds, CAUGHT
        return seconds, SURVIVED

    def batches(self, tests: list[str]) -> Iterable[list[str]]:
        """Tests that one process runs, which makes the fixtures they share once."""
        number, batch = 0, list[str]()
        files, shared, alone = set[str](), dict[str, float](), 0.0
        for test in tests:
            file, more = test.partition("::")[0], self.lines.shared(test)
            cost = alone + self.lines.alone(test) + sum((shared | more).values())
            dear = cost > AT_ONCE[min(number, len(AT_ONCE) - 1)]
            if batch and (
                dear or len(files | {file}) > MOST_FILES[min(number, len(MOST_FILES) - 1)]
            ):
                yield batch
                number, batch, files, shared, alone = number + 1, [], set(), {}, 0.0
            batch.append(test)
            files.add(file)
            shared |= more
            alone += self.lines.alone(test)
        if batch:
            yield batch

    def proving_nothing(self, results: Iterable[Result]) -> set[str]:
        """The tests that caught a mutant but also fail without any mutant."""
        found = set()
        for test in sorted({one.by for one in results if one.outcome == CAUGHT and "::" in one.by}):
            run = run_tests(self.root, self.own, [test], {}, 10 * self.seconds)
            if run.caught or run.code is None:
                found.add(test)
        return found


def changes(before: str, after: str) -> tuple[str, str]:
    """The line that was changed, before and after."""
    lines = zip(before.splitlines(), after.splitlines(), strict=False)
    return next(((a.strip(), b.strip()) for a, b in lines if a != b), ("", ""))
