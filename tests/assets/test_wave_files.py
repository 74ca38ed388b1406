"""The raw files of a wave are the same in the working file and in memory, streamed or not."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from assets.raw import wave_files
from assets.raw.cells.kept import DATASET, judged_wave
from assets.raw.errors import DataError
from assets.raw.wave_files import ingest_wave, read_wave
from declarations import load_study
from tests.chain import declared_study
from tests.small import Small, line


@pytest.mark.parametrize("smallest", [0, 1 << 40])
@pytest.mark.parametrize("wave", ["2015", "2018"])
def test_a_wave_is_the_same_streamed_and_in_memory(
    wave: str, smallest: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wave_files, "STREAMED_FROM", smallest)
    sheet = declared_study().source_sheet(wave)
    raw = read_wave(sheet)
    with duckdb.connect() as connection:
        stored = ingest_wave(sheet, connection, tmp_path / "scratch")
        lines = connection.execute(f"FROM {DATASET} ORDER BY file_row").fetchall()
        names = [name for name, *_ in connection.execute(f"DESCRIBE {DATASET}").fetchall()]
    assert names == ["file_row", *raw.dataset.columns]
    assert [line[1:] for line in lines] == list(raw.dataset.rows)
    assert [line[0] for line in lines] == list(raw.dataset.lines)
    assert (stored.dataset.columns, stored.dataset.sha256, stored.dataset.count) == (
        raw.dataset.columns, raw.dataset.sha256, raw.dataset.count,
    )  # fmt: skip
    assert bool(stored.dataset.read_as[0]) is (smallest == 0)
    assert (stored.structure, stored.labels, stored.municipalities) == (
        raw.structure, raw.labels, raw.municipalities,
    )  # fmt: skip
    assert not list(tmp_path.iterdir())


def test_a_fault_in_a_large_file_is_reported_as_in_a_small_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wave_files, "STREAMED_FROM", 0)
    small = Small(tmp_path)
    sheet = small.write().source_sheet("1")
    path = sheet.files["dataset"].path
    path.write_text(path.read_text("utf-8") + "P1;Aby;1\n", "utf-8")
    with pytest.raises(DataError) as told:
        read_wave(sheet)
    with duckdb.connect() as connection, pytest.raises(DataError) as streamed:
        ingest_wave(sheet, connection, tmp_path / "scratch")
    assert str(streamed.value) == str(told.value)
    monkeypatch.setattr(wave_files, "MOST_FILE_BYTES", 0)
    with duckdb.connect() as connection, pytest.raises(DataError, match=r"row 22.*well-formed"):
        ingest_wave(sheet, connection, tmp_path / "scratch")


def test_verdicts_are_kept_until_a_declaration_changes(tmp_path: Path) -> None:
    small = Small(tmp_path)
    small.lines = [line(n, use="1.0" if n % 2 else "9") for n in range(1, 21)]
    study = small.write()
    sheet = study.source_sheet("1")
    with duckdb.connect() as connection:
        known = ingest_wave(sheet, connection, tmp_path / "scratch").dataset
        first = judged_wave(connection, known, study, anew=True)
        again = judged_wave(connection, known, study)
        assert again.complete
        assert {
            n: (v.texts, v.empty, v.unticked, v.readable) for n, v in again.judgements.items()
        } == {n: (v.texts, v.empty, v.unticked, v.readable) for n, v in first.judgements.items()}
        path = small.folder / "questions" / "1_use.yaml"
        path.write_text(path.read_text("utf-8").replace("code: 2", "code: 9", 1), "utf-8")

        other = judged_wave(connection, known, load_study(small.folder))
        assert not other.complete
        assert other.judgements["use"].broken != first.judgements["use"].broken
        assert other.judgements["view_1"] is not first.judgements["view_1"]
