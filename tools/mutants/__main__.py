"""Break single lines of the code, run the tests that can see it, and write `docs/mutants.md`.

Cosmic Ray's operators make the mutants (`tools/mutants/draw.py`); lines are drawn from all packages
by a seed. Its own runner has no sample and one test command for all. Here each mutant meets the
test files that import its module, the nearest first, until one fails or `--seconds` of processor
time are used.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from runtime.paths import PACKAGES
from tools.mutants.page import REASONS, written
from tools.mutants.reach import Reach

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-mutants" / "bin" / "python"
DRAW = Path(__file__).with_name("draw.py")
TARGET, RESULTS = ROOT / "docs" / "mutants.md", ROOT / ".artifacts" / "mutants.json"
DRAWN_FROM = (*PACKAGES, "tools", "reconstruction")
CAUGHT, SURVIVED, UNDECIDED = "caught", "survived", "undecided"
# files that pytest loads at once: each start of it costs seconds
MOST_FILES = 12
FOUND, NOTHING_RUN = 1, 5
# of one test, to see whether it fails without the mutant
MOST_SECONDS = 600


@dataclass(frozen=True)
class Result:
    """The outcome of a mutant; `by` is the test that failed."""

    file: str
    line: int
    operator: str
    before: str
    after: str
    outcome: str
    by: str
    seconds: float


def main() -> int:
    """Run them; 0 if every mutant was caught or has its reason."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="mutants (200)")
    parser.add_argument("--seed", type=int, default=2015, help="of the sample (2015)")
    parser.add_argument("--seconds", type=int, default=300, help="processor time for one (300)")
    parser.add_argument("--first", type=int, help="only so many of the sample")
    options = parser.parse_args()
    drawn = draw(options.count, options.seed)[: options.first]
    results: list[Result] = []
    broken: set[str] = set()
    RESULTS.parent.mkdir(exist_ok=True)
    with copy() as root:
        reach = Reach(root, DRAWN_FROM)
        for number, mutant in enumerate(drawn, 1):
            results.append(judged(root, reach, mutant, options.seconds, broken))
            last = results[-1]
            print(f"{number}/{len(drawn)} {last.outcome:9} {last.file}:{last.line} "
                  f"{last.operator} {last.by} ({last.seconds:.0f} s)", flush=True)  # fmt: skip
            RESULTS.write_text(json.dumps([asdict(one) for one in results], indent=1), "utf-8")
    page, open_ones = written(
        [asdict(one) for one in results], options.count, options.seed, options.seconds
    )
    TARGET.write_text(page, encoding="utf-8")
    if broken:
        print(f"not used, as they fail without a mutant: {', '.join(sorted(broken))}")
    print(f"{TARGET.relative_to(ROOT)}; {open_ones} without a reason ({REASONS.name})")
    return int(open_ones > 0)


def draw(count: int, seed: int) -> list[dict[str, Any]]:
    """The sample, made in the environment that has Cosmic Ray."""
    command = [str(PYTHON), str(DRAW), str(ROOT), str(count), str(seed), *DRAWN_FROM]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    drawn: list[dict[str, Any]] = json.loads(done.stdout)
    return drawn


@contextmanager
def copy() -> Iterator[Path]:
    """The versioned files in another folder, so that the checkout never contains a mutant."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True  # noqa: S607
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="samspil-mutants-") as folder:
        for name in filter(None, listed.stdout.decode().split("\0")):
            if (ROOT / name).is_file():
                target = Path(folder) / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, target)
        yield Path(folder)


def judged(
    root: Path, reach: Reach, mutant: dict[str, Any], seconds: int, broken: set[str]
) -> Result:
    """Run the tests against one mutant; `broken` collects tests that fail without any."""
    path, started = root / mutant["file"], time.monotonic()
    before = path.read_text(encoding="utf-8")
    changed = changes(before, mutant["after"])
    outcome, by, left = SURVIVED, "", float(seconds)
    files = [file for level in reach.tests_of(mutant["file"]) for file in level]
    path.write_text(mutant["after"], encoding="utf-8")
    begin = 0
    try:
        while begin < len(files) and outcome == SURVIVED:
            code, by, used = pytest(root, files[begin : begin + MOST_FILES], int(left), broken)
            left -= used
            if code == FOUND and fails_anyway(root, path, before, mutant["after"], by):
                broken.add(by)
            elif code in (0, NOTHING_RUN):
                begin += MOST_FILES
                outcome = SURVIVED if left >= 1 else UNDECIDED
            else:
                # a signal: of the limit, or of a mutant that never ends
                outcome = CAUGHT if code > 0 else UNDECIDED
    finally:
        path.write_text(before, encoding="utf-8")
    return Result(
        mutant["file"], mutant["line"], mutant["operator"], *changed, outcome, by,
        time.monotonic() - started,
    )  # fmt: skip


def fails_anyway(root: Path, path: Path, before: str, after: str, test: str) -> bool:
    """Whether a test also fails without the mutant, and so proves nothing."""
    if not test:
        return False
    path.write_text(before, encoding="utf-8")
    code, _, _ = pytest(root, [test], MOST_SECONDS, ())
    path.write_text(after, encoding="utf-8")
    return code == FOUND


def pytest(
    root: Path, files: list[str], seconds: int, broken: Collection[str]
) -> tuple[int, str, float]:
    """Exit code, the test that failed, and the processor time that was used."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "--tb=no", "-rfE",
               "-p", "no:cacheprovider", "-m", "not long and not browser",
               *(f"--deselect={test}" for test in sorted(broken)), *files]  # fmt: skip
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with subprocess.Popen(  # noqa: S603
        command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True, env={**os.environ, "PYTHONPATH": str(root)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (seconds + 1, seconds + 2)),
    ) as process:  # fmt: skip
        lines, _ = process.communicate()
    # what a test started and left
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    failed = [line for line in lines.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    name = failed[0].split(" ")[1].split("[")[0] if failed else ""
    return process.returncode, name, used


def changes(before: str, after: str) -> tuple[str, str]:
    """The line that was changed, before and after."""
    lines = zip(before.splitlines(), after.splitlines(), strict=False)
    return next(((a.strip(), b.strip()) for a, b in lines if a != b), ("", ""))


if __name__ == "__main__":
    raise SystemExit(main())
