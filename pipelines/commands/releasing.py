"""`samspil release` and `withdraw`: give readers a wave, and take it back."""

from __future__ import annotations

import datetime
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from pipelines.commands.shared import CODES, FAILED, SUCCESS, plain_errors, study_of, wave_of
from runtime import paths
from runtime.safe_text import visible

if TYPE_CHECKING:
    from assets.step.workspace import Workspace

PATIENCE = 600.0


@click.command(epilog=CODES)
@click.argument("name", metavar="STUDY")
@click.option("--wave", required=True, help="The wave whose publication is approved.")
@click.option("--by", required=True, help="Who approves: a person's name.")
@click.option("--exception", default="", help="Why it may be published although findings are open.")
def release(name: str, wave: str, by: str, exception: str) -> None:
    """Approve the publication of a real WAVE of STUDY; readers get it in released/.

    A run of real answers publishes to output/, for those who work on the study. A release compares
    it with what the run wrote, the declared policy and the findings, copies it to released/ and
    records who approved what (RELEASE.json).

    \b
    Examples:
      samspil release trivsel --wave 2026 --by "Lone Hansen"
      samspil release trivsel --wave 2026 --by "Lone Hansen" --exception "figures are in print"
    """
    with plain_errors():
        from publishing.releasing.approval import Approval, RefusedError, release_wave

        study = study_of(name)
        with _held(name, wave_of(name, wave)) as workspace:
            try:
                approval = Approval(_person(by), _now(), _line(exception))
                record = release_wave(workspace, study, wave, approval)
            except RefusedError as error:
                click.echo(f"samspil: not released: {visible(str(error), keep=chr(10))}", err=True)
                sys.exit(FAILED)
        where = workspace.released(wave).relative_to(workspace.root)
        click.echo(f"wave {wave}: {len(record['results'])} files released by {approval.by}")
        click.echo(f"released: {where}/ (RELEASE.json: publication {record['publication'][:12]})")
        sys.exit(SUCCESS)


@click.command(epilog=CODES)
@click.argument("name", metavar="STUDY")
@click.option("--wave", required=True, help="The wave to withdraw.")
@click.option("--by", required=True, help="Who withdraws it: a person's name.")
@click.option("--why", default="", help="The reason, for the note to readers.")
@click.option("--lift", "lifted", is_flag=True, help="Let runs publish the wave again.")
def withdraw(name: str, wave: str, by: str, why: str, lifted: bool) -> None:
    """Remove everything published of WAVE at once: pages, files, all versions, the release, lines.

    A note says who withdrew it, when and why. No run publishes the wave again before --lift. The
    working file stays; only the user who ran samspil can read it.

    \b
    Examples:
      samspil withdraw trivsel --wave 2026 --by "Lone Hansen" --why "a head can be recognised"
      samspil withdraw trivsel --wave 2026 --by "Lone Hansen" --lift
    """
    with plain_errors():
        from publishing.releasing.withdrawal import Withdrawal, hide_wave, lift_withdrawal
        from publishing.releasing.withdrawal import withdraw_wave as take_back

        chosen = wave_of(name, wave)
        if not why and not lifted:
            raise click.UsageError("Missing option '--why': the note says why.")
        found = Withdrawal(chosen, _person(by), _now(), _line(why))
        if not lifted:
            hide_wave(_workspace(name), found)
        with _held(name, chosen) as workspace:
            if lifted:
                was = lift_withdrawal(workspace, found)
                click.echo(f"wave {wave}: " + ("runs publish it again" if was else "not withdrawn"))
                sys.exit(SUCCESS)
            gone = take_back(workspace, found)
            _update_pages(name, workspace, chosen)
        for path in gone:
            click.echo(f"removed: {path}")
        click.echo(f"wave {wave}: withdrawn; {len(gone) or 'no'} folders removed")
        click.echo("copies that readers made, and backups, are not removed")
        sys.exit(SUCCESS)


def _update_pages(name: str, workspace: Workspace, wave: str) -> None:
    """Remove the links to this wave from the pages of other waves."""
    from declarations import SpecError
    from publishing.site.write import PUBLISHED_FILE, published_script
    from runtime.store import replace_text

    folder = workspace.output(wave).parent
    try:
        replace_text(folder / PUBLISHED_FILE, published_script(study_of(name), folder))
    except SpecError:
        # what is out goes, whatever is wrong with the declarations
        (folder / PUBLISHED_FILE).unlink(missing_ok=True)


@contextmanager
def _held(name: str, wave: str) -> Iterator[Workspace]:
    """The workspace of a study under the lock of a wave."""
    from runtime.wave_lock import lock_file, wave_lock

    place = paths.study_place(name)
    lock = lock_file(paths.ROOT, place, wave)
    with wave_lock(lock, uuid.uuid4().hex, PATIENCE, lambda text: click.echo(text, err=True)):
        yield _workspace(name)


def _workspace(name: str) -> Workspace:
    from assets.step.workspace import Workspace

    return Workspace(root=str(paths.ROOT), place=paths.study_place(name))


def _person(by: str) -> str:
    found = _line(by)
    if not found:
        raise click.UsageError("Invalid value for '--by': a person's name.")
    return found


def _line(text: str) -> str:
    return visible(" ".join(text.split()))


def _now() -> str:
    return datetime.datetime.now(tz=datetime.UTC).isoformat(timespec="seconds")
