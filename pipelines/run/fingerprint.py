"""What a run depends on, as one hash; unchanged input costs no run."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from runtime.paths import PACKAGES

RECORD = "run.json"
CODE = (".py", ".jinja", ".css", ".js")


def inputs(root: Path, study: Path, wave: str) -> Iterator[Path]:
    """Every file a run of the wave reads: declarations, print, the wave's files, code, lock."""
    for folder in PACKAGES:
        yield from sorted(p for p in (root / folder).rglob("*") if p.suffix in CODE)
    for folder in ("questions", "tables", "printed", "claims", "models", "unnumbered", "proofs"):
        yield from sorted(p for p in (study / folder).glob("*") if p.suffix in (".yaml", ".csv"))
    yield from sorted(p for p in (study / "waves" / wave).rglob("*") if p.is_file())
    yield from (study / "study.yaml", root / "requirements.lock")


def fingerprint(root: Path, study: Path, wave: str, key: bytes | None) -> str:
    """Hash over names and contents of all inputs, and over a hash of the respondent ids' key."""
    digest = hashlib.sha256()
    for path in inputs(root, study, wave):
        if path.is_file():
            digest.update(str(path.relative_to(root)).encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    if key is not None:
        digest.update(hmac.digest(key, b"fingerprint of a run", "sha256"))
    return digest.hexdigest()


def stamps(root: Path, study: Path, wave: str) -> dict[str, tuple[int, ...]]:
    """What tells a file that was written since, whatever its content is now."""
    found: dict[str, tuple[int, ...]] = {}
    for path in inputs(root, study, wave):
        if path.is_file():
            now = path.stat()
            found[str(path)] = (now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns)
    return found


def output_digests(output: Path) -> dict[str, str]:
    """sha256 of every published file, so that a damaged output is not taken for current."""
    # one version is looked at, whatever is published meanwhile
    folder = output.resolve()
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != RECORD)
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


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
