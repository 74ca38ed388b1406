"""The sources of a table: variables, groups, weight and filter, down to the export's columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from assets.step.lineage import column_span, group_source, page_link, respondents_line
from assets.tabulate.request import Request
from declarations import Item, Study
from declarations.fields.fields import Field, rows_of
from declarations.fields.levels import column_groups
from declarations.survey.groups import Group
from declarations.tabulation.groups import AnswerGroup, BackgroundGroup, BandsGroup, CrossGroup
from declarations.tabulation.weights import ColumnWeight
from runtime.safe_text import code_span, markdown_text


@dataclass
class Sources:
    """Names of all sources, in order of first use (dicts keep it)."""

    items: dict[str, Item] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    groups: dict[str, Any] = field(default_factory=dict)
    registered: dict[str, Group] = field(default_factory=dict)
    weights: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, None] = field(default_factory=dict)

    @property
    def questions(self) -> list[str]:
        """Questions whose answers are read."""
        return list(dict.fromkeys(item.question for item in self.items.values()))


class Tracing:
    """Follows names through a study's declarations."""

    def __init__(self, study: Study, fields: Mapping[str, Field]) -> None:
        self.study, self.fields = study, fields

    def of_request(self, request: Request) -> Sources:
        """All sources of a table."""
        found = Sources()
        for one in request.fields:
            self.field(one, found)
        for name in dict.fromkeys(name for own in request.by for name in own):
            self.group(name, found)
        for condition in request.filter.conditions():
            if condition.group is not None:
                self.group(condition.group, found)
            elif condition.item is not None:
                self.name(condition.item, found)
        if request.weight is not None:
            self.weight(request.weight, found)
        self.design(found)
        return found

    def name(self, name: str, found: Sources) -> None:
        """A question, item or variable."""
        for one in rows_of(name, self.study, self.fields):
            self.field(one, found)

    def field(self, one: Field, found: Sources) -> None:
        """A field: its item, with the boxes that decide who answered, or its variable."""
        if one.item is not None:
            own = [one.item]
            if one.item.type == "multiple":
                own = list(self.study.question[one.item.question].closed_items)
            for item in own:
                found.items.setdefault(item.id, item)
            return
        assert one.variable is not None
        found.variables.setdefault(one.id, one.variable)
        for source in one.variable.sources:
            self.name(source, found)

    def group(self, name: str, found: Sources) -> None:
        """A group of any kind."""
        group = column_groups(name, self.study, self.fields)
        if group is None:
            return
        if isinstance(group, Group):
            found.registered.setdefault(name, group)
            if group.kind == "text_rules":
                return
        else:
            if name in self.study.tabulation.group:
                found.groups.setdefault(name, group)
            self._derived(group, found)

    def _derived(self, group: Any, found: Sources) -> None:
        if isinstance(group, CrossGroup):
            for part in group.of:
                self.group(part, found)
        elif isinstance(group, BackgroundGroup):
            found.columns.setdefault(group.column)
        elif isinstance(group, BandsGroup) and group.of in self.study.harmless_columns:
            found.columns.setdefault(group.of)
        elif isinstance(group, AnswerGroup | BandsGroup):
            self.name(group.of, found)

    def weight(self, name: str, found: Sources) -> None:
        """A weight: its column, or the groups of its margins."""
        weight = self.study.tabulation.weight[name]
        found.weights.setdefault(name, weight)
        if isinstance(weight, ColumnWeight):
            if weight.column in self.fields:
                self.name(weight.column, found)
            else:
                found.columns.setdefault(weight.column)
            return
        for margin in weight.margins:
            self.group(margin, found)
        if weight.base is not None:
            self.weight(weight.base, found)

    def design(self, found: Sources) -> None:
        """Strata and clusters."""
        design = self.study.tabulation.design
        for name in (design.strata, design.cluster) if design is not None else ():
            if name in self.study.harmless_columns:
                found.columns.setdefault(str(name))
            elif name is not None and name != "municipality":
                self.group(name, found)


def lineage_lines(request: Request, found: Sources, study: Study) -> Iterator[str]:
    """The lineage of a table as a Markdown list, from the table to the raw files."""
    files = study.tabulation.files
    for name, variable in found.variables.items():
        of = ", ".join(variable.sources)
        shown = f"{variable.kind} of {of}; `{files[name]}`"
        yield f"- variable {page_link(f'variables/{name}')} ({shown})"
    for question in found.questions:
        own = [item for item in found.items.values() if item.question == question]
        columns = ", ".join(column_span(item.variable) for item in own)
        label = markdown_text(study.question[question].label.en)
        yield f"- question {page_link(f'answers/{question}')} ({label}): export columns {columns}"
    for name, group in found.groups.items():
        yield f"- group {page_link(f'groups/{name}')} ({group.kind}; `{files[name]}`)"
    for name, registered in found.registered.items():
        column, register = group_source(registered, study)
        via = f"export column {column_span(column)}"
        if register is not None:
            via = f"register column {code_span(register)}, joined by {via}"
        yield f"- group {page_link('clean/memberships')} `{name}`: {via}"
    for name, weight in found.weights.items():
        yield f"- weight {page_link(f'weights/{name}')} ({weight.kind}; `{files[name]}`)"
    if found.columns:
        columns = ", ".join(map(column_span, found.columns))
        yield f"- background columns of {page_link('clean/respondents')}: {columns}"
    if request.filter.words:
        yield f"- filter: {code_span(request.filter.words)}"
    yield respondents_line(study)


def rests_on(
    names: Iterable[str], found: Sources, study: Study, words: Mapping[str, str]
) -> list[Any]:
    """The declarations of the sources, for the version of an asset."""
    tabulation = study.tabulation
    own = [
        tabulation.variable.get(n) or tabulation.group.get(n) or tabulation.weight.get(n)
        for n in (*names, *found.variables, *found.groups, *found.weights)
    ]
    asked = [words[question] for question in found.questions]
    return [own, asked, list(found.registered.values()), tabulation.design, list(found.columns)]
