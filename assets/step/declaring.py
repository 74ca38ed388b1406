"""The declaration, input and output of a step; `assets/step/factory.py` explains each."""

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
# The content of a published relation. Without this declaration the relation is withheld from
# readers of a real wave.
UNDECLARED = ""
FACTS = "facts"
FIGURES = "figures"
RESPONDENTS = "respondents"


@dataclass(frozen=True)
class Published:
    """The place where readers find a relation: `schema.name` in the snapshot, `name.csv` if `csv`.

    Assets with the same place are joined there in their order. If there is one place for each
    question, `per` is "question".

    `holds` says what the relation can reveal: FACTS depend on no respondent's answer, FIGURES are
    computed over many respondents, RESPONDENTS has a line for each. The disclosure policy uses it.
    A relation of a real wave without `holds` is withheld.
    """

    schema: str
    name: str
    csv: bool = False
    per: str = ""
    holds: str = UNDECLARED

    @property
    def place(self) -> Place:
        """The schema and name in the snapshot."""
        return self.schema, self.name


@dataclass(frozen=True)
class Asset:
    """An asset as declared. `columns` maps the columns of its relation to their meaning.

    `rests_on` are the declarations that it depends on, as values whose repr is equal for equal
    content. None means all declarations. `metadata` and `tags` are shown before the first run.
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
        """The schema and name in the working file."""
        return self.key.path[0], self.key.path[-1]


@dataclass(frozen=True)
class Check:
    """A check of an asset. If a blocking check fails, the run does not compute assets downstream.

    `reads` are other assets that it reads. `rests_on` are the declarations that it depends on, in
    addition to those of its asset.
    """

    name: str
    asset: dg.AssetKey
    description: str
    blocking: bool = False
    reads: Sequence[dg.AssetKey] = ()
    rests_on: Any = ""


@dataclass(frozen=True)
class Given:
    """The input of a step.

    `study` is as declared, `asked` as the wave asked it. `chosen` are the keys of the assets to
    make or, for a step of checks, to check. `version` is one hash of code and declarations. If
    Dagster shows the assets of a section as one, they are `gathered`: no page shows a single one.
    """

    study: Study
    wave: str
    workspace: Workspace
    chosen: frozenset[dg.AssetKey]
    version: str
    context: Any
    gathered: bool = False

    @property
    def store(self) -> Store:
        """The working file of the wave."""
        return self.workspace.store(self.wave)

    @cached_property
    def sheet(self) -> SourceSheet:
        """The source sheet of the wave. Raises Failure if it is invalid."""
        return self.workspace.sheet(self.study, self.wave)

    @cached_property
    def asked(self) -> Study:
        """The study as the wave asked it."""
        return self.study.in_wave(self.wave)


@dataclass(frozen=True)
class Made:
    """The result of a step for one asset.

    `lineage` maps columns to the (asset, column) pairs that they are computed from. `preview` is
    shown instead of the frame. `stores` lists the relations to store, if they differ from the frame
    under the asset's key. A step that wrote its relation itself, or has none, gives no frame; it
    gives a `version` if it has one.
    """

    key: dg.AssetKey
    frame: pd.DataFrame | None = None
    lineage: Lineage = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    preview: pd.DataFrame | None = None
    version: dg.DataVersion | None = None
    stores: Mapping[Place, pd.DataFrame] | None = None
