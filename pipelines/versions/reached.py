"""What a function reaches, as one hash: itself and everything of ours it calls, as compiled.

Comments, docstrings and line breaks change nothing. What only words pages (metadata, column
descriptions) is not followed. On what object a method is called is unknown, so every method of
ours with that name counts: too many functions may be taken in. Followed are names of a module,
what decorators wrapped, functions held by a closure, by a container or by an object of ours, plain
values, and files that stand beside the code. What a name of a function is only looked up by at run
time (getattr with a text that is put together) is not seen.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import importlib.metadata
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from numbers import Number
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import dagster as dg

from pipelines.versions.canonical import canonical
from runtime.paths import PACKAGES

OURS = PACKAGES
# words on pages: renewed with the next materialization, never the reason for one
PRESENTATION = (
    "assets.step.columns", "assets.step.metadata", "assets.step.names", "assets.step.workspace",
    "assets.step.lineage", "runtime.second_process", "runtime.wave_lock", "runtime.paths",
)  # fmt: skip
DECLARATIONS = "declarations"
LIBRARIES = ("duckdb", "numpy", "pandas", "scipy", "statsmodels")
METHODS = (FunctionType, property, functools.cached_property, classmethod, staticmethod)
CONTAINERS = (Mapping, set, frozenset, list, tuple)
CONSTANTS = (str, bytes, Number, date, timedelta, range, re.Pattern, *CONTAINERS)
READERS = ("read", "load", "_read", "_load")
PLACES = tuple(Path(__file__).parents[2] / name for name in OURS)
HAS_DOCSTRING = 0x4000000
LENGTH = 12


def code_version(*functions: Any, declared: Any = None, uses: Collection[str] | None = None) -> str:
    """Hash of the functions, of all of ours they reach, and of what is declared.

    `uses` keeps, of functions that are looked up by name in a mapping, those with these names.
    """
    digest = hashlib.sha256(_libraries())
    for text in sorted(_reached(functions, None if uses is None else frozenset(uses))):
        digest.update(text)
    digest.update(canonical(declared).encode())
    return digest.hexdigest()[:LENGTH]


@functools.cache
def _libraries() -> bytes:
    """Whoever computes with another version of these may get other figures."""
    return "".join(f"{n}=={importlib.metadata.version(n)}\n" for n in LIBRARIES).encode()


def _nested(code: CodeType) -> Iterator[CodeType]:
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield const
            yield from _nested(const)


def _reached(functions: Iterable[Any], uses: frozenset[str] | None) -> set[bytes]:
    """What stands in the hash for everything the functions lead to."""
    found: set[bytes] = set()
    seen: set[int] = set()
    modules: set[str] = set()
    called: set[str] = set()
    waiting = list(functions)
    while waiting:
        while waiting:
            one = waiting.pop()
            if id(one) in seen:
                continue
            seen.add(id(one))
            text, more, names = _parts(one, uses)
            found.add(text)
            waiting.extend(more)
            called.update(names)
            modules.add(str(getattr(one, "__module__", "")))
        # an object can only be of a class whose module was reached, or of a declaration's
        waiting = [
            method
            for name in called
            for module, method in _methods().get(name, ())
            if id(method) not in seen and (module in modules or module.startswith(DECLARATIONS))
        ]
    return found


def _parts(one: Any, uses: frozenset[str] | None) -> tuple[bytes, list[Any], tuple[str, ...]]:
    """The hash's text of a function, class or constant, what it leads to, and names it calls."""
    if isinstance(one, FunctionType):
        return _function_parts(one)
    if isinstance(one, property | functools.cached_property):
        return b"", [one.fget if isinstance(one, property) else one.func], ()
    if isinstance(one, type):
        own = [f for n, f in vars(one).items() if n.startswith("__") and _written(f)]
        plain = {n: v for n, v in vars(one).items() if not n.startswith("__")}
        text = canonical({n: v for n, v in plain.items() if isinstance(v, str | int | float)})
        return f"{one.__name__}{text}".encode(), [*own, *filter(_is_ours, one.__bases__)], ()
    if isinstance(one, Path):
        return one.name.encode() + one.read_bytes(), [], ()
    if isinstance(one, functools.partial):
        held = [one.func, *one.args, *one.keywords.values()]
        return b"partial", [value for value in held if _followed(value)], ()
    if not isinstance(one, FunctionType) and hasattr(one, "__wrapped__"):
        return b"", [one.__wrapped__], ()
    if isinstance(one, Mapping) and any(map(_is_ours, one.values())):
        one = {k: v for k, v in one.items() if uses is None or k in uses}
    return canonical(one).encode(), [value for value in _held(one) if _followed(value)], ()


def _held(one: Any) -> list[Any]:
    """What stands in a container or an object of ours and is no plain value: that is its text's."""
    if isinstance(one, Mapping):
        values = [*one.keys(), *one.values()]
    elif isinstance(one, CONTAINERS) and not isinstance(one, dg.AssetKey):
        values = list(one)
    elif _is_object(one):
        values = [type(one), *(getattr(one, field.name) for field in fields(one))]
    else:
        values = []
    return [v for v in values if isinstance(v, CONTAINERS) or not isinstance(v, CONSTANTS)]


@functools.cache
def _function_parts(one: FunctionType) -> tuple[bytes, list[Any], tuple[str, ...]]:
    defaults = canonical([one.__defaults__, one.__kwdefaults__])
    found: list[Any] = []
    called: list[str] = []
    names = one.__globals__
    for each in (one.__code__, *_nested(one.__code__)):
        modules = [names[n] for n in each.co_names if isinstance(names.get(n), ModuleType)]
        modules += [importlib.import_module(n) for n in each.co_names if _our_name(n)]
        ours = [module for module in modules if _our_name(module.__name__)]
        for name in each.co_names:
            if name in names:
                found.append(names[name])
            found += [getattr(module, name) for module in ours if hasattr(module, name)]
        called += each.co_names
    found.append(getattr(one, "__wrapped__", None))
    # data in a closure are declarations, which stand in the hash for themselves
    cells = [_content(cell) for cell in one.__closure__ or ()]
    found += [value for value in cells if isinstance(value, FunctionType)]
    followed = [value for value in found if _followed(value)]
    return _code_text(one.__code__) + defaults.encode(), followed, tuple(called)


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # a name that is never bound
        return None


def _followed(one: Any) -> bool:
    if isinstance(one, functools.partial):
        return _followed(one.func)
    if isinstance(one, FunctionType | type) or callable(getattr(one, "__wrapped__", None)):
        module, name = str(one.__module__), str(one.__name__)
        # what declarations are read to is hashed itself, so the functions that read them are not
        reads = not isinstance(one, type) and module.startswith(DECLARATIONS)
        read = reads and name.startswith(READERS)
        return _our_name(module) and module not in PRESENTATION and not read
    if isinstance(one, Path):
        return one.is_file() and any(map(one.is_relative_to, PLACES))
    return isinstance(one, CONSTANTS) or _is_object(one)


def _is_object(one: Any) -> bool:
    """A dataclass's instance of ours, as a rule of a list of rules is."""
    return is_dataclass(one) and not isinstance(one, type) and _is_ours(type(one))


def _written(one: Any) -> bool:
    """Whether a function stands in a file; a dataclass has others too."""
    if isinstance(one, classmethod | staticmethod):
        one = one.__func__
    return isinstance(one, FunctionType) and not one.__code__.co_filename.startswith("<")


def _is_ours(one: Any) -> bool:
    return isinstance(one, FunctionType | type) and _our_name(str(one.__module__))


def _our_name(name: str) -> bool:
    return name.split(".")[0] in OURS and ("." in name or name in sys.modules)


@functools.cache
def _methods() -> dict[str, tuple[tuple[str, Any], ...]]:
    """Methods (also of classes) and properties of our classes by name, each with its module."""
    found: dict[str, list[tuple[str, Any]]] = {}
    for name, module in sorted(sys.modules.items()):
        if not _our_name(name) or name in PRESENTATION:
            continue
        for one in vars(module).values():
            if isinstance(one, type) and one.__module__ == name:
                for attribute, value in vars(one).items():
                    if isinstance(value, METHODS) and not attribute.startswith("__"):
                        found.setdefault(attribute, []).append((name, value))
    return {name: tuple(values) for name, values in found.items()}


@functools.cache
def _code_text(code: CodeType) -> bytes:
    """A function as compiled, without docstring, line numbers and names of local variables."""
    consts = list(code.co_consts)
    documented = sys.version_info < (3, 13) or code.co_flags & HAS_DOCSTRING
    if documented and consts and isinstance(consts[0], str) and not code.co_name.startswith("<"):
        consts[0] = None
    parts = [
        code.co_code.hex(),
        *(_code_text(c).decode() if isinstance(c, CodeType) else canonical(c) for c in consts),
        *code.co_names,
    ]
    return "\n".join(parts).encode()
