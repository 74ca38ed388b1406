"""One hash of our source code: a module and, transitively, all our modules it imports.

Comments, docstrings and layout do not change the hash. Other files next to a module, such as
templates, are part of it. So are the installed versions of imported libraries that compute. A
module that runs in another process counts as imported if a text of the code is its name: `"a.b"`,
or `"b.py"` in the same package. A module with the line `WORDS_ONLY = True` contains only words,
names and paths that affect no result. The hash leaves it out, with its imports. Modules are parsed,
not imported.
"""

from __future__ import annotations

import ast
import atexit
import functools
import hashlib
import importlib.metadata
import json
import os
import re
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from runtime.paths import PACKAGES

# Import names of libraries whose version may change a result.
LIBRARIES = (
    "duckdb", "great_expectations", "numpy", "openpyxl", "ortools", "pandas", "pyreadstat", "scipy",
    "sqlglot", "statsmodels",
)  # fmt: skip
# The checkout whose code runs. Studies may be in another folder.
CODE = Path(__file__).resolve().parents[1]
WORDS_ONLY = "WORDS_ONLY"
PROSE, CACHE = ".md", "__pycache__"
# The cache of parsed files, next to the compiled code. Another edition of this module has another.
OWN = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
KEPT = Path(__file__).with_name(CACHE) / f"sources.{OWN}.json"
# The name of a module that another process runs, or its file.
NAMED = re.compile(rf"(?:{'|'.join(PACKAGES)})(?:\.\w+)+|\w+\.py")
LENGTH = 12
Stamp = tuple[int, ...]


@dataclass(frozen=True)
class Source:
    """A parsed module: its hash, its imports, and the functions and names at its top level."""

    digest: str
    imports: tuple[str, ...]
    top: tuple[str, ...]


def code_hash(*modules: str, words: bool = False, root: Path = CODE) -> str:
    """One hash over the modules, our modules they import, and versions of libraries.

    `words` includes modules that contain only words. Raises LookupError if a module is not ours.
    """
    return _code_hash(modules, words, _Code.below(root))


def running_hash(*modules: str, words: bool = False) -> str:
    """`code_hash` of the code that this process runs; computed once, as imports do not change."""
    return _code_hash(modules, words, _running())


@functools.cache
def _running() -> _Code:
    return _Code.below(CODE)


def code_files(*modules: str, root: Path = CODE) -> list[Path]:
    """The files that `code_hash` reads, including modules that contain only words."""
    code = _Code.below(root)
    own, _ = code.imported_by(modules, words=True)
    files = {code.paths[name][0] for name in own}
    return sorted({*files, *code.beside(files)})


def modules_with(function: str, packages: Iterable[str], root: Path = CODE) -> list[str]:
    """The modules of the packages that define a function of this name, in order."""
    code = _Code.below(root)
    return [
        name
        for package in packages
        for name in sorted(n for n in code.paths if n.split(".")[0] == package)
        if function in code.module(name).top
    ]


class _Code:
    """All modules of our packages at one point in time, by name; read on demand."""

    def __init__(self, files: Iterable[tuple[Path, Stamp]], root: Path) -> None:
        self.paths: dict[str, tuple[Path, Stamp]] = {}
        self.others: list[Path] = []
        for path, stamp in files:
            if path.suffix != ".py":
                self.others.append(path)
                continue
            parts = path.relative_to(root).with_suffix("").parts
            self.paths[".".join(part for part in parts if part != "__init__")] = path, stamp

    def module(self, name: str) -> Source:
        """A module without comments, docstrings and layout."""
        path, stamp = self.paths[name]
        kept = _kept().get(str(path))
        if kept is None or kept[0] != list(stamp):
            kept = _kept()[str(path)] = [list(stamp), *astuple(_read(path))]
        return Source(*kept[1:])

    @staticmethod
    def below(root: Path) -> _Code:
        """The current modules; an unchanged file is read once."""
        found = sorted(p for package in PACKAGES for p in (root / package).rglob("*.*"))
        files = [p for p in found if p.suffix != PROSE and CACHE not in p.parts and p.is_file()]
        return _code_below(root, tuple((path, _stamp(path)) for path in files))

    def imported_by(self, names: Iterable[str], *, words: bool) -> tuple[set[str], set[str]]:
        """The modules and, transitively, all our modules they import; and the imported libraries.

        A name within a module is ignored, because the module itself is imported too.
        """
        waiting = list(names)
        own, libraries = set(waiting), set[str]()
        while waiting:
            module = waiting.pop()
            for name in self.module(module).imports:
                if name.endswith(".py"):
                    name = f"{module.rpartition('.')[0]}.{name.removesuffix('.py')}"
                if name not in self.paths:
                    libraries.add(name.split(".")[0])
                elif name not in own and (words or WORDS_ONLY not in self.module(name).top):
                    own.add(name)
                    waiting.append(name)
        return own, libraries

    def beside(self, files: Iterable[Path]) -> list[Path]:
        """Files other than Python in the packages of the files and in their subfolders."""
        folders, packages = (
            {path.parent for path in files},
            {p.parent for p, _ in self.paths.values()},
        )
        return [p for p in self.others if next(f for f in p.parents if f in packages) in folders]


@functools.lru_cache(maxsize=4)
def _code_below(root: Path, files: tuple[tuple[Path, Stamp], ...]) -> _Code:
    return _Code(files, root)


@functools.lru_cache(maxsize=256)
def _code_hash(modules: tuple[str, ...], words: bool, code: _Code) -> str:
    missing = [name for name in modules if name not in code.paths]
    if missing:
        raise LookupError(f"{', '.join(missing)}: no module of {', '.join(PACKAGES)}")
    own, libraries = code.imported_by(modules, words=words)
    digest = hashlib.sha256()
    for name in sorted(own):
        digest.update(f"{name} {code.module(name).digest}\n".encode())
    for path in code.beside(code.paths[name][0] for name in own):
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    for library in sorted(libraries & set(LIBRARIES)):
        digest.update(f"{library}=={_version(library)}\n".encode())
    return digest.hexdigest()[:LENGTH]


@functools.cache
def _version(library: str) -> str:
    return importlib.metadata.version(library)


@functools.cache
def _kept() -> dict[str, list[Any]]:
    """The parsed content of each file with its time stamp, from this process or an earlier one.

    Parsing takes most of the time of a run that has nothing to compute.
    """
    try:
        kept: dict[str, list[Any]] = json.loads(KEPT.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        kept = {}
    atexit.register(_keep, kept, repr(kept))
    return kept


def _keep(kept: dict[str, list[Any]], before: str) -> None:
    if repr(kept) == before:
        return
    scratch = KEPT.with_name(f".{KEPT.name}.{os.getpid()}")
    try:
        scratch.write_text(json.dumps(kept), encoding="utf-8")
        scratch.replace(KEPT)
    except OSError:
        scratch.unlink(missing_ok=True)  # the checkout is read-only


def _read(path: Path) -> Source:
    content = path.read_bytes()
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError):
        # importing the module reports the error
        return Source(hashlib.sha256(content).hexdigest(), (), ())
    parts: list[Any] = []
    imports: dict[str, None] = {}
    _flatten(tree, parts, imports)
    # importing a module imports its packages first
    names = [[name] if name.endswith(".py") else name.split(".") for name in imports]
    every = dict.fromkeys(".".join(n[:end]) for n in names for end in range(1, len(n) + 1))
    top = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    for node in tree.body:
        if isinstance(node, ast.Assign):
            top += [target.id for target in node.targets if isinstance(target, ast.Name)]
    digest = hashlib.sha256(repr(parts).encode()).hexdigest()
    return Source(digest, tuple(every), tuple(top))


def _flatten(node: Any, parts: list[Any], imports: dict[str, None]) -> None:
    """A syntax tree without words and positions, as a list of parts, and its imports."""
    if isinstance(node, list):
        parts.append("[")
        for one in node:
            if not _is_words(one):
                _flatten(one, parts, imports)
        parts.append("]")
    elif isinstance(node, ast.AST):
        if isinstance(node, ast.Import):
            imports |= dict.fromkeys(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            imports |= dict.fromkeys(f"{node.module}.{alias.name}" for alias in node.names)
        parts.append(type(node).__name__)
        for name in node._fields:
            _flatten(getattr(node, name, None), parts, imports)
    else:
        if isinstance(node, str) and NAMED.fullmatch(node):
            imports[node] = None
        parts.append(node)


def _is_words(node: Any) -> bool:
    """Whether a statement is a bare string, such as a docstring."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _stamp(path: Path) -> Stamp:
    now = path.stat()
    return now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns
