"""`python -m tools.certificate`: can all printed figures be right at once?

With the errata applied, they can. The export of a wave is the witness: a data set from which the
verifier counts every printed figure. With any one erratum undone, they cannot. The certificate
names the figures in conflict.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from declarations import Study, load_study
from replication.printed import Erratum, read_errata, read_printed
from replication.solver.joint import JointFacts, conflict
from replication.solver.sources import read_facts, read_witness
from replication.solver.stated import StatedFigure, lined_up
from replication.solver.verify import Person, unreproduced

FEASIBLE, INFEASIBLE, UNDECIDED = "feasible", "infeasible", "undecided"
SHOWN = 10


@dataclass(frozen=True)
class Certificate:
    """The result for a set of figures: a witness, a conflict, or undecided."""

    verdict: str
    complaints: tuple[str, ...] = ()
    conflict: tuple[StatedFigure, ...] = ()


def certify(
    study: Study, figures: Sequence[StatedFigure], people: Sequence[Person], facts: JointFacts
) -> Certificate:
    """Whether the figures can all be right: the witness proves it, or a conflict excludes it."""
    wrong = tuple(unreproduced(people, figures))
    if not wrong:
        return Certificate(FEASIBLE)
    found = tuple(conflict(study, figures, facts))
    return Certificate(INFEASIBLE if found else UNDECIDED, wrong, found)


def put_back(errata: Sequence[Erratum], erratum: Erratum) -> list[Erratum]:
    """All errata except one, so that its figure is as printed.

    A base is put back for the whole line.
    """
    line = (erratum.table, erratum.row, erratum.group)
    return [
        e
        for e in errata
        if e != erratum and not (e.likely_n and erratum.likely_n and _line(e) == line)
    ]


def _line(erratum: Erratum) -> tuple[str, int, str]:
    return (erratum.table, erratum.row, erratum.group)


def certificate_lines(study: Study, wave: str) -> tuple[list[str], bool]:
    """The certificate in lines, and whether everything is as expected."""
    study = study.in_wave(wave)
    published, errata = read_printed(study), read_errata(study.folder / "printed")
    people, invalid = read_witness(study, wave)
    facts = read_facts(study, wave)
    whole = certify(study, lined_up(study, published, errata), people, facts)
    number = sum(map(len, published.values()))
    lines = [
        f"{number} figures, {len(errata)} of them with an erratum applied: {whole.verdict}",
        f"  witness: {len(people)} people of waves/{wave}, {len(invalid)} of them invalid",
    ]
    lines += [f"  {text}" for text in [*invalid, *whole.complaints][:SHOWN]]
    lines += [f"  conflict: {figure_with_base(figure)}" for figure in whole.conflict]
    fine = whole.verdict == FEASIBLE and not invalid
    for erratum in errata:
        figures = lined_up(study, published, put_back(errata, erratum))
        own = [f for f in figures if _is_of(f, erratum)]
        found = conflict(study, figures, facts, own)
        place = " / ".join(
            w for w in (erratum.table, erratum.row_label, erratum.group, erratum.column) if w
        )
        verdict = INFEASIBLE if found else UNDECIDED
        lines.append(f"put back {place} = {erratum.printed}: {verdict}")
        lines += [f"  conflict: {figure_with_base(figure)}" for figure in found]
        fine = fine and bool(found)
    return lines, fine


def _is_of(figure: StatedFigure, erratum: Erratum) -> bool:
    source = figure.source
    place = (source.table, source.row, source.group, source.column)
    return place == (*_line(erratum), erratum.column)


def figure_with_base(figure: StatedFigure) -> str:
    """A figure with its base, as printed."""
    base = "" if figure.n is None else f" of {figure.n}"
    return f"{figure.name} = {figure.printed}{base}"


def main(arguments: Sequence[str]) -> int:
    """Show the certificate of a study folder and wave; 0 if everything is decided."""
    folder, wave = (*arguments, *("studies/samspil", "2015")[len(arguments) :])
    lines, fine = certificate_lines(load_study(Path(folder)).in_wave(wave), wave)
    print("\n".join(lines))
    return 0 if fine else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
