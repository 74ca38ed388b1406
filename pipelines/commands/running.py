"""`samspil run`, `backfill`, `trends` and `publish`: compute waves."""

from __future__ import annotations

import sys

import click

from pipelines.commands.shared import (
    CODES,
    FAILED,
    SUCCESS,
    make_location,
    plain_errors,
    study_of,
    wave_of,
)
from runtime import paths
from runtime.safe_text import visible


@click.command(epilog=CODES)
@click.argument("name", metavar="[STUDY]", default=paths.OWN)
@click.option(
    "--wave", default=None, help="Wave to run (default: the one in print, else the last)."
)
@click.option("--force", is_flag=True, help="Run although nothing changed.")
@click.option("--changed", is_flag=True, help="Materialize only what is stale.")
@click.option("--strict", is_flag=True, help="Exit with 3 if a check did not pass.")
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

        chosen = wave_of(name, wave) if wave else study_of(name).main_wave
        if (paths.ROOT / "workspace.yaml").exists():
            # an interrupted `init` leaves a study without a code location
            make_location(name)
        sys.exit(run_wave(name, chosen, force=force, strict=strict, wait=wait, changed=changed))


@click.command(epilog=CODES)
@click.argument("name", metavar="[STUDY]", default=paths.OWN)
@click.option("--changed", is_flag=True, help="Materialize only what is stale.")
@click.option("--force", is_flag=True, help="Run although nothing changed.")
@click.option("--strict", is_flag=True, help="Exit with 3 if a check did not pass.")
def backfill(name: str, changed: bool, force: bool, strict: bool) -> None:
    """Compute all waves of STUDY, one after the other. Waves that are up to date are skipped.

    If a wave fails, the others are still computed. A wave is reported and skipped if its last run
    failed with the same files, declarations and code; --force runs it.

    \b
    Examples:
      samspil backfill
      samspil backfill skole --changed
    """
    with plain_errors():
        from pipelines.run.backfill import run_waves

        def report(text: str) -> None:
            click.echo(visible(text), err=True)

        codes = run_waves(study_of(name), report, force=force, strict=strict, changed=changed)
        sys.exit(FAILED if FAILED in codes else max(codes, default=SUCCESS))


@click.command(epilog=CODES)
@click.argument("name", metavar="[STUDY]", default=paths.OWN)
@click.option("--strict", is_flag=True, help="Exit with 3 if a wave is not published yet.")
def trends(name: str, strict: bool) -> None:
    """Compare the published waves of STUDY; writes changes and their tests to output/trends/.

    \b
    Examples:
      samspil trends
      samspil run samspil --wave 2018 && samspil trends
    """
    with plain_errors():
        from pipelines.run.other_jobs import run_trends

        sys.exit(run_trends(study_of(name), click.echo, strict=strict))


@click.command(epilog=CODES)
@click.argument("name", metavar="[STUDY]", default=paths.OWN)
@click.option("--wave", default=None, help="Wave (default: the one in print, else the last).")
@click.option("--strict", is_flag=True, help="Exit with 3 if a file is not valid.")
@click.option("--openlineage", metavar="URL", help="Also send the lineage events to this server.")
def publish(name: str, wave: str | None, strict: bool, openlineage: str | None) -> None:
    """Make workbook, document, charts, codebook and packages of a published wave of STUDY.

    \b
    Examples:
      samspil publish
      samspil publish skole --wave 2020 --strict
      samspil publish --openlineage http://127.0.0.1:5000
    """
    with plain_errors():
        from pipelines.run.other_jobs import run_publish

        study = study_of(name)
        chosen = wave_of(name, wave) if wave else study.main_wave
        sys.exit(run_publish(study, chosen, click.echo, strict=strict, openlineage=openlineage))
