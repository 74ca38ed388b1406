"""The key of the respondent ids: a file outside the repository, made on first use.

The file has one line of at least 64 hexadecimal digits. A person with the key and a list of the raw
identifiers can find out whose answers are whose. The key is therefore never printed, logged or
copied.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import logging
import os
import re
import secrets
import stat
from pathlib import Path
from typing import Any

from runtime.faults import PlainError, this_user, writing
from runtime.private.folder import WORK, make_private

VARIABLE = "SAMSPIL_KEY_FILE"
LEAST_BYTES = 32
HEXADECIMAL = re.compile(r"(?:[0-9a-fA-F]{2})+")
LONGEST_FILE = 4096
# Shows with which key the ids of a checkout were made, and reveals nothing about the key.
RECORD = "key.json"
OTHERS = stat.S_IRWXG | stat.S_IRWXO
ADVICE = f"name a file with {VARIABLE}, or see docs/personal-data.md"
log = logging.getLogger("samspil")
_warned: set[Path] = set()


class KeyFileError(PlainError, ValueError):
    """The key cannot be read, made or used. The message names the file, never the key."""


def key_path() -> Path:
    """`SAMSPIL_KEY_FILE`, else `samspil/key` below XDG_CONFIG_HOME or ~/.config."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    config = Path(os.environ.get("XDG_CONFIG_HOME") or "")
    # The XDG specification says to ignore a relative path.
    if not config.is_absolute():
        if not os.environ.get("HOME"):
            # The account's home folder may hold another key, which would change all ids.
            raise KeyFileError(
                f"HOME is not set, so samspil cannot find the key of respondent ids: {ADVICE}"
            )
        with contextlib.suppress(RuntimeError):  # no home folder is known
            config = Path("~").expanduser() / ".config"
    if not config.is_absolute():
        raise KeyFileError(f"no home folder to keep the key of respondent ids in: {ADVICE}")
    return config / "samspil" / "key"


def existing_key() -> bytes | None:
    """The key, or None if it does not exist yet. Raises KeyFileError like `read_key`."""
    path = key_path()
    return _read(path) if _exists(path) else None


def read_key() -> bytes:
    """The key, made on first use. Raises KeyFileError with the file and the remedy."""
    path = key_path()
    if not _exists(path):
        _create(path)
    return _read(path)


def key_of(root: Path) -> bytes:
    """The key, if the ids of the checkout were made with it or no ids were made yet.

    Raises KeyFileError as `read_key` does, and also for any other key (another user's, or a new
    one).
    """
    record, path = root / WORK / RECORD, key_path()
    with writing(record):
        made = _record(record)
        if made and not _exists(path):
            raise KeyFileError(f"{path}: there is no key{_whose(made, record)}")
        key = read_key()
        check = hmac.digest(key, b"samspil: which key", "sha256").hex()[:20]
        if made and made.get("check") != check:
            raise KeyFileError(f"{path} holds another key{_whose(made, record)}")
        if not made:
            make_private(record.parent)
            facts = {"check": check, "file": str(path.absolute()), "user": this_user()}
            scratch = record.with_name(f".{RECORD}.{os.getpid()}")
            scratch.write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")
            scratch.replace(record)
    return key


def _record(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _whose(made: dict[str, Any], record: Path) -> str:
    return (
        f", but the ids of this checkout were made with {made.get('file')} by {made.get('user')}: "
        f"all ids would change. Name that file with {VARIABLE}; or, to have new ids, delete "
        f"{record} and run again"
    )


def _exists(path: Path) -> bool:
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise _unusable(path, "read", error) from None
    return True


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            text = stream.read(LONGEST_FILE + 1).decode("ascii").strip()
    except OSError as error:
        raise _unusable(path, "read", error) from None
    except UnicodeDecodeError:
        text = ""
    if not HEXADECIMAL.fullmatch(text) or not 2 * LEAST_BYTES <= len(text) <= LONGEST_FILE:
        raise KeyFileError(
            f"{path}: expected one line of at least {2 * LEAST_BYTES} hexadecimal digits, the key "
            f"of respondent ids, found something else. Restore the key, or {ADVICE}"
        )
    if mode & OTHERS and path not in _warned:
        _warned.add(path)
        log.warning("%s: others on this machine may read the key; chmod 600 it", path)
    return bytes.fromhex(text)


def _create(path: Path) -> None:
    """Make the key in one step. If two processes do so at once, one of them wins."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as stream:
                stream.write(secrets.token_hex(LEAST_BYTES) + "\n")
                stream.flush()
                os.fsync(stream.fileno())
            os.link(scratch, path)
        finally:
            scratch.unlink(missing_ok=True)
    except FileExistsError:
        return  # the other process made a key; use it
    except OSError as error:
        raise _unusable(path, "made", error) from None
    log.warning("%s: made a key for respondent ids; keep a copy of it in a safe place", path)


def _unusable(path: Path, done: str, error: OSError) -> KeyFileError:
    why = error.strerror or type(error).__name__
    return KeyFileError(f"{path}: the key of respondent ids cannot be {done} ({why}): {ADVICE}")
