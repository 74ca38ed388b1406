"""`docs/mutants.md`: how many mutants the tests caught, and the others with the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

# The reason why no test needs to notice a mutant, by file and changed line.
REASONS = Path(__file__).with_name("reasons.yaml")
HEAD = """# Mutants

`make mutants` breaks single lines of the code and runs the tests that execute them. It draws
{count} lines from all packages with the seed {seed}, in proportion to the lines of a package, and
changes each by one operator of [Cosmic Ray](https://cosmic-ray.readthedocs.io). Before, it runs the
tests of `make test` once and records the tests that execute a drawn line, also in the fixtures they
share and in the processes they start. Tests in a browser are left out.

The tests that execute the line of a mutant run against it, short and near ones first, until one
fails. Tests of the same files follow, because they may use what another test computed. For a line
without such tests, the tests that import its module run. After {seconds} seconds of
processor time a mutant is undecided. {run} were run. A mutant is equivalent if no input can show
it.

`make mutants` continues where it was stopped. `make mutants ARGS=--again` runs the mutants that
were not caught again, with the test files that have changed since. `ARGS=--new` starts over with
the present code.

| package | mutants | caught | equivalent | survived | undecided |
|---|---|---|---|---|---|
"""


def mutants_page(
    results: Sequence[Mapping[str, Any]], count: int, seed: int, seconds: int
) -> tuple[str, int]:
    """The page, and the number of mutants that were not caught and have no reason."""
    reasons: dict[str, dict[str, str]] = yaml.safe_load(REASONS.read_text(encoding="utf-8")) or {}
    lines, total = [], Counter[str]()
    packages: dict[str, Counter[str]] = {}
    for one in results:
        reason = reasons.get(one["file"], {}).get(one["after"], "")
        equivalent = one["outcome"] != "caught" and reason.startswith("equivalent")
        outcome = "equivalent" if equivalent else one["outcome"]
        packages.setdefault(one["file"].split("/")[0], Counter())[outcome] += 1
        total[outcome] += 1
        if one["outcome"] != "caught":
            lines.append(
                f"| `{one['file']}:{one['line']}` | `{_cell(one['before'])}` | "
                f"`{_cell(one['after'])}` | {reason or one['outcome'] + ', no reason yet'} |"
            )
    rows = [_row(name, counted) for name, counted in sorted(packages.items())]
    real = sum(total.values()) - total["equivalent"]
    share = round(100 * total["caught"] / real) if real else 0
    text = HEAD.format(count=count, seed=seed, seconds=seconds, run=len(results))
    text += "\n".join([*rows, _row("all", total)])
    later = sum(bool(one.get("later")) for one in results)
    text += f"\n\nCaught: {total['caught']} of {real} that are not equivalent ({share} %).\n"
    if later:
        first = total["caught"] - later
        text += (
            f"The tests of the first run alone caught {first} ({round(100 * first / real)} %)\n"
            f"within the time. {later} were caught by tests that were written afterwards.\n"
        )
    text += "\n## Not caught\n\n| line | before | after | reason |\n|---|---|---|---|\n"
    text += "".join(f"{line}\n" for line in sorted(lines))
    return text, sum(line.endswith("no reason yet |") for line in lines)


def _row(name: str, counted: Counter[str]) -> str:
    kinds = ("caught", "equivalent", "survived", "undecided")
    cells = (str(counted[kind]) for kind in kinds)
    return f"| {name} | {sum(counted.values())} | {' | '.join(cells)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("`", "'")
