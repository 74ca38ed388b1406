"""`python -m tests.faults.publishing FOLDER START`: publish in children killed at every step.

Each child is killed at its n-th operation on files, with n from 1 to the number of operations of a
whole publication. Prints as JSON what readers saw after each kill, and after a repetition without a
kill.
"""

from __future__ import annotations

import json
import shutil
import sys
from functools import partial
from pathlib import Path

from runtime.output_versions import VERSIONS, new_version
from tests.faults.killing import killed_at

PARTS = ("a.txt", "tables/b.txt", "tables/c.txt")
MOST = 400


def fill(folder: Path, token: str) -> None:
    """Three files that state their version."""
    for part in PARTS:
        path = folder / part
        path.parent.mkdir(exist_ok=True)
        path.write_text(token, encoding="utf-8")


def publish(link: Path, token: str) -> None:
    """A new version."""
    with new_version(link) as folder:
        fill(folder, token)


def seen(link: Path) -> list[str]:
    """The content of every promised file, and the names of all files."""
    texts = [(link / part).read_text(encoding="utf-8") for part in PARTS if (link / part).exists()]
    names = sorted(str(p.relative_to(link)) for p in link.rglob("*") if p.is_file())
    return [*sorted(set(texts)), *(names if names != sorted(PARTS) else [])]


def prepare(link: Path, start: str) -> None:
    """A folder in the initial state: missing, a real folder, or two versions."""
    shutil.rmtree(link.parent, ignore_errors=True)
    link.parent.mkdir(parents=True)
    if start == "folder":
        fill(link, "old")
    elif start == "versions":
        publish(link, "older")
        publish(link, "old")


def main(folder: str, start: str) -> None:
    """Kill at 1, 2, ... until a child finishes."""
    link = Path(folder) / "output" / "2015"
    told = []
    for at in range(1, MOST):
        prepare(link, start)
        if not killed_at(at, partial(publish, link, "new")):
            break
        after = seen(link)
        publish(link, "again")
        left = sorted(path.name for path in (link.parent / VERSIONS).rglob("*"))
        told.append({"at": at, "after": after, "again": seen(link), "left": left})
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
