"""The recipes of docs/tables.md: their declarations and outputs.

`python -m tests.recipes` writes the outputs into the document.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from assets.tabulate.counting import Counter
from assets.tabulate.request import request_of
from assets.tabulate.results import tabulate_requests
from declarations import load_study
from declarations.fields.fields import fields_of
from publishing.table_text import result_lines
from tests.chain import STUDY, WAVE, declared_study
from tests.tabulated import computed

DOCUMENT = STUDY.parents[1] / "docs" / "tables.md"
HEADING = re.compile(r"^### (\d+)\. (.+)$", re.M)
BLOCK = re.compile(r"```yaml\n# (\S+)\n(.*?)```\n", re.S)
OUTPUT = re.compile(r"\n```text\n(.*?)```\n", re.S)


@dataclass(frozen=True)
class Recipe:
    """One recipe: its files by path, and the output the document shows."""

    title: str
    files: dict[str, str]
    output: str


def recipes(document: str) -> Iterator[Recipe]:
    """The recipes of the document, in order."""
    parts = HEADING.split(document.split("\n## A weight of the export")[0])[1:]
    for title, body in zip(parts[1::3], parts[2::3], strict=True):
        shown = OUTPUT.search(body)
        yield Recipe(title, dict(BLOCK.findall(body)), "" if shown is None else shown.group(1))


@contextmanager
def report() -> Iterator[duckdb.DuckDBPyConnection]:
    """The relations of the report's wave."""
    connection = computed(declared_study(), WAVE)
    try:
        yield connection
    finally:
        connection.close()


def output(recipe: Recipe, connection: duckdb.DuckDBPyConnection, root: Path) -> str:
    """The output of a recipe on the report's wave."""
    folder = root / "studies" / "samspil"
    folder.mkdir(parents=True)
    shutil.copy(STUDY / "study.yaml", folder)
    for name in ("questions", "waves"):
        (folder / name).symlink_to(STUDY / name)
    for path, text in recipe.files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    study = load_study(folder).in_wave(WAVE)
    fields = fields_of(study)
    made = next(t for t in study.tabulation.tables if t.id == "recipe")
    counter = Counter(connection, study, fields)
    request = request_of(made, study, fields)
    frame = tabulate_requests(counter, [request], WAVE, folder / "waves" / WAVE)["recipe"]
    with_n = "n" in request.show and any(
        s.startswith("show:") for s in recipe.files["tables/recipe.yaml"].splitlines()
    )
    lines = [line.rstrip() for line in result_lines(frame, with_n)]
    return "\n".join(lines).strip("\n") + "\n"


def main() -> None:
    """Write every recipe's output below its declarations."""
    text = DOCUMENT.read_text(encoding="utf-8")
    with report() as connection:
        for recipe in recipes(text):
            with tempfile.TemporaryDirectory() as made:
                found = output(recipe, connection, Path(made))
            start = text.index(f". {recipe.title}\n")
            end = re.compile(r"\n##+ ").search(text, start).start()  # type: ignore[union-attr]
            body = OUTPUT.sub("", text[start:end]).rstrip()
            text = f"{text[:start]}{body}\n\n```text\n{found}```\n{text[end:]}"
    DOCUMENT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
