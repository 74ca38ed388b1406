"""How declarations are read from YAML: one document, plain values, or a message with the file.

A declaration is somebody else's file: what YAML can hold beyond plain values is refused. Objects of
a programming language are (the loader is safe), and so are keys that stand twice, anchors on
anything but a single value (with them a few lines grow without bound, or contain themselves), and
nesting deeper than any declaration, on which the parser, C code, would crash.
"""

from __future__ import annotations

import functools
import pickle
import re
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from declarations.errors import SpecError

MOST_BYTES = 1 << 22
MOST_DEPTH = 60
# The same safe loader either way; the C one is six times as fast.
SAFE_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Only a text that could have these is looked at event by event, which takes half as long as reading
# it: an anchor or alias, more brackets than the parser could bear, many compact or indented levels.
SUSPECT = re.compile(r"(?m)(?:^|[\s\[{,])[&*][^\s]|^[ \t]*(?:[-?:][ \t]+){20}|^[ \t]{60}")
MOST_BRACKETS = 1000


class _Loader(SAFE_LOADER):
    """The safe loader, but a key that stands twice is an error and not the last one's value."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        found: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        if len(found) != len(node.value):
            keys = [key.value for key, _ in node.value]
            twice = next((key for key in keys if keys.count(key) > 1), "")
            problem = f"the key {str(twice)[:60]!r} stands twice"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
        return found


def read_document(path: Path) -> Any:
    """The one document of a YAML file. SpecError names the file where it cannot be read."""
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
        if text.count("[") + text.count("{") > MOST_BRACKETS or SUSPECT.search(text):
            _check_events(path, text)
        return pickle.loads(_parsed(text))  # noqa: S301
    except yaml.YAMLError as error:
        raise SpecError(path, f"is not valid YAML: {error}") from error
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        if isinstance(error, SpecError):
            raise
        # a date that does not exist, a number of thousands of digits
        raise SpecError(path, f"holds a value that cannot be read: {error}") from error


@functools.lru_cache(maxsize=1024)
def _parsed(text: str) -> bytes:
    """A text's plain values, packed: several readers want a file, and each gets values of its own.

    Unpacking takes a tenth of the time of reading YAML.
    """
    return pickle.dumps(yaml.load(text, Loader=_Loader))  # noqa: S506


def _check_events(path: Path, text: str) -> None:
    """SpecError where structures have anchors or stand too deep, told without building any."""
    depth = 0
    for event in yaml.parse(text, Loader=SAFE_LOADER):
        if isinstance(event, yaml.events.CollectionStartEvent):
            depth += 1
            line = event.start_mark.line + 1 if event.start_mark else 0
            if event.anchor is not None:
                raise SpecError(path, f"line {line}: an anchor stands on single values only")
            if depth > MOST_DEPTH:
                raise SpecError(path, f"line {line}: more than {MOST_DEPTH} levels deep")
        elif isinstance(event, yaml.events.CollectionEndEvent):
            depth -= 1


@contextmanager
def declared_in(where: str | Path) -> Iterator[None]:
    """Turn what a value of an unexpected kind causes into a SpecError that names the file."""
    try:
        yield
    except SpecError:
        raise
    except (AttributeError, LookupError, TypeError, ValueError, OverflowError) as error:
        problem = f"a value is of another kind than expected ({error})"
        raise SpecError(where, problem) from error


def line_of(path: Path, place: Sequence[Any]) -> int | None:
    """The line of an entry of a YAML file, from 1; None where the file cannot be read.

    `place` is the way to it: keys of mappings and positions in lists. What is not there is passed
    over, so that a missing entry has the line of the mapping that lacks it.
    """
    try:
        node = yaml.compose(path.read_bytes().decode("utf-8-sig"), Loader=SAFE_LOADER)
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
