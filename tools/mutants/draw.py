"""Draw mutants of single lines with the operators of Cosmic Ray, as JSON on standard output.

Runs in a separate environment (`requirements-mutants.in`), which has none of our packages.

    .venv-mutants/bin/python tools/mutants/draw.py ROOT COUNT SEED PACKAGE...
"""

from __future__ import annotations

import ast
import json
import random
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Each operator is replaced only by one of its family. With all eleven replacements it would crowd
# out other mutations.
LEFT_OUT = ("core/VariableReplacer", "core/VariableInserter")


def main(root: Path, count: int, seed: int, packages: list[str]) -> None:
    """Print `count` mutants. Each package gets lines in proportion to its code, at least one."""
    chance = random.Random(seed)
    files = {package: sorted((root / package).rglob("*.py")) for package in packages}
    lengths = {path: len(path.read_bytes().splitlines()) for own in files.values() for path in own}
    total = sum(lengths.values())
    exact = {
        package: count * sum(lengths[path] for path in own) / total
        for package, own in files.items()
    }
    shares = {package: max(1, int(share)) for package, share in exact.items()}
    for package in sorted(exact, key=lambda one: shares[one] - exact[one]):
        shares[package] += sum(shares.values()) < count
    known: dict[Path, dict[int, list[tuple[str, int]]]] = {}
    drawn: list[dict[str, Any]] = []
    for package, share in shares.items():
        taken: set[tuple[Path, int]] = set()
        weights = [lengths[path] for path in files[package]]
        while len(taken) < share:
            (path,) = chance.choices(files[package], weights)
            line = chance.randrange(1, lengths[path] + 1)
            if path not in known:
                known[path] = mutations_by_line(path.read_text(encoding="utf-8"))
            mutant = (path, line) not in taken and one_of(path, line, known[path], chance)
            if mutant:
                taken.add((path, line))
                drawn.append({"file": str(path.relative_to(root)), "line": line, **mutant})
    # the order covers all packages early, so a run may be stopped in the middle
    chance.shuffle(drawn)
    json.dump(drawn, sys.stdout, ensure_ascii=False)


def mutations_by_line(source: str) -> dict[int, list[tuple[str, int]]]:
    """The mutations of every line, as operator and occurrence."""
    from cosmic_ray.ast import ast_nodes, get_ast

    found = defaultdict(list)
    nodes = list(ast_nodes(get_ast(source)))
    for name, operator in operators():
        places = (start for node in nodes for start, _ in operator.mutation_positions(node))
        for occurrence, (line, _) in enumerate(places):
            found[line].append((name, occurrence))
    return found


def operators() -> Iterator[tuple[str, Any]]:
    """Cosmic Ray's operators that need no settings."""
    from cosmic_ray.plugins import get_operator, operator_names

    for name in operator_names():
        if name not in LEFT_OUT:
            yield name, get_operator(name)()


def one_of(
    path: Path, line: int, known: dict[int, list[tuple[str, int]]], chance: random.Random
) -> dict[str, str]:
    """One mutation of a line that changes what the code does; empty if there is none."""
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    families = defaultdict(list)
    for name, occurrence in known.get(line, ()):
        families[name.split("_")[0]].append((name, occurrence))
    source = path.read_text(encoding="utf-8")
    for family in chance.sample(sorted(families), len(families)):
        name, occurrence = chance.choice(families[family])
        after = mutate_code(source, get_operator(name)(), occurrence)
        if after is not None and differs(source, after):
            return {"operator": name.removeprefix("core/"), "after": after}
    return {}


def differs(before: str, after: str) -> bool:
    """Whether both versions compile and differ in more than annotations of functions."""
    try:
        return meaning(before) != meaning(after)
    except SyntaxError:
        return False


def meaning(source: str) -> str:
    """The syntax tree without annotations in and of functions, because nothing evaluates them."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
            for argument in ast.walk(node.args):
                if isinstance(argument, ast.arg):
                    argument.annotation = None
            for inner in ast.walk(node):
                if isinstance(inner, ast.AnnAssign):
                    inner.annotation = ast.Constant(None)
    return ast.dump(tree)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
