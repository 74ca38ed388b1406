"""The fingerprint of a run: only another input changes it."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from pipelines.records.fingerprint import fingerprint, inputs, last_run
from runtime.output_versions import RECORD, output_digests
from runtime.paths import PACKAGES
from runtime.sources import CODE
from tests.chain import KEY, WAVE
from tests.checkout import Checkout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    own = Checkout.create(tmp_path_factory.mktemp("fingerprint"))
    for package in (*PACKAGES, "tools"):
        ignored = shutil.ignore_patterns("*.pyc")
        shutil.copytree(CODE / package, own.root / package, ignore=ignored)
    (own.root / "requirements.lock").write_text("duckdb==2.0.0\n", encoding="utf-8")
    return own


def of(checkout: Checkout, wave: str = WAVE, key: bytes | None = KEY) -> str:
    return fingerprint(checkout.root, checkout.study, wave, key, code=checkout.root)


# Another content of each kind of file.
OTHER = {
    ".py": lambda content: content + b"\nANOTHER = 1\n",
    ".yaml": lambda content: b"a".join(content.rsplit(b"e", 1)),
    # one byte, the size unchanged
    **dict.fromkeys(
        (".csv", ".jinja", ".lock"),
        lambda content: content[:-2] + bytes([content[-2] ^ 1]) + content[-1:],
    ),
}
INPUTS = [
    "assets/counts/counting.py",
    "expectations/scales.py",
    "assets/tables/layout.py",
    "expectations/checks.html.jinja",
    # words of pages
    "assets/step/columns.py",
    "requirements.lock",
    "studies/samspil/study.yaml",
    "studies/samspil/questions/14_civil_actors.yaml",
    "studies/samspil/tables/table_4_1.yaml",
    "studies/samspil/printed/table_4_1.csv",
    "studies/samspil/printed/errata.yaml",
    *(f"studies/samspil/waves/2015/{name}" for name in (
        "dataset.csv", "structure.csv", "labels.csv", "municipalities.csv", "source.yaml")),
]  # fmt: skip


def test_another_key_changes_it_and_is_not_told(checkout: Checkout) -> None:
    other = bytes(32)
    assert len({of(checkout), of(checkout, key=other), of(checkout, key=None)}) == 3
    assert KEY.hex() not in of(checkout)


@pytest.mark.parametrize("name", INPUTS)
def test_a_changed_input_changes_it_and_back_again(checkout: Checkout, name: str) -> None:
    path, before = checkout.root / name, of(checkout)
    content = path.read_bytes()
    path.write_bytes(OTHER[path.suffix](content))
    assert of(checkout) != before
    path.write_bytes(content)
    assert of(checkout) == before
    path.unlink()
    assert of(checkout) != before
    path.write_bytes(content)


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "tools/another.py",
        "pipelines/draft/another.py",
        "assets/step/another.py",
        "docs/notes.md",
        "tests/test_x.py",
        "reconstruction/drawing/build.py",
        "studies/samspil/printed/README.md",
        "studies/samspil/waves/2019/dataset.csv",
        "output/2015/results.csv",
        "pipelines/__pycache__/code.cpython-311.pyc",
    ],
)
def test_what_is_no_input_does_not_change_it(checkout: Checkout, name: str) -> None:
    before = of(checkout)
    path = checkout.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("something else", encoding="utf-8")
    assert of(checkout) == before
    path.unlink()


@pytest.mark.parametrize(
    "name",
    ["assets/counts/counting.py", "pipelines/draft/folder.py", "tools/dictionary.py",
     "studies/samspil/tables/table_4_1.yaml", "studies/samspil/printed/errata.yaml"],
)  # fmt: skip
def test_a_comment_does_not_change_it(checkout: Checkout, name: str) -> None:
    path, before = checkout.root / name, of(checkout)
    content = path.read_bytes()
    path.write_bytes(content + b"\n# a comment\n")
    assert of(checkout) == before
    path.write_bytes(content)


def test_a_new_table_or_a_renamed_one_changes_it(checkout: Checkout) -> None:
    before = of(checkout)
    path = checkout.study / "tables" / "table_4_1.yaml"
    copy = path.with_name("table_9_9.yaml")
    copy.write_bytes(path.read_bytes())
    assert of(checkout) != before
    copy.unlink()
    path.rename(copy)
    assert of(checkout) != before
    copy.rename(path)
    assert of(checkout) == before


def test_times_do_not_change_it(checkout: Checkout) -> None:
    before = of(checkout)
    os.utime(checkout.dataset, (1, 1))
    assert of(checkout) == before


def test_text_moved_from_one_file_to_the_next_changes_it(checkout: Checkout) -> None:
    before = of(checkout)
    first, second = (checkout.study / "printed" / f"table_4_{n}.csv" for n in (1, 2))
    kept = first.read_bytes(), second.read_bytes()
    first.write_bytes(kept[0] + kept[1])
    second.write_bytes(b"")
    assert of(checkout) != before
    first.write_bytes(kept[0])
    second.write_bytes(kept[1])


def test_the_checkout_itself_has_all_inputs() -> None:
    root = Path(__file__).resolve().parents[2]
    names = {str(path.relative_to(root)) for path in inputs(root, root / "studies/samspil", WAVE)}
    assert set(INPUTS) <= names
    assert not {name for name in names if name.startswith(("tools/", "pipelines/"))}


def test_a_record_counts_only_while_the_output_is_what_it_wrote(tmp_path: Path) -> None:
    assert last_run(tmp_path) is None
    (tmp_path / "tables").mkdir()
    (tmp_path / "results.csv").write_text("a", encoding="utf-8")
    (tmp_path / "tables" / "table_3_1.csv").write_text("b", encoding="utf-8")
    record = {"success": True, "output": output_digests(tmp_path)}
    (tmp_path / RECORD).write_text(json.dumps(record), encoding="utf-8")
    assert last_run(tmp_path) == record
    (tmp_path / "results.csv").write_text("A", encoding="utf-8")
    assert last_run(tmp_path) is None
    (tmp_path / "results.csv").write_text("a", encoding="utf-8")
    assert last_run(tmp_path) == record
    (tmp_path / "tables" / "table_3_1.csv").unlink()
    assert last_run(tmp_path) is None
    (tmp_path / RECORD).write_text("{", encoding="utf-8")
    assert last_run(tmp_path) is None
