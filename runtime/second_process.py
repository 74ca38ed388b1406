"""A second process for work whose libraries take seconds to import.

Importing Great Expectations and statsmodels takes longer than all other computation. A run on the
command line starts a process that imports them during the first stages. Code that needs them uses
`call`, which works in that process if it was started, else in the current one.
"""

from __future__ import annotations

import gc
import importlib
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
ENDED = (
    "the second process of the run has ended (killed, or out of memory), so this one computes %s; "
    "the results are the same"
)
log = logging.getLogger("samspil")
_connection: Connection | None = None


@contextmanager
def started(*modules: str) -> Iterator[None]:
    """Start the process, which imports the modules, and stop it after the block."""
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
    """Run `function(*args, **kwargs)` in the second process if it was started, else here.

    Function, arguments and result must be picklable. An exception is raised in the caller. If the
    second process has ended, for example because the system was out of memory, the function runs
    here.
    """
    global _connection
    if _connection is None:
        return function(*args, **kwargs)
    try:
        _connection.send((function, args, kwargs))
        result, error = _connection.recv()
    except (EOFError, ConnectionError):
        _connection = None
        log.warning(ENDED, function.__name__)
        return function(*args, **kwargs)
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
        # Collect everything now, otherwise DuckDB's binding reports it as leaked.
        return


def _answer(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, Exception | None]:
    try:
        return function(*args, **kwargs), None
    except Exception as error:
        return None, error
