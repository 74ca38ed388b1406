"""Untrusted declarations: any YAML ends in a message that names the file."""

from __future__ import annotations

import os
import random
import re
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import TypeAdapter, ValidationError

from declarations import SpecError, load_study
from declarations.claims.claim import read_claims, read_words
from declarations.documents import MOST_BYTES, MOST_DEPTH, read_document
from declarations.model import Id
from declarations.tables.unnumbered import read_unnumbered
from declarations.waves import read_source_sheet
from replication.printed import read_errata
from runtime.paths import PACKAGES
from tests.chain import STUDY

BILLION = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "\n".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
DOCUMENTS: dict[str, str | bytes] = {
    "a tag of Python": "id: !!python/object/apply:os.system ['true']\n",
    "an unknown tag": "id: !x y\n",
    "a cycle": "&a\nid: *a\n",
    "a cycle of lists": "id: &a [*a]\n",
    "aliases that grow": BILLION,
    "a merge": "x: &a {id: 1}\ny:\n  <<: *a\n",
    "a key that occurs twice": "id: a\ntitle: b\nid: c\n",
    "a nested key that occurs twice": "id: {a: 1, a: 2}\n",
    "deep lists": "id: " + "[" * 100_000,
    "deep closed lists": "id: " + "[" * 3_000 + "]" * 3_000,
    "deep mappings": "a: {" * 100_000,
    "deep block lists": "- " * 100_000 + "x",
    "deep keys": "? " * 100_000 + "x",
    "deep indentation": "".join(f"{' ' * n}a:\n" for n in range(2_000)) + " " * 2_000 + "x",
    "closing brackets in quotes": "a: " + '["]",' * 100_000,
    "two documents": "id: a\n---\nid: b\n",
    "no UTF-8": b"id: \xff\xfe\n",
    "a NUL": "id: a\x00b\n",
    "an escape": "id: \x1b[2J\n",
    "a date that does not exist": "id: 2015-13-45\n",
    "a number of many digits": "id: " + "9" * 100_000 + "\n",
    "an unhashable key": "? [a]\n: b\n",
    "nothing": "",
    "only a comment": "# nothing\n",
    "a text": "hello\n",
    "a list": "- a\n",
    "cut off": "id: 'a\n",
    "a tab": "id:\n\t- a\n",
    "too large": "# " + "x" * (1 << 22) + "\nid: a\n",
    "a byte-order mark in the middle": "id: a\ufeffb\ntitle: [\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study with its declarations and one wave."""
    made = tmp_path_factory.mktemp("declared") / "samspil"
    shutil.copytree(STUDY, made)
    return made


def read_all(folder: Path) -> None:
    """Everything that reads declarations."""
    study = load_study(folder)
    read_unnumbered(study)
    read_claims(study)
    read_words(study)
    read_errata(folder / "printed")
    for wave in study.waves:
        study.source_sheet(wave)


CASES = int(os.environ.get("SAMSPIL_CASES", "4"))
FILES = (
    "study.yaml", "questions/01_position.yaml", "tables/table_3_1.yaml", "models/defaults.yaml",
    "unnumbered/u_3_1_policies.yaml", "claims/chapter_3.yaml", "waves/2015/source.yaml",
)  # fmt: skip


def some(folder: Path, name: str) -> Path:
    """The file, or the first one next to it under another name."""
    path = folder / name
    return (
        path
        if path.exists()
        else next(p for p in sorted(path.parent.glob("*.yaml")) if p.name != "defaults.yaml")
    )


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_hostile_document_ends_in_a_message(tmp_path: Path, kind: str) -> None:
    text = DOCUMENTS[kind]
    path = tmp_path / "source.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    began = time.process_time()
    with pytest.raises(SpecError, match=r"source\.yaml") as caught:
        read_source_sheet(tmp_path)
    assert visible_only(str(caught.value))
    assert time.process_time() - began < 5


def visible_only(text: str) -> bool:
    return all(line.isprintable() for line in text.split("\n"))


def test_every_reader_of_declarations_names_its_file(folder: Path) -> None:
    looked_at = set()
    others = ("provenance.yaml", "audit.yaml")
    for path in sorted(folder.rglob("*.yaml"), reverse=True):
        if path.name in others or path.parent.name == "proofs":
            continue
        if (path.parent, path.name[:5]) in looked_at:
            continue
        looked_at.add((path.parent, path.name[:5]))
        before = path.read_bytes()
        path.write_bytes(b"a: {" * 100_000)
        try:
            with pytest.raises(SpecError, match=path.name):
                read_all(folder)
        finally:
            path.write_bytes(before)


def test_no_code_reads_yaml_in_another_way() -> None:
    root = STUDY.parents[1]
    own = [p for name in PACKAGES for p in (root / name).rglob("*.py")]
    reading = {p.name for p in own if re.search(r"yaml\.(safe_)?load\(", p.read_text("utf-8"))}
    assert reading == {"documents.py"}


def test_an_anchor_on_a_single_value_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a: &a one\nb: *a\nc: A & B\n", "utf-8")
    assert read_document(path) == {"a": "one", "b": "one", "c": "A & B"}


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.yaml")
    with pytest.raises(SpecError, match="is no file"):
        read_document(tmp_path / "x.yaml")


ODD: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, float("inf"), float("nan"), 10**30, "", " ", "../../x", "/etc/passwd",
    "status", "CON", "a" * 5_000, "=1+1", "<b>", "\x1b[31m", "\u202e", "x|y", [], {}, [[]], [{}],
    {"da": 1}, ["a", 1], {"x": {"y": []}}, "æ" * 100, "no\nyes",
)  # fmt: skip


def mutated(value: Any, rng: random.Random) -> Any:
    """The value with one entry, anywhere in it, replaced, dropped or doubled."""
    places: list[tuple[Any, Any]] = []

    def collect(node: Any) -> None:
        entries = node.items() if isinstance(node, dict) else enumerate(node)
        for key, child in list(entries):
            places.append((node, key))
            if isinstance(child, (dict, list)):
                collect(child)

    collect(value)
    node, key = rng.choice(places)
    what = rng.random()
    if what < 0.75:
        node[key] = rng.choice(ODD)
    elif what < 0.9 or isinstance(node, dict):
        del node[key]
    else:
        node.append(node[key])
    return value


@pytest.mark.parametrize("name", FILES)
def test_a_value_of_another_kind_is_a_message_or_read(folder: Path, name: str) -> None:
    path = some(folder, name)
    before = path.read_bytes()
    rng = random.Random(name)
    try:
        for _ in range(CASES):
            value = mutated(yaml.safe_load(before), rng)
            path.write_text(yaml.safe_dump(value, allow_unicode=True), "utf-8")
            told = ""
            try:
                read_all(folder)
            except SpecError as error:
                told = str(error)
            assert visible_only(told)
    finally:
        path.write_bytes(before)


@pytest.mark.parametrize(
    "name",
    [
        "../dataset.csv",
        "/etc/passwd",
        "a/../../x",
        "",
        " ",
        "a\x00b",
        "..",
        ".",
        "./",
        "x/..",
        "out.csv",
    ],
)
def test_a_file_of_a_wave_lies_in_its_folder(tmp_path: Path, name: str) -> None:
    wave = tmp_path / "wave"
    wave.mkdir()
    (tmp_path / "elsewhere.csv").write_text("secret", "utf-8")
    (wave / "out.csv").symlink_to(tmp_path / "elsewhere.csv")
    write_sheet(wave, dataset=name)
    with pytest.raises(SpecError, match=r"source\.yaml.*is not the name of a file"):
        read_source_sheet(wave)


def test_a_wave_may_be_a_link_to_a_folder_elsewhere(tmp_path: Path) -> None:
    kept = tmp_path / "secure" / "2020"
    (kept / "files").mkdir(parents=True)
    (kept / "link.csv").symlink_to(kept / "files" / "dataset.csv")
    write_sheet(kept, dataset="link.csv", labels="files/labels.csv")
    (tmp_path / "2020").symlink_to(kept)
    found = read_source_sheet(tmp_path / "2020").files
    assert found["dataset"].path == tmp_path / "2020" / "link.csv"
    assert found["labels"].path == tmp_path / "2020" / "files" / "labels.csv"


@pytest.mark.parametrize(
    "encoding",
    ["rot13", "base64", "zip", "unicode_escape", "punycode", "undefined", "idna", "x" * 99, ""],
)
def test_an_encoding_is_one_of_plain_text(tmp_path: Path, encoding: str) -> None:
    write_sheet(tmp_path, {"delimiter": ";", "encoding": encoding})
    with pytest.raises(SpecError, match=r"source\.yaml line \d+: format.encoding: found"):
        read_source_sheet(tmp_path)


@pytest.mark.parametrize("delimiter", ['"', "\n", "\r", "", ";;", "a", "1", " ", "'", "\x00"])
def test_a_delimiter_is_one_of_few(tmp_path: Path, delimiter: str) -> None:
    write_sheet(tmp_path, {"delimiter": delimiter, "encoding": "utf-8"})
    with pytest.raises(SpecError, match=r"source\.yaml line \d+: format.delimiter: found"):
        read_source_sheet(tmp_path)


def write_sheet(folder: Path, layout: dict[str, str] | None = None, **names: str) -> None:
    roles = {"dataset": "dataset.csv", "structure": "structure.csv", "labels": "labels.csv"}
    sheet = {
        "wave": folder.name,
        "origin": "real",
        "statement": "x",
        "format": layout or {"delimiter": "auto", "encoding": "auto"},
        "files": {role: {"name": name} for role, name in {**roles, **names}.items()},
    }
    (folder / "source.yaml").write_text(yaml.safe_dump(sheet), "utf-8")


@pytest.mark.parametrize(
    "bad", ["../x", "A", "status", "con fu", "a" * 99, "æ", "1a", "a-b", "a.b", "", None, 1, False]
)
def test_an_id_that_could_leave_its_folder_is_refused(bad: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Id).validate_python(bad)


def test_ids_of_a_study_are_looked_at(folder: Path) -> None:
    for name, key in (
        ("questions/01_position.yaml", "id"),
        ("tables/table_3_1.yaml", "id"),
        ("models/m.yaml", "id"),
        ("unnumbered/u.yaml", "id"),
    ):
        path = some(folder, name)
        before = path.read_bytes()
        value = yaml.safe_load(before)
        value[key] = "../x"
        path.write_text(yaml.safe_dump(value, allow_unicode=True), "utf-8")
        try:
            with pytest.raises(SpecError, match=rf"{path.name} line \d+: id: found '\.\./x'"):
                read_all(folder)
        finally:
            path.write_bytes(before)


def nested(levels: int) -> str:
    """A value with this many levels, including the mapping of the document."""
    lists = levels - 1
    return f"many: []\nid: {'[' * lists}1{']' * lists}\n"


def test_a_document_may_be_as_deep_and_as_large_as_said_and_no_more(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(nested(MOST_DEPTH), encoding="utf-8")
    assert read_document(path)["many"] == []
    path.write_text(nested(MOST_DEPTH + 1), encoding="utf-8")
    with pytest.raises(SpecError, match=f"line 2: more than {MOST_DEPTH} levels deep"):
        read_document(path)
    text = "id: 1\n#"
    path.write_text(text + "x" * (MOST_BYTES - len(text)), encoding="utf-8")
    assert read_document(path) == {"id": 1}
    path.write_text(text + "x" * (MOST_BYTES - len(text) + 1), encoding="utf-8")
    with pytest.raises(SpecError, match=f"has {MOST_BYTES + 1} bytes, expected at most"):
        read_document(path)
