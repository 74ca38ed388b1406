"""Mistakes in declarations: each names the file, the line, the entry and the expected value."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from runtime.safe_text import visible

# maximum length of a value in a message
LONGEST = 60


@dataclass(frozen=True)
class Mistake:
    """One mistake: `file` as shown, `line` from 1 (None if unknown), `entry` as a dotted path.

    `meant` lists declared entries that are close to the value found.
    """

    file: str
    line: int | None
    entry: str
    problem: str
    meant: tuple[str, ...] = ()

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file} line {self.line}"
        meant = (
            f" (did you mean {' or '.join(f'`{m}`' for m in self.meant)}?)" if self.meant else ""
        )
        return visible(": ".join(filter(None, (place, self.entry, self.problem + meant))))


class SpecError(ValueError):
    """Declarations are incomplete or contradict each other; `mistakes` holds every mistake."""

    def __init__(self, where: str | Path, problem: str) -> None:
        self.mistakes: tuple[Mistake, ...] = (Mistake(str(where), None, "", problem),)
        super().__init__(visible(f"{where}: {problem}", keep="\n"))

    @classmethod
    def of(cls, mistakes: Iterable[Mistake]) -> SpecError:
        """One error for all mistakes: one line each, without repetitions."""
        found = tuple(dict.fromkeys(mistakes))
        error = cls("", "")
        error.mistakes = found
        error.args = ("\n".join(map(str, found)),)
        return error


class Mistakes:
    """Collects mistakes, to report all of them at once."""

    def __init__(self) -> None:
        self.found: list[Mistake] = []
        # ids of files that cannot be read; a reference to one is not a mistake
        self.unreadable: set[str] = set()

    def add(self, mistake: Mistake) -> None:
        """Note one mistake."""
        self.found.append(mistake)

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Note the mistakes of a SpecError raised in the block, and continue."""
        try:
            yield
        except SpecError as error:
            self.found += error.mistakes

    def stop(self) -> None:
        """Raise SpecError with all mistakes noted, if there are any."""
        if self.found:
            raise SpecError.of(self.found)


def near(found: Any, known: Iterable[Any]) -> tuple[str, ...]:
    """Up to two known names that are close to the value found."""
    return tuple(get_close_matches(str(found), sorted(map(str, known)), n=2, cutoff=0.7))


def shown(value: Any) -> str:
    """A value for a message: shortened and escaped."""
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def found_expected(found: Any, expected: str) -> str:
    """The wording of a mistake about a value."""
    return f"found {shown(found)}, expected {expected}"


def listed(known: Iterable[Any]) -> str:
    """Known names for a message, at most thirty."""
    names = [str(name) for name in known]
    more = f" and {len(names) - 30} more" if len(names) > 30 else ""
    return ", ".join(names[:30]) + more


def need(mapping: Mapping[str, Any], key: str, where: str | Path) -> Any:
    """The value under `key`. Raises SpecError with the file and the missing key."""
    if not isinstance(mapping, Mapping):
        raise SpecError(where, f"expected a mapping with '{key}', found {str(mapping)[:60]!r}")
    if key not in mapping:
        raise SpecError(where, f"'{key}' is missing (found: {', '.join(map(str, mapping))})")
    return mapping[key]


def only(mapping: Any, known: Collection[str], where: str | Path) -> None:
    """Raise SpecError for the first unknown key, with the file and a likely meaning."""
    for key in mapping if isinstance(mapping, Mapping) else ():
        if key not in known:
            close = get_close_matches(str(key), sorted(known), n=2, cutoff=0.7)
            meant = f" (is {' or '.join(map(repr, close))} meant?)" if close else ""
            entries = ", ".join(sorted(known))
            raise SpecError(
                where, f"{str(key)[:60]!r} is not an entry here{meant}; there are: {entries}"
            )
