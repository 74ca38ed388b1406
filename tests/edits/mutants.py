"""Functions of a run, each with one operator or constant changed at random.

Whatever a run comes to otherwise by such a change has to be stale, or to stand below what is.
"""

from __future__ import annotations

import ast
import pstats
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OTHER: dict[type[ast.AST], Any] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.And: ast.Or,
    ast.Or: ast.And,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """The `number`-th place of a function that can be changed; `line` is the function's first."""

    file: Path
    function: str
    line: int
    number: int

    def apply(self, root: Path) -> str:
        """Write the file; what was changed."""
        path = root / self.file
        module = ast.parse(path.read_text(encoding="utf-8"))
        told = change(places(found(module, self.function, self.line))[self.number])
        path.write_text(ast.unparse(module), encoding="utf-8")
        return f"{self.file.stem}.{self.function}, line {told}"


def drawn(root: Path, profile: Path, own: tuple[str, ...], seed: int) -> Iterator[Mutant]:
    """Without end: functions that were called, of the folders `own` and evenly, a place in each."""
    chance = random.Random(seed)
    called = []
    for name, line, function in pstats.Stats(str(profile)).stats:  # type: ignore[attr-defined]
        path = Path(name)
        if path.is_relative_to(root) and path.relative_to(root).parts[0] in own:
            called.append((path.relative_to(root), function, line))
    called.sort()
    while True:
        file, function, line = chance.choice(called)
        module = ast.parse((root / file).read_text(encoding="utf-8"))
        try:
            count = len(places(found(module, function, line)))
        except LookupError:
            continue  # a comprehension, a lambda, a class
        if count:
            yield Mutant(file, function, line, chance.randrange(count))


def found(module: ast.Module, function: str, line: int) -> ast.FunctionDef:
    """LookupError where no function of the name begins there, decorators counted in."""
    for node in ast.walk(module):
        if not isinstance(node, ast.FunctionDef) or node.name != function:
            continue
        if line in (node.lineno, *(d.lineno for d in node.decorator_list)):
            return node
    raise LookupError(function)


def places(function: ast.FunctionDef) -> list[Any]:
    """Operators and constants of the body, but for docstrings."""
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
    """Change a place; its line, and what stands there now."""
    if isinstance(node, ast.Compare):
        node.ops[0] = OTHER[type(node.ops[0])]()
    elif isinstance(node, ast.BinOp | ast.BoolOp):
        node.op = OTHER[type(node.op)]()
    elif isinstance(node.value, bool):
        node.value = not node.value
    else:
        node.value += "x" if isinstance(node.value, str) else 1
    return f"{node.lineno}: {ast.unparse(node)[:60]}"
