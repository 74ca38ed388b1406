"""The inputs of proofs: the printed figures, facts of municipalities, and a witness."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from declarations import SourceSheet, Study
from replication.solver.joint import JointFacts
from replication.solver.stated import Stated, StatedFigure, read_figures, state, with_boxes
from replication.solver.verify import Person, levels_of, people_of, unreproduced


@dataclass(frozen=True)
class PrintEvidence:
    """Print as figures and as constraints, facts of the municipalities, and a wave's people.

    `people` is empty if they do not reproduce print, because then they are not a witness.
    """

    figures: Sequence[StatedFigure]
    stated: Stated
    facts: JointFacts
    people: Sequence[Person]


def read_print_evidence(study: Study, wave: str) -> PrintEvidence:
    """The printed figures of a study with a wave as witness."""
    figures = read_figures(study)
    people, invalid = read_witness(study, wave)
    fits = not invalid and next(unreproduced(people, figures), None) is None
    stated = with_boxes(state(figures), study)
    return PrintEvidence(figures, stated, read_facts(study, wave), people if fits else ())


def read_witness(study: Study, wave: str) -> tuple[list[Person], list[str]]:
    """The people of a wave's export, and what is invalid about them."""
    sheet = study.source_sheet(wave)
    dataset = read_lines(sheet.files["dataset"].path, sheet.delimiter, sheet.encoding)
    return people_of(study.in_wave(wave), dataset, read_register(sheet))


def read_lines(path: Path, delimiter: str = ",", encoding: str = "utf-8") -> list[dict[str, str]]:
    """A CSV file's lines by column."""
    with path.open(encoding=encoding, newline="") as stream:
        return list(csv.DictReader(stream, delimiter=delimiter))


def read_register(sheet: SourceSheet) -> list[dict[str, str]]:
    """The municipalities of a wave."""
    return read_lines(sheet.files["municipalities"].path)


def read_facts(study: Study, wave: str) -> JointFacts:
    """The levels of municipalities that are facts; columns constructed for the wave are not."""
    sheet, study = study.source_sheet(wave), study.in_wave(wave)
    columns = study.register_columns
    known = [
        group
        for group in study.groups
        if group.by_municipality
        and study.has_group(group)
        and not sheet.constructed_column("municipalities", columns[group.source])
    ]
    register = read_register(sheet)
    return JointFacts({group.id: levels_of(group, columns, register) for group in known})
