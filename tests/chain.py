"""The chain without Dagster: pure functions from raw files to tables, for tests."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb
import pandas as pd

from assets.clean import cleaning
from assets.counts.counting import contingency, number_contingency, status_counts
from assets.raw.assets import read_wave
from assets.raw.delimited import RawTable, read_delimited
from assets.raw.structure import RawWave, raw_frame
from assets.tables.results import counts_index, table_results
from declarations import Study
from declarations.load import STATUS_ITEM
from replication.comparison import compare
from replication.printed import read_errata, read_printed_table

STUDY = Path(__file__).resolve().parents[1] / "studies" / "samspil"
WAVE = "2015"
KEY = bytes(range(32))  # of respondent ids in tests


@dataclass(frozen=True, repr=False)
class Chain:
    """What the raw files of a wave give.

    `ids` by line of the data set, `answers` and `counts` by question, `tables` by id.
    """

    dataset: pd.DataFrame
    ids: pd.Series
    register: pd.DataFrame
    municipalities: pd.DataFrame
    invitations: pd.DataFrame
    respondents: pd.DataFrame
    memberships: pd.DataFrame
    answers: dict[str, pd.DataFrame]
    counts: dict[str, pd.DataFrame]
    tables: dict[str, pd.DataFrame]

    @cached_property
    def index(self) -> dict[tuple[str, str, str, str], int]:
        """All counts as {(item, code, group, level): n}."""
        return counts_index(pd.concat(self.counts.values()))


def read_raw(study: Study, wave: str = WAVE) -> tuple[RawTable, RawTable]:
    """The data set and the register of a wave."""
    sheet = study.source_sheet(wave)
    dataset = read_delimited(sheet.files["dataset"].path, sheet.delimiter, sheet.encoding)
    return dataset, read_delimited(sheet.files["municipalities"].path, ",", "utf-8")


def raw_wave(study: Study, wave: str = WAVE) -> RawWave:
    """All files of a wave."""
    return read_wave(study.source_sheet(wave))


def compute_chain(study: Study, wave: str = WAVE) -> Chain:
    """Everything a wave gives."""
    dataset, register = read_raw(study, wave)
    return compute_frames(study, raw_frame(dataset), raw_frame(register), wave)


def compute_frames(
    study: Study, dataset: pd.DataFrame, register: pd.DataFrame, wave: str = WAVE
) -> Chain:
    """Everything that raw text frames of a wave give."""
    study = study.in_wave(wave)
    municipalities = cleaning.municipalities(register, study)
    ids = cleaning.respondent_ids(dataset, study, KEY)
    invited = cleaning.invitations(dataset, ids, municipalities, study)
    answering = cleaning.respondents(invited)
    answers = {q.id: cleaning.answers(dataset, ids, answering, q, study) for q in study.questions}
    areas = cleaning.responsibilities(pd.concat(answers.values()), study)
    memberships = cleaning.memberships(answering, municipalities, areas, study)
    counts = count_answers(study, answers, memberships)
    counts[STATUS_ITEM] = status_counts(invited, municipalities)
    return Chain(
        dataset,
        ids,
        register,
        municipalities,
        invited,
        answering,
        memberships,
        answers,
        counts,
        compute_tables(study, counts, wave),
    )


def count_answers(
    study: Study, answers: dict[str, pd.DataFrame], memberships: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Counts of every question, from an in-memory database."""
    counts = {}
    with closing(duckdb.connect()) as connection:
        connection.execute("CREATE SCHEMA clean; CREATE SCHEMA answers")
        connection.register("incoming", memberships)
        connection.execute("CREATE TABLE clean.memberships AS FROM incoming")
        for question in study.counted_questions:
            usable = cleaning.usable_answers(answers[question.id], question)
            connection.register("incoming", usable)
            connection.execute(f'CREATE TABLE answers."{question.id}" AS FROM incoming')
            both = (contingency, number_contingency)
            parts = [count(connection, question, study) for count in both]
            counts[question.id] = pd.concat(parts, ignore_index=True)
    return counts


def compute_tables(
    study: Study, counts: dict[str, pd.DataFrame], wave: str = WAVE
) -> dict[str, pd.DataFrame]:
    """Results of every table with figures."""
    index = counts_index(pd.concat(counts.values()))
    return {spec.id: table_results(spec, index, wave, study) for spec in study.tables if spec.cells}


def compare_with_print(study: Study, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """All tables against printed/ of the study's folder, one line per printed figure."""
    folder = study.folder / "printed"
    errata = read_errata(folder)
    parts = [
        compare(study.table[name], frame, read_printed_table(folder, name), errata)
        for name, frame in tables.items()
    ]
    return pd.concat(parts, ignore_index=True)


def edit(path: Path, old: str, new: str) -> None:
    """Replace text that stands exactly once."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new), encoding="utf-8")
