"""`make edits`: what an edit makes stale, and that `--changed` has the same result as a full run.

The command runs real commands on a copy of code, declarations and wave in a temporary folder. For
every edit, four things must hold. The stale assets are those listed by hand. `run --changed`
materializes these and the assets below changed rows, as two full runs (before and after the edit)
show. It leaves out no asset whose result changed. Its output equals that of the full run, byte for
byte.

With `--mutants N` functions are changed at random instead, with `--declared N` values of
declarations. Assets whose results a full run then changes must be stale or below changed rows. A
declaration that ends a run must be reported.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Any

from runtime.paths import PACKAGES
from tests.checkout import REPOSITORY, contents
from tests.edits.edits import ADDITIONS, EDITS, STUDY, Addition, Edit, listed
from tests.edits.mutants import DeclaredMutant, Mutant, drawn, drawn_declared

WAVE = "2015"
COPIED = (*PACKAGES, "studies", "tests")
STATE = (".dagster_home", ".work", "output")
# facts of the run itself
OWN = ("run.json",)
CODE = PACKAGES
# what writes the files readers have
PUBLISHED = "report/published"


def main() -> int:
    """Try the edits. Returns 0 if everything is as expected."""
    parser = argparse.ArgumentParser(prog="python -m tests.edits", description=__doc__)
    parser.add_argument("--only", default="", help="edits whose name holds this")
    parser.add_argument("--mutants", type=int, default=0, help="random changes of functions")
    parser.add_argument("--declared", type=int, default=0, help="of values of declarations")
    parser.add_argument("--seed", type=int, default=2015)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="samspil-edits-") as folder:
        place = Place(Path(folder))
        profile = place.root / "profile"
        place.run("--force", profile=profile)
        before, published = place.look(), place.output()
        place.keep("before")
        wrong = 0
        mutants = drawn(place.code, place.root, profile, CODE, options.seed)
        declared = drawn_declared(place.code, STUDY, options.seed)
        chosen: tuple[Mutant | DeclaredMutant, ...] = (
            *islice(mutants, options.mutants),
            *islice(declared, options.declared),
        )
        for mutant in chosen:
            told = survey(place, mutant, before, published)
            wrong += bool(told)
            for line in told:
                print(f"  NOT as it must be: {line}", flush=True)
        if chosen:
            return 1 if wrong else 0
        for edit in (one for one in (*EDITS, *ADDITIONS) if options.only in one.name):
            started = time.monotonic()
            told = compare(place, edit, before)
            wrong += bool(told)
            print(f"{'NOT ' if told else ''}as it must be: {edit.name} "
                  f"({time.monotonic() - started:.0f} s)", flush=True)  # fmt: skip
            for line in told:
                print(f"  {line}", flush=True)
    return 1 if wrong else 0


def compare(place: Place, edit: Edit | Addition, before: dict[str, Any]) -> list[str]:
    """Differences from the expected effects of an edit."""
    place.restore("before")
    place.write_code()
    edit.apply(place.root)
    stale = set(place.look()["stale"])
    said = place.run("--changed")
    partly, output = place.look(), place.output()
    place.clear()
    place.run("--force")
    full, expected = place.look(), place.output()

    materialized = {k for k, n in partly["made"].items() if n > before["made"].get(k, 0)}
    other, below = changed(before, full)
    wanted = whole_steps(listed(edit.stale, full["made"]), full["steps"])
    told = [
        *difference("stale", stale, wanted),
        *difference("materialized", materialized, whole_steps(wanted | below, full["steps"])),
        *(f"came to something else and was not materialized: {k}" for k in other - materialized),
        *(f"still stale: {name}" for name in partly["stale"]),
        *(f"differs from a full run: {name}" for name in sorted(output.keys() | expected.keys())
          if output.get(name) != expected.get(name)),
        *(f"stored otherwise than by a full run: {k}: "
          f"{[m for m in v if v[m] != partly['shown'][k].get(m)]}"
          for k, v in full["shown"].items() if partly["shown"].get(k) != v),
        *(f"other rows than in a full run: {k}" for k, v in full["rows"].items()
          if partly["rows"].get(k) != v),
    ]  # fmt: skip
    idle = sorted(wanted - other)
    print(f"{edit.name}: {len(stale)} stale, {len(materialized)} materialized, {len(other)} came "
          f"to something else; in vain: {', '.join(idle) or 'none'}", flush=True)  # fmt: skip
    return told if not told else [*told, said.strip().splitlines()[0]]


def survey(
    place: Place, mutant: Mutant | DeclaredMutant, before: dict[str, Any], published: dict[str, str]
) -> list[str]:
    """Assets that change although they are neither stale nor below a changed one."""
    place.restore("before")
    place.write_code()
    name = mutant.apply(place.root)
    try:
        looked = place.look()
        stale = set(looked["stale"])
        place.clear()
        place.run("--force")
        full, output = place.look(), place.output()
    except RuntimeError as error:
        # the study cannot be loaded, or a step fails: a run says so, where there is one
        told = re.findall(
            r"^.*(?:SpecError: |unexpected |failed:\n|did not pass).*", str(error), re.M
        )
        print(f"{name}: fails ({' '.join(told[-1:])[:160]})", flush=True)
        plain = "unexpected " not in str(error) and told
        return [] if plain or isinstance(mutant, Mutant) else [f"{name}: fails without a word"]
    other, below = changed(before, full)
    reached = whole_steps(stale | below, full["steps"])
    files = [f for f in sorted(published | output) if published.get(f) != output.get(f)]
    print(f"{name}: {len(stale)} stale, {len(other)} came to something else, "
          f"{len(files)} files", flush=True)  # fmt: skip
    told = [f"{name}: {key} came to something else" for key in sorted(other - reached)]
    if files and PUBLISHED not in reached:
        told.append(f"{name}: {', '.join(files[:5])} would not be written")
    return told


def changed(before: dict[str, Any], full: dict[str, Any]) -> tuple[set[str], set[str]]:
    """Assets with other rows, and those below other rows."""
    rows = {k for k, v in full["rows"].items() if v != before["rows"].get(k)}
    shown = {k for k, v in full["shown"].items() if v != before["shown"].get(k)}
    return rows | shown, {k for k, above in full["above"].items() if rows & set(above)}


def whole_steps(keys: set[str], steps: list[list[str]]) -> set[str]:
    """The assets, and those that a step makes together with one of them."""
    return keys.union(*(step for step in steps if keys & set(step)))


def difference(what: str, found: set[str], wanted: set[str]) -> list[str]:
    """The lines that only one of the two has."""
    return [f"{what}, not listed: {key}" for key in sorted(found - wanted)] + [
        f"listed, not {what}: {key}" for key in sorted(wanted - found)
    ]


class Place:
    """A checkout with its own code, under the same path in every state."""

    def __init__(self, folder: Path) -> None:
        self.root, self.kept, self.code = folder / "checkout", folder / "kept", folder / "code"
        self.root.mkdir()
        for name in COPIED:
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(REPOSITORY / name, self.code / name, ignore=ignored)
        self.write_code()
        for name in ("dagster.yaml", "requirements.lock"):
            shutil.copy(REPOSITORY / name, self.root)

    def write_code(self) -> None:
        """Code and declarations without an edit."""
        for name in COPIED:
            shutil.rmtree(self.root / name, ignore_errors=True)
            shutil.copytree(self.code / name, self.root / name)

    def clear(self) -> None:
        """Remove everything, as if nothing had ever run."""
        for name in STATE:
            shutil.rmtree(self.root / name, ignore_errors=True)

    def keep(self, name: str) -> None:
        """Remember results and history."""
        for part in STATE:
            shutil.copytree(self.root / part, self.kept / name / part, symlinks=True)

    def restore(self, name: str) -> None:
        """Restore the kept results and history."""
        self.clear()
        for part in STATE:
            shutil.copytree(self.kept / name / part, self.root / part, symlinks=True)

    def output(self) -> dict[str, str]:
        """The content of every published file."""
        found = contents(self.root / "output" / WAVE)
        return {path: held for path, held in found.items() if Path(path).name not in OWN}

    def run(self, *options: str, profile: Path | None = None) -> str:
        """Run `samspil run` and return its output. Raises if it failed."""
        profiled = () if profile is None else ("-m", "cProfile", "-o", str(profile))
        return self._python(*profiled, "-m", "pipelines.cli", "run", "--wave", WAVE, *options)

    def look(self) -> dict[str, Any]:
        """The output of `tests.edits.look`."""
        found: dict[str, Any] = json.loads(self._python("-m", "tests.edits.look", WAVE))
        return found

    def _python(self, *arguments: str) -> str:
        own = {
            "PYTHONPATH": str(self.root),
            "SAMSPIL_ROOT": str(self.root),
            "DAGSTER_HOME": str(self.root / ".dagster_home"),
            "PYTHONDONTWRITEBYTECODE": "",
        }
        done = subprocess.run(
            [sys.executable, *arguments], cwd=self.root, env={**os.environ, **own},
            capture_output=True, text=True, check=False, timeout=600,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(
                f"{arguments} ended with {done.returncode}\n{done.stdout}{done.stderr}"
            )
        return done.stdout


if __name__ == "__main__":
    raise SystemExit(main())
