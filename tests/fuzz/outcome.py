"""What samspil makes of a wave: the pure functions in the order of the graph."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pandas as pd

from assets.clean import cleaning
from assets.counts.counting import contingency, number_contingency, status_counts
from assets.raw.assets import read_wave
from assets.raw.errors import DataError, Finding
from assets.raw.rules.case import Lines
from assets.raw.rules.judge import STOPPED, broken_answers, judge, rejected_rows
from assets.raw.structure import raw_frame
from assets.tables.results import counts_index, table_results
from declarations import SpecError, Study

STOP, TABLES = "stopped", "tables"


@dataclass
class Outcome:
    """Messages, and where nothing stopped the run its tables and what was set aside."""

    kind: str
    messages: list[str]
    lines: int = 0
    rejected: int = 0
    answers: pd.DataFrame = field(default_factory=pd.DataFrame)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)


def run(whole: Study, wave: Path) -> Outcome:
    """Everything a run does. Whatever is raised here beside messages is a traceback there."""
    study = whole.in_wave(wave.name)
    try:
        sheet = study.source_sheet(wave.name)
        raw = read_wave(sheet)
    except (DataError, SpecError) as error:
        return Outcome(STOP, str(error).split("\n"))
    verdicts = judge(raw, study, sheet)
    messages = [str(finding) for verdict in verdicts for finding in verdict.findings]
    if any(verdict.outcome == STOPPED for verdict in verdicts):
        return Outcome(STOP, messages)
    rejected: list[Finding] = rejected_rows(raw, study, sheet)
    numbers = {finding.row for finding in rejected if finding.row is not None}
    lines = raw_frame(raw.dataset)
    dataset = cleaning.without_rejected(lines, pd.DataFrame({"file_row": sorted(numbers)}))
    municipalities = None
    try:
        if raw.municipalities is not None:
            municipalities = cleaning.municipalities(raw_frame(raw.municipalities), study)
    except ValueError as error:
        if isinstance(error, UnicodeError) or raw.municipalities is None:
            raise
        return Outcome(STOP, [*messages, f"{raw.municipalities.file}: {error}"])
    ids = cleaning.respondent_ids(dataset, study, bytes(32))
    invited = cleaning.invitations(dataset, ids, municipalities, study)
    answering = cleaning.respondents(invited)
    broken = broken_answers(study, Lines.of_frame("", dataset))
    answers = {
        q.id: cleaning.answers(dataset, ids, answering, q, study, broken) for q in study.questions
    }
    read = pd.concat(answers.values(), ignore_index=True)
    areas = cleaning.responsibilities(read, study)
    memberships = cleaning.memberships(answering, municipalities, areas, study)
    counts = [*count(study, answers, memberships), status_counts(invited, municipalities)]
    index = counts_index(pd.concat(counts))
    tables = {
        spec.id: table_results(spec, index, wave.name, whole) for spec in study.tables if spec.cells
    }
    return Outcome(TABLES, messages, len(lines), len(numbers), read, tables)


def count(
    study: Study, answers: dict[str, pd.DataFrame], memberships: pd.DataFrame
) -> list[pd.DataFrame]:
    """Counts of every question, codes and numbers."""
    counts = []
    with closing(duckdb.connect(config={"threads": 1})) as connection:
        connection.execute("CREATE SCHEMA clean; CREATE SCHEMA answers")
        connection.register("incoming", memberships)
        connection.execute("CREATE TABLE clean.memberships AS FROM incoming")
        for question in study.counted_questions:
            connection.register("incoming", answers[question.id])
            connection.execute(f'CREATE TABLE answers."{question.id}" AS FROM incoming')
            counts.append(contingency(connection, question, study))
            counts.append(number_contingency(connection, question, study))
    return counts
