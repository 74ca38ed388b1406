"""`python -m pipelines.serve.daemon`: Dagster's daemon, with the instance made first."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

import click

from pipelines.records.history import FAULTS, opened
from pipelines.serve.server import ServerError, must_be_readable
from runtime import paths

with_workspace = click.option(
    "--workspace",
    "-w",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    default=None,
    help="Code locations (default: workspace.yaml of the checkout).",
)


def located(workspace: Path | None) -> Path:
    """The file of code locations; by default that of the checkout."""
    return (workspace or paths.ROOT / "workspace.yaml").resolve()


def command(workspace: Path) -> list[str]:
    """The command that starts Dagster's daemon: `dagster-daemon` of this environment."""
    script = Path(sysconfig.get_path("scripts")) / "dagster-daemon"
    return [sys.executable, str(script), "run", "--workspace", str(workspace)]


@click.command()
@with_workspace
def main(workspace: Path | None) -> None:
    """Run queue, sensors and schedule; this process becomes Dagster's daemon."""
    try:
        must_be_readable(located(workspace))
        with opened():
            pass
    except (*FAULTS, ServerError) as error:
        click.echo(f"samspil: {error}", err=True)
        sys.exit(1)
    os.execv(sys.executable, command(located(workspace)))  # noqa: S606


if __name__ == "__main__":
    main()
