"""The landing folder: exports taken, refused and waited for, with crashes in between."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from declarations import Study, load_study
from declarations.operation import Landing
from pipelines.operate import judging, landing, placing
from pipelines.operate.judging import digest_of
from pipelines.operate.landing import LandingOutcome, Seen, look_at_landing, taken_exports
from runtime.wave_lock import lock_file, wave_lock

SETTLE, STALL, PATIENCE = 10.0, 50.0, 100.0
FILES = {
    "dataset": b"s_1;s_2\n1;2\n", "structure": b"a;b\n", "labels": b"s_1;1;x\n",
    "municipalities": b"code,name\n1,A\n",
}  # fmt: skip


@dataclass
class Place:
    """A checkout with a landing folder and its own clock."""

    root: Path
    study: Study
    settings: Landing
    now: float = 1000.0
    seen: dict[str, Seen] = field(default_factory=dict)

    @property
    def landing(self) -> Path:
        return self.root / self.settings.folder

    @property
    def waves(self) -> Path:
        return self.study.folder / "waves"

    def drop(self, wave: str = "2018", files: dict[str, bytes] | None = None) -> Path:
        folder = self.landing / wave
        folder.mkdir(parents=True)
        contents = FILES | (files or {})
        described = {
            role: {"name": f"{role}.csv", "sha256": hashlib.sha256(content).hexdigest()}
            for role, content in contents.items()
        }
        for role, content in contents.items():
            (folder / f"{role}.csv").write_bytes(content)
        sheet = {
            "wave": wave, "origin": "real", "statement": {"da": "x", "en": "x"},
            "format": {"delimiter": ";", "encoding": "utf-8"}, "files": described,
        }  # fmt: skip
        (folder / "source.yaml").write_text(yaml.safe_dump(sheet), encoding="utf-8")
        return folder

    def look(self, later: float = 0.0) -> LandingOutcome:
        self.now += later
        outcome = look_at_landing(self.root, self.study, self.settings, self.seen, self.now)
        self.seen = outcome.seen
        return outcome

    def settle(self) -> LandingOutcome:
        self.look()
        return self.look(SETTLE)


@pytest.fixture
def place(study_copy: Path) -> Place:
    root = study_copy.parents[1]
    (study_copy / "waves").mkdir()
    return Place(
        root,
        load_study(study_copy),
        Landing(
            folder=Path("landing"),
            settle_seconds=SETTLE,
            patience_seconds=PATIENCE,
            stalls=STALL,
        ),
    )


def test_a_complete_wave_is_taken_once_it_has_settled(place: Place) -> None:
    folder = place.drop()
    (folder / ".DS_Store").write_bytes(b"junk")
    assert place.look().waiting == {"2018": "is arriving"}
    assert place.look(SETTLE - 1).taken == []
    assert not (place.waves / "2018").exists()
    (taken,) = place.look(1).taken
    assert taken.wave == "2018"
    assert taken.digest == digest_of(place.waves / "2018")
    assert {path.name: path.read_bytes() for path in (place.waves / "2018").glob("*.csv")} == {
        f"{role}.csv": content for role, content in FILES.items()
    }
    assert {path.name for path in place.waves.iterdir()} == {"2018"}
    assert not (place.waves / "2018" / ".DS_Store").exists()
    assert not folder.exists()
    assert taken_exports(place.landing) == [taken]
    assert place.look(SETTLE).taken == []


def test_what_still_grows_is_waited_for_however_long_it_takes(place: Place) -> None:
    folder = place.drop()
    for _ in range(30):
        with (folder / "dataset.csv").open("ab") as stream:
            stream.write(b"1;2\n")
        outcome = place.look(SETTLE - 1)
        assert not outcome.taken
        assert not outcome.refused
    assert outcome.waiting == {"2018": "is arriving"}


def test_a_copy_that_keeps_old_times_has_to_settle_too(place: Place) -> None:
    folder = place.drop()
    place.look()
    (folder / "dataset.csv").write_bytes(FILES["dataset"])
    os.utime(folder / "dataset.csv", (1, 1))
    assert place.look(SETTLE).waiting == {"2018": "is arriving"}
    assert place.look(SETTLE).taken


@pytest.mark.parametrize("gone", ["source.yaml", "dataset.csv"])
def test_a_missing_file_is_waited_for_and_then_refused(place: Place, gone: str) -> None:
    folder = place.drop()
    (folder / gone).unlink()
    assert place.settle().waiting == {"2018": f"{gone} is missing"}
    (refused,) = place.look(PATIENCE).refused
    assert refused.reasons == (f"{gone} is missing",)
    assert not folder.exists()


def test_a_copy_that_stalls_is_waited_for_and_taken_when_it_is_whole(place: Place) -> None:
    folder = place.drop()
    half = FILES["dataset"][:7]
    (folder / "dataset.csv").write_bytes(half)
    for _ in range(3):
        # the writer continues just before the folder would be refused
        waiting = place.settle().waiting["2018"]
        assert waiting.startswith("dataset.csv: sha256 is ")
        assert place.look(STALL - SETTLE - 1).refused == []
        with (folder / "dataset.csv").open("ab") as stream:
            stream.write(b"1")
    (folder / "dataset.csv").write_bytes(FILES["dataset"])
    (taken,) = place.settle().taken
    assert taken.wave == "2018"


def test_a_damaged_file_is_turned_away_when_no_copy_can_be_behind_it(place: Place) -> None:
    folder = place.drop()
    one_byte(folder)
    assert place.settle().refused == []
    assert place.look(STALL - SETTLE - 1).refused == []
    (refused,) = place.look(1).refused
    assert refused.reasons[0].startswith("dataset.csv: sha256 is ")


@pytest.mark.parametrize(
    ("settings", "stalls"),
    [
        (Landing(folder=Path("x"), settle_seconds=30, patience_seconds=3600), 300),
        (Landing(folder=Path("x"), settle_seconds=30, patience_seconds=120), 120),
        (Landing(folder=Path("x"), settle_seconds=30, patience_seconds=3600, stalls=900), 900),
        (Landing(folder=Path("x"), settle_seconds=30, patience_seconds=3600, stalls=9000), 3600),
    ],
)
def test_a_stalled_copy_has_ten_times_what_settles(settings: Landing, stalls: float) -> None:
    assert settings.stall_seconds == stalls


def test_a_file_of_a_copying_program_is_waited_for(place: Place) -> None:
    folder = place.drop()
    for name in ("dataset.csv.part", ".dataset.csv.Xw3f", "dataset.csv~"):
        (folder / name).write_bytes(b"1")
        outcome = place.settle()
        assert "the name marks an unfinished copy" in outcome.waiting["2018"]
        (folder / name).unlink()
    assert place.settle().taken


def link_inside(folder: Path) -> str:
    (folder / "labels.csv").unlink()
    (folder / "labels.csv").symlink_to("dataset.csv")
    return "labels.csv: found a link"


def folder_inside(folder: Path) -> str:
    (folder / "2018").mkdir()
    return "2018: found a folder"


def one_byte(folder: Path) -> str:
    (folder / "dataset.csv").write_bytes(FILES["dataset"].replace(b"2", b"3"))
    return "dataset.csv: sha256 is "


def no_checksum(folder: Path) -> str:
    sheet = yaml.safe_load((folder / "source.yaml").read_text())
    del sheet["files"]["dataset"]["sha256"]
    (folder / "source.yaml").write_text(yaml.safe_dump(sheet))
    return "source.yaml: dataset.csv has no sha256"


def path_in_sheet(folder: Path) -> str:
    sheet = yaml.safe_load((folder / "source.yaml").read_text())
    sheet["files"]["dataset"]["name"] = "../2018/dataset.csv"
    (folder / "source.yaml").write_text(yaml.safe_dump(sheet))
    return "source.yaml line 3: files.dataset.name: '../2018/dataset.csv' is not the name of a file"


def other_wave(folder: Path) -> str:
    sheet = yaml.safe_load((folder / "source.yaml").read_text())
    (folder / "source.yaml").write_text(yaml.safe_dump(sheet | {"wave": "2019"}))
    return "source.yaml line 21: wave: found '2019', expected the name of the folder, '2018'"


def no_yaml(folder: Path) -> str:
    (folder / "source.yaml").write_text("a: [1")
    return "source.yaml line 2: is not valid YAML"


@pytest.mark.parametrize(
    "damage",
    [link_inside, folder_inside, one_byte, no_checksum, path_in_sheet, other_wave, no_yaml],
)
def test_a_damaged_wave_is_turned_away_with_the_reason(place: Place, damage: object) -> None:
    assert callable(damage)
    folder = place.drop()
    told = damage(folder)
    content = {p.name: p.read_bytes() for p in folder.glob("*.csv")}
    at_once = place.settle().refused
    (refused,) = at_once or place.look(STALL).refused
    assert bool(at_once) == (damage is not one_byte)
    assert any(reason.startswith(told) for reason in refused.reasons), refused.reasons
    assert not folder.exists()
    assert list(place.waves.iterdir()) == []
    assert taken_exports(place.landing) == []
    assert refused.folder.parent == place.landing / ".refused"
    assert refused.folder.name.startswith("2018-")
    assert told in (refused.folder / "REFUSED.txt").read_text(encoding="utf-8")
    assert {p.name: p.read_bytes() for p in refused.folder.glob("*.csv")} == content
    assert place.look(PATIENCE).refused == []


@pytest.mark.parametrize("value", [20160901, ["a"], {"a": 1}])
def test_a_sheet_with_an_entry_of_another_type_stops_no_other_folder(
    place: Place, value: object
) -> None:
    sheet = yaml.safe_load((place.drop("2017") / "source.yaml").read_text())
    sheet["files"]["dataset"]["sha256"] = value
    (place.landing / "2017" / "source.yaml").write_text(yaml.safe_dump(sheet))
    place.drop("2018")
    outcome = place.settle()
    assert [taken.wave for taken in outcome.taken] == ["2018"]
    (refused,) = outcome.refused
    assert refused.reasons[0].startswith("source.yaml line 4: files.dataset.sha256: found")


@pytest.mark.parametrize("step", ["listing_of", "inspect", "refuse", "digest_of", "place_wave"])
@pytest.mark.parametrize("kind", [AttributeError, PermissionError])
def test_whatever_one_folder_brings_about_the_others_are_taken(
    place: Place, monkeypatch: pytest.MonkeyPatch, step: str, kind: type[Exception]
) -> None:
    judged = step in ("inspect", "digest_of")
    module = judging if judged else landing
    real = getattr(module, step)

    def broken(*arguments: object) -> object:
        if any(isinstance(a, Path) and a.name == "2017" for a in arguments):
            raise kind("of this folder")
        return real(*arguments)

    folder = place.drop("2017")
    if step == "refuse":
        (folder / "source.yaml").write_text("a: [1")
    place.drop("2018")
    monkeypatch.setattr(module, step, broken)
    outcome = place.settle()
    assert [taken.wave for taken in outcome.taken] == ["2018"]
    told = [*outcome.waiting.values(), *(r for one in outcome.refused for r in one.reasons)]
    assert len(told) == 1
    assert "of this folder" in told[0]
    assert folder.exists() == (not outcome.refused)
    # a fault of the machine may pass, another one comes again
    assert bool(outcome.refused) == (judged and kind is AttributeError)
    later = place.look(PATIENCE)
    assert bool(later.refused) == (judged and kind is PermissionError)


def test_a_name_that_is_no_text_is_refused_and_told_as_escapes(place: Place) -> None:
    folder = place.drop("2018")
    folder.rename(place.landing / os.fsdecode(b"b\xf8lge"))
    place.drop("2019")
    assert set(place.look().waiting) == {"b\\xf8lge", "2019"}
    outcome = place.look(SETTLE)
    assert [taken.wave for taken in outcome.taken] == ["2019"]
    (refused,) = outcome.refused
    assert refused.name == "b\\xf8lge"
    written = (refused.folder / "REFUSED.txt").read_text(encoding="utf-8")
    assert written.startswith("b\\xf8lge was not taken:\n- the folder's name is not a valid")


def test_a_file_whose_name_is_no_text_is_reported_as_escapes(place: Place) -> None:
    folder = place.drop("2018")
    (Path(os.fsdecode(os.fsencode(folder) + b"/\xf8"))).mkdir()
    (refused,) = place.settle().refused
    assert refused.reasons == ("\\udcf8: found a folder, expected the files side by side",)
    assert refused.reasons[0] in (refused.folder / "REFUSED.txt").read_text(encoding="utf-8")


def test_a_folder_that_was_moved_is_reported_of_though_the_reason_cannot_be_written(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.drop("år")
    opened = Path.open

    def full(path: Path, mode: str = "r", **options: Any) -> object:
        if path.name == "REFUSED.txt":
            raise OSError(28, "No space left on device")
        return opened(path, mode, **options)

    monkeypatch.setattr(Path, "open", full)
    (refused,) = place.settle().refused
    assert refused.name == "år"


@pytest.mark.parametrize("name", ["-rf", "2018 (copy)", "år", "2018\n", "a" * 41, "x."])
def test_a_name_that_is_no_name_of_a_wave_is_refused(place: Place, name: str) -> None:
    place.drop(name)
    (refused,) = place.settle().refused
    assert "not a valid name of a wave" in refused.reasons[0]
    assert list(place.waves.iterdir()) == []


def test_a_link_to_a_folder_is_refused_and_what_it_leads_to_left_alone(place: Place) -> None:
    elsewhere = place.drop("2018").rename(place.root / "elsewhere")
    (place.landing / "2018").symlink_to(elsewhere)
    (refused,) = place.settle().refused
    assert "a link" in refused.reasons[0]
    assert (elsewhere / "dataset.csv").read_bytes() == FILES["dataset"]
    assert (refused.folder / "2018").is_symlink()
    assert not (elsewhere / "REFUSED.txt").exists()


def test_a_file_beside_the_folders_is_waited_for_then_moved_away_and_reported(
    place: Place,
) -> None:
    place.drop("2018")
    loose = place.landing / "dataset.csv"
    loose.write_bytes(b"1;2\n")
    assert place.settle().waiting == {"dataset.csv": judging.LOOSE}
    assert place.look(STALL - SETTLE - 1).refused == []
    (refused,) = place.look(1).refused
    assert (refused.name, refused.reasons) == ("dataset.csv", (judging.LOOSE,))
    assert not loose.exists()
    assert (refused.folder / "dataset.csv").read_bytes() == b"1;2\n"
    written = (refused.folder / "REFUSED.txt").read_text(encoding="utf-8")
    assert "expected a folder named after the wave" in written
    assert place.look(PATIENCE).refused == []


def test_hidden_and_unfinished_folders_are_not_looked_at(place: Place) -> None:
    for name in (".2018", "2018.part", "2018.tmp"):
        place.drop(name)
    outcome = place.settle()
    assert (outcome.taken, outcome.refused, outcome.waiting) == ([], [], {})
    # a copy that nothing continues is reported, and stays
    told = "the name marks an unfinished copy"
    assert place.look(PATIENCE).waiting == {"2018.part": told, "2018.tmp": told}
    assert (place.landing / "2018.part").is_dir()


def test_what_a_mac_writes_beside_a_file_is_neither_missed_nor_taken(place: Place) -> None:
    folder = place.drop()
    for name in ("._dataset.csv", "._.DS_Store", ".DS_Store"):
        (folder / name).write_bytes(b"\0\5\x16\7")
    (taken,) = place.settle().taken
    assert taken.wave == "2018"
    assert not list((place.waves / "2018").glob(".*"))
    place.drop("2019")
    (place.landing / "2019" / "._gone.csv").write_bytes(b"")
    assert place.settle().waiting == {"2019": "._gone.csv: the name marks an unfinished copy"}


def test_a_changed_export_replaces_the_wave_and_the_former_one_is_kept(place: Place) -> None:
    place.drop()
    place.settle()
    before = digest_of(place.waves / "2018")
    place.drop(files={"dataset": b"s_1;s_2\n2;2\n"})
    (taken,) = place.settle().taken
    assert (place.waves / "2018" / "dataset.csv").read_bytes() == b"s_1;s_2\n2;2\n"
    assert digest_of(Path(taken.replaced)) == before
    assert {path.name for path in place.waves.iterdir()} == {"2018"}


def test_the_same_export_again_replaces_nothing(place: Place) -> None:
    place.drop()
    (first,) = place.settle().taken
    inode = (place.waves / "2018").stat().st_ino
    place.drop()
    (second,) = place.settle().taken
    assert (place.waves / "2018").stat().st_ino == inode
    assert second.replaced == ""
    assert second.digest == first.digest
    assert second.key != first.key


def ends_at(real: Callable[..., object], call: int) -> Callable[..., object]:
    """The function, with the process ending at this call."""
    calls: list[int] = []

    def wrapped(*arguments: object) -> object:
        calls.append(1)
        if len(calls) == call:
            raise KeyboardInterrupt
        return real(*arguments)

    return wrapped


def test_a_crash_after_each_step_ends_in_the_same_place(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process ends before the exchange, after it, and before the marker is written."""
    place.drop()
    place.settle()
    before = digest_of(place.waves / "2018")
    place.drop(files={"dataset": b"new\n"})
    after = digest_of(place.landing / "2018")
    place.look()
    for module, step in (
        (placing, "exchange"), (placing, "_set_aside"), (landing, "_remember"),
        (landing, "listing_of"),
    ):  # fmt: skip
        # the second listing is the one after everything is in place
        ends = ends_at(getattr(module, step), 2 if step == "listing_of" else 1)
        with monkeypatch.context() as patch:
            patch.setattr(module, step, ends)
            with pytest.raises(KeyboardInterrupt):
                place.look(SETTLE)
        assert (place.landing / "2018").is_dir()
        assert digest_of(place.waves / "2018") in (before, after)
    (taken,) = place.look(SETTLE).taken
    assert taken.digest == after == digest_of(place.waves / "2018")
    assert {path.name for path in place.waves.iterdir()} == {"2018"}
    kept = place.root / ".work" / "replaced" / "samspil"
    assert [digest_of(path) for path in kept.iterdir()] == [before]


def test_without_a_swap_of_the_system_two_renames_do_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "exchange", lambda *_: False)
    place.drop()
    place.settle()
    place.drop(files={"dataset": b"new\n"})
    (taken,) = place.settle().taken
    assert (place.waves / "2018" / "dataset.csv").read_bytes() == b"new\n"
    assert (Path(taken.replaced) / "dataset.csv").read_bytes() == FILES["dataset"]


def test_what_is_written_while_it_is_taken_is_not_taken(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, real = place.drop(), judging.inspect

    def late(entry: Path, study: Study) -> judging.Arrival:
        found = real(entry, study)
        (folder / "labels.csv").write_bytes(b"changed\n")
        return found

    with monkeypatch.context() as patch:
        patch.setattr(judging, "inspect", late)
        assert place.settle().waiting == {"2018": "is arriving"}
    assert list(place.waves.iterdir()) == []
    assert "labels.csv: sha256" in place.settle().waiting["2018"]
    assert "labels.csv: sha256" in place.look(STALL).refused[0].reasons[0]


def test_a_wave_that_is_being_computed_is_not_replaced_under_the_run(place: Place) -> None:
    place.drop()
    place.settle()
    before = digest_of(place.waves / "2018")
    place.drop(files={"dataset": b"new\n"})
    with wave_lock(lock_file(place.root, "", "2018"), "a run", 0):
        assert "is being worked on" in place.settle().waiting["2018"]
        assert digest_of(place.waves / "2018") == before
    assert place.look().taken


def test_a_disk_that_is_full_is_waited_for(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    place.drop()
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfileobj", full)
        assert "No space left" in place.settle().waiting["2018"]
    assert list(place.waves.iterdir()) == []
    assert place.look(1).taken


@pytest.mark.parametrize(
    ("damaged", "other", "lacking", "seconds"),
    [
        (True, False, False, 0), (True, True, True, 0), (False, True, False, STALL),
        (False, True, True, PATIENCE), (False, False, True, PATIENCE),
        (False, False, False, PATIENCE),
    ],
)  # fmt: skip
def test_damage_is_not_waited_for_and_an_unfinished_copy_is(
    damaged: bool, other: bool, lacking: bool, seconds: float
) -> None:
    settings = Landing(
        folder=Path("landing"), settle_seconds=SETTLE, patience_seconds=PATIENCE, stalls=STALL
    )
    found = judging.Arrival(("d",) * damaged, ("l",) * lacking, ("o",) * other)
    assert found.patience(settings) == seconds
    assert found.reasons == ("d",) * damaged + ("o",) * other + ("l",) * lacking
