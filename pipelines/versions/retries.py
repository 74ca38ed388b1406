"""Steps that are tried again where the machine was at fault for a moment, and never otherwise.

Wrong data, a check that blocks, a declaration that is wrong and a fault of ours come to the same a
second time. What passes is known from the error itself (`runtime.faults.is_transient`), so that no
step has to say anything.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import dagster as dg

from declarations.operation import Retries
from runtime.faults import is_transient


def with_retries(definitions: Iterable[dg.AssetsDefinition], declared: Retries) -> None:
    """Make every step of the assets (or checks) ask for another try after a fault that passes."""
    for definition in definitions:
        op: Any = definition.op
        step = op.compute_fn.decorated_fn
        # policies of Dagster try again whatever was raised
        op._compute_fn = op.compute_fn._replace(decorated_fn=retried(step, declared))


def retried(step: Callable[..., Any], declared: Retries) -> Callable[..., Any]:
    """The same step; a fault that passes becomes a RetryRequested with the fault as its cause."""
    if inspect.isgeneratorfunction(step):

        @functools.wraps(step)
        def results(*args: Any, **kwargs: Any) -> Iterator[Any]:
            with _asking(declared):
                yield from step(*args, **kwargs)

        return results

    @functools.wraps(step)
    def result(*args: Any, **kwargs: Any) -> Any:
        with _asking(declared):
            return step(*args, **kwargs)

    return result


@contextmanager
def _asking(declared: Retries) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if not declared.most or isinstance(error, dg.RetryRequested) or not is_transient(error):
            raise
        raise dg.RetryRequested(declared.most, declared.pause_seconds) from error
