"""`samspil init`: draft a study from an export."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from pipelines.commands.shared import CODES, make_location, own_command, plain_errors, relative_path
from runtime import paths
from runtime.safe_text import visible

DELIMITERS = {"semicolon": ";", "comma": ",", "tab": "\t"}
# a copy of the constant in declarations/waves.py, whose import would slow down --help
PLATFORMS = (
    "limesurvey", "qualtrics", "redcap", "surveymonkey", "google_forms", "microsoft_forms", "kobo",
    "enalyzer", "plain",
)  # fmt: skip


@click.command(epilog=CODES)
@click.argument("export", type=click.Path(path_type=Path))
@click.option("--study", "name", required=True, help="Name of the new folder below studies/.")
@click.option("--wave", default=None, help="Name of the wave (default: this year).")
@click.option("--title", default=None, help="Title of the study (default: its name).")
@click.option(
    "--delimiter",
    type=click.Choice(["auto", *DELIMITERS]),
    default="auto",
    help="Delimiter of a text file (default: detected).",
)
@click.option(
    "--encoding",
    default="auto",
    help="Encoding of a text file, such as cp1252 (default: detected).",
)
@click.option(
    "--platform",
    type=click.Choice(["auto", "surveyxact", *PLATFORMS]),
    default="auto",
    help="Platform of the export (docs/platforms.md; default: detected).",
)
def init(
    export: Path,
    name: str,
    wave: str | None,
    title: str | None,
    delimiter: str,
    encoding: str,
    platform: str,
) -> None:
    """Draft a study folder from EXPORT.

    EXPORT is a folder with dataset.csv, structure.csv and labels.csv, one of these files, an .xlsx
    workbook, a .sav file, or the export of another platform with its definition
    (docs/platforms.md). An existing study is never overwritten. Notes name the parts of the export
    that do not fit together. Comments in the draft mark guesses.

    \b
    Examples:
      samspil init download/ --study skole --wave 2020
      samspil init "Survey export.xlsx" --study trivsel --title "Trivsel 2026"
      samspil init survey.sav --study trivsel
      samspil init lime/ --study trivsel --platform limesurvey
      samspil init download/ --study skole --delimiter semicolon --encoding cp1252
    """
    with plain_errors():
        from declarations.survey.formats import is_encoding
        from pipelines.draft.folder import NameRefusedError, draft_study

        if encoding != "auto" and not is_encoding(encoding):
            raise click.UsageError(f"{encoding[:40]!r} is not an encoding of a text file")
        # an interrupted `init` leaves a study without a code location
        make_location(name)
        chosen = wave or str(datetime.datetime.now(tz=datetime.UTC).year)
        parts = DELIMITERS.get(delimiter, delimiter)
        try:
            drafted = draft_study(
                export, paths.STUDIES, name, chosen, title, parts, encoding, platform
            )
        except NameRefusedError as error:
            raise click.UsageError(visible(str(error))) from None
        kinds = ", ".join(f"{n} {kind}" for kind, n in drafted.questions.items())
        click.echo(f"read {drafted.lines} lines ({drafted.form})")
        click.echo(f"questions: {kinds}; {drafted.tables} frequency tables")
        for doubt in drafted.doubts:
            click.echo(visible(f"note: {doubt}"))
        click.echo(f"guesses: {drafted.guesses}; grep -rn guess {relative_path(drafted.folder)}")
        make_location(name)
        click.echo(f"next: {own_command()} run {name}")
