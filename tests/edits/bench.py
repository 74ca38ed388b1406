"""A copy of the study to change declarations in: what becomes stale, and what steps come to.

Two mechanisms that know nothing of each other. `tags` are the versions by which a run decides what
is stale. `came_to` runs the function of a step on the stored results of a whole run and hashes what
it makes. A declaration that changes what a step makes, and no version of it, is a defect.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg

from assets.step.declaring import Given, Made
from assets.step.factory import Step, check_code
from assets.step.workspace import Workspace
from declarations import Study, load_study
from declarations.documents import read_document
from pipelines.steps import WaveVersions
from publishing.trend_files import steps_of_trends
from tests.edits.look import PRESENTATION
from tests.edits.places import Place, written

Values = Mapping[Place, Any]


@dataclass
class Bench:
    """The study `folder` below a root, and the working file `stored` of a run of its wave."""

    root: Path
    source: Path
    wave: str = "2015"
    stored: Path | None = None
    folder: Path = field(init=False)

    def __post_init__(self) -> None:
        self.folder = self.root / "studies" / self.source.name
        shutil.copytree(self.source, self.folder)

    @contextmanager
    def changed(self, values: Values) -> Iterator[None]:
        """The study with other values in these places."""
        documents: dict[str, Any] = {}
        for place, value in values.items():
            data = documents.setdefault(place.file, None) or read_document(self.folder / place.file)
            documents[place.file] = data
            place.apply(data, value)
        try:
            for name, data in documents.items():
                (self.folder / name).write_text(written(data), encoding="utf-8")
            yield
        finally:
            for name in documents:
                shutil.copy(self.source / name, self.folder / name)

    def study(self) -> Study:
        """The study as it is now."""
        return load_study(self.folder)

    def tags(self) -> dict[str, str]:
        """What makes an asset stale in the wave if it changes, but for rows, by asset."""
        study = self.study()
        versions = WaveVersions(study)
        found = {key.to_user_string(): one.tag for key, one in versions.of(self.wave).items()}
        trends = steps_of_trends(study)
        judged = check_code(trends)
        for one in trends:
            found |= {key.to_user_string(): tag for key, tag in one.versions(judged).items()}
        return found

    @cached_property
    def _workspace(self) -> Workspace:
        return Workspace(root=str(self.root))

    def came_to(self, step: Step, chosen: frozenset[dg.AssetKey]) -> dict[str, str]:
        """A hash of everything that a step makes of the stored results, by asset and check."""
        assert self.stored is not None
        store = self._workspace.store(self.wave)
        store.path.parent.mkdir(exist_ok=True)
        shutil.copy(self.stored, store.path)
        context = SimpleNamespace(
            log=logging.getLogger(__name__), run=SimpleNamespace(run_id="bench", tags={})
        )
        given = Given(step.study, self.wave, self._workspace, chosen, "", context)
        with store.connect():
            return {_name(one): hashed(one) for one in step.compute(given) if _of(one) in chosen}


def _of(one: Any) -> dg.AssetKey:
    return one.key if isinstance(one, Made) else one.asset_key


def _name(one: Any) -> str:
    check = "" if isinstance(one, Made) else f" {one.check_name}"
    return f"{_of(one).to_user_string()}{check}"


def hashed(one: Made | dg.AssetCheckResult) -> str:
    """Rows, page and facts of an asset or a check, but for words on columns."""
    facts = {k: v for k, v in (one.metadata or {}).items() if k not in PRESENTATION}
    said: list[Any] = [sorted((name, repr(value)) for name, value in facts.items())]
    if isinstance(one, Made):
        frames = [one.frame, one.preview, *(one.stores or {}).values()]
        said += [None if f is None else f.to_csv() for f in frames]
        said.append(None if one.version is None else one.version.value)
    else:
        said += [one.passed, one.severity, one.description]
    return hashlib.sha256(repr(said).encode()).hexdigest()


__all__ = ["Bench", "Values", "hashed"]
