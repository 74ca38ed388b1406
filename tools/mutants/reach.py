"""Finds the test files that can detect a fault in a module, by imports, the nearest first."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterable
from pathlib import Path

TESTS = "tests"


def imports_of(path: Path, modules: Iterable[str]) -> set[str]:
    """The modules of ours that a file imports, wherever in it, or starts as `python -m MODULE`."""
    known, found = set(modules), set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names = [node.value]
        else:
            continue
        found |= known & set(names)
    return found


class Reach:
    """The imports of a checkout; `tests_of` says which tests to run for a file."""

    def __init__(self, root: Path, packages: Iterable[str]) -> None:
        self.paths = {
            _name(path.relative_to(root)): path
            for package in (*packages, TESTS)
            for path in sorted((root / package).rglob("*.py"))
        }
        self.root = root
        self.imported_by: dict[str, set[str]] = {name: set() for name in self.paths}
        for name, path in self.paths.items():
            for imported in imports_of(path, self.paths):
                self.imported_by[imported].add(name)

    def tests_of(self, file: str) -> list[list[str]]:
        """Test files that import the file: directly, through one module, through two, ..."""
        start = _name(Path(file))
        distance, waiting = {start: 0}, deque([start])
        while waiting:
            name = waiting.popleft()
            for user in sorted(self.imported_by[name]):
                if user not in distance:
                    distance[user] = distance[name] + 1
                    waiting.append(user)
        levels: dict[int, list[str]] = {}
        for name, steps in distance.items():
            if name.startswith(f"{TESTS}.") and name.rpartition(".")[2].startswith("test_"):
                levels.setdefault(steps, []).append(str(self.paths[name].relative_to(self.root)))
        return [sorted(levels[steps]) for steps in sorted(levels)]


def _name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
