"""Weights of respondents: a column of the export, or computed to meet known totals of groups."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from assets.statistics.survey.weighting import (
    Margin,
    NotConvergedError,
    effective_base,
    raked,
    trimmed_weights,
)
from assets.tabulate.relations import Relations, number_sql
from declarations import Study
from declarations.documents import line_of
from declarations.fields.fields import fields_of
from declarations.fields.levels import levels_of
from declarations.tabulation.tabulation import TabulationError
from declarations.tabulation.weights import ColumnWeight, MadeWeight, RegisterMargin, Weight
from runtime.store import quote


@dataclass(frozen=True)
class Weighted:
    """Weights in the order of `person.p`, with a report of how they were computed."""

    values: np.ndarray[Any, Any]
    rounds: int = 0
    deviation: float = 0.0
    trimmed: int = 0

    @property
    def words(self) -> str:
        """Range, effective base and convergence in one line."""
        w = self.values / self.values.mean()
        said = (
            f"weights from {w.min():.3f} to {w.max():.3f} of their mean, effective base "
            f"{effective_base(w):.0f} of {len(w)}"
        )
        if self.rounds:
            said += f"; margins met within {self.deviation:.1e} after {self.rounds} rounds"
        return said + (f"; {self.trimmed} at a bound" if self.trimmed else "")


def weights_of(
    name: str, relations: Relations, connection: duckdb.DuckDBPyConnection, wave_folder: Path
) -> Weighted:
    """The weights of a declared weight. Raises TabulationError if they cannot be computed."""
    study = relations.study
    weight = study.tabulation.weight[name]
    if isinstance(weight, ColumnWeight):
        values = _column(weight, relations, connection)
        if weight.trim is not None:
            try:
                cut = trimmed_weights(values, weight.trim.lower, weight.trim.upper)
            except ValueError as error:
                words = f"found weights that cannot be cut to these bounds: {error}"
                raise entry_error(study, weight.id, ("trim",), words) from None
            return Weighted(cut, trimmed=int((cut != values).sum()))
        return Weighted(values)
    return _made(weight, relations, connection, wave_folder)


def _column(
    weight: ColumnWeight, relations: Relations, connection: duckdb.DuckDBPyConnection
) -> np.ndarray[Any, Any]:
    study = relations.study
    if weight.column in study.harmless_columns:
        sql = f"SELECT p, {number_sql(quote(weight.column))} AS number FROM person"
    else:
        sql = relations.field(relations.fields[weight.column])
    found = connection.execute(
        f"SELECT s.number AS w FROM person LEFT JOIN ({sql}) AS s ON s.p = person.p "
        "ORDER BY person.p"
    ).fetchnumpy()["w"]
    values = np.asarray(np.ma.filled(np.ma.asarray(found, np.float64), np.nan))
    place = ("column",)
    missing = int(np.isnan(values).sum())
    if missing:
        words = f"found no number for {missing} of {len(values)} respondents, expected one for each"
        raise entry_error(study, weight.id, place, words)
    if (values <= 0).any():
        words = (
            f"found {values.min():g} ({int((values <= 0).sum())} respondents have 0 or less), "
            "expected weights above 0"
        )
        raise entry_error(study, weight.id, place, words)
    if len(values) and values.min() == values.max():
        words = f"found the same weight {values[0]:g} for everyone, expected weights that differ"
        raise entry_error(study, weight.id, place, words)
    return values


def _made(
    weight: MadeWeight, relations: Relations, connection: duckdb.DuckDBPyConnection, folder: Path
) -> Weighted:
    study = relations.study
    base = np.ones(connection.execute("SELECT COUNT(*) FROM person").fetchall()[0][0])
    if weight.base is not None:
        other = study.tabulation.weight[weight.base]
        assert isinstance(other, ColumnWeight)
        base = _column(other, relations, connection)
    known = {name: _totals(name, weight, study, connection, folder) for name in weight.margins}
    size = float(weight.size or base.sum())
    margins = []
    for name, totals in known.items():
        level = _levels(name, list(totals), relations, connection)
        outside = int((level < 0).sum())
        if outside and (weight.unknown == "refuse" or (level < -1).any()):
            words = (
                f"found {outside} respondents in no level of {name}, or in several; expected "
                "everyone in one (`unknown: keep` leaves those in none at their share)"
            )
            raise entry_error(study, weight.id, ("margins", name), words)
        # respondents in no level form a separate level with its own share
        aside = float(base[level < 0].sum() / base.sum()) * size
        shares = np.array(list(totals.values()), np.float64)
        wanted = shares / shares.sum() * (size - aside)
        if outside:
            wanted = np.append(wanted, aside)
            level = np.where(level < 0, len(shares), level)
        margins.append(Margin(name, level, wanted))
    bounds = (weight.trim.lower, weight.trim.upper) if weight.trim is not None else None
    try:
        found = raked(base, margins, rounds=weight.rounds, bounds=bounds, tolerance=1e-11)
    except NotConvergedError as error:
        words = f"found no weights that meet all margins: {error}; expected weights that meet them"
        raise entry_error(study, weight.id, ("margins", error.margin), words) from None
    except ValueError as error:
        words = f"found margins that cannot be met: {error}"
        raise entry_error(study, weight.id, ("margins",), words) from None
    return Weighted(found.weights, found.rounds, found.deviation, found.trimmed)


def _totals(
    name: str,
    weight: MadeWeight,
    study: Study,
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
) -> dict[str, float]:
    margin, place = weight.margins[name], ("margins", name)
    levels = [level.key for level in levels_of(name, study, {}) or _known(name, study)]
    if isinstance(margin, Mapping):
        return {level: float(margin[level]) for level in levels}
    if isinstance(margin, RegisterMargin):
        amount = "1" if margin.register_ == "units" else number_sql(quote(margin.register_))
        lines = connection.execute(
            f"SELECT {quote(name)}, SUM({amount}) FROM clean.municipalities GROUP BY 1"
        ).fetchall()
        found = {str(level): float(total or 0) for level, total in lines}
    else:
        found = _file(folder / margin, margin, name, weight, study)
    lacking = [level for level in levels if level not in found]
    if lacking:
        words = f"found no total for the level {lacking[0]}, expected one for each of {levels}"
        raise entry_error(study, weight.id, place, words)
    return {level: found[level] for level in levels}


def _known(name: str, study: Study) -> Any:
    return levels_of(name, study, fields_of(study)) or ()


def _file(path: Path, shown: str, group: str, weight: Weight, study: Study) -> dict[str, float]:
    """Totals of a margins file: columns group, level, total."""
    place = ("margins", group)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.DictReader(file))
    except OSError as error:
        raise entry_error(
            study, weight.id, place, f"{shown} cannot be read: {error.strerror}"
        ) from None
    found: dict[str, float] = {}
    for number, line in enumerate(lines, start=2):
        if {"group", "level", "total"} - set(line):
            words = f"{shown} has the columns {list(line)}, expected group, level, total"
            raise entry_error(study, weight.id, place, words)
        if line["group"] != group:
            continue
        try:
            found[line["level"]] = float(str(line["total"]).replace(",", "."))
        except ValueError:
            words = f"{shown} line {number}: total is {line['total']!r}, expected a number"
            raise entry_error(study, weight.id, place, words) from None
        if found[line["level"]] < 0:
            raise entry_error(study, weight.id, place, f"{shown} line {number}: total is below 0")
    return found


def _levels(
    name: str, keys: list[str], relations: Relations, connection: duckdb.DuckDBPyConnection
) -> np.ndarray[Any, Any]:
    """The position of everyone's level among the keys; -1 for no level, -2 for several levels."""
    lines = connection.execute(
        "SELECT person.p, MIN(g.level), COUNT(g.level) FROM person "
        f"LEFT JOIN ({relations.group(name)}) AS g ON g.p = person.p GROUP BY person.p "
        "ORDER BY person.p"
    ).fetchall()
    place = {key: number for number, key in enumerate(keys)}
    found = [-2 if n > 1 else place.get(level, -1) for _, level, n in lines]
    return np.array(found, np.int64)


def entry_error(study: Study, name: str, place: Sequence[Any], problem: str) -> TabulationError:
    """The error to raise about an entry of the file that declares `name`."""
    file = study.tabulation.files.get(name, "")
    if not (study.folder / file).is_file():
        return TabulationError(f"{name}: {problem}")
    line = line_of(study.folder / file, place)
    where = file if line is None else f"{file} line {line}"
    return TabulationError(": ".join((where, ".".join(map(str, place)), problem)))
