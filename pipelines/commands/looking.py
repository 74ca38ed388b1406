"""`samspil check` and `samspil status`: inspect files and results without computing anything."""

from __future__ import annotations

import sys

import click

from pipelines.commands.shared import (
    CHECKS_FAILED,
    CODES,
    FAILED,
    SUCCESS,
    folder_of,
    plain_errors,
    study_of,
    wave_of,
)
from runtime import paths
from runtime.safe_text import visible


@click.command(epilog=CODES)
@click.argument("name", metavar="[STUDY]", default=paths.OWN)
@click.option(
    "--wave", default=None, help="Wave to check (default: the one in print, else the last)."
)
@click.option(
    "--show-values", is_flag=True, help=("Show cells unchanged; they may be personal data.")
)
def check(name: str, wave: str | None, show_values: bool) -> None:
    """Check declarations and raw files of STUDY without computing anything.

    \b
    Examples:
      samspil check skole
      samspil check skole --wave 2020 && samspil run skole
      samspil check skole --show-values
    """
    with plain_errors():
        from pipelines.commands.declaration_check import check_declarations
        from pipelines.commands.raw_check import check_wave

        study = check_declarations(folder_of(name))
        chosen = wave_of(name, wave) if wave else study.main_wave
        report = check_wave(study, chosen, show_values=show_values)
        for line in report.lines:
            click.echo(line)
        sys.exit(CHECKS_FAILED if report.findings else SUCCESS)


@click.command(epilog=CODES)
@click.argument("name", metavar="[STUDY]", default="")
def status(name: str) -> None:
    """Show for every study, or for STUDY, which waves are computed and up to date.

    \b
    Examples:
      samspil status
      samspil status skole
    """
    with plain_errors():
        from pipelines.records.standing import standing

        names = (
            [name]
            if name
            else sorted(path.parent.name for path in paths.STUDIES.glob("[a-z]*/study.yaml"))
        )
        wrong = False
        for each in names:
            try:
                lines = standing(study_of(each), each)
            except ValueError as error:
                # continue with the other studies
                lines, wrong = [f"{each}: cannot be read", *str(error).splitlines()], True
            for line in lines:
                click.echo(visible(line))
        sys.exit(FAILED if wrong else SUCCESS)
