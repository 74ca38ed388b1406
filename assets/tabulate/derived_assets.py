"""Derived variables, groups and weights as assets: the steps between answers and tables."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import dagster as dg
import numpy as np
import pandas as pd

from assets.statistics.reliability import reliability
from assets.step.columns import described
from assets.step.declared import declared
from assets.step.declaring import FIGURES
from assets.step.factory import Asset, Given, Made, Published, Step, step
from assets.step.metadata import data_note
from assets.step.names import answers, clean
from assets.step.workspace import failure
from assets.tabulate.counting import Counter
from assets.tabulate.relations import Relations
from assets.tabulate.sources import Sources, Tracing, rests_on
from assets.tabulate.weighting import weights_of
from declarations import Study
from declarations.fields.fields import Field, fields_of
from declarations.tabulation.tabulation import TabulationError
from declarations.tabulation.variables import Index
from declarations.tabulation.weights import MadeWeight, Weight
from runtime.safe_text import markdown_text

VARIABLE_COLUMNS = described(
    ("respondent", "code", "number"),
    {
        "code": "Code of a variable with codes, from 1 as declared; 1 in, 0 out of nets",
        "number": "Number of an index, count, difference or scale, or the code's score",
    },
)
GROUP_COLUMNS = described(("respondent", "level"), {"level": "Level of the group"})
WEIGHT_COLUMNS = described(("respondent", "weight"), {"weight": "Weight of the respondent"})
RELIABILITY_COLUMNS = described(
    ("wave", "variable", "item", "n", "alpha", "item_rest", "alpha_without"),
    {
        "variable": "Index",
        "item": "Item of the index",
        "n": "Respondents who answered all items",
        "alpha": "Cronbach's alpha of the index",
        "item_rest": "Correlation of the item with the sum of the others",
        "alpha_without": "Alpha of the index without the item",
    },
)
RELIABILITY = dg.AssetKey(["variables", "reliability_of_indices"])
KINDS = frozenset({"duckdb", "sql"})


def key(kind: str, name: str) -> dg.AssetKey:
    """The key of a variable, group or weight (`variables`, `groups`, `weights`)."""
    return dg.AssetKey([kind, name])


def steps(study: Study) -> list[Step]:
    """One step for everything derived; None if a study derives nothing."""
    tabulation = study.tabulation
    fields = fields_of(study)
    trace = Tracing(study, fields)
    assets = []
    for variable in tabulation.variables:
        found = Sources()
        trace.field(fields[variable.id], found)
        assets.append(_asset("variables", variable, found, study, VARIABLE_COLUMNS))
    for group in tabulation.groups:
        found = Sources()
        trace.group(group.id, found)
        assets.append(_asset("groups", group, found, study, GROUP_COLUMNS))
    for weight in tabulation.weights:
        found = Sources()
        trace.weight(weight.id, found)
        made = _asset("weights", weight, found, study, WEIGHT_COLUMNS)
        assets.append(replace(made, rests_on=[made.rests_on, margin_files(weight, study)]))
    indices = [v for v in tabulation.variables if isinstance(v, Index)]
    if indices:
        found = Sources()
        for index in indices:
            trace.field(fields[index.id], found)
        assets.append(
            Asset(
                RELIABILITY,
                group="variables",
                description=(
                    "Cronbach's alpha of every index, and the statistics of each "
                    f"item.\n\n{data_note(study)}"
                ),
                deps=dependencies(found, study),
                rests_on=rests_on((), found, study, declared(study).shown_of),
                columns=RELIABILITY_COLUMNS,
                published=[Published("results", "reliability", csv=True, holds=FIGURES)],
                kinds=KINDS,
            )
        )
    return [step("derive", study, assets, derive, partial=True)] if assets else []


def margin_files(weight: Weight, study: Study) -> list[tuple[str, str]]:
    """The margins files that a weight names, in the wave folders, each with a content hash."""
    if not isinstance(weight, MadeWeight):
        return []
    names = [margin for margin in weight.margins.values() if isinstance(margin, str)]
    paths = sorted(p for name in names for p in (study.folder / "waves").glob(f"*/{name}"))
    return [
        (str(path.relative_to(study.folder)), hashlib.sha256(path.read_bytes()).hexdigest())
        for path in paths
    ]


def _asset(kind: str, one: Any, found: Sources, study: Study, columns: Mapping[str, str]) -> Asset:
    words = [
        markdown_text(one.named.both),
        f"{one.kind}, declared in `{study.tabulation.files[one.id]}`.",
        data_note(study),
    ]
    own = key(kind, one.id)
    return Asset(
        own,
        group=kind,
        description="\n\n".join(words),
        deps=[dep for dep in dependencies(found, study) if dep != own],
        rests_on=rests_on((one.id,), found, study, declared(study).shown_of),
        columns=columns,
        kinds=KINDS,
        metadata={"declared_in": study.tabulation.files[one.id]},
    )


def dependencies(found: Sources, study: Study) -> list[dg.AssetKey]:
    """The assets of the sources."""
    keys = [answers(question) for question in found.questions]
    keys += [key("variables", name) for name in found.variables]
    keys += [key("groups", name) for name in found.groups]
    keys += [key("weights", name) for name in found.weights]
    if found.registered:
        keys.append(clean("memberships"))
    if study.has_frame and found.weights:
        keys.append(clean("municipalities"))
    return [*keys, clean("respondents")]


def derive(given: Given) -> Iterator[Made]:
    """The chosen variables, groups and weights of everyone who answered."""
    study = given.asked
    fields = fields_of(study)
    tabulation = study.tabulation
    folder = study.folder / "waves" / given.wave
    with given.store.connect() as connection:
        relations = Counter(connection, study, fields).relations
        for variable in tabulation.variables:
            own = key("variables", variable.id)
            if own in given.chosen and variable.id in fields:
                sql = relations.field(fields[variable.id])
                yield Made(own, _people(connection, f"f.code, f.number FROM ({sql}) AS f"))
            elif own in given.chosen:
                yield Made(own, pd.DataFrame(columns=list(VARIABLE_COLUMNS)))
        for group in tabulation.groups:
            own = key("groups", group.id)
            if own in given.chosen:
                sql = relations.group(group.id)
                yield Made(own, _people(connection, f"f.level FROM ({sql}) AS f"))
        for weight in tabulation.weights:
            own = key("weights", weight.id)
            if own in given.chosen:
                try:
                    made = weights_of(weight.id, relations, connection, folder)
                except TabulationError as error:
                    raise failure(str(error)) from None
                frame = _people(connection, "f.p FROM person AS f").drop(columns="p")
                metadata = {"weights": made.words}
                yield Made(own, frame.assign(weight=made.values), metadata=metadata)
        if RELIABILITY in given.chosen:
            lines = list(reliability_lines(given.wave, fields, study, relations, connection))
            yield Made(RELIABILITY, pd.DataFrame(lines, columns=list(RELIABILITY_COLUMNS)))


def _people(connection: Any, rest: str) -> pd.DataFrame:
    sql = f"SELECT person.respondent, {rest} JOIN person ON person.p = f.p ORDER BY f.p"
    return connection.execute(sql).df()


def reliability_lines(
    wave: str,
    fields: Mapping[str, Field],
    study: Study,
    relations: Relations,
    connection: Any,
) -> Iterator[tuple[Any, ...]]:
    """A line per item of every index of the wave."""
    for variable in study.tabulation.variables:
        if not isinstance(variable, Index) or variable.id not in fields:
            continue
        items = relations.index_items(variable)
        selects = ", ".join(f"i{n}.number AS i{n}" for n in range(len(items)))
        joins = " ".join(
            f"LEFT JOIN ({sql}) AS i{n} ON i{n}.p = person.p" for n, (_, sql) in enumerate(items)
        )
        found = connection.execute(f"SELECT {selects} FROM person {joins} ORDER BY person.p").df()
        made = reliability(found.to_numpy(np.float64))
        for n, (field, _) in enumerate(items):
            yield (
                wave, variable.id, field.id, made.n, made.alpha, made.item_rest[n],
                made.alpha_without[n],
            )  # fmt: skip
