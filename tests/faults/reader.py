"""`python -m tests.faults.reader FOLDER`: open the snapshot and a file repeatedly, by path.

Prints "ready" after the first time. Ends with standard input, and prints as JSON what it saw.
"""

from __future__ import annotations

import json
import select
import sys
from contextlib import closing
from pathlib import Path

import duckdb


def looked(folder: Path) -> tuple[list[list[int]], set[str]]:
    """The versions and their number of rows in the snapshot, and the texts of the file."""
    with closing(duckdb.connect(str(folder / "samspil.duckdb"), read_only=True)) as snapshot:
        counted = snapshot.execute("SELECT n, COUNT(*) FROM results.results GROUP BY n").fetchall()
    return [list(row) for row in counted], set((folder / "results.csv").read_text().split())


def main(folder: Path) -> None:
    """Look until stopped."""
    times, errors = 0, []
    versions: set[int] = set()
    while not select.select([sys.stdin], [], [], 0)[0]:
        try:
            counted, texts = looked(folder)
        except Exception as error:
            # every kind of error is what this looks for
            errors.append(f"{type(error).__name__}: {error}")
            continue
        if len(counted) != 1 or counted[0][1] != 1000 or len(texts) != 1:
            errors.append(f"a mix: {counted} {sorted(texts)}")
        versions.add(counted[0][0])
        times += 1
        if times == 1:
            sys.stdout.write("ready\n")
            sys.stdout.flush()
    json.dump({"times": times, "versions": len(versions), "errors": errors}, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
