"""A real publication to release and withdraw under kills, and the conditions after each kill."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml

from assets.step.workspace import Workspace
from declarations import Study, load_study
from declarations.survey.disclosure import Disclosure
from publishing.releasing.approval import RELEASE, RELEASE_SCRIPT
from publishing.releasing.withdrawal import LOG, NOTE, TRENDS, withdrawal_note
from runtime.output_versions import new_version, output_digests, versions_of
from runtime.snapshot import SNAPSHOT
from tests.small import Small

WAVE = "1"
POLICY: dict[str, Any] = {"policy": "suppress", "microdata": "key_holders", "k": 4}
PLACES = ("output", "released", "key_holders")
BY = "Lone Hansen"


@dataclass(frozen=True)
class Published:
    """A root with a wave that was published under a policy, as a finished run leaves it."""

    root: Path
    study: Study

    @classmethod
    def create(cls, root: Path) -> Published:
        """Without a run: the files that release and withdrawal read, and some they do not."""
        small = Small(root)
        small.sheet |= {"origin": "real"}
        small.write()
        path = small.folder / "study.yaml"
        declared = yaml.safe_load(path.read_text(encoding="utf-8")) | {"disclosure": POLICY}
        path.write_text(yaml.safe_dump(declared), encoding="utf-8")
        made = cls(root, load_study(small.folder))
        for token in ("older", "now"):
            with new_version(made.workspace.output(WAVE)) as folder:
                made.fill(folder, token)
        with new_version(made.workspace.output(WAVE).with_name(TRENDS)) as folder:
            (folder / "changes.csv").write_text("n", encoding="utf-8")
        lines = made.workspace.key_holders(WAVE)
        for folder in (lines, lines.with_name(f".{WAVE}.new")):
            folder.mkdir(parents=True)
            (folder / SNAPSHOT).write_text("lines of respondents", encoding="utf-8")
        return made

    @property
    def workspace(self) -> Workspace:
        """The places of the study below the root."""
        return Workspace(root=str(self.root), place="small")

    def fill(self, folder: Path, token: str) -> None:
        """A publication: pages, a table, its description, a snapshot, the record."""
        (folder / "report" / "data").mkdir(parents=True)
        (folder / RELEASE_SCRIPT).write_text("", encoding="utf-8")
        (folder / "results.csv").write_text(token, encoding="utf-8")
        policy = Disclosure(**POLICY).model_dump_json(exclude_unset=True)
        about = f"origin: real\ndisclosure_declared: {policy}\n"
        (folder / "ABOUT.txt").write_text(about, encoding="utf-8")
        with closing(duckdb.connect(str(folder / SNAPSHOT))) as connection:
            connection.execute("CREATE TABLE main.about AS SELECT 'origin' AS k, 'real' AS v")
            connection.execute("CREATE SCHEMA disclosure")
            connection.execute("CREATE TABLE disclosure.disclosure AS SELECT 'i' AS items, 0 AS n")
        record = {"output": output_digests(folder)}
        (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")

    def keep(self, to: Path) -> None:
        """A copy of the root to start from again."""
        shutil.copytree(self.root, to, symlinks=True)

    def restore(self, kept: Path) -> None:
        """Restore the kept state."""
        for name in (*PLACES, ".work"):
            shutil.rmtree(self.root / name, ignore_errors=True)
            if (kept / name).exists():
                shutil.copytree(kept / name, self.root / name, symlinks=True)

    def logged(self, what: str) -> list[str]:
        """What the record of releases lists as released (or withdrawn)."""
        path = self.root / ".work" / "small" / LOG
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        return [str(entry[what]) for entry in map(json.loads, lines) if what in entry]

    def wrong_release(self, over: bool) -> list[str]:
        """What is wrong with a release: readers see all of one or none, and it is on record."""
        output, released = self.workspace.output(WAVE), self.workspace.released(WAVE)
        wrong = []
        if (output / "results.csv").read_text(encoding="utf-8") != "now":
            wrong.append("the publication is another")
        if not released.exists():
            return [*wrong, *(["nothing was released"] if over else [])]
        record = json.loads((released / RELEASE).read_text(encoding="utf-8"))
        told = {name: entry["sha256"] for name, entry in record["results"].items()}
        own = output_digests(released)
        own.pop(RELEASE)
        script = str(RELEASE_SCRIPT)
        if told != output_digests(output) or {n for n in own if own[n] != told[n]} != {script}:
            wrong.append("the release is not what was published")
        if record["approved_by"] not in (released / RELEASE_SCRIPT).read_text(encoding="utf-8"):
            wrong.append("the pages do not say who released it")
        if record["publication"] not in self.logged("released"):
            wrong.append("readers have a release that is not on record")
        left = [path.name for path in versions_of(released).iterdir()]
        if over and any(not name.isdigit() for name in left):
            wrong.append(f"left: {left}")
        return wrong

    def wrong_withdrawal(self, over: bool) -> list[str]:
        """Faults of a withdrawal.

        Once a link is gone, a note must say so. In the end everything must be gone.
        """
        workspace = self.workspace
        links = [workspace.output(WAVE), workspace.released(WAVE)]
        hidden, told = [x for x in links if not x.is_symlink()], withdrawal_note(workspace, WAVE)
        wrong = []
        if hidden and BY not in told:
            wrong.append("readers see no files, and no message says why")
        if not over:
            return wrong
        files = {
            path.relative_to(self.root)
            for name in PLACES
            for path in (self.root / name).rglob("*")
            if path.is_file() or path.is_symlink()
        }
        note = Path("output", "small", WAVE, NOTE)
        rest = files - {note, Path("output", "small", "published.js")}
        if rest or note not in files:
            wrong.append(f"still there: {sorted(map(str, rest))}")
        if not self.logged("withdrawn"):
            wrong.append("the withdrawal is not on record")
        return wrong
