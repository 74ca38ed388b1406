"""The source of our code as one hash: a module, and all of ours it imports, followed in the text.

Comments, docstrings and layout do not count. Files beside a module that are not Python, such as a
template, count with it. Of libraries that compute, the installed version counts where one is
imported. A module with the line `WORDS_ONLY = True` has only words, names and places: no result
rests on it, and it is left out with what it imports. Nothing is imported to find this out.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.metadata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from runtime.paths import PACKAGES

# Imported names of the libraries that compute or read, whose version may change a result.
LIBRARIES = (
    "duckdb", "great_expectations", "numpy", "openpyxl", "ortools", "pandas", "pyreadstat", "scipy",
    "sqlglot", "statsmodels",
)  # fmt: skip
# The checkout whose code runs; the studies it reads may be elsewhere.
CODE = Path(__file__).resolve().parents[1]
WORDS_ONLY = "WORDS_ONLY"
PROSE = (".md", ".pyc")
LENGTH = 12


@dataclass(frozen=True)
class Source:
    """A module's text without words: its hash, what it imports, functions and names at its top."""

    digest: str
    imports: tuple[str, ...]
    top: frozenset[str]


def code_hash(*modules: str, root: Path = CODE) -> str:
    """One hash over the modules, what they import of ours, and the versions of libraries.

    LookupError where a module is not one of ours.
    """
    return _code_hash(modules, root, _stamps(root))


def sources(modules: Iterable[str], root: Path = CODE) -> dict[str, Source]:
    """The modules and all of ours they import, by name; imported libraries have no digest."""
    waiting = list(modules)
    found: dict[str, Source] = {}
    missing = [name for name in waiting if _file(name, root) is None]
    if missing:
        raise LookupError(f"{', '.join(missing)}: no module of {', '.join(PACKAGES)}")
    named = frozenset(waiting)
    while waiting:
        name = waiting.pop()
        path = _file(name, root)
        if name in found or (path is None and name.split(".")[0] in PACKAGES):
            continue  # a name within a module, which is imported itself
        source = Source("", (), frozenset()) if path is None else read_source(path)
        if WORDS_ONLY in source.top and name not in named:
            continue
        found[name] = source
        waiting += source.imports
    return found


def modules_with(function: str, packages: Iterable[str], root: Path = CODE) -> list[str]:
    """The modules of the packages that define a function of this name, in order."""
    found = []
    for package in packages:
        for path in sorted((root / package).rglob("*.py")):
            if function in read_source(path).top:
                parts = path.relative_to(root).with_suffix("").parts
                found.append(".".join(part for part in parts if part != "__init__"))
    return found


def read_source(path: Path) -> Source:
    """A module's text without its words."""
    return _read(path, _stamp(path))


@functools.lru_cache(maxsize=64)
def _code_hash(modules: tuple[str, ...], root: Path, _: object) -> str:
    found = sources(modules, root)
    digest = hashlib.sha256()
    folders = set()
    for name, source in sorted(found.items()):
        path = _file(name, root)
        if path is not None:
            folders.add(path.parent)
            digest.update(f"{name} {source.digest}\n".encode())
    for path in sorted(p for folder in folders for p in _beside(folder)):
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    used = {name.split(".")[0] for name in found}
    for library in LIBRARIES:
        if library in used:
            digest.update(f"{library}=={importlib.metadata.version(library)}\n".encode())
    return digest.hexdigest()[:LENGTH]


@functools.lru_cache(maxsize=2048)
def _read(path: Path, _: object) -> Source:
    tree = ast.parse(path.read_bytes())
    imports: dict[str, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imports |= dict.fromkeys(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            imports |= dict.fromkeys(f"{node.module}.{alias.name}" for alias in node.names)
            imports[node.module] = None
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [line for line in body if not _is_words(line)]  # type: ignore[attr-defined]
    names = [(n.split(".")[:end]) for n in imports for end in range(1, n.count(".") + 1)]
    imports |= dict.fromkeys(".".join(parts) for parts in names)
    top = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    for node in tree.body:
        if isinstance(node, ast.Assign):
            top += [target.id for target in node.targets if isinstance(target, ast.Name)]
    digest = hashlib.sha256(ast.dump(tree).encode()).hexdigest()
    return Source(digest, tuple(imports), frozenset(top))


def _is_words(node: ast.stmt) -> bool:
    """Whether a statement is a bare text: a docstring, of whatever it is."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _file(name: str, root: Path) -> Path | None:
    """Where a module of ours is; None for a library and for what is no module."""
    parts = name.split(".")
    if parts[0] not in PACKAGES:
        return None
    path = root.joinpath(*parts)
    for candidate in (path.with_name(f"{path.name}.py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


def _beside(folder: Path) -> list[Path]:
    kept = (p for p in folder.iterdir() if p.is_file() and p.suffix not in (".py", *PROSE))
    return [path for path in kept if not path.name.startswith(".")]


def _stamp(path: Path) -> tuple[int, int, int]:
    now = path.stat()
    return now.st_ino, now.st_size, now.st_mtime_ns


def _stamps(root: Path) -> frozenset[tuple[str, tuple[int, int, int]]]:
    """What tells whether anything was written since, so that unchanged code is hashed once."""
    files = (p for package in PACKAGES for p in (root / package).rglob("*"))
    return frozenset((str(p), _stamp(p)) for p in files if p.is_file() and p.suffix != ".pyc")
