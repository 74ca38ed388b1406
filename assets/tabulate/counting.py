"""Counts and moments of fields by columns, in SQL.

Each line counts the respondents in one cell: n, the sum of their weights and of the squared
weights, and for numbers the sums that means and their errors need. Lines are per stratum. They are
also per cluster if the design has clusters, or if the caller asks for every respondent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np

from assets.statistics.survey.sampling import Sample, numbered, sample_of
from assets.tabulate.relations import PERSON, Relations
from assets.tabulate.request import BannerColumn, columns_of
from declarations import Study
from declarations.fields.fields import Field
from declarations.fields.levels import levels_of
from declarations.tabulation.filters import Filter
from declarations.tabulation.tabulation import TabulationError
from runtime.store import quote, write_frame
from runtime.store import text_literal as text

Array = np.ndarray[Any, Any]
SQL_SUMS = "COUNT(*) AS n, SUM(w) AS w, SUM(w * w) AS ww"
SQL_MOMENTS = (
    f"{SQL_SUMS}, SUM(w * number) AS wx, SUM(w * number * number) AS wxx, "
    "SUM(w * w * number) AS wwx, SUM(w * w * number * number) AS wwxx"
)


@dataclass(frozen=True)
class Drawn:
    """The sampling design.

    `sample` has the primary units; `declared` says whether the study declares a design.

    `clustered` says whether respondents share units. `overlapping` lists the blocks in which a
    respondent may be in several columns.
    """

    sample: Sample
    declared: bool
    clustered: bool
    overlapping: frozenset[str] = frozenset()


class Counter:
    """Counts over one connection. It makes temporary relations and only reads the wave's own."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, study: Study, fields: Mapping[str, Field]
    ) -> None:
        self.connection, self.study = connection, study
        self.relations = Relations(study, fields)
        connection.execute(PERSON)
        found = connection.execute("SELECT COUNT(*) FROM person").fetchall()
        self.respondents = int(found[0][0])
        self._overlapping: dict[str, bool] = {}

    def people(self, weights: Array | None) -> Drawn:
        """Make `people` (p, w, stratum, unit): weights in the order of `person`, 1 for None."""
        design = self.study.tabulation.design
        stratum = np.zeros(self.respondents, np.int64)
        unit = np.arange(self.respondents)
        names: list[object] = ["all"]
        if design is not None and design.strata is not None:
            stratum, names = numbered(self._column(design.strata, "strata"))
        if design is not None and design.cluster is not None:
            cluster = self._column(design.cluster, "cluster")
            # a cluster is within its stratum
            unit, _ = numbered(list(zip(stratum.tolist(), cluster, strict=True)))
        units = int(unit.max()) + 1 if len(unit) else 0
        of_unit = np.zeros(units, np.int64)
        of_unit[unit] = stratum
        population: Any = design.population if design is not None else None
        if isinstance(population, Mapping):
            lacking = [name for name in names if str(name) not in population]
            if lacking:
                raise TabulationError(f"design.yaml: population: no number for {lacking[0]!r}")
            population = [population[str(name)] for name in names]
        try:
            sample = sample_of(of_unit, units, population)
        except ValueError as error:
            if design is not None:
                message = f"design.yaml: {error} (strata in order: {', '.join(map(str, names))})"
                raise TabulationError(message) from None
            # a single respondent has no variance
            sample = Sample(of_unit, np.zeros(max(1, len(np.unique(of_unit)))))
        w = np.ones(self.respondents) if weights is None else np.asarray(weights, np.float64)
        import pandas as pd

        frame = pd.DataFrame(
            {
                "p": np.arange(self.respondents, dtype=np.int32),
                "w": w,
                "stratum": stratum,
                "unit": unit,
            }
        )
        write_frame(self.connection, "TEMP TABLE people", frame)
        return Drawn(sample, design is not None, units < self.respondents)

    def units(self, unit: Array) -> None:
        """Assign another unit to everyone in `people`, in the order of `person`."""
        import pandas as pd

        frame = pd.DataFrame({"p": np.arange(self.respondents, dtype=np.int32), "u": unit})
        query = "SELECT p, w, stratum, u AS unit FROM people JOIN incoming USING (p)"
        write_frame(self.connection, "TEMP TABLE people", frame, query)

    def _column(self, name: str, entry: str) -> list[object]:
        """Everyone's value of a background column or group, in the order of `person`."""
        if name in (*self.study.harmless_columns, "municipality"):
            sql = f"SELECT CAST({quote(name)} AS VARCHAR) FROM person ORDER BY p"
        else:
            sql = (
                "SELECT MIN(g.level) FROM person "
                f"LEFT JOIN ({self.relations.group(name)}) AS g ON g.p = person.p "
                "GROUP BY person.p ORDER BY person.p"
            )
        values = [line[0] for line in self.connection.execute(sql).fetchall()]
        missing = sum(value is None or value == "" for value in values)
        if missing:
            message = f"found none in {name!r} for {missing} respondents, expected one for each"
            raise TabulationError(f"design.yaml: {entry}: {message}")
        return values

    def columns(self, by: Sequence[Sequence[str]]) -> list[BannerColumn]:
        """Make `banner` (p, col), and return its columns.

        There is a column for everyone, then one per level of each chain of groups.
        """
        made = [BannerColumn("all", "Alle", "all", "Alle")]
        groups = {
            name: number for number, name in enumerate(dict.fromkeys(g for c in by for g in c))
        }
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE member (g INTEGER, p INTEGER, l INTEGER)"
        )
        levels = {}
        for name, number in groups.items():
            own = levels_of(name, self.study, self.relations.fields) or []
            levels[name] = own
            cases = " ".join(f"WHEN {text(lv.key)} THEN {n}" for n, lv in enumerate(own))
            self.connection.execute(
                f"INSERT INTO member SELECT {number}, p, CASE level {cases} END AS l "
                f"FROM ({self.relations.group(name)}) AS g WHERE level IN "
                f"({', '.join(text(lv.key) for lv in own)})"
            )
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE banner AS SELECT p, 0 AS col FROM people"
        )
        labels = {name: self._label(name) for name in groups}
        for entry in by:
            first, place, joined = len(made), "", "member AS g0"
            of = [f"g0.g = {groups[entry[0]]}"]
            place = "g0.l"
            for n, name in enumerate(entry[1:], start=1):
                joined += f" JOIN member AS g{n} ON g{n}.p = g0.p"
                of.append(f"g{n}.g = {groups[name]}")
                place = f"({place}) * {len(levels[name])} + g{n}.l"
            self.connection.execute(
                f"INSERT INTO banner SELECT g0.p, {first} + {place} FROM {joined} "
                f"WHERE {' AND '.join(of)}"
            )
            made += columns_of(entry, levels, labels)
        return made

    def overlapping(self, names: Iterable[str]) -> frozenset[str]:
        """The groups in which some respondent is in several levels."""
        for name in names:
            if name not in self._overlapping:
                found = self.connection.execute(
                    f"SELECT 1 FROM ({self.relations.group(name)}) AS g GROUP BY p "
                    "HAVING COUNT(*) > 1 LIMIT 1"
                ).fetchall()
                self._overlapping[name] = bool(found)
        return frozenset(name for name in names if self._overlapping[name])

    def _label(self, name: str) -> str:
        if name in self.study.group:
            return self.study.group[name].label.da
        if name in self.study.tabulation.group:
            return self.study.tabulation.group[name].named.da
        if name in self.study.question:
            return self.study.question[name].label.da
        field = self.relations.fields.get(name)
        return field.label.da if field is not None else name

    def inside(self, chosen: Filter) -> int:
        """Make `inside` (p) of the respondents who pass a filter; returns their number."""
        condition = self.relations.condition(chosen)
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE inside AS SELECT p FROM person WHERE {condition}"
        )
        return int(self.connection.execute("SELECT COUNT(*) FROM inside").fetchall()[0][0])

    def values(self, fields: Sequence[Field]) -> None:
        """Make `answer` (field, p, c, number): c is the position of the code in the field."""
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE answer "
            "(field INTEGER, p INTEGER, c INTEGER, number DOUBLE)"
        )
        items: dict[str, list[tuple[int, Field]]] = {}
        for place, field in enumerate(fields):
            if field.item is not None:
                items.setdefault(field.item.question, []).append((place, field))
            else:
                self._insert_made(place, field)
        for question, own in items.items():
            self._insert_items(question, own)

    def _insert_made(self, place: int, field: Field) -> None:
        cases = " ".join(f"WHEN {text(c.code)} THEN {n}" for n, c in enumerate(field.codes))
        c = f"CASE code {cases} END" if cases else "CAST(NULL AS INTEGER)"
        self.connection.execute(
            f"INSERT INTO answer SELECT {place}, p, {c}, number "
            f"FROM ({self.relations.field(field)}) AS f"
        )

    def _insert_items(self, question: str, own: Sequence[tuple[int, Field]]) -> None:
        """All items of a question at once: the positions and scores of their codes are joined."""
        items = [(place, f.item.id) for place, f in own if f.item is not None]
        codes = [
            (place, int(c.code), n, c.score) for place, f in own for n, c in enumerate(f.codes)
        ]
        names = ", ".join(f"({place}, {text(item)})" for place, item in items)
        message = ", ".join(
            f"({place}, {code}, {n}, {'NULL' if s is None else repr(float(s))})"
            for place, code, n, s in codes
        )
        joined, c, number = "", "CAST(NULL AS INTEGER)", "a.number"
        if message:
            joined = (
                f"LEFT JOIN (VALUES {message}) AS k(field, code, c, score) "
                "ON k.field = i.field AND k.code = a.code"
            )
            c, number = "k.c", "COALESCE(a.number, CAST(k.score AS DOUBLE))"
        self.connection.execute(
            f"INSERT INTO answer SELECT i.field, person.p, {c}, {number} "
            f"FROM answers.{quote(question)} AS a JOIN person ON person.respondent = a.respondent "
            f"JOIN (VALUES {names}) AS i(field, item) ON i.item = a.item {joined}"
        )

    def counted(self, per: str = "stratum") -> dict[str, Array]:
        """Sums per field, code, column and `per` (stratum or unit), as arrays by name."""
        return self._sums(f"field, c, col, {per} AS part", SQL_SUMS, "c IS NOT NULL")

    def moments(self, per: str = "stratum") -> dict[str, Array]:
        """Sums of numbers per field, column and `per`, as arrays by name."""
        return self._sums(f"field, col, {per} AS part", SQL_MOMENTS, "number IS NOT NULL")

    def bases(self, per: str = "stratum") -> dict[str, Array]:
        """Everyone who passes the filter, per column, whether they answered or not."""
        sql = (
            f"SELECT col, {per} AS part, {SQL_SUMS} FROM banner JOIN people USING (p) "
            "JOIN inside USING (p) GROUP BY ALL"
        )
        return {k: np.asarray(v) for k, v in self.connection.execute(sql).fetchnumpy().items()}

    def distribution(self) -> dict[str, Array]:
        """Frequency of every number, per field and column, smallest first."""
        return self._sums("field, col, number", SQL_SUMS, "number IS NOT NULL")

    def _sums(self, keys: str, sums: str, where: str) -> dict[str, Array]:
        names = ", ".join(part.split(" AS ")[0] for part in keys.split(", "))
        sql = (
            f"SELECT {keys}, {sums} FROM answer JOIN banner USING (p) JOIN people USING (p) "
            f"JOIN inside USING (p) WHERE {where} GROUP BY {names} ORDER BY {names}"
        )
        return {k: np.asarray(v) for k, v in self.connection.execute(sql).fetchnumpy().items()}
