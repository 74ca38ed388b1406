"""An export that changes in any way while it is read is refused."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import assets.raw.readers.unchanged as reading
import assets.raw.wave_files as wave_files
from assets.raw.errors import DataError
from assets.raw.readers.export import read_export
from assets.raw.readers.platforms.columns import Export
from assets.raw.wave_files import read_wave
from declarations import SourceSheet, load_study
from tests.chain import STUDY, WAVE


@pytest.fixture
def sheet(tmp_path: Path) -> SourceSheet:
    folder = tmp_path / "studies" / "samspil"
    shutil.copytree(STUDY, folder)
    return load_study(folder).source_sheet(WAVE)


def rules(sheet: SourceSheet) -> list[tuple[str, str]]:
    with pytest.raises(DataError) as raised:
        read_wave(sheet)
    return [(finding.rule, finding.file) for finding in raised.value.findings]


def meanwhile(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Let something happen after the export's three files were read, and before the register is."""

    def read(*arguments: object) -> Export:
        export = read_export(*arguments)  # type: ignore[arg-type]
        happens()
        return export

    monkeypatch.setattr(wave_files, "read_export", read)


def appended(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(b"\n")


def rewritten_with_old_times(path: Path) -> None:
    """Other content of the same size, in place, with the old modification time."""
    before, content = path.stat(), path.read_bytes()
    path.write_bytes(content.swapcase())
    assert path.stat().st_size == before.st_size
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def replaced(path: Path) -> None:
    """The same content in another file, as a copy that is moved into place."""
    copy = path.with_name("copy")
    shutil.copy2(path, copy)
    copy.replace(path)


@pytest.mark.parametrize("happens", [appended, rewritten_with_old_times, replaced])
@pytest.mark.parametrize("role", ["dataset", "labels", "municipalities"])
def test_a_file_written_while_the_wave_is_read_is_named(
    sheet: SourceSheet,
    monkeypatch: pytest.MonkeyPatch,
    role: str,
    happens: Callable[[Path], None],
) -> None:
    path = sheet.files[role].path
    meanwhile(monkeypatch, lambda: happens(path))
    assert rules(sheet) == [("file_changed", path.name)]
    # and it is read after the writing ends
    monkeypatch.undo()
    if happens is replaced:
        assert read_wave(sheet).dataset.rows


def test_the_message_says_what_to_do(sheet: SourceSheet, monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile(monkeypatch, lambda: appended(sheet.files["dataset"].path))
    with pytest.raises(DataError, match="run again when the export is complete"):
        read_wave(sheet)


def test_a_file_that_grows_is_reported_beside_what_is_wrong_with_its_beginning(
    sheet: SourceSheet, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sheet.files["dataset"].path
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2 - 7])
    read = reading.stamp
    stamps = 0

    def grown(of: Path) -> reading.Stamp | None:
        nonlocal stamps
        stamps += 1
        if stamps == len(sheet.files) + 1:
            path.write_bytes(content)
        return read(of)

    monkeypatch.setattr(reading, "stamp", grown)
    # cut in the middle of a record, and no such file any more
    assert rules(sheet) == [("file_changed", "dataset.csv"), ("complete_file", "dataset.csv")]
    monkeypatch.undo()
    assert len(read_wave(sheet).dataset.rows) == 838


def test_a_file_that_disappears_is_reported(
    sheet: SourceSheet, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile(monkeypatch, sheet.files["municipalities"].path.unlink)
    assert rules(sheet) == [
        ("file_changed", "municipalities.csv"),
        ("file_present", "municipalities.csv"),
    ]


def test_content_is_compared_too_for_clocks_are_coarse(
    sheet: SourceSheet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "stamp", lambda _: (0,))
    path = sheet.files["structure"].path
    meanwhile(monkeypatch, lambda: rewritten_with_old_times(path))
    assert rules(sheet) == [("file_changed", "structure.csv")]
