"""Fields, groups and filters as SQL over a wave's relations.

The key of everything is `p`, the number of a respondent in the relation `person`. A field is `p,
code, number`: the code as text (NULL for numeric items), and the number, if there is one. A group
is `p, level`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from declarations import Study
from declarations.fields.fields import Field, rows_of
from declarations.fields.levels import column_groups, level_codes
from declarations.survey.groups import Group
from declarations.tables.cells import OTHERS
from declarations.tabulation.filters import Filter
from declarations.tabulation.groups import (
    NEST,
    AnswerGroup,
    BackgroundGroup,
    BandsGroup,
    CrossGroup,
    DerivedGroup,
)
from declarations.tabulation.variables import (
    Band,
    Bands,
    CountVariable,
    DifferenceVariable,
    Index,
    Net,
    Recode,
    Scale,
    Variable,
)
from runtime.store import quote
from runtime.store import text_literal as text

PERSON = """
CREATE OR REPLACE TEMP TABLE person AS
SELECT CAST(ROW_NUMBER() OVER (ORDER BY respondent) - 1 AS INTEGER) AS p, * FROM clean.respondents
"""


def text_list(values: Iterable[str]) -> str:
    """Texts as the list after IN."""
    return "(" + ", ".join(text(value) for value in values) + ")"


def number_sql(column: str) -> str:
    """A column of the export as a number, with a decimal point or comma; NULL if it is not one."""
    return f"TRY_CAST(REPLACE(TRIM({column}), ',', '.') AS DOUBLE)"


class Relations:
    """The SQL of a study's fields, groups and filters, as one wave asked it."""

    def __init__(self, study: Study, fields: Mapping[str, Field]) -> None:
        self.study, self.fields = study, fields

    def field(self, field: Field) -> str:
        """`p, code, number` of a field: a number is a numeric answer or the code's score."""
        if field.item is not None:
            return self._item(field)
        assert field.variable is not None
        made = self._variable(field.variable)
        if field.kind == "numeric":
            return made
        return f"SELECT p, code, {_scored(field)} AS number FROM ({made}) AS made"

    def _item(self, field: Field) -> str:
        assert field.item is not None
        number = (
            "a.number" if field.kind == "numeric" else _scored(field, "CAST(a.code AS VARCHAR)")
        )
        return (
            f"SELECT person.p AS p, CAST(a.code AS VARCHAR) AS code, {number} AS number "
            f"FROM answers.{quote(field.item.question)} AS a "
            f"JOIN person ON person.respondent = a.respondent "
            f"WHERE a.item = {text(field.item.id)}"
        )

    def _variable(self, variable: Variable) -> str:
        fields = self.fields
        if isinstance(variable, Recode):
            return self._recode(variable)
        if isinstance(variable, Net):
            source = fields[variable.of]
            codes = source.codes_of(variable.codes)
            valid = text_list(c.code for c in source.valid)
            return (
                f"SELECT p, CASE WHEN code IN {text_list(codes)} THEN '1' ELSE '0' END AS code "
                f"FROM ({self.field(source)}) AS s WHERE code IN {valid}"
            )
        if isinstance(variable, Bands):
            own = fields[variable.of].with_scores(variable.scores)
            return (
                f"SELECT p, code FROM (SELECT p, {_cut(variable.levels)} AS code "
                f"FROM ({self.field(own)}) AS s WHERE number IS NOT NULL) AS cut "
                "WHERE code IS NOT NULL"
            )
        if isinstance(variable, Scale):
            own = fields[variable.of].with_scores(variable.scores)
            of = f"({self.field(own)}) AS s"
            return f"SELECT p, NULL AS code, number FROM {of} WHERE number IS NOT NULL"
        if isinstance(variable, Index):
            return self._index(variable)
        if isinstance(variable, CountVariable):
            return self._count(variable)
        assert isinstance(variable, DifferenceVariable)
        first, second = (fields[n].with_scores(variable.scores) for n in variable.of)
        return (
            "SELECT a.p AS p, NULL AS code, a.number - b.number AS number "
            f"FROM ({self.field(first)}) AS a JOIN ({self.field(second)}) AS b ON a.p = b.p "
            "WHERE a.number IS NOT NULL AND b.number IS NOT NULL"
        )

    def _recode(self, variable: Recode) -> str:
        source = self.fields[variable.of]
        cases = [
            f"WHEN code IN {text_list(source.codes_of(new.codes))} THEN '{n}'"
            for n, new in enumerate(variable.codes, start=1)
        ]
        if variable.rest == "keep":
            named = set(source.codes_of(code for c in variable.codes for code in c.codes))
            kept = [c.code for c in source.codes if c.code not in named]
            first = len(cases) + 1
            cases += [f"WHEN code = {text(c)} THEN '{n}'" for n, c in enumerate(kept, start=first)]
        return (
            f"SELECT p, code FROM (SELECT p, CASE {' '.join(cases)} END AS code "
            f"FROM ({self.field(source)}) AS s) AS new WHERE code IS NOT NULL"
        )

    def index_items(self, variable: Index) -> list[tuple[Field, str]]:
        """The items of an index and the SQL of their numbers.

        Numbers of reversed items are turned round.
        """
        found = []
        for name in variable.of:
            for field in rows_of(name, self.study, self.fields):
                own = field.with_scores(variable.scores)
                sql = self.field(own)
                if field.id in variable.reversed:
                    scores = [c.score for c in own.codes if c.score is not None]
                    ends = min(scores) + max(scores)
                    sql = f"SELECT p, code, {ends!r} - number AS number FROM ({sql}) AS s"
                found.append((field, sql))
        return found

    def _index(self, variable: Index) -> str:
        items = self.index_items(variable)
        least = len(items) if variable.least is None else variable.least
        union = " UNION ALL ".join(f"SELECT p, number FROM ({sql}) AS s" for _, sql in items)
        how = "AVG" if variable.by == "mean" else "SUM"
        return (
            f"SELECT p, NULL AS code, {how}(number) AS number FROM ({union}) AS every "
            f"WHERE number IS NOT NULL GROUP BY p HAVING COUNT(*) >= {least}"
        )

    def _count(self, variable: CountVariable) -> str:
        parts = []
        for name in variable.of:
            for field in rows_of(name, self.study, self.fields):
                codes = field.codes_of(variable.codes) if variable.codes else ("1",)
                valid = text_list(c.code for c in field.valid)
                hit = f"CASE WHEN code IN {text_list(codes)} THEN 1 ELSE 0 END"
                parts.append(
                    f"SELECT p, {hit} AS hit FROM ({self.field(field)}) AS s WHERE code IN {valid}"
                )
        union = " UNION ALL ".join(parts)
        counted = (
            f"SELECT p, SUM(hit) AS hits, COUNT(*) AS asked FROM ({union}) AS every GROUP BY p"
        )
        if variable.kind == "count":
            return f"SELECT p, NULL AS code, CAST(hits AS DOUBLE) AS number FROM ({counted}) AS c"
        met = "hits > 0" if variable.kind == "any" else "hits = asked"
        return f"SELECT p, CASE WHEN {met} THEN '1' ELSE '0' END AS code FROM ({counted}) AS c"

    # groups

    def group(self, name: str) -> str:
        """`p, level` of a group; a respondent in no level has no line."""
        if name == "all":
            return "SELECT p, 'all' AS level FROM person"
        group = column_groups(name, self.study, self.fields)
        assert group is not None, name
        if isinstance(group, Group):
            return (
                "SELECT person.p AS p, m.level AS level FROM clean.memberships AS m "
                'JOIN person ON person.respondent = m.respondent WHERE m."group" = '
                + text(group.id)
            )
        return self._derived(group)

    def _derived(self, group: DerivedGroup) -> str:
        if isinstance(group, CrossGroup):
            parts = [f"({self.group(part)}) AS g{n}" for n, part in enumerate(group.of)]
            joined = parts[0] + "".join(
                f" JOIN {part} ON g{n}.p = g0.p" for n, part in enumerate(parts) if n
            )
            key = f" || {text(NEST)} || ".join(f"g{n}.level" for n in range(len(parts)))
            return f"SELECT g0.p AS p, {key} AS level FROM {joined}"
        if isinstance(group, AnswerGroup):
            parts = [
                f"SELECT p, {text(level)} AS level FROM ({self.field(self.fields[field])}) AS s "
                f"WHERE code IN {text_list(codes)}"
                for level, field, codes in level_codes(group, self.study, self.fields)
            ]
            # a level of several boxes contains everyone once
            return "SELECT DISTINCT p, level FROM (" + " UNION ALL ".join(parts) + ") AS u"
        if isinstance(group, BackgroundGroup):
            column = f"TRIM(CAST({quote(group.column)} AS VARCHAR))"
            cases = " ".join(
                f"WHEN {column} IN {text_list(level.takes)} THEN {text(level.key)}"
                for level in group.levels
            )
            made = f"SELECT p, CASE {cases} END AS level FROM person"
            return f"SELECT p, level FROM ({made}) AS m WHERE level IS NOT NULL"
        assert isinstance(group, BandsGroup)
        if group.of in self.study.harmless_columns:
            source = f"SELECT p, {number_sql(quote(group.of))} AS number FROM person"
        else:
            source = self.field(self.fields[group.of].with_scores(group.scores))
        made = (
            f"SELECT p, {_cut(group.levels, keys=True)} AS level FROM ({source}) AS s "
            "WHERE number IS NOT NULL"
        )
        return f"SELECT p, level FROM ({made}) AS m WHERE level IS NOT NULL"

    # filters

    def condition(self, chosen: Filter) -> str:
        """A filter as a condition on `p`."""
        if chosen.group is not None:
            of = self.group(chosen.group)
            plain = [level for level in chosen.levels if not level.startswith(OTHERS)]
            parts = (
                [f"p IN (SELECT p FROM ({of}) AS g WHERE level IN {text_list(plain)})"]
                if plain
                else []
            )
            parts += [
                f"p NOT IN (SELECT p FROM ({of}) AS g WHERE level = {text(level[1:])})"
                for level in chosen.levels
                if level.startswith(OTHERS)
            ]
            return "(" + " OR ".join(parts) + ")"
        if chosen.item is not None:
            field = self.fields[chosen.item]
            codes = field.codes_of(chosen.codes)
            return (
                f"p IN (SELECT p FROM ({self.field(field)}) AS f WHERE code IN {text_list(codes)})"
            )
        if chosen.no is not None:
            return f"NOT ({self.condition(chosen.no)})"
        for parts_of, sign in ((chosen.every, " AND "), (chosen.some, " OR ")):
            if parts_of:
                return "(" + sign.join(self.condition(part) for part in parts_of) + ")"
        return "TRUE"


def _scored(field: Field, code: str = "code") -> str:
    cases = [f"WHEN {text(c.code)} THEN {c.score!r}" for c in field.valid if c.score is not None]
    return f"CASE {code} {' '.join(cases)} END" if cases else "CAST(NULL AS DOUBLE)"


def _cut(bands: Iterable[Band], keys: bool = False) -> str:
    cases = []
    for place, band in enumerate(bands, start=1):
        bounds = [f"number >= {band.from_!r}"] if band.from_ is not None else []
        bounds += [f"number < {band.below!r}"] if band.below is not None else []
        made = text(band.key if keys else str(place))
        cases.append(f"WHEN {' AND '.join(bounds) or 'TRUE'} THEN {made}")
    return f"CASE {' '.join(cases)} END"
