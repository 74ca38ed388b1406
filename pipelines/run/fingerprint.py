"""What a run depends on, as one hash; unchanged input costs no run.

Code counts as it does for an asset's version, by `runtime.sources`: the modules that make assets,
what they import of ours, and no comment. Declarations count by what they say, files of the wave by
their bytes.
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
from runtime.output_versions import RECORD as RECORD
from runtime.output_versions import output_digests as output_digests
from runtime.sources import CODE, code_files, code_hash, modules_with

# Where modules with a function `steps(study)` are looked for, in the order of their imports.
MAKING = ("assets", "replication", "expectations")
PUBLISHING = "publishing.folder"
# of a fingerprint, which is a tag of runs and read by people
LENGTH = 20


@dataclass(frozen=True)
class Inputs:
    """What a wave is computed from at one moment: the fingerprint, and the stamps of all files."""

    fingerprint: str
    stamps: Mapping[str, tuple[int, ...]]

    def older_than(self, moment: float) -> bool:
        """Whether all files are as they were at that moment (seconds since the epoch)."""
        return all(changed / 1e9 < moment for *_, changed in self.stamps.values())


def look(root: Path, study: Path, wave: str, key: bytes | None) -> Inputs:
    """The inputs of a wave as they are now."""
    # stamps first: what is written between the two is then seen to have changed
    stamped = stamps(root, study, wave)
    return Inputs(fingerprint(root, study, wave, key), stamped)


def inputs(root: Path, study: Path, wave: str, code: Path = CODE) -> Iterator[Path]:
    """Every file a run of the wave reads: code, declarations, print, the wave's files, lock."""
    yield from code_files(*_making(code), root=code)
    yield from declared_files(study)
    yield from _of_wave(root, study, wave)


def fingerprint(root: Path, study: Path, wave: str, key: bytes | None, code: Path = CODE) -> str:
    """Hash over what all inputs say, and over a hash of the respondent ids' key."""
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
    """What tells a file that was written since, whatever its content is now."""
    found: dict[str, tuple[int, ...]] = {}
    for path in inputs(root, study, wave):
        now = path.stat()
        found[str(path)] = (now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns)
    return found


def keep_record(
    before: Inputs, root: Path, study: Path, wave: str, output: Path, outcome: Mapping[str, Any]
) -> str:
    """Write the record of a run that computed a wave from the inputs `before`; why not, else empty.

    `outcome` is what `summarize_run` says of the run.
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
    """The record of the last complete run, if its output is still what it wrote."""
    folder = output.resolve()
    try:
        record: dict[str, Any] = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        return record if record.get("output") == output_digests(folder) else None
    except (OSError, ValueError, AttributeError):
        return None


def write_record(folder: Path, outcome: Mapping[str, Any]) -> None:
    """Beside what was published: by this the next run knows that it has nothing to do.

    `folder` is a version, not the link to it; `outcome` has the run's `fingerprint`. OSError where
    it cannot be written; there is then no record. `rows` has a hash of the rows of each relation of
    the snapshot: two runs are equal by these and by the sha256 of the other files.
    """
    from runtime.snapshot import SNAPSHOT, row_hashes  # duckdb, which a run with no work saves

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
