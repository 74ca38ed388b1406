"""`make kills`, second part: `samspil publish` killed at random moments.

After each kill readers must have what the run published, byte for byte, with all of the workbook,
document, charts and packages or none of them; and each of these must open. The publication that
follows without any cleaning must end well.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path

from pipelines.run.fingerprint import RECORD
from tests.chain import WAVE
from tests.checkout import REPOSITORY, Checkout

MOST_SECONDS = 900.0
FILES = "report/data/files.js"
ZIPPED = (".xlsx", ".docx", ".zip")


def start(root: Path, command: str) -> subprocess.Popen[bytes]:
    """A command on the wave, as a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli", command, "--wave", WAVE],
        cwd=REPOSITORY,
        env=os.environ | {"SAMSPIL_ROOT": str(root), "DAGSTER_HOME": str(root / ".dagster_home")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def finished(root: Path, command: str) -> str:
    """Run a command to its end; what it said to standard error, where it failed."""
    process = start(root, command)
    said = process.communicate(timeout=MOST_SECONDS)[1].decode()
    return "" if process.returncode == 0 else said or f"code {process.returncode}"


def listed(folder: Path) -> set[str]:
    """The files that the site offers."""
    text = (folder / FILES).read_text(encoding="utf-8")
    return set(json.loads(text.partition("=")[2].rstrip().rstrip(";"))["files"])


def broken(folder: Path) -> list[str]:
    """Files that do not open as what they are named."""
    found = []
    for path in sorted(folder.rglob("*")):
        try:
            if path.suffix in ZIPPED:
                with zipfile.ZipFile(path) as archive:
                    assert archive.testzip() is None
            elif path.suffix == ".json":
                json.loads(path.read_bytes())
        except (OSError, ValueError, AssertionError, zipfile.BadZipFile) as error:
            found.append(f"{path.name}: {error}")
    return found


def main(arguments: list[str] | None = None) -> int:
    """Kill `--count` publications; 0 where nothing was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kills_publish")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=2015)
    options = parser.parse_args(arguments)
    chance, counts, faults = random.Random(options.seed), Counter[str](), list[str]()
    with tempfile.TemporaryDirectory(prefix="samspil_kills_") as folder:
        root = Path(folder)
        checkout = Checkout.create(root)
        if failed := finished(root, "run"):
            raise RuntimeError(failed)
        of_run = checkout.published()
        duration, all_names = 0.0, set[str]()
        for number in range(options.count):
            # how long it takes is known from the first that is not killed
            moment = chance.uniform(0.0, duration or 15.0)
            process = start(root, "publish")
            try:
                process.wait(timeout=moment)
                counts["over before the kill"] += 1
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            seen = checkout.published()
            added = set(seen) - set(of_run)
            told = "all of it" if all_names and added == all_names else "some of it"
            told = told if added else "none of it"
            counts[f"killed, readers saw {told}"] += 1
            # the first complete publication says what all of it is
            if told == "some of it" and all_names:
                faults.append(f"after {moment:.1f} s readers saw {sorted(all_names ^ added)}")
            changed = (name for name in of_run if seen.get(name) != of_run[name])
            # the list of files on the site, and the record with its hash, name what was added
            if wrong := [name for name in changed if name not in (FILES, RECORD)]:
                faults.append(f"after {moment:.1f} s other files of the run: {wrong}")
            if FILES in seen and listed(checkout.output) - set(seen):
                faults.append(f"after {moment:.1f} s the site lists files that are not there")
            faults += [f"after {moment:.1f} s {each}" for each in broken(checkout.output)]
            started = time.monotonic()
            if failed := finished(root, "publish"):
                faults.append(f"after {moment:.1f} s the next failed: {failed[-500:]}")
            duration = time.monotonic() - started
            again = set(checkout.published()) - set(of_run)
            all_names = all_names or again
            if again != all_names or not (checkout.output / RECORD).exists():
                faults.append(f"after {moment:.1f} s the next gave {sorted(all_names ^ again)}")
            sys.stdout.write(f"{number + 1}: {moment:6.2f} s  {told}\n")
            sys.stdout.flush()
    for what, count in sorted(counts.items()):
        sys.stdout.write(f"{count:5} {what}\n")
    for fault in faults:
        sys.stdout.write(f"FAULT {fault}\n")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
