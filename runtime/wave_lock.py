"""One run per wave: a file lock that the kernel releases when its holder ends.

Several processes may hold the lock together if they name the same owner, as the steps of one
Dagster run do. Within a process the same owner may take it again.
"""

from __future__ import annotations

import errno
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

PATIENCE_SECONDS = 600.0
PAUSE_SECONDS = 0.1
MOST_BYTES = 1 << 16
# The number of owners that a lock file remembers, the latest last.
REMEMBERED = 20
UNSUPPORTED = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)


class LockError(RuntimeError):
    """The wave is locked; the message names the holder, or why locking is impossible."""


@dataclass
class _Held:
    descriptor: int
    owner: str
    everybody: bool
    count: int


_held: dict[str, _Held] = {}
# Owners in a lock file that another owner overtook before they had the lock.
_missed: set[str] = set()
_guard = threading.Lock()


def lock_file(root: Path, place: str, wave: str) -> Path:
    """The lock of a wave, next to its working file. The file stays after the run."""
    return root / ".work" / place / f"{wave}.lock"


@contextmanager
def wave_lock(
    path: Path,
    owner: str,
    patience: float = PATIENCE_SECONDS,
    report: Callable[[str], None] = lambda _: None,
    *,
    everybody: bool = False,
) -> Iterator[None]:
    """Hold the lock during the block. `report` is called once with the current holder.

    `everybody`: everything else that this process does with the wave belongs to the block. Raises
    LockError after `patience` seconds, if another owner had the wave since this owner first took
    it, or if the file system has no locks.
    """
    key = os.path.realpath(path)
    deadline = time.monotonic() + patience
    found = False
    while not _take(key, owner, everybody):
        said = f"wave {path.stem} is being worked on by {_holder(key)}"
        if time.monotonic() >= deadline:
            raise LockError(f"{said}; waited {patience:g} s, nothing was changed. Try again later")
        if not found:
            report(f"{said}; waiting for it, at most {patience:g} s")
            found = True
        time.sleep(PAUSE_SECONDS)
    try:
        yield
    finally:
        _leave(key)


@contextmanager
def exclusive(path: Path, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Hold a lock for a moment that only one process of the machine may have.

    Raises LockError after `patience` seconds, and where the file system has no locks.
    """
    deadline = time.monotonic() + patience
    descriptor = _open(os.path.realpath(path))
    try:
        while not _flock(descriptor, _fcntl().LOCK_EX, str(path)):
            if time.monotonic() >= deadline:
                raise LockError(f"{path} is held by another process; waited {patience:g} s")
            time.sleep(PAUSE_SECONDS)
        yield
    finally:
        os.close(descriptor)


def _take(key: str, owner: str, everybody: bool) -> bool:
    with _guard:
        held = _held.get(key)
        if held is not None:
            if held.everybody or held.owner == owner:
                held.count += 1
                return True
            return False
        descriptor = _open(key)
        try:
            if not _locked(descriptor, key, owner):
                os.close(descriptor)
                return False
        except BaseException:
            os.close(descriptor)
            raise
        _held[key] = _Held(descriptor, owner, everybody, 1)
        return True


def _leave(key: str) -> None:
    with _guard:
        held = _held[key]
        held.count -= 1
        if not held.count:
            # closing releases the lock: child processes do not inherit the descriptor
            os.close(held.descriptor)
            del _held[key]


def _open(key: str) -> int:
    Path(key).parent.mkdir(parents=True, exist_ok=True)
    return os.open(key, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)


def _locked(descriptor: int, key: str, owner: str) -> bool:
    """Hold the lock shared, with `owner` in the file.

    Only a process with the exclusive lock changes the file.
    """
    fcntl = _fcntl()
    if _flock(descriptor, fcntl.LOCK_EX, key):
        owners = _record(descriptor).get("owners", [])
        if owner in owners[:-1] and owner not in _missed:
            raise LockError(
                f"another run has worked on wave {Path(key).stem} since this one began; "
                "start this run again"
            )
        if not owners or owners[-1] != owner:
            owners = [*owners, owner][-REMEMBERED:]
        _write(descriptor, owners)
        _missed.add(owner)
    # The two steps are not atomic: another owner may have come in between and now holds it.
    if not _flock(descriptor, fcntl.LOCK_SH, key):
        return False
    if _record(descriptor).get("owners", [None])[-1] != owner:
        return False
    _missed.discard(owner)
    return True


def _flock(descriptor: int, kind: int, key: str) -> bool:
    fcntl = _fcntl()
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno in UNSUPPORTED:
            raise LockError(
                f"{key}: this file system has no locks ({error.strerror}); two runs could damage "
                "each other's work, so none is started. Put the checkout on a local disk"
            ) from error
        raise
    return True


def _fcntl() -> Any:
    try:
        import fcntl
    except ImportError:
        raise LockError(
            "this system has no file locks (fcntl); samspil runs on Linux and macOS"
        ) from None
    return fcntl


def _record(descriptor: int) -> dict[str, Any]:
    """What the lock file says about its last holder; empty if it was killed while writing."""
    try:
        record = json.loads(os.pread(descriptor, MOST_BYTES, 0))
    except ValueError:
        return {}
    return record if isinstance(record, dict) and record.get("owners") else {}


def _write(descriptor: int, owners: list[str]) -> None:
    record = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": datetime.now().astimezone().isoformat(sep=" ", timespec="seconds"),
        "owners": owners,
    }
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(record).encode(), 0)


def _holder(key: str) -> str:
    try:
        descriptor = os.open(key, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return "another process"
    try:
        record = _record(descriptor)
    finally:
        os.close(descriptor)
    if not record:
        return "another process"
    place = "" if record.get("host") == socket.gethostname() else f" on {record.get('host')}"
    return f"process {record.get('pid')}{place} (since {record.get('since')})"
