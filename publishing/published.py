"""The published relations of a wave, from which all output is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from assets.tables.group_rules import GroupSizes, group_sizes
from declarations import SourceSheet, Study, Table
from publishing.layout.build import build_layout
from publishing.layout.model import TableLayout
from publishing.layout.print_notes import PrintedTable
from publishing.layout.tabulated import TabulatedTable, tabulated_layouts
from replication.printed import read_errata, read_printed_table
from replication.reproduction import has_print, printed_folder

Place = tuple[str, str]
STATEMENT = ("id", "section", "statement_da", "statement", "verdict")


@dataclass(frozen=True)
class PublishedWave:
    """The published relations of a wave, with the study and its source sheet.

    `relations` is `{(schema, name): frame}`.

    Every output is built from this alone. All outputs therefore agree, and none shows anything that
    the disclosure gate withholds.
    """

    study: Study
    sheet: SourceSheet
    relations: Mapping[Place, pd.DataFrame]
    about: Mapping[str, str] = field(default_factory=dict)

    @property
    def wave(self) -> str:
        """The wave."""
        return self.sheet.wave

    def relation(self, schema: str, name: str) -> pd.DataFrame | None:
        """A relation; None if the wave has none or it is withheld."""
        return self.relations.get((schema, name))

    def of_table(self, schema: str, name: str, table: str) -> pd.DataFrame | None:
        """The lines of one table, from a relation that contains all tables."""
        if self.relation(schema, name) is None:
            return None
        return self._by_table(schema, name).get(table)

    def _by_table(self, schema: str, name: str) -> dict[str, pd.DataFrame]:
        known = self._split.get((schema, name))
        if known is None:
            frame = self.relations[schema, name]
            parts = frame.groupby("table", sort=False)
            known = {str(table): own.reset_index(drop=True) for table, own in parts}
            self._split[schema, name] = known
        return known

    @cached_property
    def _split(self) -> dict[Place, dict[str, pd.DataFrame]]:
        return {}

    @cached_property
    def results(self) -> dict[str, pd.DataFrame]:
        """The lines of every table with figures."""
        return self._by_table("results", "results")

    @cached_property
    def statements(self) -> dict[str, tuple[str, ...]]:
        """The published statements as STATEMENT, by id; empty if they are withheld."""
        ledger = self.relation("results", "claims")
        if ledger is None:
            return {}
        lines = ledger[list(STATEMENT)].itertuples(index=False, name=None)
        return {str(line[0]): tuple(map(str, line)) for line in lines}

    @cached_property
    def bases(self) -> dict[str, int]:
        """Answers to each item, from the published counts; empty if they are withheld."""
        counts = self.relation("counts", "counts")
        if counts is None:
            return {}
        everyone = counts[(counts["group"] == "all") & (counts["code"] != "total")]
        return {str(k): int(n) for k, n in everyone.groupby("item", sort=False)["n"].sum().items()}

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """The tables of the wave: published tables with figures, and tables of words only."""
        return tuple(t for t in self.study.tables if t.entries or t.id in self.results)

    @cached_property
    def layouts(self) -> dict[str, TableLayout]:
        """The layout of every table: those of the report in its order, then tabulated ones."""
        report = {
            table.id: build_layout(
                table,
                self.results.get(table.id, pd.DataFrame()),
                self.study,
                self.sheet,
                self.of_table("results", "significance", table.id),
                self.printed.get(table.id),
                self.sizes,
            )
            for table in self.tables
        }
        return report | {name: own.layout for name, own in self.tabulated.items()}

    @cached_property
    def tabulated(self) -> dict[str, TabulatedTable]:
        """The tables in the short form (`tables` of the study), then those of the banner book."""
        frame = self.relation("results", "crosstabs")
        found = tabulated_layouts(self.study, self.sheet, frame, self.sizes)
        return {name: own for name, own in found.items() if name not in self.study.table}

    @cached_property
    def printed(self) -> dict[str, PrintedTable]:
        """The printed version of every table, if the report is about this wave."""
        folder = printed_folder(self.study)
        if folder is None or not has_print(self.study, self.wave):
            return {}
        errata, audit = read_errata(folder), self.relation("audit", "audit")
        return {
            table.id: PrintedTable(
                read_printed_table(folder, table.id),
                [erratum for erratum in errata if erratum.table == table.id],
                audit,
            )
            for table in self.study.tables
            if (folder / f"{table.id}.csv").is_file()
        }

    @cached_property
    def sizes(self) -> GroupSizes:
        """The number of respondents in each level of each group."""
        return group_sizes(
            self.study,
            self.relation("clean", "memberships"),
            self.relation("clean", "municipalities"),
        )
