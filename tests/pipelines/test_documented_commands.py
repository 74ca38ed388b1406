"""Commands and declarations in the documents are valid.

YAML names its file in the first line and is validated against the model of that file: whole, `part`
(required entries may be missing), or `entries of NAME`. A command is parsed by the parser that
would run it; `make` is asked what it would do. Blocks that other tests execute are validated here
too. `<!-- not run: reason -->` before a block leaves it out.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from pipelines.cli import samspil
from tests.chain import STUDY
from tests.checkout import REPOSITORY
from tests.declarations.documented import PAGE, blocks
from tests.declarations.test_schema import as_json, kind_of, validator

DOCUMENTS = sorted(
    [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").glob("*.md"),
     *(REPOSITORY / "studies").rglob("*.md")]
)  # fmt: skip
FENCED = re.compile(r"(?ms)(<!-- not run: [^\n]{10,} -->\n+)?^```(\w*)\n(.*?)^```$")
FILE = re.compile(r"# ([\w/.<>]+\.yaml)(?:, (part)|, entries of (\w+))?\n")
COMMAND = re.compile(r"(?:make|(?:bin/)?samspil|(?:\.venv/bin/)?python -m) [^`\n]*")
# words of prose and placeholders in backticks, which are no whole command
NO_COMMAND = re.compile(r"make PYTHON=|samspil(?: needs|,)|init --platform$|\.\.\.")


def fenced(document: Path) -> Iterator[tuple[str, str]]:
    """The language and the text of the blocks to check."""
    for left_out, language, text in FENCED.findall(document.read_text(encoding="utf-8")):
        if not left_out:
            yield language, text


def commands(document: Path) -> Iterator[list[str]]:
    """Every command of the document as words: in indented and fenced blocks, and in backticks."""
    text = document.read_text(encoding="utf-8")
    found = [*re.findall(r"(?m)^ {4}(.+)$", text), *re.findall(r"`([^`\n]+)`", text)]
    found += [line for language, own in fenced(document) if language == "sh" for line in [own]]
    for line in found:
        for part in re.split(r"\s&&\s", line):
            if COMMAND.fullmatch(part.strip()) and not NO_COMMAND.search(part):
                yield shlex.split(part, comments=True)


def named(documents: list[Path]) -> list[Any]:
    return [pytest.param(d, id=str(d.relative_to(REPOSITORY))) for d in documents]


@pytest.mark.parametrize("document", named([d for d in DOCUMENTS if "```yaml" in d.read_text()]))
def test_declarations_in_a_document_fit_their_models(document: Path) -> None:
    for language, text in fenced(document):
        if language != "yaml" or document == PAGE:
            continue
        head = FILE.match(text)
        assert head, f"name the file in the first line of:\n{text[:200]}"
        path, part, entry = head.groups()
        shown = yaml.safe_load(text)
        if entry:
            shown = {entry: shown if isinstance(shown, list) else [shown]}
        deep = 2 if entry else 0
        for error in validator(kind_of(STUDY / path, STUDY)).iter_errors(as_json(shown)):
            missing = error.validator == "required" and len(error.absolute_path) <= deep
            allowed = missing and (part or entry)
            assert allowed, f"{path}: {error.message[:300]} {[e.message for e in error.context]}"


def test_every_block_of_the_page_on_additions_is_put_into_a_copy() -> None:
    """Checks that no block is skipped; `tests/declarations/test_additions.py` executes them."""
    shown = [text for language, text in fenced(PAGE) if language in ("yaml", "python", "markdown")]
    assert len(shown) == len(list(blocks())) > 15


@pytest.mark.parametrize("document", named([d for d in DOCUMENTS if list(commands(d))]))
def test_commands_in_a_document_are_understood(document: Path) -> None:
    wrong = {shlex.join(words): said for words in commands(document) if (said := problem(words))}
    assert not wrong


def problem(words: list[str]) -> str:
    """What is wrong with a command; empty if it is valid."""
    program, *rest = words
    if program == "make":
        done = subprocess.run(
            ["make", "--dry-run", *rest], cwd=REPOSITORY, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        return done.stderr if done.returncode else ""
    if program.endswith("python"):
        return "" if find_spec(rest[1]) else f"no module {rest[1]}"
    if not rest or rest[0].startswith("-"):
        return ""
    command = samspil.commands.get(rest[0])
    if command is None:
        return f"no command {rest[0]}"
    try:
        with click.Context(command) as context:
            command.make_parser(context).parse_args(list(rest[1:]))
    except click.UsageError as error:
        return error.format_message()
    return ""


@pytest.mark.parametrize(
    "line",
    ["make nothing", "samspil nothing", "samspil run --nothing", "python -m tools.nothing",
     "bin/samspil table x --studi y"],
)  # fmt: skip
def test_a_wrong_command_is_named(line: str) -> None:
    assert problem(shlex.split(line))


def test_commands_are_found() -> None:
    found = {shlex.join(words[:2]) for document in DOCUMENTS for words in commands(document)}
    assert {"make run", "samspil table", "bin/samspil init", "python -m"} <= found
    assert len([words for document in DOCUMENTS for words in commands(document)]) > 100
