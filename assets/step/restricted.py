"""The restricted schema of the working file: data that must not leave it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import duckdb

from assets.step.workspace import failure
from runtime.faults import DamagedFileError, TooLittleMemoryError

SCHEMA = "restricted"
REJECTED = (SCHEMA, "rejected_rows")  # quarantined rows, with the values that were the reason
QUARANTINE = (SCHEMA, "quarantine")  # unusable cells, unchanged
ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def masked_errors() -> Iterator[None]:
    """Mask the messages of unexpected errors, which may quote a cell.

    Errors that samspil raises itself keep their message. With SAMSPIL_DEBUG=1 all errors do.
    """
    try:
        yield
    except (
        dg.Failure,
        dg.RetryRequested,
        dg.DagsterError,
        DamagedFileError,
        TooLittleMemoryError,
    ):
        raise
    except (duckdb.IOException, OSError):
        raise
    except Exception as error:
        # our own LookupError names a missing relation; a KeyError may contain a cell
        if os.environ.get("SAMSPIL_DEBUG") or type(error) is LookupError:
            raise
        raise failure(
            f"unexpected {type(error).__name__} in {_place(error)}; its message may quote an "
            "answer and is shown with SAMSPIL_DEBUG=1 only"
        ) from None


def _place(error: Exception) -> str:
    """File, line and function of our code that raised the error."""
    place, step = "samspil", error.__traceback__
    while step is not None:
        file = Path(step.tb_frame.f_code.co_filename)
        if file.is_relative_to(ROOT) and ".venv" not in file.parts:
            code = step.tb_frame.f_code.co_name
            place = f"{file.relative_to(ROOT)}, line {step.tb_lineno} ({code})"
        step = step.tb_next
    return place
