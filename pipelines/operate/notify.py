"""Notifications: one JSON line per event, to a file, to an address, or both.

A notification that cannot be delivered is logged by the caller; nothing else fails.
"""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from http.client import HTTPException
from pathlib import Path

from declarations.operation import Hook
from pipelines.operate.webhook import post
from runtime import paths

FILE_VARIABLE, WEBHOOK_VARIABLE = "SAMSPIL_NOTIFY_FILE", "SAMSPIL_NOTIFY_WEBHOOK"
LONGEST_MESSAGE = 4000


def _now() -> str:
    return datetime.datetime.now(tz=datetime.UTC).isoformat(timespec="seconds")


@dataclass(frozen=True)
class Notice:
    """An event. `kind`: run_failed, recovered, check_failed, refused or not_fresh.

    `step` is the step, or `asset: check`. Messages are those of the log, with masked cells.
    """

    kind: str
    study: str
    wave: str
    message: str
    run: str = ""
    step: str = ""
    severity: str = "ERROR"
    time: str = field(default_factory=_now)

    def line(self) -> str:
        """One line of JSON."""
        facts = asdict(self) | {"message": self.message[:LONGEST_MESSAGE]}
        return json.dumps(facts, ensure_ascii=False) + "\n"


def hooks(declared: Hook) -> list[Hook]:
    """The study's hook, and the instance's from the environment."""
    file, webhook = os.environ.get(FILE_VARIABLE), os.environ.get(WEBHOOK_VARIABLE)
    # whoever configures the services may intend a private network
    own = Hook(file=Path(file) if file else None, webhook=webhook or None, private=True)
    return [hook for hook in (declared, own) if hook.file or hook.webhook]


def send(declared: Hook, notice: Notice, report: Callable[[str], object]) -> None:
    """Deliver to every hook. Failures are reported and nothing else happens."""
    for hook in hooks(declared):
        if hook.file is not None:
            try:
                _append(paths.ROOT / hook.file, notice.line())
            except OSError as error:
                report(f"notification not written to {hook.file}: {error}")
        if hook.webhook is not None:
            try:
                post(hook.webhook, notice.line().encode(), private=hook.private)
            except (OSError, ValueError, HTTPException) as error:
                report(f"notification not delivered to {hook.webhook}: {error}")


def _append(path: Path, line: str) -> None:
    """Append in one write, so that lines of two processes do not mix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    descriptor = os.open(path, flags, 0o644)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)
