"""Dagster's web server behind the guard.

Dagster has no setting for a middleware, and a proxy in front of its command would leave the
command's own port open. This module therefore builds the application as Dagster's command does.
The public function for that takes a `WorkspaceProcessContext`, which only private modules export.
They are imported in one place, and a release of Dagster without them is reported.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from declarations.documents import read_document
from declarations.errors import SpecError

HOST = "127.0.0.1"
POLL_MILLISECONDS = 2000


class ServerError(Exception):
    """The pages cannot be served; the message has the remedy."""


def must_be_free(port: int) -> None:
    """Raise ServerError if another program has the port."""
    with socket.socket() as probe:
        # like the server itself: a connection closed a moment ago does not block the port
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EPERM):
                raise ServerError(
                    f"port {port} of {HOST} cannot be used ({error.strerror}): ports below 1024 "
                    "are the system's. Take another port: make ui PORT=3100"
                ) from None
            raise ServerError(
                f"port {port} of {HOST} cannot be used ({error.strerror}): another program, or "
                "another `make ui`, has it. Stop that, or take another port: make ui PORT=3100"
            ) from None


def must_be_readable(workspace: Path) -> None:
    """Raise ServerError if the file of code locations cannot be read; Dagster would stop at it."""
    remedy = "Restore it (git checkout workspace.yaml) and start again"
    try:
        found = read_document(workspace)
    except SpecError as error:
        raise ServerError(f"{error}. {remedy}") from None
    if not isinstance(found, dict) or not isinstance(found.get("load_from"), list):
        raise ServerError(f"{workspace}: expected an entry load_from with a list. {remedy}")


def serve(
    workspace: Path, port: int, *, read_only: bool = False, names: Iterable[str] = ()
) -> None:
    """Serve the pages of a workspace on 127.0.0.1 until the process is stopped.

    With `read_only` Dagster itself refuses every change. `names` are host names of proxies.
    """
    import uvicorn

    from pipelines.records.history import opened
    from pipelines.serve.guard import guarded

    context_of, target, version = _dagster()
    with opened() as instance:
        instance.optimize_for_webserver(15_000, 3_600, 20)
        with context_of(
            instance, version=version, read_only=read_only, workspace_load_target=target(workspace)
        ) as context:
            from dagster_webserver.app import create_app_from_workspace_process_context

            app = create_app_from_workspace_process_context(
                context, live_data_poll_rate=POLL_MILLISECONDS
            )
            uvicorn.run(guarded(app, names), host=HOST, port=port, log_level="warning")


def _dagster() -> tuple[Any, Any, str]:
    try:
        from dagster._core.workspace.context import WorkspaceProcessContext
        from dagster._core.workspace.load_target import WorkspaceFileTarget
        from dagster_webserver.version import __version__
    except ImportError as error:
        raise ServerError(
            f"this version of Dagster cannot be served behind the guard ({error}); install the "
            "locked one (make setup), or put a proxy before it (docs/security.md)"
        ) from None
    return WorkspaceProcessContext, lambda path: WorkspaceFileTarget([str(path)]), __version__
