"""Exports that arrive: taken once complete, turned away where damaged, otherwise waited for.

A wave is a folder in the landing folder: `source.yaml` and the files it names, side by side.
Nothing here knows Dagster; what came of a look is returned, and what must survive a crash lies
in the landing folder itself (`.taken/`, `.refused/`). Every step may be repeated.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import json
import os
import re
import shutil
import stat
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from declarations import SourceSheet, Study
from declarations.errors import SpecError, need
from declarations.operation import Landing
from declarations.waves import read_source_sheet
from runtime.paths import place_of
from runtime.private_folder import make_private
from runtime.safe_text import visible
from runtime.wave_lock import LockError, lock_file, wave_lock

SHEET = "source.yaml"
REFUSED, TAKEN = ".refused", ".taken"
WHY = "REFUSED.txt"
INCOMING = ".incoming-"
WAVE_NAME = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z_.-]{0,38}[0-9A-Za-z])?")
WAVE_WORDS = "letters, digits, dots, dashes or underscores, 40 at most"
# what file managers leave behind; neither part of a wave nor a sign that one is still coming
JUNK = (".DS_Store", "Thumbs.db", "desktop.ini")
UNFINISHED = re.compile(r"\..+|.+(?:~|\.(?:part|partial|tmp|temp|crdownload|filepart|download))")
BLOCK = 1 << 20
RENAME_EXCHANGE, AT_FDCWD = 2, -100


class ChangedMeanwhileError(Exception):
    """The folder was written to while it was taken."""


@dataclass(frozen=True)
class Seen:
    """What a folder looked like, and since when it looks so (seconds since the epoch)."""

    listing: str
    since: float


@dataclass(frozen=True)
class Taken:
    """An export put in its place: `replaced` is where the wave's former files are now."""

    wave: str
    digest: str
    at: int
    replaced: str = ""

    @property
    def key(self) -> str:
        """Names this arrival: the same export may arrive again after another one."""
        return f"{self.wave}/{self.digest[:12]}/{self.at}"


@dataclass(frozen=True)
class Refused:
    """An export that was turned away, why, and where it lies; `name` as it can be shown."""

    name: str
    reasons: tuple[str, ...]
    folder: Path


@dataclass
class LandingOutcome:
    """What a look at the landing folder came to; `seen` is for the next look."""

    taken: list[Taken] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    waiting: dict[str, str] = field(default_factory=dict)
    seen: dict[str, Seen] = field(default_factory=dict)


@dataclass(frozen=True)
class Arrival:
    """What a settled folder is: complete with a digest, damaged, or lacking something.

    `other` are files that are not what the sheet says: damaged, or half copied.
    """

    damaged: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    digest: str = ""

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it cannot be taken; empty where it can."""
        return (*self.damaged, *self.other, *self.lacking)

    def patience(self, settings: Landing) -> float:
        """For how many quiet seconds it is waited for."""
        if self.damaged:
            return 0
        # where files are missing too, somebody is still at it
        only_other = self.other and not self.lacking
        return settings.stall_seconds if only_other else settings.patience_seconds


def look(
    root: Path, study: Study, settings: Landing, seen: Mapping[str, Seen], now: float
) -> LandingOutcome:
    """Look at every wave folder of the landing folder once, and act.

    `seen` is what the last look returned. A folder is judged when nothing in it changed for
    `settle_seconds` by our own clock, whatever times its files bear. Until it is taken or turned
    away it is looked at anew each time, and each change in it begins the time again.
    """
    outcome = LandingOutcome()
    landing = root / settings.folder
    if not landing.is_dir():
        return outcome
    for entry in sorted(landing.iterdir()):
        if entry.name in JUNK or UNFINISHED.fullmatch(entry.name):
            continue
        try:
            _look_at(root, landing, entry, study, settings, seen, now, outcome)
        except Exception as error:
            # whatever one folder brings about, the others are looked at
            told = f"could not be dealt with: {told_error(error)}"
            outcome.waiting[shown_name(entry.name)] = told
    return outcome


def _look_at(
    root: Path, landing: Path, entry: Path, study: Study, settings: Landing,
    seen: Mapping[str, Seen], now: float, outcome: LandingOutcome,
) -> None:  # fmt: skip
    name, shown = entry.name, shown_name(entry.name)
    if not entry.is_symlink() and entry.is_file():
        outcome.waiting[shown] = "is a file; expected a folder per wave"
        return
    listing = listing_of(entry)
    before = seen.get(name)
    if before is None or before.listing != listing:
        before = Seen(listing, now)
    outcome.seen[name] = before
    quiet = now - before.since
    if quiet < settings.settle_seconds:
        outcome.waiting[shown] = "is arriving"
        return
    found = judged(entry, study)
    if found.reasons and quiet < found.patience(settings):
        outcome.waiting[shown] = "; ".join(found.reasons)
    elif found.reasons:
        refusal = refuse(landing, entry, found.reasons, listing)
        outcome.refused.append(refusal)
        del outcome.seen[name]
    else:
        _take(root, landing, entry, study, found.digest, listing, int(now * 1000), outcome)


def judged(folder: Path, study: Study) -> Arrival:
    """What `inspect` finds, also where it comes to an end that nobody foresaw.

    A file that cannot be read is waited for as one that is missing; any other error is damage.
    """
    try:
        found = inspect(folder, study)
    except OSError as error:
        found = Arrival(lacking=(f"cannot be read: {told_error(error)}",))
    except Exception as error:
        # of what stands in the folder, and it would come again with every look
        found = Arrival(damaged=(f"could not be judged: {told_error(error)}",))
    damaged, lacking, other = (
        tuple(map(_shown, reasons)) for reasons in (found.damaged, found.lacking, found.other)
    )
    return Arrival(damaged, lacking, other, found.digest)


def told_error(error: Exception) -> str:
    """An error's kind and words on one line, at most 200 characters of them."""
    return _shown(" ".join(f"{type(error).__name__}: {error}"[:200].split()))


def shown_name(name: str) -> str:
    """A folder's name with what is no text, or does not show, written as escapes."""
    return visible(os.fsencode(name).decode("utf-8", "backslashreplace"))


def _shown(text: str) -> str:
    # names of files that are not UTF-8 came as halves of surrogate pairs, which nothing can write
    return visible(text, keep="\n")


def _take(
    root: Path, landing: Path, entry: Path, study: Study, digest: str, listing: str, at: int,
    outcome: LandingOutcome,
) -> None:  # fmt: skip
    lock = lock_file(root, place_of(study.folder.name), entry.name)
    try:
        with wave_lock(lock, f"landing {os.getpid()} {time.time_ns()}", 0):
            replaced = place(entry, study.folder / "waves", backups(root, study), digest)
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
        shutil.rmtree(entry)
        del outcome.seen[entry.name]
    outcome.taken.append(taken)


def listing_of(folder: Path) -> str:
    """Names, sizes, times and kinds of everything below a folder, links not followed."""
    digest = hashlib.sha256()
    for path in (folder, *_below(folder)):
        # what vanishes meanwhile makes another listing next time; of what cannot be looked at
        # something is said when the folder is judged
        with contextlib.suppress(OSError):
            now = path.lstat()
            facts = (now.st_mode, now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns)
            own = "" if path == folder else str(path.relative_to(folder))
            digest.update(f"{own}\0{facts}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()


def _below(folder: Path) -> Iterator[Path]:
    if folder.is_symlink() or not folder.is_dir():
        return
    for at, folders, files in os.walk(folder):
        folders.sort()
        yield from sorted(Path(at) / name for name in (*folders, *files))


def inspect(folder: Path, study: Study) -> Arrival:
    """Judge a folder that has settled."""
    if folder.is_symlink() or not folder.is_dir():
        return Arrival(damaged=("is no folder but a link or a special file",))
    if not WAVE_NAME.fullmatch(folder.name):
        return Arrival(damaged=(f"the folder's name is no name of a wave: expected {WAVE_WORDS}",))
    damaged, lacking = [], []
    for path in sorted(folder.iterdir()):
        kind = path.lstat().st_mode
        if stat.S_ISDIR(kind):
            damaged.append(f"{path.name}: found a folder, expected the files side by side")
        elif not stat.S_ISREG(kind):
            damaged.append(f"{path.name}: found a link or a special file, expected a file")
        elif (
            path.name not in JUNK and path.name != ".gitignore" and UNFINISHED.fullmatch(path.name)
        ):
            lacking.append(f"{path.name}: a name that says it is still being copied")
    if damaged or lacking:
        return Arrival(tuple(damaged), tuple(lacking))
    if not (folder / SHEET).is_file():
        return Arrival(lacking=(f"{SHEET} is missing",))
    try:
        sheet = read_source_sheet(folder)
        if study.has_frame:
            need(sheet.files, "municipalities", f"{SHEET}: files")
    except (SpecError, ValueError) as error:
        return Arrival(damaged=(str(error).replace(f"{folder}{os.sep}", ""),))
    return _compare(folder, sheet)


def _compare(folder: Path, sheet: SourceSheet) -> Arrival:
    """The files with what the source sheet says of them."""
    damaged, lacking, other = [], [], []
    for file in {file.path: file for file in sheet.files.values()}.values():
        name = str(file.path.relative_to(folder)) if file.path.is_relative_to(folder) else ""
        if Path(name).name != name or name in ("", ".."):
            damaged.append(f"{SHEET}: {file.role} names a path, expected a file beside it")
        elif not file.path.is_file():
            lacking.append(f"{name} is missing")
        elif not file.sha256:
            damaged.append(f"{SHEET}: {name} has no sha256, so that half a file could pass for it")
        elif (found := _sha256(file.path)) != file.sha256.lower():
            other.append(f"{name}: sha256 is {found}, expected {file.sha256} ({SHEET})")
    # its content is hashed where it can be taken
    digest = "" if damaged or lacking or other else digest_of(folder)
    return Arrival(tuple(damaged), tuple(lacking), tuple(other), digest)


def digest_of(folder: Path) -> str:
    """Hash over names and contents of a wave's files; times do not count."""
    digest = hashlib.sha256()
    for path in _files(folder):
        digest.update(f"{path.name}\0{_sha256(path)}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file() and path.name not in JUNK)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def backups(root: Path, study: Study) -> Path:
    """Where a wave's former files go when an export replaces them."""
    return root / ".work" / "replaced" / study.folder.name


def place(arrived: Path, waves: Path, replaced: Path, digest: str) -> str:
    """Copy a wave beside the others and put it in place in one step.

    Returns where the files it replaced went, "" where there were none or the same. Raises
    ChangedMeanwhileError where the copy is not what was inspected.
    """
    target, incoming = waves / arrived.name, waves / f"{INCOMING}{arrived.name}"
    if target.is_dir() and digest_of(target) == digest:
        # a process that ended right after the exchange left the former files there
        return _set_aside(incoming, replaced) if incoming.is_dir() else ""
    shutil.rmtree(incoming, ignore_errors=True)
    incoming.mkdir(parents=True)
    try:
        for path in _files(arrived):
            _copy(path, incoming / path.name)
        if digest_of(incoming) != digest:
            raise ChangedMeanwhileError(arrived.name)
    except OSError:
        shutil.rmtree(incoming, ignore_errors=True)
        raise
    except ChangedMeanwhileError:
        shutil.rmtree(incoming)
        raise
    if not target.is_dir():
        incoming.rename(target)
        return ""
    if _exchange(incoming, target):
        return _set_aside(incoming, replaced)
    former = _set_aside(target, replaced)
    incoming.rename(target)
    return former


def _set_aside(folder: Path, replaced: Path) -> str:
    wave = folder.name.removeprefix(INCOMING)
    former = _free(replaced / f"{wave}-{digest_of(folder)[:12]}")
    make_private(former.parent)
    shutil.move(folder, former)
    return str(former)


def _copy(source: Path, target: Path) -> None:
    descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as stream, target.open("xb") as written:
        shutil.copyfileobj(stream, written, BLOCK)
        written.flush()
        os.fsync(written.fileno())


def _exchange(first: Path, second: Path) -> bool:
    """Swap two folders in one step; False where the system cannot."""
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    done: int = call(
        AT_FDCWD, os.fsencode(first), AT_FDCWD, os.fsencode(second), ctypes.c_uint(RENAME_EXCHANGE)
    )
    return done == 0


def refuse(landing: Path, entry: Path, reasons: tuple[str, ...], listing: str) -> Refused:
    """Move a folder out of the way and say in a text file beside its files why.

    OSError where it cannot be moved. Where only the text cannot be written, it is refused all the
    same: it is no longer there to be looked at again, so whoever is told must be told now.
    """
    name = re.sub(r"[^0-9A-Za-z_.-]", "_", entry.name)[:40]
    folder = _free(landing / REFUSED / f"{name}-{listing[:12]}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    if entry.is_symlink() or not entry.is_dir():
        folder.mkdir()
        entry.rename(folder / name)
    else:
        entry.rename(folder)
    shown = shown_name(entry.name)
    text = "\n".join((f"{shown} was not taken:", *(f"- {_shown(reason)}" for reason in reasons)))
    # "x": never through a link of that name that came with the folder
    with contextlib.suppress(OSError), _free(folder / WHY).open("x", encoding="utf-8") as stream:
        stream.write(f"{text}\n\nMend it and put it back into the landing folder.\n")
    return Refused(shown, reasons, folder)


def _free(path: Path) -> Path:
    """The path, or one with a number where something has that name."""
    number, candidate = 1, path
    while candidate.exists() or candidate.is_symlink():
        number += 1
        candidate = path.with_name(f"{path.name}-{number}")
    return candidate


def _remember(landing: Path, taken: Taken) -> None:
    marker = landing / TAKEN / f"{taken.wave}.json"
    marker.parent.mkdir(parents=True, exist_ok=True)
    scratch = marker.with_suffix(".new")
    scratch.write_text(json.dumps(vars(taken)), encoding="utf-8")
    os.replace(scratch, marker)


def remembered(landing: Path) -> list[Taken]:
    """Exports that were taken and whose run was not seen to be requested yet."""
    found = []
    for marker in sorted((landing / TAKEN).glob("*.json")):
        with contextlib.suppress(OSError, ValueError, TypeError):
            found.append(Taken(**json.loads(marker.read_text(encoding="utf-8"))))
    return found


def forget(landing: Path, taken: Taken) -> None:
    """The run of an export was requested, or none is needed."""
    (landing / TAKEN / f"{taken.wave}.json").unlink(missing_ok=True)
