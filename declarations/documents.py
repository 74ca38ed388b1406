"""Reads YAML declarations: one document with plain values, or an error that names the file.

A declaration may come from somebody else, so the reader refuses everything beyond plain values. It
refuses objects of a programming language (the loader is safe) and repeated keys. It refuses anchors
except on single values, because a few lines with anchors can grow without bound or contain
themselves. It refuses nesting deeper than any declaration needs, because it would crash the parser,
which is C code.
"""

from __future__ import annotations

import functools
import pickle
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any

import yaml

from declarations.errors import Mistake, SpecError

MOST_BYTES = 1 << 22
MOST_DEPTH = 60
# Both are the same safe loader; the C implementation is six times as fast.
SAFE_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class NotPlainError(yaml.MarkedYAMLError):
    """YAML beyond plain values."""


class _Loader(SAFE_LOADER):
    """The safe loader, which reports a repeated key instead of keeping the last value."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        found: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        if len(found) != len(node.value):
            keys = [key.value for key, _ in node.value]
            places = [number for number, key in enumerate(keys) if key in keys[:number]]
            twice = node.value[places[0]][0] if places else node
            problem = f"the key {str(twice.value)[:60]!r} occurs twice"
            raise yaml.constructor.ConstructorError(None, None, problem, twice.start_mark)
        return found


def read_document(path: Path) -> Any:
    """The single document of a YAML file. Raises SpecError with the file if it cannot be read."""
    try:
        if path.exists() and not path.is_file():
            raise SpecError(path, "is no file")
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise SpecError(path, "is missing") from error
    except OSError as error:
        raise SpecError(path, f"cannot be read: {error.strerror}") from error
    if len(content) > MOST_BYTES:
        raise SpecError(path, f"has {len(content)} bytes, expected at most {MOST_BYTES}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        raise SpecError(path, f"is not UTF-8 text: byte 0x{content[error.start]:02x}, line {row}") \
            from error  # fmt: skip
    try:
        return pickle.loads(_parsed(text))  # noqa: S301
    except yaml.YAMLError as error:
        raise SpecError.of([_not_yaml(path, error)]) from error
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        if isinstance(error, SpecError):
            raise
        # such as a date that does not exist, or a number of thousands of digits
        raise SpecError(path, f"contains an invalid value: {error}") from error


def _not_yaml(path: Path, error: yaml.YAMLError) -> Mistake:
    """The line at which a text stops being valid YAML, and the reason."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or error
    line = mark.line + 1 if mark is not None else None
    refused = isinstance(error, NotPlainError)
    return Mistake(str(path), line, "", f"{'' if refused else 'is not valid YAML: '}{problem}")


@functools.lru_cache(maxsize=1024)
def _parsed(text: str) -> bytes:
    """The parsed values of a text, packed, so that each caller gets its own copy.

    Unpacking takes a tenth of the time of parsing.
    """
    _check_events(text)
    return pickle.dumps(yaml.load(text, Loader=_Loader))  # noqa: S506


def _check_events(text: str) -> None:
    """Raise NotPlainError if structures have anchors or are nested too deeply, before building any.

    Scanning the events takes a quarter of the time of loading.
    """
    depth = 0
    for event in yaml.parse(text, Loader=SAFE_LOADER):
        if isinstance(event, yaml.events.CollectionStartEvent):
            depth += 1
            mark: Any = event.start_mark
            if event.anchor is not None:
                problem = "found an anchor, expected one on a single value only"
                raise NotPlainError(problem=problem, problem_mark=mark)
            if depth > MOST_DEPTH:
                problem = f"more than {MOST_DEPTH} levels deep"
                raise NotPlainError(problem=problem, problem_mark=mark)
        elif isinstance(event, yaml.events.CollectionEndEvent):
            depth -= 1


@functools.lru_cache(maxsize=8)
def _composed(text: str) -> Any:
    """The nodes of a text with their lines; one file often has many mistakes."""
    return yaml.compose(text, Loader=SAFE_LOADER)


def line_of(path: Path, place: Sequence[Any]) -> int | None:
    """The line of an entry of a YAML file, from 1; None if the file cannot be read.

    `place` is the path to the entry: keys of mappings and positions in lists. Parts that do not
    exist are skipped, so a missing entry has the line of the mapping that lacks it.
    """
    try:
        node = _composed(path.read_bytes().decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError):
        return None
    if node is None:
        return None
    line = node.start_mark.line
    for part in place:
        if isinstance(node, yaml.MappingNode):
            found = next((pair for pair in node.value if pair[0].value == str(part)), None)
            if found is not None:
                line, node = found[0].start_mark.line, found[1]
        elif (
            isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value)
        ):
            node = node.value[part]
            line = node.start_mark.line
    return int(line) + 1
