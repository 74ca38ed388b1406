"""Progress on the terminal: a line per step, and every check that did not pass."""

from __future__ import annotations

import logging
import sys
from typing import Any

import dagster as dg

from runtime.safe_text import visible


class ProgressFormatter(logging.Formatter):
    """Turns Dagster's events into short lines; other log records keep their message."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, or an empty string for events that readers do not need."""
        event = _event(record)
        if event is None:
            return _warning(record)
        if event.event_type_value == "STEP_SUCCESS":
            duration = event.step_success_data.duration_ms / 1000
            return f"  {event.step_key:<24} {duration:6.1f} s"
        if event.event_type_value in ("STEP_FAILURE", "PIPELINE_FAILURE", "RUN_FAILURE"):
            return f"  {event.step_key or 'run'} failed"
        return ""


class ProgressHandler(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes non-empty lines to standard error."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line at once, so that progress is visible while it happens."""
        line = self.format(record)
        if line:
            self.stream.write(line + "\n")
            self.flush()


def _warning(record: logging.LogRecord) -> str:
    message = visible(record.getMessage(), keep="\n")
    # one such line per skipped step would hide the cause
    skipped = message.endswith("Not executing.")
    return message if record.levelno >= logging.WARNING and not skipped else ""


def _event(record: logging.LogRecord) -> Any:
    meta = getattr(record, "dagster_meta", None) or {}
    return meta.get("dagster_event") if isinstance(meta, dict) else meta.dagster_event


@dg.logger(None, description="Progress: a line per finished step.")
def progress_logger(_: dg.InitLoggerContext) -> logging.Logger:
    """Logger of runs started on the command line or by the UI."""
    logger = logging.Logger("samspil", level=logging.DEBUG)
    handler = ProgressHandler(sys.stderr)
    handler.setFormatter(ProgressFormatter())
    logger.addHandler(handler)
    return logger
