"""The restricted schema of the working file: what must not leave it."""

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
DATASET = (SCHEMA, "dataset")  # the data set as text
LINKS = (SCHEMA, "respondents")  # which respondent stands where
CELLS = (SCHEMA, "cells")  # every filled cell of every question with its text and place
AREA_TEXTS = (SCHEMA, "responsibilities")  # what respondents wrote of their areas
REJECTED = (SCHEMA, "rejected_rows")  # rows set aside, with the values that were the reason
QUARANTINE = (SCHEMA, "quarantine")  # unusable cells as they stand
ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def untold_errors() -> Iterator[None]:
    """Unexpected errors of code that reads cells, without their words: these may quote a cell.

    What is raised on purpose passes, as does everything with SAMSPIL_DEBUG=1.
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
        # a LookupError of our own says which relation is missing, a KeyError may hold a cell
        if os.environ.get("SAMSPIL_DEBUG") or type(error) is LookupError:
            raise
        raise failure(
            f"unexpected {type(error).__name__} in {_place(error)}; its message may quote an "
            "answer and is shown with SAMSPIL_DEBUG=1 only"
        ) from None


def _place(error: Exception) -> str:
    """File, line and function of ours where the error came from."""
    place, step = "samspil", error.__traceback__
    while step is not None:
        file = Path(step.tb_frame.f_code.co_filename)
        if file.is_relative_to(ROOT) and ".venv" not in file.parts:
            code = step.tb_frame.f_code.co_name
            place = f"{file.relative_to(ROOT)}, line {step.tb_lineno} ({code})"
        step = step.tb_next
    return place
