"""OpenLineage events with column lineage: from raw columns to the figures of every table."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assets.step.lineage import group_source, table_lineage
from assets.tabulate.sources import Tracing
from declarations import Study, Table
from declarations.fields.fields import fields_of
from declarations.tables.cells import STATUS_ITEM
from publishing.layout.tabulated import TabulatedTable
from publishing.published import PublishedWave
from runtime.masking import column_shown

FILE = "openlineage.ndjson"
PRODUCER = "urn:samspil:0.1.0"
FIGURES = ("value", "numerator", "base", "formatted")
COUNTED = ("item", "code", "group", "level", "n")
Source = tuple[str, str]


def write_events(wave: PublishedWave, folder: Path) -> Path:
    """Write openlineage.ndjson: an event per line, in the order of the chain."""
    from openlineage.client.serde import Serde

    path = folder / FILE
    lines = [Serde.to_json(event) for event in wave_events(wave)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def send_events(wave: PublishedWave, address: str) -> int:
    """Send the events to a server that the user names; returns their number."""
    from openlineage.client import OpenLineageClient
    from openlineage.client.transport.http import HttpConfig, HttpTransport

    client = OpenLineageClient(transport=HttpTransport(HttpConfig(url=address)))
    number = 0
    for event in wave_events(wave):
        client.emit(event)
        number += 1
    return number


def wave_events(wave: PublishedWave) -> Iterator[Any]:
    """One completed run per relation: answers and counts of each question, groups, tables."""
    asked = wave.study.in_wave(wave.wave)
    emit = _Emitter(wave)
    for group in asked.groups:
        export, column = group_source(group, asked)
        made = {"level": [("raw/dataset", column_shown(export))]}
        if column is not None:
            made["level"].append(("raw/municipalities", column))
        yield emit(f"groups/{group.id}", made, "which level each respondent is in")
    for question in asked.counted_questions:
        columns = [
            ("raw/dataset", column_shown(item.variable))
            for item in question.items
            if item.type != "open"
        ]
        yield emit(
            f"answers/{question.id}", {"code": columns, "number": columns}, "cells read as codes"
        )
        own = f"answers/{question.id}"
        by = [(f"groups/{group.id}", "level") for group in asked.groups]
        made = {
            "item": [(own, "code")], "code": [(own, "code")], "group": by, "level": by,
            "n": [(own, "code"), (own, "number"), *by],
        }  # fmt: skip
        yield emit(f"counts/{question.id}", made, "answers counted by item, code, group and level")
    for table in wave.tables:
        if table.cells:
            made = _of_table(table, asked)
            yield emit(f"tables/{table.id}", made, "figures as the table declares them")
    for tabulated in wave.tabulated.values():
        made = _of_tabulated(tabulated, asked)
        yield emit(tabulated.asset, made, "shares, means and tests as the table declares them")


def _of_tabulated(tabulated: TabulatedTable, study: Study) -> dict[str, list[Source]]:
    """The sources of a table of any question by any groups, through its variables and weight."""
    found = Tracing(study, fields_of(study)).of_request(tabulated.request)
    counted = {question.id for question in study.counted_questions}
    sources = [(f"answers/{name}", "code") for name in found.questions if name in counted]
    sources += [(f"groups/{name}", "level") for name in found.registered]
    sources += [("raw/dataset", column_shown(name)) for name in found.columns]
    return dict.fromkeys(FIGURES, sources)


def _of_table(table: Table, study: Study) -> dict[str, list[Source]]:
    sources = [(f"counts/{question.id}", "n") for question in study.questions_of(table)]
    if table.unit == "invitations":
        found = table_lineage(table, study)
        sources.append((f"counts/{STATUS_ITEM}", "n"))
        sources += [("raw/dataset", column_shown(name)) for name in found.columns]
    return dict.fromkeys(FIGURES, sources)


class _Emitter:
    """Makes the events of one wave, all with the same time."""

    def __init__(self, wave: PublishedWave) -> None:
        self.wave = wave
        self.time = datetime.now(UTC).isoformat()
        self.namespace = f"samspil/{wave.study.id}/{wave.wave}"

    def __call__(self, name: str, made: Mapping[str, Sequence[Source]], said: str) -> Any:
        from openlineage.client.event_v2 import (
            InputDataset,
            Job,
            OutputDataset,
            Run,
            RunEvent,
            RunState,
        )
        from openlineage.client.facet_v2 import column_lineage_dataset, schema_dataset

        inputs = {source for sources in made.values() for source, _ in sources}
        fields = {
            column: column_lineage_dataset.Fields(
                inputFields=[
                    column_lineage_dataset.InputField(self.namespace, source, field)
                    for source, field in dict.fromkeys(sources)
                ],
                transformationDescription=said,
                transformationType=None,
            )
            for column, sources in made.items()
        }
        schema = schema_dataset.SchemaDatasetFacet(
            fields=[schema_dataset.SchemaDatasetFacetFields(name=column) for column in made]
        )
        facets = {
            "schema": schema,
            "columnLineage": column_lineage_dataset.ColumnLineageDatasetFacet(fields=fields),
        }
        run = uuid.uuid5(uuid.NAMESPACE_URL, f"{self.namespace}/{name}/{self.time}")
        return RunEvent(
            eventTime=self.time,
            producer=PRODUCER,
            eventType=RunState.COMPLETE,
            run=Run(runId=str(run)),
            job=Job(namespace=self.namespace, name=name),
            inputs=[InputDataset(self.namespace, source) for source in sorted(inputs)],
            outputs=[OutputDataset(self.namespace, name, facets=facets)],
        )
