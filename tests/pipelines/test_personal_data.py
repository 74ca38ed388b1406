"""Personal data planted in every column of an export are nowhere they should not be."""

from __future__ import annotations

import base64
import csv
import io
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import yaml

from assets.clean import quarantine_assets
from assets.clean.quarantine_assets import QUARANTINE
from assets.step.workspace import Workspace
from declarations.survey.rules import CATALOGUE, FILE, WARN
from declarations.survey.rules import QUARANTINE as QUARANTINED
from pipelines.run.wave_run import FAILED, SUCCESS
from tests.chain import KEY, WAVE, declared_study, edit
from tests.checkout import Checkout
from tests.foreign import tables, write_tables
from tests.given import given
from tests.pipelines.test_init import in_process, new_root
from tests.planted import MARK, leaking_files, leaks, relation_texts, tokens

DECLARED = declared_study().in_wave(WAVE)
CONTACT, HARMLESS = ("kontakt", "mail"), "stilling"
FLAGS = tuple(f"stato_{n}" for n in range(1, 6))
SECRETS = (KEY.hex(),)
Lines = list[list[str]]


@dataclass(frozen=True)
class Outcome:
    """A checkout after a run of the command on planted data."""

    checkout: Checkout
    done: subprocess.CompletedProcess[str]
    planted: set[str]

    @property
    def printed(self) -> str:
        return self.done.stdout + self.done.stderr


def plant(lines: Lines, columns: list[str], first: int = 0) -> set[str]:
    """Three tokens in each column, on three lines; each column has other lines and tokens."""
    planted = set()
    for column in columns:
        place = lines[0].index(column)
        for number, token in enumerate(tokens(place)):
            lines[1 + (first + 7 * place + 31 * number) % (len(lines) - 1)][place] = token
            planted.add(token)
    return planted


def with_contact_columns(lines: Lines) -> None:
    """The export with two contact columns and one harmless column."""
    lines[0] += [*CONTACT, HARMLESS]
    for line in lines[1:]:
        line += ["", "", "chef"]


def lenient(study: Path) -> None:
    """Quarantine any number of rows and answers, and never stop for planted data."""
    declared = yaml.safe_load(study.read_text(encoding="utf-8"))["checks"]
    for rule in CATALOGUE.values():
        if rule.name in declared and not rule.required and rule.unit == FILE:
            declared[rule.name] = {"policy": WARN, "threshold": 0}
        elif rule.name in declared and QUARANTINED in rule.policies:
            declared[rule.name] = {"policy": QUARANTINED, "threshold": 0.9}
    text = study.read_text(encoding="utf-8")
    start, end = (
        text.index("checks:"),
        text.index("\nframe:" if "\nframe:" in text else "\nexport:"),
    )
    changed = text[:start] + yaml.safe_dump({"checks": declared}) + text[end:]
    study.write_text(changed, encoding="utf-8")


def run(root: Path, blocked: bool) -> Outcome:
    checkout = Checkout.create(root)
    study = checkout.study / "study.yaml"
    columns = f"background: [kontakt, {{name: mail}}, {{name: {HARMLESS}, personal: false}}]"
    edit(study, "  municipality: kommune ", f"  {columns}\n  municipality: kommune ")
    if not blocked:
        lenient(study)
    lines = checkout.lines()
    with_contact_columns(lines)
    # everybody may see a column that is declared harmless
    planted = plant(lines, [name for name in lines[0] if name != HARMLESS])
    stream = io.StringIO()
    csv.writer(stream, delimiter=";", lineterminator="\n").writerows(lines)
    with checkout.replaced(stream.getvalue().encode("cp1252")):
        done = command_here(root, "samspil")
    return Outcome(checkout, done, planted)


def command_here(root: Path, study: str) -> subprocess.CompletedProcess[str]:
    """`samspil run` in this process, because the imports of a new one would cost more than the run.

    Output is also captured at the file descriptors, for loggers that write there.
    """
    with tempfile.TemporaryFile() as caught:
        sys.stdout.flush()
        sys.stderr.flush()
        kept = os.dup(1), os.dup(2)
        try:
            os.dup2(caught.fileno(), 1)
            os.dup2(caught.fileno(), 2)
            result = in_process(root, "run", study, "--force")
        finally:
            for number, descriptor in enumerate(kept, start=1):
                os.dup2(descriptor, number)
                os.close(descriptor)
        caught.seek(0)
        told = caught.read().decode(errors="replace")
    return subprocess.CompletedProcess([], result.exit_code, result.output, told)


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """A completed run: the planted data break rules that quarantine or warn."""
    return run(tmp_path_factory.mktemp("passed") / "root", blocked=False)


@pytest.fixture(scope="module")
def blocked(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """A run that checks stop, by the study's own policies."""
    return run(tmp_path_factory.mktemp("blocked") / "root", blocked=True)


def assert_nothing_leaked(outcome: Outcome) -> None:
    root = outcome.checkout.root
    assert leaks(outcome.printed.encode(), SECRETS) == []
    # event log, runs and what steps printed are among them; the raw file was put back
    assert len(list((root / ".dagster_home").rglob("*.db"))) >= 3
    assert set(leaking_files(root, SECRETS)) <= {f".work/{WAVE}.duckdb"}
    working = relation_texts(root / ".work" / f"{WAVE}.duckdb", without="restricted")
    assert {name: hits for name, text in working.items() if (hits := leaks(text, SECRETS))} == {}


def test_a_run_to_the_end_leaks_nothing(passed: Outcome) -> None:
    assert passed.done.returncode == SUCCESS, passed.printed
    assert_nothing_leaked(passed)


@pytest.mark.long
def test_a_blocked_run_leaks_nothing(blocked: Outcome) -> None:
    assert blocked.done.returncode == FAILED, blocked.printed
    assert "one_status" in blocked.printed
    assert "unknown_municipality" in blocked.printed
    assert not (blocked.checkout.output / "results.csv").exists()
    assert_nothing_leaked(blocked)


def assert_all_read(outcome: Outcome) -> None:
    raw = relation_texts(outcome.checkout.root / ".work" / f"{WAVE}.duckdb", only="restricted")
    text = raw["restricted.dataset"].decode()
    assert [token for token in outcome.planted if token not in text] == []
    columns = len(DECLARED.items) + len(("respondent", "kommune", *CONTACT, *FLAGS))
    assert len(outcome.planted) == 3 * columns


def test_everything_planted_was_read(passed: Outcome) -> None:
    assert_all_read(passed)


@pytest.mark.long
def test_everything_planted_was_read_by_the_blocked_run(blocked: Outcome) -> None:
    assert_all_read(blocked)


def test_the_quarantine_tells_shapes_and_keeps_values_restricted(passed: Outcome) -> None:
    told = passed.checkout.csv("quarantine.csv")
    assert {"one_status", "unknown_municipality", "scale"} <= set(told["rule"])
    closed = [i for i in DECLARED.items.values() if i.type != "open"]
    assert set(told["item"]) >= {item.id for item in closed}
    assert "'999999-9999' (11 characters)" in set(told["value"])
    assert told["value"].str.fullmatch(r"'aaaa9{1,3}\.a+…' \([0-9]+ characters\)").any()
    path = passed.checkout.root / ".work" / f"{WAVE}.duckdb"
    with closing(duckdb.connect(str(path), read_only=True)) as connection:
        full = connection.execute("FROM restricted.quarantine").df()
    assert list(full["file_row"].astype(str)) == list(told["file_row"])
    assert set(full.loc[full["item"].isin([i.id for i in closed]), "value"]) <= passed.planted


def test_a_harmless_column_is_published_and_contact_columns_are_not(passed: Outcome) -> None:
    with closing(
        duckdb.connect(str(passed.checkout.output / "samspil.duckdb"), read_only=True)
    ) as connection:
        invited = connection.execute("FROM clean.invitations").df()
    assert list(invited.columns) == ["respondent", "municipality", "status", HARMLESS]
    assert set(invited[HARMLESS]) == {"chef"}
    assert invited["respondent"].str.fullmatch("[0-9a-f]{20}").all()
    assert list(invited["respondent"]) == sorted(invited["respondent"])


def test_the_working_file_is_for_its_user_alone(passed: Outcome) -> None:
    folder = passed.checkout.root / ".work"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / f"{WAVE}.duckdb").stat().st_mode) == 0o600


def test_the_search_finds_a_quarantine_that_tells_values(
    passed: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same step without the masking: the search must find the values."""
    working = tmp_path / ".work" / f"{WAVE}.duckdb"
    working.parent.mkdir()
    shutil.copy(passed.checkout.root / ".work" / f"{WAVE}.duckdb", working)
    monkeypatch.setattr(quarantine_assets, "cell_shown", str)
    (result,) = quarantine_assets.collect_quarantine(given(DECLARED, tmp_path, WAVE, QUARANTINE))
    assert result.stores is not None
    Workspace(root=str(tmp_path)).store(WAVE).write(result.stores)
    found = relation_texts(working, without="restricted")
    assert [name for name, text in found.items() if leaks(text)] == ["checks.quarantine"]


def write_sqlite(stored: Callable[[bytes], bytes]) -> Callable[[Path, str], None]:
    def write(folder: Path, text: str) -> None:
        with closing(sqlite3.connect(folder / "event.db")) as connection, connection:
            connection.execute("CREATE TABLE events (body)")
            body = stored(b"x" * 9000 + text.encode())
            connection.execute("INSERT INTO events VALUES (?)", [body])

    return write


def write_duckdb(folder: Path, text: str) -> None:
    with closing(duckdb.connect(str(folder / "snapshot.duckdb"))) as connection:
        connection.register("frame", pd.DataFrame({"value": ["a", text] * 3000}))
        connection.execute("CREATE TABLE told AS FROM frame")


def write_file(change: Callable[[str], bytes]) -> Callable[[Path, str], None]:
    def write(folder: Path, text: str) -> None:
        (folder / "log.txt").write_bytes(b"before " + change(text) + b" after")

    return write


WAYS: dict[str, Callable[[Path, str], None]] = {
    "text": write_file(str.encode),
    "upper": write_file(lambda text: text.upper().encode()),
    "utf16": write_file(lambda text: text.encode("utf-16-le")),
    "hex": write_file(lambda text: text.encode().hex().encode()),
    "HEX": write_file(lambda text: text.encode().hex().upper().encode()),
    "base64": write_file(lambda text: base64.b64encode(text.encode())),
    "base64-1": write_file(lambda text: base64.b64encode(b"." + text.encode())),
    "base64-2": write_file(lambda text: base64.b64encode(b".." + text.encode())),
    "undashed": write_file(lambda text: text.replace("-", "").encode()),
    "name": lambda folder, text: (folder / text).mkdir(),
    "sqlite": write_sqlite(bytes),
    "compressed": write_sqlite(zlib.compress),
    "duckdb": write_duckdb,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", range(3), ids=["mail", "number", "name"])
def test_the_search_finds_what_is_planted(tmp_path: Path, way: str, kind: int) -> None:
    WAYS[way](tmp_path, tokens(17)[kind])
    assert leaking_files(tmp_path)


@pytest.mark.parametrize("part", [MARK[:8].upper(), f"@{MARK}.exa", "2902634017"])
def test_the_search_finds_parts(tmp_path: Path, part: str) -> None:
    (tmp_path / "part").write_text(f"found '{part}…'", encoding="utf-8")
    assert leaking_files(tmp_path)


def test_the_search_finds_the_key(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(f'{{"key": "{KEY.hex()}"}}', encoding="utf-8")
    assert leaking_files(tmp_path, SECRETS)
    assert not leaking_files(tmp_path)


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with a study drafted from a planted export of another survey."""
    root = new_root(tmp_path_factory.mktemp("foreign") / "root")
    data, structure, labels = tables(rows=400)
    data[0] += ["telefon", "id"]
    for number, line in enumerate(data[1:]):
        line += ["", str(number)]
    plant(data, [name for name in data[0] if name not in FLAGS])
    for line in data[1:]:
        # long enough to be a person, all digits: no code, no count
        line[data[0].index("telefon")] = line[-2] or "2902634999"
    for number, line in enumerate(structure[1:]):
        # question texts name somebody, and so does a choice
        line[4] += f" {tokens(900)[number % 3]}"
    labels[-1][2] += f" {tokens(901)[0]}"
    write_tables(root / "download", (data, structure, labels))
    drafted = in_process(root, "init", str(root / "download"), "--study", "skole", "--wave", "2020")
    assert drafted.exit_code == 0, drafted.output
    assert leaks(drafted.output.encode()) == []
    assert "note: texts that name somebody, masked: " in drafted.output
    return root


def test_init_and_check_leak_nothing_of_another_survey(foreign: Path) -> None:
    study = foreign / "studies" / "skole"
    raw = {p.relative_to(study).as_posix() for p in (study / "waves" / "2020").glob("*.csv")}
    assert set(leaking_files(study)) == raw
    drafted = (study / "questions").glob("*.yaml")
    told = "".join(path.read_text(encoding="utf-8") for path in drafted)
    assert all(f"[{what}]" in told for what in ("e-mail", "number", "name"))
    assert "# masked: a text of the export names somebody" in told
    lenient(study / "study.yaml")
    checked = in_process(foreign, "check", "skole")
    assert checked.exit_code == 3
    assert "found 'aaaa9" in checked.output
    assert leaks(checked.output.encode()) == []
    shown = in_process(foreign, "check", "skole", "--show-values")
    assert leaks(shown.output.encode())


@pytest.mark.long
def test_a_run_leaks_nothing_of_another_survey(foreign: Path) -> None:
    lenient(foreign / "studies" / "skole" / "study.yaml")
    done = command_here(foreign, "skole")
    assert done.returncode == 0, done.stderr + done.stdout
    assert leaks((done.stdout + done.stderr).encode(), SECRETS) == []
    for folder in (".dagster_home", "output"):
        assert leaking_files(foreign / folder, SECRETS) == {}
    working = relation_texts(foreign / ".work" / "skole" / "2020.duckdb", without="restricted")
    # texts as the platform delivered them, which nobody else reads
    leaking = [name for name, text in working.items() if leaks(text)]
    assert leaking == ["raw.labels", "raw.structure"]


def test_a_check_of_planted_status_and_lost_header_leaks_nothing(foreign: Path) -> None:
    path = foreign / "studies" / "skole" / "waves" / "2020" / "dataset.csv"
    before = path.read_bytes()
    lines = list(csv.reader(io.StringIO(before.decode("cp1252"), newline=""), delimiter=";"))
    plant(lines, list(FLAGS))
    for content in (lines, [[f"{cell} {tokens(n)[n % 3]}" for n, cell in enumerate(lines[1])],
                            *lines[2:]]):  # fmt: skip
        stream = io.StringIO()
        csv.writer(stream, delimiter=";", lineterminator="\n").writerows(content)
        path.write_bytes(stream.getvalue().encode("cp1252"))
        checked = in_process(foreign, "check", "skole")
        assert checked.exit_code in (1, 3)
        assert leaks(checked.output.encode()) == []
    path.write_bytes(before)
