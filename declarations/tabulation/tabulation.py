"""Everything that a study declares for tabulation in addition to its questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from declarations.tabulation.crosstab import BannerBook, Crosstab, Options
from declarations.tabulation.groups import DerivedGroup
from declarations.tabulation.variables import Variable
from declarations.tabulation.weights import Design, Weight

NO_WEIGHT = "none"


class TabulationError(ValueError):
    """The data do not allow a table, group or weight; the message has file and line."""


@dataclass(frozen=True)
class Tabulation:
    """Variables, groups, weights, tables in the short form and the banner book.

    `files` has the declaring file of each, relative to the study folder.
    """

    variables: tuple[Variable, ...] = ()
    groups: tuple[DerivedGroup, ...] = ()
    weights: tuple[Weight, ...] = ()
    design: Design | None = None
    tables: tuple[Crosstab, ...] = ()
    book: BannerBook | None = None
    files: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def variable(self) -> dict[str, Variable]:
        """Variables by id."""
        return {variable.id: variable for variable in self.variables}

    @cached_property
    def group(self) -> dict[str, DerivedGroup]:
        """Groups by id."""
        return {group.id: group for group in self.groups}

    @cached_property
    def weight(self) -> dict[str, Weight]:
        """Weights by id."""
        return {weight.id: weight for weight in self.weights}

    @cached_property
    def table(self) -> dict[str, Crosstab]:
        """Tables in the short form by id."""
        return {table.id: table for table in self.tables}

    @property
    def defaults(self) -> Options:
        """Defaults of all tables."""
        return self.book.defaults if self.book is not None else Options()
