"""The inputs of a run as one hash: an unchanged input needs no run.

Code is hashed as for an asset's version, by `runtime.sources`: the modules that make assets and our
modules that they import, without comments. Declarations are hashed by their content, files of the
wave by their bytes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from declarations.content import content_hash, declared_files
from runtime.output_versions import RECORD, output_digests, undamaged_record
from runtime.sources import CODE, code_files, code_hash, modules_with

# Packages to search for modules with a function `steps(study)`, in import order.
MAKING = ("assets", "replication", "expectations")
PUBLISHING = "publishing.folder"
# length of a fingerprint, which people read as a tag of runs
LENGTH = 20


@dataclass(frozen=True)
class Inputs:
    """The inputs of a wave at one moment: the fingerprint, and the stamps of all files."""

    fingerprint: str
    stamps: Mapping[str, tuple[int, ...]]

    def older_than(self, moment: float) -> bool:
        """Whether no file has changed since that moment (seconds since the epoch)."""
        return all(changed / 1e9 < moment for *_, changed in self.stamps.values())


def current_inputs(root: Path, study: Path, wave: str, key: bytes | None) -> Inputs:
    """The inputs of a wave as they are now."""
    # time stamps first, so that a file written between the two reads counts as changed
    stamped = stamps(root, study, wave)
    return Inputs(fingerprint(root, study, wave, key), stamped)


def inputs(root: Path, study: Path, wave: str, code: Path = CODE) -> Iterator[Path]:
    """Every file that a run of the wave reads: code, declarations, print, data files, lock file."""
    yield from code_files(*_making(code), root=code)
    yield from declared_files(study)
    yield from _of_wave(root, study, wave)


def fingerprint(root: Path, study: Path, wave: str, key: bytes | None, code: Path = CODE) -> str:
    """Hash over the content of all inputs, and a hash of the key of respondent ids."""
    digest = hashlib.sha256(code_hash(*_making(code), words=True, root=code).encode())
    digest.update(content_hash(study).encode())
    for path in _of_wave(root, study, wave):
        digest.update(str(path.relative_to(root)).encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    if key is not None:
        digest.update(hmac.digest(key, b"fingerprint of a run", "sha256"))
    return digest.hexdigest()[:LENGTH]


def _making(code: Path) -> list[str]:
    return [*modules_with("steps", MAKING, code), PUBLISHING]


def _of_wave(root: Path, study: Path, wave: str) -> Iterator[Path]:
    files = (*sorted((study / "waves" / wave).rglob("*")), root / "requirements.lock")
    yield from (path for path in files if path.is_file())


def stamps(root: Path, study: Path, wave: str) -> dict[str, tuple[int, ...]]:
    """Facts about files that change with every write, even if the content stays the same."""
    found: dict[str, tuple[int, ...]] = {}
    for path in inputs(root, study, wave):
        now = path.stat()
        found[str(path)] = (now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns)
    return found


def keep_record(
    before: Inputs, root: Path, study: Path, wave: str, output: Path, outcome: Mapping[str, Any]
) -> str:
    """Write the record of a run that computed a wave from the inputs `before`.

    `outcome` is the result of `summarize_run`. Returns the reason if it writes none, else "".
    """
    if stamps(root, study, wave) != before.stamps:
        return "an input was written during the run; the next run computes again"
    kept = {name: value for name, value in outcome.items() if name != "recorded"}
    kept |= {"summary": outcome["recorded"], "fingerprint": before.fingerprint}
    try:
        write_record(output.resolve(), kept)
    except OSError as error:
        return f"{error}; the next run computes again"
    return ""


def last_run(output: Path) -> dict[str, Any] | None:
    """The record of the last complete run, if its output is undamaged."""
    return undamaged_record(output.resolve())


def write_record(folder: Path, outcome: Mapping[str, Any]) -> None:
    """Write the record into the published folder, so that the next run can skip its work.

    `folder` is a version, not the link to it; `outcome` has the run's `fingerprint`. Raises OSError
    if the record cannot be written. `rows` has a hash of the rows of each relation of the snapshot:
    two runs are equal if these and the sha256 of the other files are.
    """
    from runtime.snapshot import (
        SNAPSHOT,
        row_hashes,
    )  # imports duckdb, which a run with no work avoids

    scratch = folder / f".{RECORD}.new"
    kept = {**outcome, "output": output_digests(folder), "rows": row_hashes(folder / SNAPSHOT)}
    try:
        with scratch.open("w", encoding="utf-8") as stream:
            stream.write(json.dumps(kept, indent=1, ensure_ascii=False))
            stream.flush()
            os.fsync(stream.fileno())
        scratch.replace(folder / RECORD)
    except OSError as error:
        scratch.unlink(missing_ok=True)
        raise OSError(f"{folder / RECORD} could not be written ({error})") from error
