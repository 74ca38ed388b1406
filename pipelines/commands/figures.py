"""`samspil bounds` and `samspil disclosure`: what can be concluded from published figures."""

from __future__ import annotations

import sys

import click

from pipelines.commands.shared import CHECKS_FAILED, CODES, SUCCESS, plain_errors, study_of
from runtime import paths


@click.command(epilog=CODES)
@click.argument("question")
@click.option("--study", "name", default=paths.OWN, help="Study of the report.")
@click.option(
    "--wave", default=None, help=("Wave that serves as the witness (default: the printed one).")
)
def bounds(question: str, name: str, wave: str | None) -> None:
    """Bound a number that the report does not print, over all data that agree with print.

    \b
    A question counts the part before "by" among the respondents who match the part after
    it. A name is an item or a background variable. " - " takes the difference of two
    shares (docs/proofs.md):
      samspil bounds "initiation_user_run=never by area=health"
      samspil bounds "actor_churches=last_year+last_five_years by area=social"
      samspil bounds "area=health and area=social"
      samspil bounds "cross_cutting=often by area=culture - cross_cutting=often by area!=culture"
    """
    with plain_errors():
        from replication.proof.bounds import as_lines, ask
        from replication.solver.sources import read_print_evidence

        study = study_of(name)
        if not (study.folder / "printed").is_dir():
            raise click.UsageError(f"{name} has no printed figures (printed/)")
        chosen = wave or study.main_wave
        study = study.in_wave(chosen)
        for line in as_lines(ask(study, read_print_evidence(study, chosen), question)):
            click.echo(line)


@click.command(epilog=CODES)
@click.argument("wave")
@click.option("--study", "name", default=paths.OWN, help="Study of the wave.")
@click.option(
    "--k",
    type=click.IntRange(min=1),
    default=None,
    help=("Size of a class below which respondents are identifiable (default: declared, else 3)."),
)
@click.option(
    "--covers",
    multiple=True,
    type=click.Choice(["tables", "unnumbered", "deviations"]),
    help="Published results to examine (default: as declared); may be given several times.",
)
def disclosure(wave: str, name: str, k: int | None, covers: tuple[str, ...]) -> None:
    """Show which answers of identifiable respondents follow from the figures of WAVE.

    The command publishes and changes nothing. It lists the figures to suppress next to the working
    file. Run the wave first.

    \b
    Examples:
      samspil disclosure 2015
      samspil disclosure 2015 --k 5 --covers tables --covers unnumbered
      samspil disclosure 2020 --study skole
    """
    with plain_errors():
        from pipelines.commands.disclosure import examine_published

        study = study_of(name)
        if wave not in study.waves:
            raise click.UsageError(f"{name} has no wave {wave!r}: {', '.join(study.waves)}")
        fine = examine_published(study, wave, click.echo, k, covers)
        sys.exit(SUCCESS if fine else CHECKS_FAILED)
