"""Removes everything published of a wave at once, and leaves a note of who did it and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from assets.step.workspace import Workspace
from publishing.releasing.key_holders import remove_lines
from runtime.output_versions import remove_versions
from runtime.paths import withdrawn_note
from runtime.private.folder import make_private
from runtime.store import replace_text

NOTE = "WITHDRAWN.txt"
LOG = "releases.jsonl"
TRENDS = "trends"


@dataclass(frozen=True)
class Withdrawal:
    """Who took a wave back, when and why."""

    wave: str
    by: str
    at: str
    why: str

    @property
    def text(self) -> str:
        """The text of the note in the place of the withdrawn wave."""
        return (
            f"Wave {self.wave} was withdrawn.\nby: {self.by}\nat: {self.at}\nwhy: {self.why}\n\n"
            "No run publishes it again before `samspil withdraw --lift`.\n"
        )


def hide_wave(workspace: Workspace, withdrawal: Withdrawal) -> None:
    """Hide a wave from readers and keep runs from publishing it. Needs no lock of the wave."""
    note = note_of(workspace, withdrawal.wave)
    make_private(note.parent)
    replace_text(note, withdrawal.text)
    for link in _links(workspace, withdrawal.wave):
        if link.is_symlink():
            link.unlink()


def withdraw_wave(workspace: Workspace, withdrawal: Withdrawal) -> list[str]:
    """Remove all versions, what was released, lines for key holders and the trends of a study.

    The caller holds the lock of the wave and has called `hide_wave`. A withdrawal that is killed
    leaves the note; calling again finishes it. Returns the removed paths.
    """
    wave, output = withdrawal.wave, workspace.output(withdrawal.wave)
    gone = []
    for link in _links(workspace, wave):
        if remove_versions(link, lambda _: True):
            gone.append(str(link.relative_to(workspace.root)))
    lines = workspace.key_holders(wave)
    if remove_lines(lines):
        gone.append(str(lines.relative_to(workspace.root)))
    output.mkdir(parents=True, exist_ok=True)
    replace_text(output / NOTE, withdrawal.text)
    record_release(workspace, {"withdrawn": gone, **asdict(withdrawal)})
    return gone


def _links(workspace: Workspace, wave: str) -> tuple[Path, ...]:
    output = workspace.output(wave)
    return output, workspace.released(wave), output.with_name(TRENDS)


def lift_withdrawal(workspace: Workspace, withdrawal: Withdrawal) -> bool:
    """Allow runs to publish the wave again. Returns whether it was withdrawn."""
    note, output = note_of(workspace, withdrawal.wave), workspace.output(withdrawal.wave)
    if not note.is_file():
        return False
    record_release(workspace, {"lifted": True, **asdict(withdrawal)})
    (output / NOTE).unlink(missing_ok=True)
    if output.is_dir() and not output.is_symlink():
        output.rmdir()
    note.unlink()
    return True


def withdrawal_note(workspace: Workspace, wave: str) -> str:
    """The note of a wave that was withdrawn, on one line; empty if it was not withdrawn."""
    note = note_of(workspace, wave)
    if not note.is_file():
        return ""
    return "; ".join(line for line in note.read_text(encoding="utf-8").splitlines()[:4])


def note_of(workspace: Workspace, wave: str) -> Path:
    """The file that records a withdrawal. Runs read it, also after output/ was removed."""
    return withdrawn_note(Path(workspace.root), workspace.place, wave)


def record_release(workspace: Workspace, entry: Mapping[str, object]) -> None:
    """Add a line to the record of releases and withdrawals, next to the working files."""
    path = workspace.store("any").path.with_name(LOG)
    make_private(path.parent)
    with path.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(entry, ensure_ascii=False) + "\n")
