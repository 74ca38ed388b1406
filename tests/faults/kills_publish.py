"""`make kills`, second part: `samspil publish` killed at random moments.

After each kill readers must have what the run published, byte for byte, with all files of workbook,
document, charts and packages or none of them. Each of these files must open. The next publication
must succeed without any cleaning.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path

from runtime.output_versions import RECORD
from tests.chain import WAVE
from tests.checkout import Checkout
from tests.faults.killed_commands import finished, killed, report, start, told

PUBLISH = ("publish", "--wave", WAVE)
FILES = "report/data/files.js"
ZIPPED = (".xlsx", ".docx", ".zip")


def listed(folder: Path) -> set[str]:
    """The files that the site offers."""
    text = (folder / FILES).read_text(encoding="utf-8")
    return set(json.loads(text.partition("=")[2].rstrip().rstrip(";"))["files"])


def broken(folder: Path) -> list[str]:
    """Files that do not open in the format of their name."""
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
    """Kill `--count` publications. Returns 0 if no fault was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kills_publish")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=2015)
    options = parser.parse_args(arguments)
    chance, counts, faults = random.Random(options.seed), Counter[str](), list[str]()
    with tempfile.TemporaryDirectory(prefix="samspil_kills_") as folder:
        root = Path(folder)
        checkout = Checkout.create(root)
        if failed := finished(root, "run", "--wave", WAVE):
            raise RuntimeError(failed)
        of_run = checkout.published()
        duration, all_names = 0.0, set[str]()
        for number in range(options.count):
            # how long it takes is known from the first that is not killed
            moment = chance.uniform(0.0, duration or 15.0)
            if not killed(start(root, *PUBLISH), moment):
                counts["over before the kill"] += 1
            seen = checkout.published()
            added = set(seen) - set(of_run)
            saw = "all of it" if all_names and added == all_names else "some of it"
            saw = saw if added else "none of it"
            counts[f"killed, readers saw {saw}"] += 1
            # the first complete publication says what all of it is
            if saw == "some of it" and all_names:
                faults.append(f"after {moment:.1f} s readers saw {sorted(all_names ^ added)}")
            changed = (name for name in of_run if seen.get(name) != of_run[name])
            # the list of files on the site, and the record with its hash, name what was added
            if wrong := [name for name in changed if name not in (FILES, RECORD)]:
                faults.append(f"after {moment:.1f} s other files of the run: {wrong}")
            if FILES in seen and listed(checkout.output) - set(seen):
                faults.append(f"after {moment:.1f} s the site lists files that are not there")
            faults += [f"after {moment:.1f} s {each}" for each in broken(checkout.output)]
            started = time.monotonic()
            if failed := finished(root, *PUBLISH):
                faults.append(f"after {moment:.1f} s the next failed: {failed[-500:]}")
            duration = time.monotonic() - started
            again = set(checkout.published()) - set(of_run)
            all_names = all_names or again
            if again != all_names or not (checkout.output / RECORD).exists():
                faults.append(f"after {moment:.1f} s the next gave {sorted(all_names ^ again)}")
            told(f"{number + 1}: {moment:6.2f} s  {saw}")
    return report(counts, faults)


if __name__ == "__main__":
    raise SystemExit(main())
