"""The published folder as readers see it while it is replaced, with and without kills."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import duckdb
import pandas as pd
import pytest

import runtime.output_versions
from runtime.output_versions import VERSIONS, LinkError, new_version
from runtime.snapshot import write_snapshot
from tests.checkout import REPOSITORY
from tests.faults.publishing import fill, publish, seen

ROWS = ("results", "results")


@pytest.fixture
def link(tmp_path: Path) -> Path:
    """The link that readers open; it does not exist yet."""
    return tmp_path / "output" / "2015"


def versions(link: Path) -> list[str]:
    return sorted(path.name for path in (link.parent / VERSIONS / link.name).iterdir())


def test_a_version_is_shown_once_it_is_complete(link: Path) -> None:
    with new_version(link) as folder:
        fill(folder, "one")
        assert not link.exists()
    assert seen(link) == ["one"]
    # relative, so that the checkout may be moved
    assert not link.readlink().is_absolute()


def test_the_version_before_stays_and_older_ones_go(link: Path) -> None:
    publish(link, "one")
    with (link / "a.txt").open(encoding="utf-8") as opened:
        first = link.resolve()
        publish(link, "two")
        assert seen(first) == ["one"]
        publish(link, "three")
        publish(link, "four")
        assert (seen(link), len(versions(link))) == (["four"], 2)
        assert not first.exists()
        assert opened.read() == "one"


def test_a_file_that_is_no_longer_made_is_gone(link: Path) -> None:
    publish(link, "one")
    with new_version(link) as folder:
        (folder / "a.txt").write_text("two", encoding="utf-8")
    assert [path.name for path in link.iterdir()] == ["a.txt"]


def test_a_version_that_fails_leaves_what_is_shown_and_no_leftovers(link: Path) -> None:
    publish(link, "one")
    before = versions(link)

    def fail() -> None:
        with new_version(link) as folder:
            fill(folder, "two")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert (seen(link), versions(link)) == (["one"], before)


@pytest.mark.parametrize("exchange", [True, False])
def test_a_real_folder_becomes_the_version_before(
    link: Path, monkeypatch: pytest.MonkeyPatch, exchange: bool
) -> None:
    if not exchange:
        monkeypatch.setattr(runtime.output_versions, "exchange", lambda *_: False)
    link.mkdir(parents=True)
    fill(link, "old")
    publish(link, "new")
    assert link.is_symlink()
    assert seen(link) == ["new"]
    assert [seen(path) for path in sorted(link.resolve().parent.iterdir())] == [["old"], ["new"]]


def test_without_symbolic_links_it_says_so_and_changes_nothing(
    link: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(link, "one")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    with pytest.raises(LinkError, match="no symbolic link can be made there"):
        publish(link, "two")
    assert seen(link) == ["one"]


@pytest.mark.parametrize(
    ("start", "before"), [("nothing", []), ("folder", ["old"]), ("versions", ["old"])]
)
def test_killed_at_any_operation_readers_see_one_version_and_the_next_run_cleans_up(
    tmp_path: Path, start: str, before: list[str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.publishing", str(tmp_path), start],
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        check=True,
        timeout=120,
    )
    told = json.loads(done.stdout)
    # every folder, file, rename and link is an operation
    assert len(told) > 15
    assert [kill["at"] for kill in told] == list(range(1, len(told) + 1))
    for kill in told:
        assert kill["after"] in (before, ["new"]), kill
        assert kill["again"] == ["again"], kill
        assert not any(name.endswith((".new", ".link")) for name in kill["left"]), kill
        assert len([name for name in kill["left"] if name.isdigit()]) <= 3, kill
    shown = [kill["after"] for kill in told]
    # the swap is one operation: before it nothing is seen of the new version, after it all
    assert before in shown
    assert ["new"] in shown
    assert shown == sorted(shown, key=lambda each: each == ["new"])


def test_an_open_reader_keeps_the_old_rows_while_new_ones_come(link: Path) -> None:
    def snapshot(numbers: list[int]) -> None:
        with new_version(link) as folder:
            rows = {ROWS: pd.DataFrame({"n": numbers})}
            write_snapshot(folder / "samspil.duckdb", rows, {"wave": "2015"})

    snapshot([1, 2])
    target, query = str(link / "samspil.duckdb"), "SELECT SUM(n) FROM results.results"
    with closing(duckdb.connect(target, read_only=True)) as reader:
        snapshot([10, 20])
        assert reader.execute(query).fetchone() == (3,)
    with closing(duckdb.connect(target, read_only=True)) as reader:
        assert reader.execute(query).fetchone() == (30,)
        assert reader.execute("SELECT key, value FROM about").fetchall() == [("wave", "2015")]
    assert [path.name for path in link.iterdir()] == ["samspil.duckdb"]


@pytest.mark.long
def test_readers_in_a_loop_meet_no_error_and_no_mix(link: Path) -> None:
    def publish_number(number: int) -> None:
        with new_version(link) as folder:
            (folder / "results.csv").write_text(f"{number}\n" * 1000, encoding="utf-8")
            rows = {ROWS: pd.DataFrame({"n": [number] * 1000})}
            write_snapshot(folder / "samspil.duckdb", rows, {})

    publish_number(0)
    command = [sys.executable, "-m", "tests.faults.reader", str(link)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    readers = [
        subprocess.Popen(command, cwd=REPOSITORY, text=True, **pipes)  # type: ignore[call-overload]
        for _ in range(2)
    ]
    try:
        for reader in readers:
            assert reader.stdout.readline() == "ready\n"
        for number in range(1, 11):
            publish_number(number)
            # runs are seconds apart: who opens a file meets one publication at most
            time.sleep(0.3)
        for reader in readers:
            seen_by = json.loads(reader.communicate("stop\n", timeout=60)[0])
            assert seen_by["errors"] == []
            assert seen_by["versions"] > 1
    finally:
        for reader in readers:
            reader.kill()
            reader.wait()
