"""Functions of a run, and declarations, each with one operator or value changed at random.

Every asset whose result changes must be stale, or below one that is.
"""

from __future__ import annotations

import ast
import pstats
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

OTHER: dict[type[ast.AST], Any] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.And: ast.Or,
    ast.Or: ast.And,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """The `number`-th changeable place of a function; `line` is the function's first line."""

    file: Path
    function: str
    line: int
    number: int

    def apply(self, root: Path) -> str:
        """Write the file. Returns what was changed."""
        path = root / self.file
        module = ast.parse(path.read_text(encoding="utf-8"))
        told = change(places(found(module, self.function, self.line))[self.number])
        path.write_text(ast.unparse(module), encoding="utf-8")
        return f"{self.file.stem}.{self.function}, line {told}"


@dataclass(frozen=True)
class DeclaredMutant:
    """The `number`-th value of a declaration."""

    file: Path
    number: int

    def apply(self, root: Path) -> str:
        """Write the file again. Returns what was changed."""
        path = root / self.file
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        holder, key = values(data)[self.number]
        before = holder[key]
        holder[key] = other(before)
        text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False)
        path.write_text(text, encoding="utf-8")
        return f"{self.file.name}, {key}: {before!r:.40} to {holder[key]!r:.40}"


def drawn(
    code: Path, root: Path, profile: Path, own: tuple[str, ...], seed: int
) -> Iterator[Mutant]:
    """An endless draw of places in functions that were called, evenly over the folders `own`.

    `code` has the files as they are, `root` those for which the profile was made.
    """
    chance = random.Random(seed)
    called = []
    for name, line, function in pstats.Stats(str(profile)).stats:  # type: ignore[attr-defined]
        path = Path(name)
        if path.is_relative_to(root) and path.relative_to(root).parts[0] in own:
            called.append((path.relative_to(root), function, line))
    called.sort()
    while True:
        file, function, line = chance.choice(called)
        module = ast.parse((code / file).read_text(encoding="utf-8"))
        try:
            count = len(places(found(module, function, line)))
        except LookupError:
            continue  # a comprehension, a lambda, a class
        if count:
            yield Mutant(file, function, line, chance.randrange(count))


def drawn_declared(code: Path, study: Path, seed: int) -> Iterator[DeclaredMutant]:
    """An endless draw of values, evenly over the declarations of a study."""
    chance = random.Random(seed)
    files = [
        path.relative_to(code)
        for path in sorted((code / study).rglob("*.yaml"))
        if not {"waves", "proofs"} & set(path.parts)
    ]
    while True:
        file = chance.choice(files)
        count = len(values(yaml.safe_load((code / file).read_text(encoding="utf-8"))))
        if count:
            yield DeclaredMutant(file, chance.randrange(count))


def values(data: Any) -> list[tuple[Any, Any]]:
    """Positions of the values of a document that are not lists or mappings: container and key."""
    inner = data.items() if isinstance(data, dict) else enumerate(data)
    found = list[tuple[Any, Any]]()
    for key, value in inner:
        if isinstance(value, dict | list):
            found += values(value)
        elif isinstance(value, str | int | float):
            found.append((data, key))
    return found


def other(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    return f"{value}x" if isinstance(value, str) else value + 1


def found(module: ast.Module, function: str, line: int) -> ast.FunctionDef:
    """The function that begins at the place, including decorators. LookupError if there is none."""
    for node in ast.walk(module):
        if not isinstance(node, ast.FunctionDef) or node.name != function:
            continue
        if line in (node.lineno, *(d.lineno for d in node.decorator_list)):
            return node
    raise LookupError(function)


def places(function: ast.FunctionDef) -> list[Any]:
    """Operators and constants of the body, without docstrings."""
    told = [n.value for n in ast.walk(function) if isinstance(n, ast.Expr)]
    nodes = (node for statement in function.body for node in ast.walk(statement))
    return [node for node in nodes if node not in told and _changes(node)]


def _changes(node: ast.AST) -> bool:
    if isinstance(node, ast.Compare):
        return type(node.ops[0]) in OTHER
    if isinstance(node, ast.BinOp | ast.BoolOp):
        return type(node.op) in OTHER
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float | str)


def change(node: Any) -> str:
    """Change a position; returns its line and the new value."""
    if isinstance(node, ast.Compare):
        node.ops[0] = OTHER[type(node.ops[0])]()
    elif isinstance(node, ast.BinOp | ast.BoolOp):
        node.op = OTHER[type(node.op)]()
    else:
        node.value = other(node.value)
    return f"{node.lineno}: {ast.unparse(node)[:60]}"
