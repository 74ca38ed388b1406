"""The copy of the checkout in `.artifacts/mutants`, its sample of mutants and its traced tests."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
TESTS = "tests"


@dataclass(frozen=True)
class Workplace:
    """A folder with `tree`, the copy that is traced, and `broken`, the one that gets the mutants.

    `drawn_from` are the packages mutants are drawn from.
    """

    root: Path
    folder: Path
    drawn_from: Sequence[str]

    @property
    def tree(self) -> Path:
        """The versioned files and those not yet added, as they were at the first start."""
        return self.folder / "tree"

    @property
    def broken(self) -> Path:
        """The checkout never contains a mutant; this copy does."""
        return self.folder / "broken"

    @property
    def python(self) -> Path:
        """The environment that has Cosmic Ray and coverage.py."""
        return self.root / ".venv-mutants" / "bin" / "python"

    def copied(self) -> None:
        """Make the copy unless there is one."""
        if self.tree.is_dir():
            return
        part = self.folder / "part"
        shutil.rmtree(part, ignore_errors=True)
        for name in self.files():
            target = part / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self.root / name, target)
        part.rename(self.tree)

    def to_break(self) -> Path:
        """A copy of the copy, fresh at each start: a stopped one may contain a mutant."""
        shutil.rmtree(self.broken, ignore_errors=True)
        shutil.copytree(self.tree, self.broken, ignore=shutil.ignore_patterns("__pycache__"))
        return self.broken

    def files(self) -> list[str]:
        """The versioned files and those not yet added."""
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
            cwd=self.root, capture_output=True, check=True,
        )  # fmt: skip
        return [name for name in listed.stdout.decode().split("\0") if (self.root / name).is_file()]

    def drawn(self, count: int, seed: int) -> list[dict[str, Any]]:
        """The sample, drawn once."""
        path = self.folder / f"drawn-{count}-{seed}.json"
        if not path.exists():
            found = self.apart("draw.py", str(self.tree), str(count), str(seed), *self.drawn_from)
            path.write_text(json.dumps(found), encoding="utf-8")
        return list(json.loads(path.read_text(encoding="utf-8")))

    def traced(self, jobs: int, tests: Sequence[str] = ()) -> dict[str, Any]:
        """Which test executes which line: of all tests once, or of some tests again."""
        path, lines = self.folder / "lines.json", self.folder / "traced"
        if not path.exists() or tests:
            lines.mkdir(exist_ok=True)
            self.trace(lines, jobs, tests)
            found = self.apart("gather.py", str(lines), str(self.tree))
            path.write_text(json.dumps(found), encoding="utf-8")
        return dict(json.loads(path.read_text(encoding="utf-8")))

    def trace(self, target: Path, jobs: int, tests: Sequence[str]) -> None:
        """Run tests under coverage.py; some may fail, as the copy is no repository."""
        (packages,) = self.python.parent.parent.glob("lib/python3*/site-packages")
        source = ":".join(str(self.tree / package) for package in self.drawn_from)
        child = self.tree / HERE.relative_to(self.root) / "child"
        subprocess.run(  # noqa: S603
            [sys.executable, "-m", "pytest", "-q", "-n", str(jobs), "--dist", "loadfile", "--tb=no",
             "-p", "no:cacheprovider", "-p", "tools.mutants.trace",
             "-m", "not long and not browser", *tests],
            cwd=self.tree, check=False,
            env={**os.environ, "SAMSPIL_TRACE": str(target), "SAMSPIL_COVERAGE": str(packages),
                 "SAMSPIL_SOURCE": source, "PYTHONPATH": f"{child}:{self.tree}"},
        )  # fmt: skip

    def newer_tests(self) -> list[str]:
        """Take over the tests of now; returns the test files that are new or differ."""
        changed = []
        for name in self.files():
            here, there = self.root / name, self.tree / name
            if name.startswith(f"{TESTS}/") and (
                not there.is_file() or here.read_bytes() != there.read_bytes()
            ):
                there.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(here, there)
                if here.name.startswith("test_"):
                    changed.append(name)
        return changed

    def apart(self, script: str, *arguments: str) -> Any:
        """What a script prints in the other environment."""
        command = [str(self.python), str(HERE / script), *arguments]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True)  # noqa: S603
        return json.loads(done.stdout)
