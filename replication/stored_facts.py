"""The facts of a wave from a run's results: counts, numbers, texts and models."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import duckdb
import pandas as pd

from assets.clean.coded import FILLED, UNUSABLE
from assets.clean.people import LINKS, MEMBERS, NUMBER, ROW
from assets.counts.blocks import blocks_of
from assets.counts.counting import PATTERNS, write_patterns
from assets.tables.results import Counts, count_of, counts_index, number_counts
from declarations import Study
from declarations.claims.selector import bare
from declarations.tables.cells import OTHERS, STATUS_ITEM
from replication.deciding.facts import AbsentError, Coordinate, Facts, UndecidableError
from runtime.store import Store, quote, text_literal


@dataclass(frozen=True)
class StoredFacts(Facts):
    """Counts by item, for numeric items by number, together with models, the register and texts.

    `register`: municipalities by group and level. `written`: respondents with a text by item, group
    and level. `members`: respondents by the number of their levels of a group.
    """

    counts: Mapping[str, Counts]
    models: Mapping[tuple[str, tuple[int, ...], str, str], tuple[float, float]]
    register: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    written: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    members: Mapping[str, Mapping[int, int]] = field(default_factory=dict)

    def count(self, item: str, code: str, group: str, level: str) -> int:
        """See deciding.facts.Facts."""
        if item not in self.counts:
            raise UndecidableError(f"{item} is not counted")
        try:
            return count_of(self.counts[item], item, code, group, level)
        except KeyError:
            raise UndecidableError(f"{item} is not counted by {group}={level}") from None

    def levels(self, item: str, group: str) -> list[str]:
        """See deciding.facts.Facts."""
        counted = self.counts.get(item, {}).items()
        return sorted({level for (_, _, g, level), n in counted if g == group and n})

    def numbers(self, item: str, group: str, level: str) -> Mapping[float, int]:
        """See deciding.facts.Facts."""
        found = number_counts(self.counts.get(item, {}), item, group, level)
        if not any(found.values()):
            raise UndecidableError(f"no numbers of {item} in {group}={level}")
        return found

    def adjusted(
        self, item: str, codes: Sequence[int], group: str, level: str
    ) -> tuple[float, float]:
        """See deciding.facts.Facts."""
        try:
            return self.models[(item, tuple(codes), group, level)]
        except KeyError:
            raise UndecidableError(
                f"no model of {item} in {list(codes)} by {group}={level} is declared"
            ) from None

    def municipalities(self, group: str, level: str) -> frozenset[str]:
        """See deciding.facts.Facts."""
        if group not in self.register:
            raise UndecidableError(f"the register does not say {group}")
        levels = self.register[group]
        inside = levels.get(bare(level), frozenset())
        return frozenset().union(*levels.values()) - inside if level.startswith(OTHERS) else inside

    def texts(self, item: str, group: str, level: str) -> int:
        """See deciding.facts.Facts."""
        if not any(name == item for name, _, _ in self.written):
            raise AbsentError("The answers of this wave hold no such texts.")
        if level.startswith(OTHERS):
            return self.texts(item, "all", "all") - self.texts(item, group, bare(level))
        return self.written.get((item, group, level), 0)

    def memberships(self, group: str) -> dict[int, int]:
        """See deciding.facts.Facts."""
        if group not in self.members:
            raise UndecidableError(f"how many levels of {group} a respondent is in is not kept")
        return dict(self.members[group])


def stored_facts(study: Study, store: Store) -> StoredFacts:
    """The facts of a wave's working file."""
    names = [STATUS_ITEM, *(q.id for q in study.counted_questions)]
    by_item: dict[str, dict[Coordinate, int]] = {}
    for frame in store.read_all("counts", names).values():
        for key, n in counts_index(frame).items():
            by_item.setdefault(key[0], {})[key] = n
    municipalities = store.read("clean", "municipalities")
    by_item[STATUS_ITEM] |= _invitations_by_group(study, municipalities, by_item[STATUS_ITEM])
    with store.connect() as connection:
        written, members = _written(study, connection), _members(study, connection)
    return StoredFacts(
        by_item, _models(study, store), _register(study, municipalities), written, members
    )


def _written(
    study: Study, connection: duckdb.DuckDBPyConnection
) -> dict[tuple[str, str, str], int]:
    """Respondents with a text, by open item, group and level."""
    opened = [i.id for q in study.questions for i in q.items if i.type == "open"]
    if not opened:
        return {}
    write_patterns(connection, study)
    blocks = blocks_of(study)
    names = ", ".join(quote(block.name) for block in blocks)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE written_texts AS SELECT c.item, {names} "
        f"FROM {FILLED} AS c ANTI JOIN {UNUSABLE} USING ({ROW}, item) "
        f"JOIN {LINKS} USING ({ROW}) JOIN {PATTERNS} USING ({NUMBER}) "
        f"WHERE c.item IN ({', '.join(map(text_literal, opened))})"
    )
    found: Counter[tuple[str, str, str]] = Counter()
    for block in blocks:
        for item, pattern, n in connection.execute(
            f"SELECT item, {quote(block.name)}, count(*) FROM written_texts GROUP BY ALL"
        ).fetchall():
            for group, level in block.levels_of(pattern):
                found[item, group, level] += n
    return found


def _members(study: Study, connection: duckdb.DuckDBPyConnection) -> dict[str, dict[int, int]]:
    """Respondents by the number of their levels of an overlapping group."""
    found: dict[str, dict[int, int]] = {g.id: {} for g in study.groups if g.overlapping}
    names = ", ".join(map(text_literal, found)) or "''"
    lines = connection.execute(
        'SELECT "group"::VARCHAR, levels, count(*) FROM (SELECT "group", count(*) AS levels '
        f'FROM (SELECT DISTINCT "group", level, {NUMBER} FROM {MEMBERS} '
        f'WHERE "group"::VARCHAR IN ({names})) GROUP BY "group", {NUMBER}) '
        "GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    for group, levels, n in lines:
        found[group][int(levels)] = int(n)
    return found


def _register(study: Study, municipalities: pd.DataFrame) -> dict[str, dict[str, frozenset[str]]]:
    """Municipalities by group and level."""
    groups = [g.id for g in study.groups if g.by_municipality and g.kind != "identity"]
    found: dict[str, dict[str, frozenset[str]]] = {}
    for group in groups:
        codes = municipalities.groupby(group)["code"]
        found[group] = {str(level): frozenset(map(str, own)) for level, own in codes}
    return found


def _invitations_by_group(
    study: Study, municipalities: pd.DataFrame, counted: Mapping[Coordinate, int]
) -> dict[Coordinate, int]:
    """Invitations by every breakdown of municipalities, summed over municipalities."""
    groups = [g for g in study.groups if g.by_municipality and g.kind != "identity"]
    level_of = municipalities.set_index("code")[[g.id for g in groups]].to_dict("index")
    summed: dict[Coordinate, int] = {}
    for (item, code, group, level), n in counted.items():
        if group in study.group and study.group[group].kind == "identity":
            for other, into in level_of[level].items():
                key = (item, code, str(other), str(into))
                summed[key] = summed.get(key, 0) + n
    return summed


def _models(
    study: Study, store: Store
) -> dict[tuple[str, tuple[int, ...], str, str], tuple[float, float]]:
    """The adjusted odds ratio and p of every declared model whose exposure was estimated."""
    declared = study.models.models
    frames = store.read_all("models", [model.id for model in declared])
    found = {}
    for model in declared:
        line = frames[model.id].iloc[0]
        if not pd.isna(line["adjusted_p"]):
            key = (model.item, model.codes, *model.exposure)
            found[key] = (float(line["adjusted_or"]), float(line["adjusted_p"]))
    return found
