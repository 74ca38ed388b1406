"""`python -m pipelines.serve`: the pages on 127.0.0.1, with the daemon or read-only."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import click

from pipelines.records.history import FAULTS, opened
from pipelines.serve.daemon import command, located, with_workspace
from pipelines.serve.guard import HOST_NAME
from pipelines.serve.server import ServerError, must_be_free, must_be_readable, serve


def _checked(_: click.Context, __: click.Parameter, names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if not HOST_NAME.fullmatch(name):
            raise click.BadParameter(f"{name!r} is not a host name, such as tal.example.dk")
    return names


@click.command()
@click.option(
    "--port",
    "-p",
    type=click.IntRange(1, 65535),
    default=3000,
    show_default=True,
    help="Port on 127.0.0.1.",
)
@click.option("--read-only", is_flag=True, help="Refuse every change.")
@click.option("--daemon/--no-daemon", default=None, help="Also run queue, sensors and schedule.")
@click.option(
    "--name",
    "names",
    multiple=True,
    callback=_checked,
    help="Host name of a proxy in front of this server.",
)
@with_workspace
def main(
    port: int, read_only: bool, daemon: bool | None, names: tuple[str, ...], workspace: Path | None
) -> None:
    """Serve the Dagster pages on 127.0.0.1, closed to other web pages.

    The daemon runs too, unless the pages are read-only; with --no-daemon a service runs it.
    """
    locations = located(workspace)
    wanted = not read_only if daemon is None else daemon
    try:
        must_be_free(port)
        must_be_readable(locations)
        with _daemon(locations) if wanted else nullcontext():
            serve(locations, port, read_only=read_only, names=names)
    except (*FAULTS, ServerError) as error:
        click.echo(f"samspil: {error}", err=True)
        sys.exit(1)


@contextmanager
def _daemon(workspace: Path) -> Iterator[None]:
    """Start Dagster's daemon as a process that ends with this one."""
    with opened():
        pass
    process = subprocess.Popen(command(workspace), env=os.environ)  # noqa: S603
    try:
        yield
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
