"""`samspil`: draft a study from an export, run it, check its files, see where it stands."""

from __future__ import annotations

import datetime
import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runtime import paths
from runtime.safe_text import visible

if TYPE_CHECKING:
    # reading declarations costs the libraries' imports, which --help need not wait for
    from declarations import Study

SUCCESS, FAILED, USAGE, CHECKS_FAILED = 0, 1, 2, 3
CODES = (
    "Exit codes: 0 done; 1 failed, the message says why; 2 wrong usage; 3 checks found something."
)
NEWLINE = "\n"
COMMAND = Path(__file__).resolve().parents[1] / "bin" / "samspil"
DELIMITERS = {"semicolon": ";", "comma": ",", "tab": "\t"}
CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(context_settings=CONTEXT, epilog=CODES)
def samspil() -> None:
    """From a survey's raw export to its tables.

    \b
    Examples:
      samspil init download/ --study skole      draft studies/skole from an export
      samspil run skole                         compute its tables
      samspil check skole                       look at the raw files only
      samspil trends                            compare the waves that are computed
      samspil status                            which studies and waves there are

    STUDY is a folder below studies/; where none is named it is samspil, the report's own.
    """


@samspil.command(epilog=CODES)
@click.argument("export", type=click.Path(path_type=Path))
@click.option("--study", "name", required=True, help="Name of the new folder below studies/.")
@click.option("--wave", default=None, help="Name of the wave (default: this year).")
@click.option("--title", default=None, help="Title of the study (default: its name).")
@click.option(
    "--delimiter",
    type=click.Choice(["auto", *DELIMITERS]),
    default="auto",
    help="Of text files, where it is not to be detected.",
)
@click.option(
    "--encoding", default="auto", help="Of text files, where it is not to be detected: cp1252, ..."
)
def init(
    export: Path,
    name: str,
    wave: str | None,
    title: str | None,
    delimiter: str,
    encoding: str,
) -> None:
    """Draft a study folder from EXPORT.

    EXPORT is a folder with dataset.csv, structure.csv and labels.csv, one of these files, an
    .xlsx workbook or a .sav file. Nothing is drafted over an existing study. What does not fit
    together is told in notes, what was guessed stands in comments.

    \b
    Examples:
      samspil init download/ --study skole --wave 2020
      samspil init "Survey export.xlsx" --study trivsel --title "Trivsel 2026"
      samspil init survey.sav --study trivsel
      samspil init download/ --study skole --delimiter semicolon --encoding cp1252
    """
    with plain_errors():
        from declarations.waves import is_encoding
        from pipelines.draft.folder import NameRefusedError, draft_study

        if encoding != "auto" and not is_encoding(encoding):
            raise click.UsageError(f"{encoding[:40]!r} is no encoding of a text file")
        # killed before it was registered, a study is there and has no location
        _registered(name)
        chosen = wave or str(datetime.datetime.now(tz=datetime.UTC).year)
        parts = DELIMITERS.get(delimiter, delimiter)
        try:
            drafted = draft_study(export, paths.STUDIES, name, chosen, title, parts, encoding)
        except NameRefusedError as error:
            raise click.UsageError(visible(str(error))) from None
        kinds = ", ".join(f"{n} {kind}" for kind, n in drafted.questions.items())
        click.echo(f"read {drafted.lines} lines ({drafted.form})")
        click.echo(f"questions: {kinds}; {drafted.tables} frequency tables")
        for doubt in drafted.doubts:
            click.echo(visible(f"note: {doubt}"))
        click.echo(f"guesses: {drafted.guesses}; grep -rn guess {_shown(drafted.folder)}")
        _registered(name)
        click.echo(f"next: {_command()} run {name}")


@samspil.command(epilog=CODES)
@click.argument("name", metavar="[STUDY]", default=paths.OWN)
@click.option(
    "--wave", default=None, help="Wave to run (default: the one in print, else the last)."
)
@click.option("--force", is_flag=True, help="Run although nothing changed.")
@click.option("--changed", is_flag=True, help="Materialize only what is stale.")
@click.option("--strict", is_flag=True, help="Exit with 3 where a check did not pass.")
@click.option("--wait", default=600.0, show_default=True, help="Seconds to wait for another run.")
def run(name: str, wave: str | None, force: bool, changed: bool, strict: bool, wait: float) -> None:
    """Compute all tables of a wave of STUDY into output/.

    \b
    Examples:
      samspil run skole
      samspil run skole --wave 2020 --strict
      samspil run skole --changed
    """
    with plain_errors():
        from pipelines.run.wave_run import run_wave

        chosen = _wave(name, wave) if wave else _study(name).main_wave
        if (paths.ROOT / "workspace.yaml").exists():
            # not if it was drafted by a command that was killed
            _registered(name)
        sys.exit(run_wave(name, chosen, force=force, strict=strict, wait=wait, changed=changed))


@samspil.command(epilog=CODES)
@click.argument("name", metavar="[STUDY]", default=paths.OWN)
@click.option("--changed", is_flag=True, help="Materialize only what is stale.")
@click.option("--force", is_flag=True, help="Run although nothing changed.")
@click.option("--strict", is_flag=True, help="Exit with 3 where a check did not pass.")
def backfill(name: str, changed: bool, force: bool, strict: bool) -> None:
    """Compute all waves of STUDY, one after the other; what is up to date costs no run.

    A wave that fails does not keep the others from being computed. One whose last run failed of the
    same files, declarations and code is told and left alone, but for --force.

    \b
    Examples:
      samspil backfill
      samspil backfill skole --changed
    """
    with plain_errors():
        from pipelines.run.backfill import run_waves

        def tell(text: str) -> None:
            click.echo(visible(text), err=True)

        codes = run_waves(_study(name), tell, force=force, strict=strict, changed=changed)
        sys.exit(FAILED if FAILED in codes else max(codes, default=SUCCESS))


@samspil.command(epilog=CODES)
@click.argument("name", metavar="[STUDY]", default=paths.OWN)
@click.option(
    "--wave", default=None, help="Wave to check (default: the one in print, else the last)."
)
@click.option("--show-values", is_flag=True, help="Show cells as they are: may be personal data.")
def check(name: str, wave: str | None, show_values: bool) -> None:
    """Check declarations and raw files of STUDY without computing anything.

    \b
    Examples:
      samspil check skole
      samspil check skole --wave 2020 && samspil run skole
      samspil check skole --show-values
    """
    with plain_errors():
        from pipelines.commands.raw_check import check_wave

        study = _study(name)
        chosen = _wave(name, wave) if wave else study.main_wave
        report = check_wave(study, chosen, show_values=show_values)
        for line in report.lines:
            click.echo(line)
        sys.exit(CHECKS_FAILED if report.findings else SUCCESS)


@samspil.command(epilog=CODES)
@click.argument("name", metavar="[STUDY]", default=paths.OWN)
@click.option("--strict", is_flag=True, help="Exit with 3 where a wave is not published yet.")
def trends(name: str, strict: bool) -> None:
    """Compare the published waves of STUDY: changes and their tests into output/trends/.

    \b
    Examples:
      samspil trends
      samspil run samspil --wave 2018 && samspil trends
    """
    with plain_errors():
        from pipelines.run.trends_run import run_trends

        _study(name)
        sys.exit(run_trends(name, click.echo, strict=strict))


@samspil.command(epilog=CODES)
@click.argument("name", metavar="[STUDY]", default="")
def status(name: str) -> None:
    """Say of every study, or of STUDY, which waves are computed and up to date.

    \b
    Examples:
      samspil status
      samspil status skole
    """
    with plain_errors():
        from pipelines.run.standing import standing

        names = (
            [name]
            if name
            else sorted(path.parent.name for path in paths.STUDIES.glob("[a-z]*/study.yaml"))
        )
        wrong = False
        for each in names:
            try:
                lines = standing(_study(each), each)
            except ValueError as error:
                # one study's mistake does not hide the others
                lines, wrong = [f"{each}: cannot be read", *str(error).splitlines()], True
            for line in lines:
                click.echo(visible(line))
        sys.exit(FAILED if wrong else SUCCESS)


@samspil.command(epilog=CODES)
@click.argument("question")
@click.option("--study", "name", default=paths.OWN, help="Study whose report is asked.")
@click.option("--wave", default=None, help="Wave that is the witness (default: the printed one).")
def bounds(question: str, name: str, wave: str | None) -> None:
    """Smallest and largest value of what is not printed, over all data that agree with print.

    \b
    A question counts what stands before "by" among what stands after it; a name is an item or a
    background variable, " - " takes the difference of two shares (docs/proofs.md):
      samspil bounds "initiation_user_run=never by area=health"
      samspil bounds "actor_churches=last_year+last_five_years by area=social"
      samspil bounds "area=health and area=social"
      samspil bounds "cross_cutting=often by area=culture - cross_cutting=often by area!=culture"
    """
    with plain_errors():
        from replication.proof.bounds import as_lines, ask
        from replication.solver.sources import read_evidence

        study = _study(name)
        if not (study.folder / "printed").is_dir():
            raise click.UsageError(f"{name} has no printed figures (printed/)")
        chosen = wave or study.main_wave
        study = study.in_wave(chosen)
        for line in as_lines(ask(study, read_evidence(study, chosen), question)):
            click.echo(line)


@samspil.command(epilog=CODES)
@click.argument("wave")
@click.option("--study", "name", default=paths.OWN, help="Study whose wave is examined.")
@click.option(
    "--k", type=click.IntRange(min=1), default=None, help="Class size (default: declared, else 3)."
)
@click.option(
    "--covers",
    multiple=True,
    type=click.Choice(["tables", "unnumbered", "deviations"]),
    help="What is taken to go out (default: as declared); may be given several times.",
)
def disclosure(wave: str, name: str, k: int | None, covers: tuple[str, ...]) -> None:
    """Say which answers of identifiable respondents follow from what WAVE publishes.

    Nothing is published or changed. What to suppress is listed beside the working file. The wave
    must have been run.

    \b
    Examples:
      samspil disclosure 2015
      samspil disclosure 2015 --k 5 --covers tables --covers unnumbered
      samspil disclosure 2020 --study skole
    """
    with plain_errors():
        from pipelines.commands.disclosure import examine_published

        study = _study(name)
        if wave not in study.waves:
            raise click.UsageError(f"{name} has no wave {wave!r}: {', '.join(study.waves)}")
        fine = examine_published(study, wave, click.echo, k, covers)
        sys.exit(SUCCESS if fine else CHECKS_FAILED)


def _study(name: str) -> Study:
    from declarations import load_study

    return load_study(_folder(name))


def _folder(name: str) -> Path:
    folder = paths.study_folder(name)
    if Path(name).name != name or not (folder / "study.yaml").is_file():
        known = sorted(path.parent.name for path in paths.STUDIES.glob("[a-z]*/study.yaml"))
        raise click.UsageError(f"no study {name!r}; there are: {', '.join(known) or 'none'}")
    return folder


def _wave(name: str, wave: str) -> str:
    """The wave, if the study has it: without reading the study's declarations."""
    folder = _folder(name) / "waves"
    if Path(wave).name != wave or not (folder / wave / "source.yaml").is_file():
        known = sorted(path.parent.name for path in folder.glob("*/source.yaml"))
        raise click.UsageError(
            f"{name} has no wave {wave[:60]!r}, no folder with a source.yaml; there are: "
            f"{', '.join(known) or 'none'}"
        )
    return wave


def _registered(name: str) -> None:
    """Make a drafted study that has no code location in the UI one."""
    from pipelines.draft.locations import register_location
    from pipelines.draft.names import STUDY_NAME

    there = STUDY_NAME.fullmatch(name) and (paths.study_folder(name) / "study.yaml").is_file()
    if there and register_location(paths.ROOT / "workspace.yaml", name):
        click.echo(f"workspace.yaml: the UI shows {name} as its own code location")


def _command() -> str:
    """This checkout's command as a shell takes it where the user stands."""
    command = _shown(COMMAND)
    # a name alone would be looked for on the PATH
    return shlex.quote(command if os.sep in command else f".{os.sep}{command}")


def _shown(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Errors as one message on standard error; SAMSPIL_DEBUG=1 lets the traceback through."""
    try:
        yield
    except (click.ClickException, click.Abort):
        raise
    except Exception as error:
        if os.environ.get("SAMSPIL_DEBUG"):
            raise
        # the words of an error that is not ours may be those of a cell
        ours = type(error).__module__.split(".")[0] in paths.PACKAGES
        if ours or isinstance(error, OSError):
            told = str(error)
        else:
            told = f"unexpected {type(error).__name__}; SAMSPIL_DEBUG=1 shows where and why"
        click.echo(f"samspil: {visible(told, keep=NEWLINE)}", err=True)
        sys.exit(FAILED)


if __name__ == "__main__":
    samspil(prog_name="samspil")
