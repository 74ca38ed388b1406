"""The blocks of docs/adding.md, put into a copy of the checkout as the page says.

A developer may have put some of them into the checkout. Copies start without them.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.checkout import REPOSITORY

PAGE = REPOSITORY / "docs" / "adding.md"
STUDY = Path("studies") / "samspil"
HEADING = re.compile(r"(?m)^###? (.+)$")
BLOCK = re.compile(
    r"(?ms)^```(yaml|python|markdown)\n# ([^\n]+?\.(?:yaml|py|md))([^\n]*)\n(.*?)^```$"
)
PLACE = re.compile(r', (?:(below|in place of) "(.+)"|(at the end))')
# the wave that the page makes to try with
NEXT = "2020"
WHOLE = ""
REST = "..."


@dataclass(frozen=True)
class Block:
    """Text for a file: the `heading` it stands under, and where in the file it belongs.

    `how` is WHOLE, "below", "in place of" (each with the `line` that is meant) or "at the end".
    """

    heading: str
    path: Path
    how: str
    line: str
    text: str

    def apply(self, root: Path) -> None:
        """Write it below `root`; AssertionError where the file does not have the line once."""
        path = root / self.path
        if self.how == WHOLE:
            assert not path.exists(), f"{self.path} exists already"
            path.write_text(self.text, encoding="utf-8")
            return
        before = path.read_text(encoding="utf-8")
        if self.how == "at the end":
            path.write_text(before + self.text, encoding="utf-8")
            return
        lines = before.splitlines(keepends=True)
        found = [n for n, line in enumerate(lines) if self._meant(line)]
        assert len(found) == 1, f"{self.path} has {self.line!r} {len(found)} times"
        at = found[0]
        kept = lines[: at + (self.how == "below")]
        path.write_text("".join([*kept, self.text, *lines[at + 1 :]]), encoding="utf-8")

    def remove(self, root: Path) -> None:
        """Undo `apply` below `root`, if the block is there; a remark on a replaced line is lost."""
        path = root / self.path
        if self.how == WHOLE:
            path.unlink(missing_ok=True)
            return
        if not path.is_file():
            return
        text = path.read_text(encoding="utf-8")
        indent = self.text[: len(self.text) - len(self.text.lstrip())]
        before = f"{indent}{self.line}\n" if self.how == "in place of" else ""
        path.write_text(text.replace(self.text, before, 1), encoding="utf-8")

    def _meant(self, line: str) -> bool:
        """Whether it is the text of the page, or begins with it; a remark may follow."""
        if self.line.endswith(REST):
            return line.startswith(self.line.removesuffix(REST))
        return line.strip().partition("  #")[0].rstrip() == self.line.strip()


def blocks() -> Iterator[Block]:
    """All blocks of the page that name a file, in order."""
    text = PAGE.read_text(encoding="utf-8")
    parts = HEADING.split(text)[1:]
    for heading, body in zip(parts[::2], parts[1::2], strict=True):
        for kind, name, rest, content in BLOCK.findall(body):
            place = PLACE.fullmatch(rest)
            assert place or not rest, f"docs/adding.md: {name}{rest} is no place in a file"
            how, line, end = place.groups() if place else (WHOLE, "", "")
            folder = STUDY if kind == "yaml" else Path()
            yield Block(heading, folder / name, end or how or WHOLE, line or "", content)


def of(*headings: str) -> list[Block]:
    """The blocks under some headings; every heading has one."""
    found = [block for block in blocks() if block.heading in headings]
    assert {block.heading for block in found} == set(headings)
    return found


def copy_of_study(root: Path) -> Path:
    """The report's study below `root` without the additions of the page; returns its folder.

    The waves are there, but not the one that the page makes to try with.
    """
    folder = root / STUDY
    shutil.copytree(REPOSITORY / STUDY, folder, ignore=shutil.ignore_patterns(NEXT))
    for block in reversed([block for block in blocks() if STUDY in block.path.parents]):
        block.remove(root)
    return folder


def copy_of_checkout(root: Path) -> Path:
    """Everything of the checkout that git keeps or would keep, without the page's additions.

    It has the same .venv.
    """
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY, capture_output=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.decode().split("\0")):
        source = REPOSITORY / name
        if source.is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, root / name)
    (root / ".venv").symlink_to(REPOSITORY / ".venv")
    shutil.rmtree(root / STUDY / "waves" / NEXT, ignore_errors=True)
    for block in reversed(list(blocks())):
        block.remove(root)
    return root


def python(root: Path, *arguments: str, limit: float = 600) -> subprocess.CompletedProcess[str]:
    """Python in the copy: its own modules come before those of the checkout.

    TimeoutExpired after `limit` seconds.
    """
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        env={
            "PYTHONPATH": str(root), "PATH": "/usr/bin:/bin", "DAGSTER_HOME": str(root / ".d"),
            "HOME": str(root.parent),
        },
        capture_output=True, text=True, check=False, timeout=limit,
    )  # fmt: skip
