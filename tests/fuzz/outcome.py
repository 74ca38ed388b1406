"""The results of samspil for a wave: the pure functions in the order of the graph."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from assets.raw.errors import DataError
from assets.raw.rules.judge import STOPPED, judge_case
from assets.raw.wave_files import read_wave
from assets.tables.results import counts_index, table_results
from declarations import SpecError, Study
from tests.engine import engine

STOP, TABLES = "stopped", "tables"


@dataclass
class Outcome:
    """Messages, and if nothing stopped the run, its tables and its quarantine."""

    kind: str
    messages: list[str]
    lines: int = 0
    rejected: int = 0
    answers: pd.DataFrame = field(default_factory=pd.DataFrame)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)


def run(whole: Study, wave: Path) -> Outcome:
    """Everything that a run does.

    An exception other than a message would be a traceback in a run.
    """
    study = whole.in_wave(wave.name)
    try:
        sheet = study.source_sheet(wave.name)
        raw = read_wave(sheet)
    except (DataError, SpecError) as error:
        return Outcome(STOP, str(error).split("\n"))
    with engine(raw, study, sheet) as made:
        verdicts = judge_case(made.whole)
        messages = [str(finding) for verdict in verdicts for finding in verdict.findings]
        if any(verdict.outcome == STOPPED for verdict in verdicts):
            return Outcome(STOP, messages)
        numbers = {line[0] for line in made.lines}
        try:
            made.clean(bytes(32))
        except ValueError as error:
            if isinstance(error, UnicodeError) or raw.municipalities is None:
                raise
            return Outcome(STOP, [*messages, f"{raw.municipalities.file}: {error}"])
        made.answers()
        read = made.cells(*study.questions)
        index = counts_index(pd.concat(made.counts().values()))
    tables = {
        spec.id: table_results(spec, index, wave.name, whole) for spec in study.tables if spec.cells
    }
    return Outcome(TABLES, messages, raw.dataset.count, len(numbers), read, tables)
