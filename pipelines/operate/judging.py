"""Judges whether an arrived export is complete, damaged, or still being copied."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from declarations import SourceSheet, Study
from declarations.errors import SpecError, need
from declarations.operation import Landing
from declarations.waves import read_source_sheet
from runtime.safe_text import visible

SHEET = "source.yaml"
WAVE_NAME = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z_.-]{0,38}[0-9A-Za-z])?")
WAVE_WORDS = "letters, digits, dots, dashes or underscores, 40 at most"
# files of file managers; not part of a wave, and no sign of an unfinished copy
JUNK = (".DS_Store", "Thumbs.db", "desktop.ini")
UNFINISHED = re.compile(r"\..+|.+(?:~|\.(?:part|partial|tmp|temp|crdownload|filepart|download))")
UNFINISHED_NAME = "the name marks an unfinished copy"
LOOSE = "is a file, expected a folder named after the wave with source.yaml and the files it names"
BLOCK = 1 << 20


@dataclass(frozen=True)
class Arrival:
    """The state of a folder that no longer changes: complete with a digest, damaged, or incomplete.

    `other` are files that differ from the sheet: damaged, or half copied.
    """

    damaged: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    digest: str = ""

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the export cannot be taken; empty if it can."""
        return (*self.damaged, *self.other, *self.lacking)

    def patience(self, settings: Landing) -> float:
        """How many seconds without a change to wait for the export."""
        if self.damaged:
            return 0
        # if files are missing too, the copy is not finished
        only_other = self.other and not self.lacking
        return settings.stall_seconds if only_other else settings.patience_seconds


def inspected(folder: Path, study: Study) -> Arrival:
    """The result of `inspect`, including unexpected errors.

    An unreadable file is treated like a missing one; any other error counts as damage.
    """
    try:
        found = inspect(folder, study)
    except OSError as error:
        found = Arrival(lacking=(f"cannot be read: {error_text(error)}",))
    except Exception as error:
        # the error comes from the folder's content and would recur at every look
        found = Arrival(damaged=(f"could not be judged: {error_text(error)}",))
    damaged, lacking, other = (
        tuple(map(lines_shown, reasons)) for reasons in (found.damaged, found.lacking, found.other)
    )
    return Arrival(damaged, lacking, other, found.digest)


def error_text(error: Exception) -> str:
    """The kind and message of an error on one line, at most 200 characters."""
    return lines_shown(" ".join(f"{type(error).__name__}: {error}"[:200].split()))


def shown_name(name: str) -> str:
    """The name of a folder with invalid and invisible characters escaped."""
    return visible(os.fsencode(name).decode("utf-8", "backslashreplace"))


def lines_shown(text: str) -> str:
    """Text of several lines with invisible characters escaped."""
    # file names that are not UTF-8 contain lone surrogates, which cannot be written
    return visible(text, keep="\n")


def listing_of(folder: Path) -> str:
    """Names, sizes, times and kinds of everything below a folder. Links are not followed."""
    digest = hashlib.sha256()
    for path in (folder, *_below(folder)):
        # A file that vanishes changes the next listing. Unreadable files are reported when the
        # folder is judged.
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


def is_junk(path: Path) -> bool:
    """Whether a file in the folder of a wave is a file manager's, and not of the wave.

    A Mac writes the attributes of a file `X` to `._X` where the file system cannot hold them.
    """
    name = path.name.removeprefix("._")
    return name in JUNK or (name != path.name and path.with_name(name).is_file())


def is_loose(path: Path) -> bool:
    """Whether a file is in the landing folder, where only one folder per wave is expected."""
    return not path.is_symlink() and path.is_file()


def inspect(folder: Path, study: Study) -> Arrival:
    """Judge a folder that has stopped changing, or a file in its place."""
    if is_loose(folder):
        # another process may be about to create the folder
        return Arrival(other=(LOOSE,))
    if folder.is_symlink() or not folder.is_dir():
        return Arrival(damaged=("is a link or a special file, expected a folder",))
    if not WAVE_NAME.fullmatch(folder.name):
        return Arrival(
            damaged=((f"the folder's name is not a valid name of a wave: expected {WAVE_WORDS}"),)
        )
    damaged, lacking = [], []
    for path in sorted(folder.iterdir()):
        kind = path.lstat().st_mode
        if stat.S_ISDIR(kind):
            damaged.append(f"{path.name}: found a folder, expected the files side by side")
        elif not stat.S_ISREG(kind):
            damaged.append(f"{path.name}: found a link or a special file, expected a file")
        elif not is_junk(path) and path.name != ".gitignore" and UNFINISHED.fullmatch(path.name):
            lacking.append(f"{path.name}: {UNFINISHED_NAME}")
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
    """Compare the files with their description in the source sheet."""
    damaged, lacking, other = [], [], []
    for file in {file.path: file for file in sheet.files.values()}.values():
        name = str(file.path.relative_to(folder)) if file.path.is_relative_to(folder) else ""
        if Path(name).name != name or name in ("", ".."):
            damaged.append(f"{SHEET}: {file.role} names a path, expected a file in the same folder")
        elif not file.path.is_file():
            lacking.append(f"{name} is missing")
        elif not file.sha256:
            damaged.append(
                f"{SHEET}: {name} has no sha256, so an incomplete file could pass as complete"
            )
        elif (found := _sha256(file.path)) != file.sha256.lower():
            other.append(f"{name}: sha256 is {found}, expected {file.sha256} ({SHEET})")
    # a readable file is hashed when it is taken
    digest = "" if damaged or lacking or other else digest_of(folder)
    return Arrival(tuple(damaged), tuple(lacking), tuple(other), digest)


def digest_of(folder: Path) -> str:
    """Hash over names and contents of a wave's files, without times."""
    digest = hashlib.sha256()
    for path in wave_files(folder):
        digest.update(f"{path.name}\0{_sha256(path)}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()


def wave_files(folder: Path) -> list[Path]:
    """The files of a wave, sorted."""
    return sorted(path for path in folder.iterdir() if path.is_file() and not is_junk(path))


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
