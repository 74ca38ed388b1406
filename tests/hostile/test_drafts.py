"""`samspil init` on an export whose names and labels are chosen to escape, collide or inject."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
import yaml

import pipelines.locations
from assets.raw.errors import DataError
from assets.raw.readers.export import read_export
from assets.raw.structure import RawWave
from declarations import SpecError, load_study
from pipelines.draft.folder import DraftError, draft_study
from pipelines.draft.source import find_export
from pipelines.draft.yaml_text import commented, quoted
from runtime.plain_text import plain
from tests.engine import NO_FILE, engine
from tests.pipelines.test_init import new_root, samspil
from tests.planted import sqlite_texts

NAMES = [
    "../../etc/x", "/etc/passwd", "C:\\x", "CON", "con", "nul.txt", "!!!", "---", "no", "Yes",
    "null", "true", "status", "all", "total", "ſtatus", "ѕtatus", "s​tatus", "Ærø", "aero", "a.b",
    "a b", "a-b", "a_b", "x\nfrequency: y", "#", "*a", "&a", "{a: 1}", "[a]", "'a'", '"a"', "=1+1",
    "<script>x</script>", "a|b", "%", "@x", "`x`", "a: b", "- a", "? a", "1", "1e5", "ß", "ﬁ", "ｆ",
    "l" * 300, "\x1b[31mred", "\u202eevil", "a\tb", "select", "class", "x.yaml", "..", "~", "$HOME",
]  # fmt: skip
LABELS = [
    "=cmd|' /C calc'!A0", "<img src=x onerror=alert(1)>", "a|b\n|c", "# heading", "../../x", "",
    " ", "\x1b[2J", "\u202egnp.exe", "{{ 7*7 }}", "${x}", "a: b # c", "!!python/object:x {}", "*a",
    "x" * 5_000, "no", "\\", '"', "'", "%s%n", "- a", "[x](javascript:alert(1))", "![](http://x.invalid)",
]  # fmt: skip


def hostile_names() -> list[str]:
    """Names that the database distinguishes; the reader refuses others with a message."""
    return list({name.lower(): name for name in NAMES}.values())


def write(folder: Path, names: list[str]) -> None:
    """An export in which every variable has a hostile name and every text is hostile."""
    structure = [["questionName", "variableName", "questionType", "subType", "questionText",
                  "choiceValue", "choiceText"]]  # fmt: skip
    labels = []
    for place, name in enumerate(names):
        text = LABELS[place % len(LABELS)]
        structure.append([name, name, "Closed", "Single", text, "", ""])
        labels += [[name, str(code), LABELS[(place + code) % len(LABELS)]] for code in (1, 2)]
    rows = [[str((at + place) % 2 + 1) for place in range(len(names))] for at in range(6)]
    folder.mkdir()
    for stem, lines in (
        ("dataset", [names, *rows]),
        ("structure", structure),
        ("labels", labels),
    ):
        stream = io.StringIO()
        csv.writer(stream, delimiter=";", lineterminator="\n").writerows(lines)
        (folder / f"{stem}.csv").write_bytes(stream.getvalue().encode("utf-8"))


def test_hostile_names_and_labels_give_a_study_that_counts_right(tmp_path: Path) -> None:
    names = hostile_names()
    write(tmp_path / "download", names)
    made = draft_study(tmp_path / "download", tmp_path / "studies", "ny", "1", LABELS[0])
    study = load_study(made.folder)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["download", "studies"]
    assert [p.name for p in (tmp_path / "studies").iterdir()] == ["ny"]
    for path in made.folder.rglob("*"):
        assert re.fullmatch(r"[a-z0-9_.]{1,60}", path.name), path
        if path.suffix == ".yaml":
            assert all(line.isprintable() for line in path.read_text("utf-8").split("\n")), path
    columns = read_export(*find_export(tmp_path / "download")).dataset.columns
    assert sorted(i.variable for i in study.items.values()) == sorted(columns)
    assert set(map(plain, columns)) == set(map(plain, names))
    assert len(study.question) == len(names)
    assert "status" not in study.items
    kind, paths = find_export(tmp_path / "download")
    raw = read_export(kind, paths).dataset
    with engine(RawWave(raw, NO_FILE, NO_FILE), study) as wave:
        wave.clean(bytes(32))
        wave.answers()
        answers = {question.id: wave.cells(question) for question in study.questions}
    for question in study.questions:
        found = answers[question.id]
        place = raw.columns.index(question.items[0].variable)
        assert [str(code) for code in found["code"]] == [row[place] for row in raw.rows]


@pytest.mark.long
def test_a_run_of_a_hostile_study_shows_nothing_as_it_came(tmp_path: Path) -> None:
    root = new_root(tmp_path / "root")
    write(root / "download", hostile_names()[::6])
    study = draft_study(root / "download", root / "studies", "ny", "1", LABELS[0])
    done = samspil(root, "run", "ny")
    assert done.returncode == 0, done.stdout + done.stderr
    output = root / "output" / "ny" / "1"
    tables = sorted((output / "tables").glob("*.csv"))
    named = {path.name.partition(".")[0] for path in tables}
    assert {spec.id for spec in load_study(study.folder).tables} < named
    for path in [*tables, *output.glob("*.csv")]:
        text = path.read_text("utf-8-sig")
        delimiter = ";" if path.name.endswith(".da.csv") else ","
        assert all(c.isprintable() or c in "\n\t" for c in text), path
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            for cell in record:
                guarded = not re.match(r"\s*[=+@-].", cell) or re.fullmatch(r"-?[\d.,]+", cell)
                assert guarded, (path.name, cell)
    for path in (root / ".dagster_home").rglob("*.db"):
        content = sqlite_texts(path)
        # JSON doubles a backslash
        found = re.search(rb"\x1b\[|\xe2\x80\xae|(?<!\\)\\u(001b|202e)", content)
        assert found is None, content[found.start() - 90 : found.end() + 20]


@pytest.mark.parametrize("text", [*LABELS, *NAMES, "a\x85b", "a\u2028b", "\ud800", "\x00", "a\rb"])
def test_any_text_stands_quoted_and_commented_on_one_line(text: str) -> None:
    assert len(f"{commented(text)}x".splitlines()) == 1
    assert commented(text).isprintable()
    if "\ud800" not in text:
        assert yaml.safe_load(quoted(text)) == text
    assert "\n" not in quoted(text)


@pytest.mark.parametrize(
    "name",
    ["../x", "/x", "CON", "con", "lpt1", "", " ", "a b", "a-b", "a.b", "æ", "_x", "1a", "a" * 41,
     "a\nb", "a\x00", "-h", "a/b", "A", "\u202ea", "ａ"],
)  # fmt: skip
def test_a_study_has_a_plain_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(DraftError, match="not a valid name for a study") as caught:
        draft_study(tmp_path, tmp_path / "studies", name, "1", None)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("wave", ["", ".", "..", "../1", "a/b", "-1", "_", "a" * 41, "æ", "1\n"])
def test_a_wave_has_a_plain_name(tmp_path: Path, wave: str) -> None:
    with pytest.raises(DraftError, match="not a valid name for a wave"):
        draft_study(tmp_path, tmp_path / "studies", "ny", wave, None)


@pytest.mark.parametrize("given", ["gone", "a\x00b", "a" * 5_000, "/dev/zero", "."])
def test_an_export_that_is_none_is_a_message(tmp_path: Path, given: str) -> None:
    with pytest.raises((DataError, OSError, ValueError)) as caught:
        draft_study(tmp_path / given, tmp_path / "studies", "ny", "1", None)
    assert not isinstance(caught.value, (SpecError, UnicodeError))
    assert list(tmp_path.rglob("*.yaml")) == []


@pytest.mark.parametrize("name", ["dg", "annotations", "study_definitions"])
def test_no_study_is_hidden_by_a_name_of_our_own(name: str) -> None:
    with pytest.raises(ValueError, match=r"study\.yaml"):
        getattr(pipelines.locations, name)
