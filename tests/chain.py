"""The chain without Dagster: pure functions from raw files to tables, for tests."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import pandas as pd

from assets.clean import people
from assets.raw.delimited import RawTable, read_delimited
from assets.raw.structure import RawWave, raw_frame
from assets.raw.wave_files import read_wave
from assets.tables.results import counts_index, table_results
from declarations import Study, load_study
from replication.comparison import compare
from replication.printed import printed_tables, read_errata, read_printed_table
from tests.engine import NO_FILE, engine, raw_table

STUDY = Path(__file__).resolve().parents[1] / "studies" / "samspil"
WAVE = "2015"
KEY = bytes(range(32))  # of respondent ids in tests


@cache
def declared_study() -> Study:
    """The study of the report, loaded once by a process."""
    return load_study(STUDY)


@dataclass(frozen=True, repr=False)
class Chain:
    """The results from the raw files of a wave.

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
    """All results of a wave."""
    dataset, register = read_raw(study, wave)
    return compute_frames(study, raw_frame(dataset), raw_frame(register), wave)


def compute_frames(
    study: Study, dataset: pd.DataFrame, register: pd.DataFrame, wave: str = WAVE
) -> Chain:
    """All results from raw text frames of a wave."""
    study = study.in_wave(wave)
    table = raw_table(dataset)
    with engine(RawWave(table, NO_FILE, NO_FILE, raw_table(register)), study) as made:
        made.clean(KEY)
        made.answers()
        counts = made.counts()
        assert made.municipalities is not None
        links = made.frame(people.LINKS).set_index("file_row")["respondent"]
        return Chain(
            dataset,
            pd.Series(list(links.reindex(dataset["file_row"])), index=dataset.index),
            register,
            made.municipalities,
            made.frame("clean.invitations"),
            made.frame("clean.respondents"),
            made.frame("clean.memberships"),
            {question.id: made.cells(question) for question in study.questions},
            counts,
            compute_tables(study, counts, wave),
        )


def compute_tables(
    study: Study, counts: dict[str, pd.DataFrame], wave: str = WAVE
) -> dict[str, pd.DataFrame]:
    """Results of every table with figures."""
    index = counts_index(pd.concat(counts.values()))
    return {spec.id: table_results(spec, index, wave, study) for spec in study.tables if spec.cells}


def compare_with_print(study: Study, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """All printed tables against printed/ of the study's folder, one line per printed figure."""
    folder = study.folder / "printed"
    errata = read_errata(folder)
    parts = [
        compare(table, tables[table.id], read_printed_table(folder, table.id), errata)
        for table in printed_tables(study)
    ]
    return pd.concat(parts, ignore_index=True)


def edit(path: Path, old: str, new: str) -> None:
    """Replace text that occurs exactly once."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new), encoding="utf-8")
