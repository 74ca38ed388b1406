"""One Dagster asset per section, for studies with too many relations for one asset each.

Steps still compute and store each relation separately. Only what Dagster draws, selects and keeps
events of is combined.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

import dagster as dg
import pandas as pd

from assets.step.declared import hashed
from assets.step.declaring import Asset, Check
from assets.step.lineage import ASSET_PAGE, page_link
from assets.step.markdown import markdown
from assets.step.metadata import data_note
from assets.step.names import shown_key
from declarations import Study
from runtime.safe_text import page_lines

# The key of each asset with the key of the Dagster asset that contains it.
Shown = Mapping[dg.AssetKey, dg.AssetKey]
MOST_LISTED = 60
MOST_CHECKED = 20
MOST_DEPS = 100
LINK = re.compile(rf"\[[^\]]*\]\({re.escape(ASSET_PAGE)}([^)]+)\)")


class SharesAssets(Protocol):
    """A step; the factory imports this module."""

    @property
    def study(self) -> Study:
        """Whose declarations the step uses."""

    @property
    def assets(self) -> Sequence[Asset]:
        """What it makes."""

    @property
    def per_section(self) -> bool:
        """Whether Dagster may show the assets of a group as one."""


def shared_keys(steps: Iterable[SharesAssets]) -> dict[dg.AssetKey, dg.AssetKey]:
    """The assets that share a Dagster asset, each with the key of that asset.

    Empty for most studies.
    """
    found = {
        asset.key: shown_key(asset.key, asset.group, one.study)
        for one in steps
        if one.per_section
        for asset in one.assets
    }
    return {key: own for key, own in found.items() if key != own}


def gathered(
    assets: Sequence[Asset], study: Study, shown: Shown
) -> Iterator[tuple[Asset, Sequence[Asset]]]:
    """The Dagster assets of a step, each with its members; an asset for a single relation has none.

    References to other assets use the Dagster assets that contain them.
    """
    by_key: dict[dg.AssetKey, list[Asset]] = {}
    for asset in assets:
        by_key.setdefault(shown.get(asset.key, asset.key), []).append(asset)
    for key, members in by_key.items():
        deps = dict.fromkeys(shown.get(dep, dep) for one in members for dep in one.deps)
        deps.pop(key, None)
        if members[0].key == key:
            words = _links(members[0].description, shown)
            yield replace(members[0], deps=list(deps), description=words), ()
            continue
        first = members[0]
        yield (
            Asset(
                key,
                group=key.path[0],
                description=_links(_words(members, data_note(study)), shown),
                deps=list(deps),
                columns=first.columns,
                kinds=frozenset[str]().union(*(one.kinds for one in members)),
            ),
            members,
        )


def gathered_checks(checks: Iterable[Check], shown: Shown) -> list[Check]:
    """The checks of a step in Dagster: one per name and Dagster asset."""
    found: dict[tuple[dg.AssetKey, str], Check] = {}
    for check in checks:
        own = shown.get(check.asset, check.asset)
        reads = [*dict.fromkeys(shown.get(key, key) for key in check.reads)]
        known = found.get((own, check.name))
        if known is not None:
            check = replace(
                known,
                blocking=known.blocking or check.blocking,
                reads=[*dict.fromkeys([*known.reads, *reads])],
            )
            reads = list(check.reads)
        found[own, check.name] = replace(check, asset=own, reads=reads)
    return list(found.values())


def gathered_results(results: Iterable[Any], shown: Shown) -> list[Any]:
    """The events of a step for combined assets and their checks."""
    made: dict[dg.AssetKey, list[dg.MaterializeResult[Any]]] = {}
    checked: dict[tuple[dg.AssetKey, str], list[dg.AssetCheckResult]] = {}
    for one in results:
        key = shown.get(one.asset_key, one.asset_key)
        if isinstance(one, dg.AssetCheckResult):
            checked.setdefault((key, str(one.check_name)), []).append(one)
        else:
            made.setdefault(key, []).append(one)
    return [
        *(_made(key, own, shown) for key, own in made.items()),
        *(_checked(key, own) for (key, _), own in checked.items()),
    ]


def _words(members: Sequence[Asset], note: str) -> str:
    lines = [
        f"- `{one.place[1]}`: {one.description.partition(chr(10))[0]}"
        for one in members[:MOST_LISTED]
    ]
    if len(members) > MOST_LISTED:
        lines.append(f"- and {len(members) - MOST_LISTED} more")
    head = f"{len(members)} relations of this section, each computed and stored by itself:"
    return "\n\n".join(part for part in (head, "\n".join(lines), note) if part)


def _links(text: str, shown: Shown) -> str:
    """Links to the pages of existing assets."""

    def page(found: re.Match[str]) -> str:
        key = dg.AssetKey(found[1].split("/"))
        return page_link("/".join(shown[key].path)) if key in shown else found[0]

    return LINK.sub(page, text)


def _made(
    key: dg.AssetKey, own: Sequence[dg.MaterializeResult[Any]], shown: Shown
) -> dg.MaterializeResult[Any]:
    first = own[0]
    metadata = {**(first.metadata or {})}
    lineage = _lineage(own, shown)
    if lineage is not None:
        metadata["dagster/column_lineage"] = lineage
    if first.asset_key == key:
        return first._replace(metadata=metadata)
    rows = [(one.metadata or {}).get("dagster/row_count") for one in own]
    members = pd.DataFrame({"relation": [_name(one) for one in own], "rows": rows}, dtype="object")
    # Dagster would show the metadata of one relation as that of all
    kept: dict[str, Any] = {
        name: value
        for name, value in metadata.items()
        if isinstance(value, str | dg.TableSchema | dg.TableColumnLineage)
    }
    kept["members"] = dg.MarkdownMetadataValue(markdown(members))
    kept["dagster/row_count"] = sum(n for n in rows if isinstance(n, int))
    versions = sorted((_name(one), one.data_version) for one in own)
    version = dg.DataVersion(hashed(versions))
    return dg.MaterializeResult(asset_key=key, metadata=kept, data_version=version)


def _name(one: dg.MaterializeResult[Any] | dg.AssetCheckResult) -> str:
    assert one.asset_key is not None
    return one.asset_key.path[-1]


def _lineage(
    own: Sequence[dg.MaterializeResult[Any]], shown: Shown
) -> dg.TableColumnLineage | None:
    """The upstream columns of each column, up to a number that people can read."""
    found: dict[str, dict[Any, None]] = {}
    for one in own:
        lineage = (one.metadata or {}).get("dagster/column_lineage")
        if not isinstance(lineage, dg.TableColumnLineage):
            return None
        for column, deps in lineage.deps_by_column.items():
            for dep in deps:
                key = shown.get(dep.asset_key, dep.asset_key)
                found.setdefault(column, {})[key, dep.column_name] = None
    return dg.TableColumnLineage(
        deps_by_column={
            column: [
                dg.TableColumnDep(asset_key=key, column_name=name)
                for key, name in list(deps)[:MOST_DEPS]
            ]
            for column, deps in found.items()
        }
    )


def _checked(key: dg.AssetKey, own: Sequence[dg.AssetCheckResult]) -> dg.AssetCheckResult:
    first = own[0]
    if first.asset_key == key:
        return first
    failed = [one for one in own if not one.passed]
    errors = [one for one in failed if one.severity == dg.AssetCheckSeverity.ERROR]
    worst = (errors or failed or [first])[0]
    lines = [f"{_name(one)}: {one.description}" for one in own if one.description]
    if len(lines) > MOST_CHECKED:
        lines[MOST_CHECKED:] = [f"and {len(lines) - MOST_CHECKED} more"]
    counted: Counter[str] = Counter()
    for one in own:
        for name, value in one.metadata.items():
            if isinstance(value, dg.IntMetadataValue):
                counted[name] += value.value or 0
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=first.check_name,
        passed=not failed,
        severity=worst.severity,
        description=page_lines("\n".join(lines)) or None,
        metadata={**counted, "members": len(own), "members_failing": len(failed)},
    )
