"""Probes: which test executes the drawn lines, at the cost of these lines alone.

A probe is a call before the statement of a drawn line, put in while Python compiles a module of the
traced copy. Its files stay as they are. Tracing every line takes three times as long.

Processes that a test starts have the probes too (`child/sitecustomize.py`).
"""

from __future__ import annotations

import ast
import builtins
import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from importlib.machinery import (
    BYTECODE_SUFFIXES,
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    SourceFileLoader,
    SourcelessFileLoader,
)
from pathlib import Path
from types import CodeType
from typing import Any

# the name of the call, among the builtins
HIT = "__samspil_hit__"
# the context of a process and the folder for its record; files and drawn lines are in the folder
CONTEXT, FOLDER, DRAWN = "SAMSPIL_TEST", "SAMSPIL_TRACE", "drawn.json"
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Recorder:
    """Records each place once per context, in a file of this process and of those it forks."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / f"hits-{os.getpid()}"
        self.context = os.environ.get(CONTEXT, "")
        self.seen: set[tuple[str, str]] = set()

    def __call__(self, place: str) -> None:
        """A statement is about to be executed."""
        if (self.context, place) in self.seen:
            return
        self.seen.add((self.context, place))
        line = json.dumps([self.context, place]) + "\n"
        # at once, as tests kill processes; not where a test leaves no space or rights
        with suppress(OSError):
            file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            os.write(file, line.encode())
            os.close(file)


class Probing(SourceFileLoader):
    """Loads modules, those with drawn lines with their probes."""

    drawn: Mapping[str, Mapping[str, list[int]]] = {}

    def source_to_code(self, data: Any, path: Any, *, _optimize: int = -1) -> CodeType:  # type: ignore[override]
        """Compile a module."""
        for file, lines in self.drawn.get(str(path), {}).items():
            data = with_probes(ast.parse(data), file, lines)
        return super().source_to_code(data, path, _optimize=_optimize)


def install(folder: Path) -> None:
    """Load all modules from here on with probes, in this process and in those it forks."""
    recorder = Recorder(folder)
    setattr(builtins, HIT, recorder)
    Probing.drawn = json.loads((folder / DRAWN).read_text(encoding="utf-8"))
    loaders = (
        (ExtensionFileLoader, EXTENSION_SUFFIXES),
        (Probing, SOURCE_SUFFIXES),
        (SourcelessFileLoader, BYTECODE_SUFFIXES),
    )
    sys.path_hooks.insert(0, FileFinder.path_hook(*loaders))
    sys.path_importer_cache.clear()


def switch_to(context: str) -> None:
    """From here on places count for this test or fixture."""
    os.environ[CONTEXT] = context
    getattr(builtins, HIT).context = context


def contexts_by_place(folder: Path) -> dict[str, list[str]]:
    """The contexts of each place."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in folder.glob("hits-*"):
        for line in path.read_text(encoding="utf-8").splitlines():
            context, place = json.loads(line)
            found[place].add(context)
    return {place: sorted(contexts - {""}) for place, contexts in sorted(found.items())}


def with_probes(tree: ast.Module, file: str, lines: Iterable[int]) -> ast.Module:
    """The module with a probe for each of the lines."""
    blocks: dict[int, list[ast.stmt]] = {}
    wanted: dict[tuple[int, int], list[int]] = defaultdict(list)
    for line in lines:
        for block, at in probe_spots(tree, line):
            blocks[id(block)] = block
            wanted[id(block), at].append(line)
    for (block_id, at), own in sorted(wanted.items(), reverse=True):
        block = blocks[block_id]
        near = block[min(at, len(block) - 1)]
        block[at:at] = [ast.copy_location(_call(f"{file}:{line}"), near) for line in own]
    return ast.fix_missing_locations(tree)


def probe_spots(tree: ast.Module, line: int) -> list[tuple[list[ast.stmt], int]]:
    """Where to put the probes of a line, as blocks and positions in them.

    A statement has one before it. A decorator or a default has one where its function starts. A
    line of a module or a class is executed at import: it has one where each function starts.
    """
    functions = [node for node in ast.walk(tree) if isinstance(node, Function)]
    for one in functions:
        start = min([one.lineno, *(item.lineno for item in one.decorator_list)])
        if start <= line < one.body[0].lineno:
            return [_start(one)]
    if not any(one.body[0].lineno <= line <= _end(one) for one in functions):
        return [_start(one) for one in functions]
    around = [
        (block, at, _end(statement) - statement.lineno)
        for block in _blocks(tree)
        for at, statement in enumerate(block)
        if statement.lineno <= line <= _end(statement)
    ]
    block, at, _ = min(around, key=lambda found: found[2])
    return [(block, at)]


def _blocks(tree: ast.AST) -> Iterable[list[ast.stmt]]:
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list) and block:
                yield block


def _start(function: Function) -> tuple[list[ast.stmt], int]:
    documented = ast.get_docstring(function, clean=False) is not None
    return function.body, int(documented)


def _end(statement: ast.stmt) -> int:
    return statement.end_lineno or statement.lineno


def _call(place: str) -> ast.Expr:
    return ast.Expr(ast.Call(ast.Name(HIT, ast.Load()), [ast.Constant(place)], []))
