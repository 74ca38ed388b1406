"""Gather what coverage.py recorded, as JSON on standard output: which context executed which lines.

Runs in a separate environment (`requirements-mutants.in`).

    .venv-mutants/bin/python tools/mutants/gather.py FOLDER ROOT
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any


def main(folder: Path, root: Path) -> None:
    """Print files, lines and contexts, and what `trace.py` wrote about the tests."""
    from coverage import CoverageData

    executed: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for path in sorted(folder.glob("lines*")):
        data = CoverageData(str(path))
        data.read()
        for file in data.measured_files():
            own = executed[str(Path(file).relative_to(root))]
            for line, contexts in data.contexts_by_lineno(file).items():
                own[line] |= set(contexts)
    record: dict[str, Any] = {"seconds": {}, "uses": {}, "failed": []}
    for path in sorted(folder.glob("tests-*.json")):
        part = json.loads(path.read_text(encoding="utf-8"))
        record["seconds"] |= part["seconds"]
        record["uses"] |= part["uses"]
        record["failed"] += part["failed"]
    json.dump(record | compact(executed), sys.stdout, ensure_ascii=False)


def compact(executed: dict[str, dict[int, set[str]]]) -> dict[str, Any]:
    """Contexts by number, and the lines of a file with the same contexts together."""
    numbers: dict[str, int] = {}
    files: dict[str, list[list[list[int]]]] = {}
    for file, lines in sorted(executed.items()):
        alike: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for line, contexts in lines.items():
            key = tuple(sorted(numbers.setdefault(name, len(numbers)) for name in contexts))
            alike[key].append(line)
        files[file] = [[sorted(own), list(key)] for key, own in alike.items()]
    return {"contexts": list(numbers), "files": files}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
