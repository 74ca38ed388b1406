"""Shared parts of the commands: names of studies and waves, exit codes, error messages."""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runtime import paths
from runtime.faults import writing
from runtime.safe_text import visible

if TYPE_CHECKING:
    # reading declarations needs slow imports, which --help avoids
    from declarations import Study

SUCCESS, FAILED, USAGE, CHECKS_FAILED = 0, 1, 2, 3
CODES = (
    "Exit codes: 0 done; 1 failed, the message gives the reason; 2 wrong usage; 3 checks found "
    "something."
)
COMMAND = Path(__file__).resolve().parents[2] / "bin" / "samspil"
NEWLINE = "\n"
NO_FOLDER = "the current folder no longer exists: change to another one (cd) and run again"


def study_of(name: str) -> Study:
    """The study with this name. Raises click.UsageError if there is none, SpecError."""
    from declarations import load_study

    return load_study(folder_of(name))


def folder_of(name: str) -> Path:
    """The folder of a study. Raises click.UsageError if there is none."""
    folder = paths.study_folder(name)
    if Path(name).name != name or not (folder / "study.yaml").is_file():
        found = paths.STUDIES.glob("[a-z]*/study.yaml")
        known = sorted(path.parent.name for path in found if path.is_file())
        raise click.UsageError(f"no study {name!r}; there are: {', '.join(known) or 'none'}")
    return folder


def wave_of(name: str, wave: str) -> str:
    """The name of the wave, if the study has it. The study's declarations are not read."""
    folder = folder_of(name) / "waves"
    if Path(wave).name != wave or not (folder / wave / "source.yaml").is_file():
        known = sorted(path.parent.name for path in folder.glob("*/source.yaml"))
        raise click.UsageError(
            f"{name} has no wave {wave[:60]!r}, no folder with a source.yaml; there are: "
            f"{', '.join(known) or 'none'}"
        )
    return wave


def make_location(name: str) -> None:
    """Add a code location in the UI for a drafted study without one."""
    from pipelines.draft.locations import register_location
    from pipelines.draft.names import STUDY_NAME

    there = STUDY_NAME.fullmatch(name) and (paths.study_folder(name) / "study.yaml").is_file()
    if there and register_location(paths.ROOT / "workspace.yaml", name):
        click.echo(f"workspace.yaml: the UI shows {name} as its own code location")


def own_command() -> str:
    """The command of this checkout, as typed in a shell in the current folder."""
    command = relative_path(COMMAND)
    # the shell would search a bare name on the PATH
    return shlex.quote(command if os.sep in command else f".{os.sep}{command}")


def relative_path(path: Path) -> str:
    """A path relative to the current folder."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Print errors as one message on standard error; SAMSPIL_DEBUG=1 shows the traceback."""
    try:
        # the message names the file's owner and the remedy
        with writing(paths.ROOT):
            try:
                yield
            except BrokenPipeError:
                _stop_writing()
                sys.exit(FAILED)
            finally:
                _flush()
    except (click.ClickException, click.Abort):
        raise
    except Exception as error:
        if os.environ.get("SAMSPIL_DEBUG"):
            raise
        # the message of a library's error may quote a cell
        if isinstance(error, FileNotFoundError) and not error.filename:
            click.echo(f"samspil: {NO_FOLDER}", err=True)
            sys.exit(FAILED)
        ours = type(error).__module__.split(".")[0] in paths.PACKAGES
        if ours or isinstance(error, OSError):
            text = str(error)
        else:
            text = f"unexpected {type(error).__name__}; SAMSPIL_DEBUG=1 shows where and why"
        click.echo(f"samspil: {visible(text, keep=NEWLINE)}", err=True)
        sys.exit(FAILED)


def _flush() -> None:
    """Write what is left; Python would report a failure at its end, without a remedy."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # the reader has enough, as `head` has
        _stop_writing()
        sys.exit(FAILED)
    except OSError as error:
        _stop_writing()
        why = error.strerror or type(error).__name__
        click.echo(f"samspil: the output of this command could not be written ({why})", err=True)
        sys.exit(FAILED)


def _stop_writing() -> None:
    with contextlib.suppress(OSError, ValueError), Path(os.devnull).open("wb") as nothing:
        os.dup2(nothing.fileno(), sys.stdout.fileno())
