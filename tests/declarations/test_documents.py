"""Documents in YAML: which line a mistake is on."""

from __future__ import annotations

from pathlib import Path

import pytest

from declarations.documents import line_of, read_document
from declarations.errors import SpecError

TEXT = """# a comment
id: a
items:
- id: b
  label:
    en: B
- id: c
empty:
"""


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("a: 1\nb: 2\na: 3\nb: 4\na: 5\n", 3, "a"),
        ("a: 1\nb:\n  c: 1\n  d: 2\n  d: 3\n", 5, "d"),
        ("1: a\n1: b\n", 2, "1"),
    ],
)
def test_the_first_key_that_occurs_twice_is_told_with_its_line(
    tmp_path: Path, text: str, line: int, key: str
) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SpecError) as error:
        read_document(path)
    (mistake,) = error.value.mistakes
    assert (mistake.line, mistake.problem) == (
        line, f"is not valid YAML: the key '{key}' occurs twice"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ((), 2),
        (("id",), 2),
        (("items",), 3),
        (("items", 0), 4),
        (("items", 0, "label", "en"), 6),
        (("items", 1, "id"), 7),
        # what is missing has the line of what lacks it
        (("items", 1, "label"), 7),
        (("items", 2), 3),
        (("other", "id"), 2),
        (("empty", "id"), 8),
        # the tag of a union is no entry
        (("items", 0, "single", "label"), 5),
    ],
)
def test_a_place_is_on_a_line(tmp_path: Path, place: tuple[str | int, ...], line: int) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(TEXT, encoding="utf-8")
    assert line_of(path, place) == line


def test_a_file_that_cannot_be_read_has_no_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    assert line_of(path, ()) is None
    for content in (b"", b"a: [", b"\xff\xfe\xff"):
        path.write_bytes(content)
        assert line_of(path, ("a",)) is None
