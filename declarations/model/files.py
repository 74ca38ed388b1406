"""Reads the files of a study folder as models, each id once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from declarations.documents import read_document
from declarations.errors import Mistakes, SpecError
from declarations.model.entries import Declared
from declarations.model.reading import mistake_at, named_as_its_file, read_model

M = TypeVar("M", bound=Declared)
# a model, or one for each `kind` of an entry
Kinds = type[M] | Mapping[str, type[M]]
Sourced = dict[str, M]
# ids in a file that is not YAML
ID = re.compile(r"\b(?:id|key): *[\"']?([\w.-]+)")


class Files:
    """Reads the files of a study folder and records the ids of unreadable ones."""

    def __init__(self, folder: Path, mistakes: Mistakes) -> None:
        self.folder, self.mistakes = folder, mistakes
        self.unreadable = mistakes.unreadable

    def read(
        self,
        name: str,
        model: Kinds[M],
        chosen: Callable[[Path], bool] = lambda _: True,
        seen: dict[Any, str] | None = None,
    ) -> Sourced[M]:
        """The files of a folder, by their path in the study, in order.

        `chosen` are the files that the model describes. `seen` has the file of each id, if several
        folders share their ids.
        """
        found: Sourced[M] = {}
        seen = {} if seen is None else seen
        for path in filter(chosen, sorted((self.folder / name).glob("*.yaml"))):
            source = f"{name}/{path.name}"
            file = read_model(model, path, self.mistakes, file=source)
            if file is None:
                self.unreadable |= _ids(path)
                continue
            own = getattr(file, "id", source)
            if own in seen:
                problem = f"found {own!r}, which {seen[own]} has already, expected each id once"
                self.mistakes.add(mistake_at(path, source, ["id"], problem))
                continue
            if own != source:
                named_as_its_file(path, source, own, self.mistakes)
            seen[own] = source
            found[source] = file
        return found

    def one(self, source: str, model: type[M]) -> M | None:
        """A single file; None if there is none, or if it is invalid."""
        path = self.folder / source
        if not path.exists():
            return None
        file = read_model(model, path, self.mistakes, file=source)
        if file is None:
            self.unreadable |= _ids(path)
        return file


def _ids(path: Path) -> set[str]:
    """Every id that an invalid file declares, as far as it can be read."""
    found: set[str] = set()

    def look(value: Any) -> None:
        if isinstance(value, dict):
            found.update(str(value[key]) for key in ("id", "key") if key in value)
            for entry in value.values():
                look(entry)
        elif isinstance(value, list):
            for entry in value:
                look(entry)

    try:
        look(read_document(path))
    except SpecError:
        with suppress(OSError):
            found.update(ID.findall(path.read_text(encoding="utf-8", errors="replace")))
    # a file that is not YAML may declare any id that matches its name
    found.add(path.stem.partition("_")[2] or path.stem)
    return found
