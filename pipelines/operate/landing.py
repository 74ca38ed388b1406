"""Arriving exports: takes complete ones, refuses damaged ones, and waits for others.

A wave is a folder in the landing folder, with `source.yaml` and the files that it names. This
module does not use Dagster. `look_at_landing` examines the folder once. State that must survive a
crash is in the landing folder itself (`.taken/`, `.refused/`). Every step may be repeated.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from declarations import Study
from declarations.operation import Landing
from pipelines.operate.judging import (
    JUNK,
    LOOSE,
    UNFINISHED,
    UNFINISHED_NAME,
    error_text,
    inspected,
    is_loose,
    listing_of,
    shown_name,
)
from pipelines.operate.placing import ChangedMeanwhileError, Refused, backups, place_wave, refuse
from runtime.paths import study_place
from runtime.wave_lock import LockError, lock_file, wave_lock

TAKEN = ".taken"
GONE = ".gone"


@dataclass(frozen=True)
class Seen:
    """The listing of a folder, and since when it is unchanged (seconds since the epoch)."""

    listing: str
    since: float


@dataclass(frozen=True)
class Taken:
    """An export that was put in place; `replaced` is the new place of the wave's former files."""

    wave: str
    digest: str
    at: int
    replaced: str = ""

    @property
    def key(self) -> str:
        """The name of this arrival: the same export may arrive again after another one."""
        return f"{self.wave}/{self.digest[:12]}/{self.at}"


@dataclass
class LandingOutcome:
    """The result of `look_at_landing`; `seen` is the input of the next call."""

    taken: list[Taken] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    waiting: dict[str, str] = field(default_factory=dict)
    seen: dict[str, Seen] = field(default_factory=dict)


def look_at_landing(
    root: Path, study: Study, settings: Landing, seen: Mapping[str, Seen], now: float
) -> LandingOutcome:
    """Look at every wave folder of the landing folder once, and act.

    `seen` is the result of the last look. A folder is judged when nothing in it changed for
    `settle_seconds` by our own clock, whatever its files' times. Until it is taken or refused it is
    examined at each look, and each change restarts the time.
    """
    outcome = LandingOutcome()
    landing = root / settings.folder
    if not landing.is_dir():
        return outcome
    try:
        entries = sorted(landing.iterdir())
    except OSError as error:
        outcome.waiting[shown_name(landing.name)] = f"cannot be read: {error_text(error)}"
        return outcome
    for left in (landing / TAKEN).glob(f"*{GONE}"):
        shutil.rmtree(left, ignore_errors=True)
    for entry in entries:
        # file servers keep hidden folders of their own
        if entry.name in JUNK or entry.name.startswith("."):
            continue
        try:
            _look_at(root, landing, entry, study, settings, seen, now, outcome)
        except Exception as error:
            # an error in one folder does not stop the others
            text = f"could not be handled: {error_text(error)}"
            outcome.waiting[shown_name(entry.name)] = text
    return outcome


def _look_at(
    root: Path, landing: Path, entry: Path, study: Study, settings: Landing,
    seen: Mapping[str, Seen], now: float, outcome: LandingOutcome,
) -> None:  # fmt: skip
    name, shown = entry.name, shown_name(entry.name)
    listing = listing_of(entry)
    before = seen.get(name)
    if before is None or before.listing != listing:
        before = Seen(listing, now)
    outcome.seen[name] = before
    quiet = now - before.since
    if UNFINISHED.fullmatch(name):
        if quiet >= settings.patience_seconds:
            outcome.waiting[shown] = UNFINISHED_NAME
        return
    if quiet < settings.settle_seconds:
        outcome.waiting[shown] = LOOSE if is_loose(entry) else "is arriving"
        return
    found = inspected(entry, study)
    if found.reasons and quiet < found.patience(settings):
        outcome.waiting[shown] = "; ".join(found.reasons)
    elif found.reasons:
        refusal = refuse(landing, entry, found.reasons, listing)
        outcome.refused.append(refusal)
        del outcome.seen[name]
    else:
        _take(root, landing, entry, study, found.digest, listing, int(now * 1000), outcome)


def _take(
    root: Path, landing: Path, entry: Path, study: Study, digest: str, listing: str, at: int,
    outcome: LandingOutcome,
) -> None:  # fmt: skip
    lock = lock_file(root, study_place(study.folder.name), entry.name)
    try:
        with wave_lock(lock, f"landing {os.getpid()} {time.time_ns()}", 0):
            replaced = place_wave(entry, study.folder / "waves", backups(root, study), digest)
    except ChangedMeanwhileError:
        outcome.waiting[entry.name] = "is arriving"
        return
    except (OSError, LockError) as error:
        outcome.waiting[entry.name] = f"could not be taken yet: {error}"
        return
    taken = Taken(entry.name, digest, at, replaced)
    _remember(landing, taken)
    # another export may have begun to arrive under the same name
    if listing_of(entry) == listing:
        # in one step: half a folder would look like an export that does not come
        gone = landing / TAKEN / f"{entry.name}{GONE}"
        entry.rename(gone)
        shutil.rmtree(gone)
        del outcome.seen[entry.name]
    outcome.taken.append(taken)


def _remember(landing: Path, taken: Taken) -> None:
    marker = landing / TAKEN / f"{taken.wave}.json"
    marker.parent.mkdir(parents=True, exist_ok=True)
    scratch = marker.with_suffix(".new")
    scratch.write_text(json.dumps(vars(taken)), encoding="utf-8")
    os.replace(scratch, marker)


def taken_exports(landing: Path) -> list[Taken]:
    """Exports that were taken but whose run has not been requested yet, as far as is known."""
    found = []
    for marker in sorted((landing / TAKEN).glob("*.json")):
        with contextlib.suppress(OSError, ValueError, TypeError):
            found.append(Taken(**json.loads(marker.read_text(encoding="utf-8"))))
    return found


def mark_requested(landing: Path, taken: Taken) -> None:
    """Record that the run of an export was requested or is not needed."""
    (landing / TAKEN / f"{taken.wave}.json").unlink(missing_ok=True)
