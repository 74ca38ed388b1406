"""The engine without Dagster: a data set and a register in memory, through the steps of a run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pandas as pd

from assets.clean import background, coded, people
from assets.counts.counting import (
    contingency,
    number_contingency,
    status_counts,
    write_patterns,
)
from assets.raw.assets import rejected_frame
from assets.raw.cells.ingest import ingest_table
from assets.raw.cells.kept import DATASET, judged_wave
from assets.raw.delimited import RawTable
from assets.raw.rules.case import Case
from assets.raw.rules.judge import broken_answers, rejected_rows
from assets.raw.structure import RawWave, raw_frame
from declarations import Question, SourceSheet, Study
from declarations.tables.cells import STATUS_ITEM
from runtime.store import create_relations, database_in_memory

# of a cell, as the reference reader has them
ANSWER_COLUMNS = (
    "respondent", "file_row", "item", "variable", "value", "code", "number", "rule", "expected",
)  # fmt: skip
ANSWER_TYPES = {"code": "Int64", "number": "float64", "file_row": "int64"}
NO_FILE = RawTable("", "", 0, (), (), ())


def raw_table(frame: pd.DataFrame, file: str = "dataset.csv") -> RawTable:
    """A raw frame as a table."""
    columns = tuple(str(name) for name in frame.columns if name != "file_row")
    rows = tuple(zip(*(frame[name].tolist() for name in columns), strict=True))
    return RawTable(file, "", 0, columns, rows, tuple(frame["file_row"]))


class Engine:
    """A wave in a database in memory, with the steps done so far."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, raw: RawWave, study: Study,
        sheet: SourceSheet | None, folder: Path,
    ) -> None:  # fmt: skip
        self.connection, self.study, self.raw = connection, study, raw
        for schema in ("restricted", "raw", "clean", "coded", "answers", "checks"):
            connection.execute(f"CREATE SCHEMA {schema}")
        known = ingest_table(connection, raw.dataset, DATASET, folder / "plain")
        judged = judged_wave(connection, known, study, anew=True)
        self.file = known.file
        # of all lines, before rows are quarantined
        self.whole = Case(raw.stored(known), study, sheet, judged)  # type: ignore[arg-type]
        self.lines = connection.execute(rejected_rows(self.whole)).fetchall()
        self.rejected = rejected_frame(self.file, self.lines)
        create_relations(connection, {("raw", "rejected_rows"): self.rejected})
        self.case = self.whole.without("raw.rejected_rows")
        self.municipalities: pd.DataFrame | None = None
        self._cells: pd.DataFrame | None = None

    def clean(self, key: bytes) -> None:
        """The clean relations. ValueError if the register has a value without a level."""
        case, study = self.case, self.study
        if study.has_frame:
            assert self.raw.municipalities is not None
            register = raw_frame(self.raw.municipalities)
            self.municipalities = background.municipalities(register, study)
            create_relations(self.connection, {("clean", "municipalities"): self.municipalities})
        people.write_links(case, key)
        people.write_people(case, self.municipalities)
        people.write_areas(case, broken_answers(case))
        people.write_memberships(self.connection, study, self.municipalities)

    def answers(self, *chosen: Question) -> None:
        """The answers to every question, or some."""
        questions = chosen or self.study.questions
        coded.write_lines(self.case)
        coded.write_unusable(self.case, questions, broken_answers(self.case))
        for question in questions:
            coded.write_question(self.case, question)
        coded.write_cells(self.case, questions)
        self._cells = None

    def frame(self, relation: str) -> pd.DataFrame:
        """A whole relation."""
        return self.connection.execute(f"FROM {relation}").df()

    def cells(self, *questions: Question) -> pd.DataFrame:
        """Every filled cell of some questions, in the form of the reference reader."""
        if self._cells is None:
            # a view over all questions: read once
            self._cells = self._all_cells()
        frame = self._cells
        order = {item.id: n for n, item in enumerate(i for q in questions for i in q.items)}
        own = frame[frame["item"].isin(order)]
        place = own["item"].map(order)
        return (
            own.assign(place=place)
            .sort_values(["place", "file_row"], ignore_index=True)
            .drop(columns="place")
        )

    def _all_cells(self) -> pd.DataFrame:
        frame = self.frame(coded.CELLS)[list(ANSWER_COLUMNS)].astype(ANSWER_TYPES)
        texts = [name for name in ANSWER_COLUMNS if name not in ANSWER_TYPES]
        frame = frame.astype(dict.fromkeys(texts, "object"))
        for name in ("rule", "expected"):
            frame[name] = frame[name].where(frame[name].notna(), None)
        return frame

    def counts(self) -> dict[str, pd.DataFrame]:
        """Counts of every question, and of the invitations."""
        write_patterns(self.connection, self.study)
        found = {
            question.id: pd.concat(
                [
                    contingency(self.connection, question, self.study),
                    number_contingency(self.connection, question, self.study),
                ],
                ignore_index=True,
            )
            for question in self.study.counted_questions
        }
        register = None if self.municipalities is None else list(self.municipalities["code"])
        found[STATUS_ITEM] = status_counts(self.connection, register)
        return found


@contextmanager
def engine(raw: RawWave, study: Study, sheet: SourceSheet | None = None) -> Iterator[Engine]:
    """A wave in a separate database."""
    with (
        database_in_memory() as connection,
        TemporaryDirectory(prefix="samspil-") as folder,
    ):
        yield Engine(connection, raw, study, sheet, Path(folder))


@contextmanager
def coded_answers(
    study: Study, name: str, answers: pd.DataFrame, members: pd.DataFrame
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with long answers to a question and memberships, ready to be counted."""
    question = study.question[name]
    people_ = sorted({*answers["respondent"], *members["respondent"]})
    numbers = {person: number for number, person in enumerate(people_, start=1)}
    column = people.NUMBER.strip('"')
    kinds = {item.id: "code" if item.closed else "number" for item in question.items}
    wide: dict[str, dict[str, Any]] = {person: {} for person in people_}
    for line in answers.to_dict("records"):
        if line["item"] in kinds:
            wide[line["respondent"]][line["item"]] = line[kinds[line["item"]]]
    items = [item for item in question.items if item.type != "open"]
    rows = [
        (numbers[person], *(cells.get(item.id) for item in items)) for person, cells in wide.items()
    ]
    frame = pd.DataFrame(rows, columns=[column, *(item.id for item in items)], dtype="object")
    frame = frame.astype({i.id: "Int64" if i.closed else "float64" for i in items} | {column: int})
    with database_in_memory() as connection:
        placed = members.assign(**{column: members["respondent"].map(numbers)})
        create_relations(
            connection,
            {
                ("coded", name): frame,
                ("coded", "memberships"): placed[[column, "group", "level"]],
            },
        )
        write_patterns(connection, study)
        yield connection
