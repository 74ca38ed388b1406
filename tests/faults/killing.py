"""A function in a child process that is killed at its n-th operation on files."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

OPERATIONS = ("open", "os.", "shutil.", "ctypes.")


def killed_at(at: int, action: Callable[[], object]) -> bool:
    """Run the action in a child process that is killed (SIGKILL) at its `at`-th operation.

    False if it finished. An error of the action ends the child with code 1: AssertionError.
    """
    child = os.fork()
    if child == 0:
        left = at

        def count(event: str, _: Any) -> None:
            nonlocal left
            if event.startswith(OPERATIONS):
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        code = 1
        try:
            sys.addaudithook(count)
            action()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the action failed"
    return os.WIFSIGNALED(status)
