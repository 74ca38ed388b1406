"""A second process for work whose libraries take seconds to import, started before it is needed.

Great Expectations and statsmodels take longer to import than everything else takes to compute.
A run on the command line starts a process that imports them while the first stages run; code
that needs them calls `call`, which works in that process if there is one and in this one if not.
"""

from __future__ import annotations

import gc
import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
_connection: Connection | None = None


@contextmanager
def started(*modules: str) -> Iterator[None]:
    """Start the process and let it import the modules; it ends with the block. None for none."""
    global _connection
    if not modules:
        yield
        return
    context = get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there, modules))
    process.start()
    there.close()
    _connection = here
    try:
        yield
    finally:
        _connection = None
        here.close()


def call(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`function(*args, **kwargs)`, in the second process where one was started.

    Function, arguments and result must be picklable; an exception is raised here as there.
    """
    if _connection is None:
        return function(*args, **kwargs)
    _connection.send((function, args, kwargs))
    try:
        result, error = _connection.recv()
    except EOFError:
        raise RuntimeError(f"the second process died during {function.__name__}") from None
    if error is not None:
        raise error
    return result


def _serve(connection: Connection, modules: tuple[str, ...]) -> None:
    gc.disable()
    for module in modules:
        importlib.import_module(module)
    try:
        while True:
            function, args, kwargs = connection.recv()
            connection.send(_answer(function, args, kwargs))
    except EOFError:
        # The run is over. What is not collected here, DuckDB's binding would report as leaked.
        return


def _answer(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, Exception | None]:
    try:
        return function(*args, **kwargs), None
    except Exception as error:
        return None, error
