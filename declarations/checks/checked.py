"""A study under check: its declarations, and the mistakes found so far."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from declarations.errors import Mistakes, found_expected, listed, near
from declarations.model import mistake_at
from declarations.study import Study
from declarations.tables.cells import OTHERS

STUDY_FILE = "study.yaml"
Place = Sequence[Any]


@dataclass(frozen=True)
class Checked:
    """A study whose declarations are compared with each other.

    `unreadable` are ids of files that cannot be read. A reference to one of these is not a mistake.
    """

    study: Study
    mistakes: Mistakes
    unreadable: frozenset[str] = frozenset()

    def wrong(
        self, source: str, place: Place, found: Any, expected: str, known: Collection[Any] = ()
    ) -> None:
        """Note a mistake at an entry of a file."""
        if isinstance(found, str) and found.removeprefix(OTHERS) in self.unreadable:
            return
        problem, meant = found_expected(found, expected), near(found, known)
        path = self.study.folder / source
        self.mistakes.add(mistake_at(path, source, list(place), problem, *meant))

    def refers(
        self, source: str, place: Place, found: Any, known: Collection[Any], what: str
    ) -> bool:
        """Whether a name is known. Notes a mistake if it is not."""
        if found in known:
            return True
        self.wrong(source, place, found, f"{what}: {listed(known) or 'there is none'}", known)
        return False
