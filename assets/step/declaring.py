"""What a step declares, is given and makes; `assets/step/factory.py` explains each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import dagster as dg
import pandas as pd

from assets.step.metadata import Lineage
from assets.step.workspace import Workspace
from declarations import SourceSheet, Study
from runtime.store import Store

Place = tuple[str, str]
# What a published relation holds. One that does not say so is kept from readers of a real wave.
UNDECLARED = ""
FACTS = "facts"
FIGURES = "figures"
RESPONDENTS = "respondents"


@dataclass(frozen=True)
class Published:
    """Where readers find a relation: `schema.name` of the snapshot, and `name.csv` with `csv`.

    Assets with one place are joined there in their order. `per` says of what kind of thing a place
    is one of many ("question").

    `holds` says what the relation can reveal: FACTS rest on no respondent's answer, FIGURES are
    computed over many respondents, RESPONDENTS has a line for each. The policy of disclosure
    decides by it; a relation of a real wave that declares nothing is withheld.
    """

    schema: str
    name: str
    csv: bool = False
    per: str = ""
    holds: str = UNDECLARED

    @property
    def place(self) -> Place:
        """Schema and name in the snapshot."""
        return self.schema, self.name


@dataclass(frozen=True)
class Asset:
    """An asset as declared. `columns` maps the columns of its relation to what they hold.

    `rests_on` is what it needs of the declarations, as values whose repr is one per content; None
    is everything. `metadata` and `tags` are shown before anything has run.
    """

    key: dg.AssetKey
    group: str
    description: str
    deps: Sequence[dg.AssetKey] = ()
    rests_on: Any = None
    columns: Mapping[str, str] = field(default_factory=dict)
    published: Sequence[Published] = ()
    kinds: frozenset[str] = frozenset({"duckdb", "pandas"})
    tags: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def place(self) -> Place:
        """Schema and name in the working file."""
        return self.key.path[0], self.key.path[-1]


@dataclass(frozen=True)
class Check:
    """A check of an asset. One that blocks stops what is below the asset where it fails.

    `reads` are other assets it looks at, `rests_on` what it needs of the declarations beside what
    its asset rests on.
    """

    name: str
    asset: dg.AssetKey
    description: str
    blocking: bool = False
    reads: Sequence[dg.AssetKey] = ()
    rests_on: Any = ""


@dataclass(frozen=True)
class Given:
    """What a step computes from.

    `study` is as declared, `asked` as the wave asked it; `chosen` are the keys of the assets that
    are to be made or, of a step of checks, checked; `version` is one for code and declarations.
    """

    study: Study
    wave: str
    workspace: Workspace
    chosen: frozenset[dg.AssetKey]
    version: str
    context: Any

    @property
    def store(self) -> Store:
        """The working file of the wave."""
        return self.workspace.store(self.wave)

    @cached_property
    def sheet(self) -> SourceSheet:
        """The source sheet of the wave; a Failure where something is wrong with it."""
        return self.workspace.sheet(self.study, self.wave)

    @cached_property
    def asked(self) -> Study:
        """The study as the wave asked it."""
        return self.study.in_wave(self.wave)


@dataclass(frozen=True)
class Made:
    """What a step made of an asset.

    `lineage` maps columns to the (asset, column) pairs they are made from. `preview` is shown in
    the frame's place, `hide` names columns whose cells are not shown. `stores` are the relations
    to keep where that is not the frame under the asset's key; a step that wrote them itself, or
    none, gives no frame, and its `version` if there is one.
    """

    key: dg.AssetKey
    frame: pd.DataFrame | None = None
    lineage: Lineage = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    preview: pd.DataFrame | None = None
    hide: tuple[str, ...] = ()
    version: dg.DataVersion | None = None
    stores: Mapping[Place, pd.DataFrame] | None = None
