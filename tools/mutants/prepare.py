"""The copy of the checkout in `.artifacts/mutants`, its sample of mutants and its traced tests."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from tools.mutants.probes import DRAWN, FOLDER, contexts_by_place

HERE = Path(__file__).resolve().parent
TESTS = "tests"
# exit code of pytest
SOME_FAILED = 1


@dataclass(frozen=True)
class Workplace:
    """A folder with `tree`, the copy that is traced, and one to break for each process.

    `drawn_from` are the packages mutants are drawn from.
    """

    root: Path
    folder: Path
    drawn_from: Sequence[str]

    @property
    def tree(self) -> Path:
        """The copy of all versioned files and new files, as they were at the first start."""
        return self.folder / "tree"

    @property
    def python(self) -> Path:
        """The environment that has Cosmic Ray."""
        return self.root / ".venv-mutants" / "bin" / "python"

    def copied(self) -> None:
        """Make the copy unless it exists."""
        if not self.tree.is_dir():
            self.copy(self.tree)

    def now(self) -> Path:
        """A second copy, of the checkout as it is now."""
        target = self.folder / "now"
        shutil.rmtree(target, ignore_errors=True)
        self.copy(target)
        return target

    def copy(self, target: Path) -> None:
        """Copy the files of the checkout."""
        part = self.folder / "part"
        shutil.rmtree(part, ignore_errors=True)
        for name in self.files():
            (part / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self.root / name, part / name)
        part.rename(target)

    def to_break(self, source: Path, number: int) -> Path:
        """A copy of a copy, fresh at each start: a stopped one may contain a mutant."""
        target = self.folder / f"broken{number}" / "tree"
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        return target

    def files(self) -> list[str]:
        """The versioned files and new files."""
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

    def traced(self, drawn: Sequence[Mapping[str, Any]], jobs: int) -> dict[str, Any]:
        """Which test executes which drawn line; the tests run once for it."""
        path, record = self.folder / "lines.json", self.folder / "traced"
        names = sorted(f"{one['file']}:{one['line']}" for one in drawn)
        found = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        if found.get("drawn") != names:
            shutil.rmtree(record, ignore_errors=True)
            record.mkdir()
            lines: dict[str, dict[str, list[int]]] = {}
            for one in drawn:
                own = lines.setdefault(str(self.tree / one["file"]), {})
                own.setdefault(one["file"], []).append(one["line"])
            (record / DRAWN).write_text(json.dumps(lines), encoding="utf-8")
            # what was compiled with the probes of another sample
            for cache in sorted(self.tree.rglob("__pycache__")):
                shutil.rmtree(cache)
            self.trace(record, jobs)
            found = {"drawn": names, "lines": contexts_by_place(record), **_tests(record)}
            path.write_text(json.dumps(found), encoding="utf-8")
        return dict(found)

    def trace(self, target: Path, jobs: int) -> None:
        """Run the tests with probes; some may fail, as the copy is not a repository."""
        child = self.tree / HERE.relative_to(self.root) / "child"
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "pytest", "-q", "-n", str(jobs), "--dist", "loadfile", "--tb=no",
             "-p", "no:cacheprovider", "-p", "tools.mutants.trace",
             "-m", "not long and not browser"],
            cwd=self.tree, check=False,
            env={**os.environ, FOLDER: str(target), "PYTHONPATH": f"{child}:{self.tree}"},
        )  # fmt: skip
        if done.returncode not in (0, SOME_FAILED):
            raise RuntimeError(f"the tests cannot be run: pytest ended with {done.returncode}")

    def changed_tests(self) -> list[str]:
        """The test files that are new or differ from those of the first copy."""
        return [
            name
            for name in self.files()
            if name.startswith(f"{TESTS}/") and Path(name).name.startswith("test_")
            and not _same(self.root / name, self.tree / name)
        ]  # fmt: skip

    def moved(self, mutant: Mapping[str, Any], root: Path) -> dict[str, Any] | None:
        """The mutant in a later copy, if its line still exists.

        Of several equal lines, the nearest.
        """
        path = root / mutant["file"]
        if not path.is_file():
            return None
        old = (self.tree / mutant["file"]).read_text(encoding="utf-8").splitlines(keepends=True)
        after = mutant["after"].splitlines(keepends=True)
        edits = [
            e for e in SequenceMatcher(None, old, after, False).get_opcodes() if e[0] != "equal"
        ]
        first, last = edits[0][1], edits[-1][2]
        block, other = old[first:last], after[edits[0][3] : edits[-1][4]]
        new = path.read_text(encoding="utf-8").splitlines(keepends=True)
        found = [at for at in range(len(new)) if block and new[at : at + len(block)] == block]
        if not found:
            return None
        at = min(found, key=lambda place: abs(place - first))
        return {**mutant, "after": "".join([*new[:at], *other, *new[at + len(block) :]])}

    def apart(self, script: str, *arguments: str) -> Any:
        """What a script prints in the other environment."""
        command = [str(self.python), str(HERE / script), *arguments]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True)  # noqa: S603
        return json.loads(done.stdout)


def _tests(record: Path) -> dict[str, Any]:
    """What `trace.py` wrote about the tests, of all processes."""
    found: dict[str, Any] = {"seconds": {}, "uses": {}, "failed": []}
    for path in sorted(record.glob("tests-*.json")):
        part = json.loads(path.read_text(encoding="utf-8"))
        # a process that waits for a shared run needs no time for it
        for name, used in part["seconds"].items():
            found["seconds"][name] = max(used, found["seconds"].get(name, 0))
        found["uses"] |= part["uses"]
        found["failed"] += part["failed"]
    return found


def _same(one: Path, other: Path) -> bool:
    return other.is_file() and one.read_bytes() == other.read_bytes()
