"""The steps of a wave's run, and the parts of code and declarations that concern one wave.

Dagster has one code version per asset, for all waves. A question that only a later wave asked would
make the assets of every earlier wave stale. Each materialization therefore has a tag with its
`WaveVersion`: the code version from the declarations that concern the wave. A step with `as_asked`
uses no other declarations. Staleness (`pipelines/run/staleness.py`) compares the tag.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module

import dagster as dg

from assets.step.declared import hashed
from assets.step.factory import Step, check_code
from assets.step.sections import Shown, shared_keys
from declarations import Study
from declarations.concerning import concerning
from pipelines.records.fingerprint import MAKING
from publishing.folder import publication
from runtime.sources import LENGTH, modules_with

TAG = "samspil/wave_version"


def wave_steps(study: Study) -> list[Step]:
    """Every step of a wave's run. The last one publishes the results of the others."""
    modules = map(import_module, modules_with("steps", MAKING))
    found = [one for module in modules for one in module.steps(study)]
    return [*found, publication(study, found)]


@dataclass(frozen=True)
class WaveVersion:
    """What an asset depends on in one wave: `code` (code and declarations) and other assets."""

    code: str
    deps: frozenset[dg.AssetKey]

    @property
    def tag(self) -> str:
        """One hash of both."""
        return hashed([self.code, sorted(self.deps)])[:LENGTH]


class WaveVersions:
    """The version of every asset of a study in each wave, by the asset's key in Dagster."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self._of_waves: dict[str, Mapping[dg.AssetKey, WaveVersion]] = {}

    @cached_property
    def steps(self) -> list[Step]:
        """The steps of the study as declared."""
        return wave_steps(self.study)

    @cached_property
    def shown(self) -> Shown:
        """The assets that share a Dagster asset."""
        return shared_keys(self.steps)

    def of(self, wave: str) -> Mapping[dg.AssetKey, WaveVersion]:
        """The versions in one wave."""
        known = self._of_waves.get(wave)
        if known is None:
            known = self._of_waves[wave] = self._declared | self._concerning(wave)
        return known

    def tags(self, wave: str) -> Mapping[dg.AssetKey, Mapping[str, str]]:
        """The tags for materializations in one wave."""
        return {key: {TAG: version.tag} for key, version in self.of(wave).items()}

    @cached_property
    def _declared(self) -> dict[dg.AssetKey, WaveVersion]:
        """From all declarations."""
        return dict(self._versions(self.steps, self.steps))

    def _concerning(self, wave: str) -> dict[dg.AssetKey, WaveVersion]:
        """Versions by the declarations that concern the wave, for steps that need no others."""
        own = concerning(self.study, wave)
        if own is self.study:
            return {}
        chosen = [one for one in self.steps if one.as_asked]
        modules = dict.fromkeys(one.module for one in chosen)
        try:
            again = [one for name in modules for one in import_module(name).steps(own)]
        except LookupError:
            # If a remaining declaration names one that was left out, all declarations count.
            return {}
        found = {one.name: one for one in again if one.as_asked}
        steps = [found.get(one.name, one) for one in self.steps]
        return dict(self._versions(found.values(), steps))

    def _versions(
        self, chosen: Iterable[Step], steps: Sequence[Step]
    ) -> Iterator[tuple[dg.AssetKey, WaveVersion]]:
        judged = check_code(steps)
        for one in chosen:
            for asset, version in one.versioned(judged, self.shown):
                yield asset.key, WaveVersion(version, frozenset(asset.deps))


def wave_versions(study: Study) -> WaveVersions:
    """The versions of a study, computed once for its definitions and its staleness."""
    return study.once(WaveVersions)
