"""The one way to make an asset: `step()`.

A step is a function that computes one or several assets of a wave. Its module also declares the
assets: their upstream assets, the declarations they depend on, their columns, and where they are
published. The factory adds partitions, owners, code and data versions, column schemas, lineage,
retries after transient faults, and the masking of errors that may quote a cell.

`pipelines.steps` finds every module in `assets`, `replication` or `expectations` that has a
function `steps(study)`. A new result is one such module::

    KEY = dg.AssetKey(["checks", "item_nonresponse"])

    def steps(study: Study) -> list[Step]:
        questions = [q.id for q in study.counted_questions]
        return [
            step(
                "count_nonresponse",
                study,
                Asset(
                    KEY,
                    group="checks",
                    description="Asked, answered and unanswered, per item.",
                    deps=[answers(name) for name in questions],
                    rests_on=declared(study).codes,
                    columns=described(("item", "asked"), {"asked": "Respondents it was put to"}),
                    published=[Published("checks", "nonresponse", csv=True, holds=FIGURES)],
                ),
                nonresponse,
            )
        ]

    def nonresponse(given: Given) -> Iterator[Made]:
        frame = ...  # of given.store.read_all("answers", ...), by a pure function
        yield Made(KEY, frame, lineage={"asked": [(answers("role"), "code")]})

`given` has the wave, the study as declared (`study`) and as the wave asked it (`asked`), the source
sheet, the working file and the requested assets (`chosen`). One transaction stores all frames in
the working file under the keys of the assets. Then Dagster gets the results.

An asset is stale when its code version changed, or the rows of an upstream asset. The code version
is a hash of the source of the modules that the function imports (`runtime/sources.py`), of
`rests_on`, and of the checks on the asset. Without `rests_on` an asset depends on all declarations.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import dagster as dg
import pandas as pd

from assets.step.declared import declared, hashed
from assets.step.declaring import Asset, Check, Given, Made, Place, Published
from assets.step.metadata import (
    column_lineage,
    frame_metadata,
    origin_metadata,
    schema_metadata,
    site_page,
)
from assets.step.names import OWNERS, wave_partitions
from assets.step.restricted import masked_errors
from assets.step.rows_version import rows_version
from assets.step.sections import Shown, gathered, gathered_checks, gathered_results
from assets.step.workspace import Workspace, retried_faults
from declarations import Study
from runtime.sources import LENGTH, running_hash

__all__ = ["Asset", "Check", "Given", "Made", "Place", "Published", "Step", "check_code", "step"]
Compute = Callable[[Given], Iterable[Made | dg.AssetCheckResult]]
# by wave and asset
Tags = Callable[[str], Mapping[dg.AssetKey, Mapping[str, str]]]


@dataclass(frozen=True)
class Step:
    """A step with its assets and checks.

    The module describes steps, `step` describes the arguments.
    """

    name: str
    study: Study
    compute: Compute
    assets: tuple[Asset, ...]
    checks: tuple[Check, ...]
    partial: bool
    of_waves: bool
    reads_cells: bool
    shows_words: bool
    per_section: bool
    as_asked: bool

    @property
    def module(self) -> str:
        """The module of the function."""
        compute: Any = self.compute
        return str(getattr(compute, "func", compute).__module__)

    @cached_property
    def code(self) -> str:
        """A hash of the source code of the function."""
        return running_hash(self.module, words=self.shows_words)

    def versions(self, judged: Mapping[dg.AssetKey, str] | None = None) -> dict[dg.AssetKey, str]:
        """The code version of each asset.

        `judged` is the result of `check_code` for the study's steps.
        """
        known = judged or {}
        return {
            key: hashed([self.code, known.get(key), declarations])[:LENGTH]
            for key, declarations in self._rests_on.items()
        }

    @cached_property
    def _rests_on(self) -> dict[dg.AssetKey, str]:
        """A hash of the declarations that each asset depends on."""
        every = [(a.key, a.rests_on) for a in self.assets]
        return {k: hashed(declared(self.study).everything if on is None else on) for k, on in every}

    def versioned(
        self, judged: Mapping[dg.AssetKey, str] | None, shown: Shown
    ) -> Iterator[tuple[Asset, str]]:
        """The Dagster assets of the step, each with its code version."""
        versions = self.versions(judged)
        for asset, members in gathered(self.assets, self.study, shown):
            own = [versions[one.key] for one in members]
            yield asset, hashed(own)[:LENGTH] if members else versions[asset.key]

    def definition(
        self,
        judged: Mapping[dg.AssetKey, str] | None = None,
        shown: Shown | None = None,
        tags: Tags | None = None,
    ) -> dg.AssetsDefinition | dg.AssetChecksDefinition:
        """The step as a Dagster definition. `shown` is that of `sections.shared_keys`.

        `tags` returns the tags for the materializations of a wave.
        """
        waves = wave_partitions(self.study) if self.of_waves else None
        shown = shown or {}
        own = gathered_checks(self.checks, shown)
        checks = [_check_spec(check, waves) for check in own]
        if not self.assets:
            checked = dg.multi_asset_check(name=self.name, specs=checks, can_subset=self.partial)
            return checked(_checking(self, shown))
        specs = [_asset_spec(*one) for one in self.versioned(judged, shown)]
        version = hashed(sorted(self.versions(judged).values()))
        made = dg.multi_asset(
            name=self.name, specs=specs, check_specs=checks, partitions_def=waves,
            can_subset=self.partial,
        )  # fmt: skip
        return made(_making(self, version, shown, tags))


def step(
    name: str,
    study: Study,
    assets: Asset | Sequence[Asset],
    compute: Compute,
    *,
    checks: Sequence[Check] = (),
    partial: bool = False,
    of_waves: bool = True,
    reads_cells: bool = False,
    shows_words: bool = False,
    per_section: bool = False,
    as_asked: bool = False,
) -> Step:
    """A step that makes the assets with `compute`; without assets, one that runs the checks.

    With `partial`, Dagster may request some of the assets; `compute` reads `given.chosen`. A step
    that is not `of_waves` has no partitions. For a step that `reads_cells`, messages of unexpected
    errors are masked. For a step that `shows_words`, modules that contain only words count in its
    version too (`runtime.sources`). With `per_section`, Dagster shows the assets of a group as one
    if the study declares `assets_per: section`. A step is `as_asked` if what it computes depends on
    no declaration of other waves: `given.asked` is all it needs (`declarations.concerning`). Such
    declarations then make nothing stale in a wave.
    """
    own = (assets,) if isinstance(assets, Asset) else tuple(assets)
    return Step(
        name, study, compute, own, tuple(checks), partial, of_waves, reads_cells, shows_words,
        per_section, as_asked,
    )  # fmt: skip


def check_code(steps: Iterable[Step]) -> dict[dg.AssetKey, str]:
    """A hash of the checks of each asset, from all steps.

    A check belongs to its asset: a changed check, or a change of declarations that it depends on,
    makes the asset stale. Otherwise a blocking check would not run again.
    """
    found: dict[dg.AssetKey, list[str]] = {}
    for one in steps:
        for check in one.checks:
            code = "" if one.assets else one.code
            found.setdefault(check.asset, []).append(hashed([code, check.rests_on]))
    return {key: hashed(sorted(codes)) for key, codes in found.items()}


def _asset_spec(asset: Asset, version: str) -> dg.AssetSpec:
    return dg.AssetSpec(
        asset.key,
        group_name=asset.group,
        description=asset.description,
        deps=list(asset.deps),
        kinds=set(asset.kinds),
        owners=OWNERS,
        tags=dict(asset.tags),
        metadata=dict(asset.metadata),
        code_version=version,
    )


def _check_spec(check: Check, waves: Any) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        check.name,
        asset=check.asset,
        description=check.description,
        blocking=check.blocking,
        additional_deps=list(check.reads),
        partitions_def=waves,
    )


def _making(one: Step, version: str, shown: Shown, tags: Tags | None) -> Callable[..., Any]:
    def compute(context: dg.AssetExecutionContext, workspace: Workspace) -> Iterator[Any]:
        chosen = context.selected_asset_keys
        known = tags(context.partition_key) if tags and one.of_waves else {}
        for made in _results(one, context, workspace, chosen, version, shown):
            key = made.asset_key if isinstance(made, dg.MaterializeResult) else None
            yield made if key is None else made._replace(tags=known.get(key))

    return compute


def _checking(one: Step, shown: Shown) -> Callable[..., Any]:
    def compute(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> Iterator[Any]:
        chosen = {key.asset_key for key in context.selected_asset_check_keys}
        yield from _results(one, context, workspace, chosen, one.code, shown)

    return compute


def _results(
    one: Step, context: Any, workspace: Workspace, selected: AbstractSet[dg.AssetKey],
    version: str, shown: Shown,
) -> list[Any]:  # fmt: skip
    """Compute, store everything, and then report the results to Dagster."""
    wave = context.partition_key if one.of_waves else ""
    keys = {asset.key for asset in one.assets} or {check.asset for check in one.checks}
    chosen = frozenset(key for key in keys if shown.get(key, key) in selected)
    gathered = bool(chosen) and all(key in shown for key in chosen)
    given = Given(one.study, wave, workspace, chosen, version, context, gathered)
    known = {asset.key: asset for asset in one.assets}
    with retried_faults(one.study), masked_errors() if one.reads_cells else nullcontext():
        results = list(one.compute(given))
        stored: dict[Place, pd.DataFrame] = {}
        for made in results:
            if isinstance(made, Made):
                own = {} if made.frame is None else {known[made.key].place: made.frame}
                stored |= own if made.stores is None else made.stores
        if stored:
            given.store.write(stored)
        lines = [
            _materialized(given, known[made.key], made, one.of_waves)
            if isinstance(made, Made)
            else made
            for made in results
            if not isinstance(made, Made) or made.key in chosen
        ]
        return gathered_results(lines, shown) if shown else lines


def _materialized(
    given: Given, asset: Asset, made: Made, of_a_wave: bool
) -> dg.MaterializeResult[Any]:
    metadata, version = dict(made.metadata), made.version
    if made.frame is not None and given.gathered:
        metadata = {
            **schema_metadata(made.frame, asset.columns),
            "dagster/column_lineage": column_lineage(made.lineage),
            **origin_metadata(given.sheet),
        }
        version = version or rows_version(made.frame, given.sheet)
    elif made.frame is not None:
        shown = made.frame if made.preview is None else made.preview
        own = frame_metadata(shown, given.sheet, made.lineage, asset.columns)
        metadata = {**own, "dagster/row_count": len(made.frame), **metadata}
        version = version or rows_version(made.frame, given.sheet)
    if of_a_wave and "site" not in metadata:
        # the page that shows the asset on the site, once the wave is published
        page = given.workspace.output(given.wave) / "report" / site_page(asset.key)
        metadata["site"] = dg.MetadataValue.path(page)
    return dg.MaterializeResult(asset_key=asset.key, data_version=version, metadata=metadata)
