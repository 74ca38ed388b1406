"""Break single lines of the code, run the tests that execute them, and write `docs/mutants.md`.

Cosmic Ray's operators make the mutants (`draw.py`); lines are drawn from all packages by a seed.
Its own runner has no sample and one test command for all. Here coverage.py records once which test
executes which line (`trace.py`), and each mutant meets these tests, the cheap and near first,
until one fails or `--seconds` of processor time are used.

All happens in copies of the checkout in `.artifacts/mutants`. A later start goes on where the last
one stopped; `--new` begins again with the checkout as it is.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from runtime.paths import PACKAGES
from tools.mutants.judge import CAUGHT, Judge, Result
from tools.mutants.lines import Lines
from tools.mutants.page import REASONS, written
from tools.mutants.pick import import_libraries
from tools.mutants.prepare import TESTS, Workplace
from tools.mutants.reach import Reach

ROOT = Path(__file__).resolve().parents[2]
TARGET, STATE = ROOT / "docs" / "mutants.md", ROOT / ".artifacts" / "mutants"
RESULTS = STATE / "results.json"
DRAWN_FROM = (*PACKAGES, "tools", "reconstruction")


def main() -> int:
    """Run them; 0 if every mutant was caught or has its reason."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="mutants (200)")
    parser.add_argument("--seed", type=int, default=2015, help="of the sample (2015)")
    parser.add_argument("--seconds", type=int, default=90, help="processor time for one (90)")
    parser.add_argument("--first", type=int, help="only so many of the sample")
    parser.add_argument("--jobs", type=int, default=2, help="processes that trace the tests (2)")
    parser.add_argument("--new", action="store_true", help="forget the copy and its results")
    parser.add_argument("--again", action="store_true", help="judge what was not caught again, now")
    options = parser.parse_args()
    if options.new:
        shutil.rmtree(STATE, ignore_errors=True)
    STATE.mkdir(parents=True, exist_ok=True)
    work = Workplace(ROOT, STATE, DRAWN_FROM)
    work.copied()
    drawn = work.drawn(options.count, options.seed)
    results = kept()
    traced = work.traced(options.jobs)
    if options.again:
        newer = work.newer_tests()
        traced = work.traced(options.jobs, newer) if newer else traced
        results = {place: one for place, one in results.items() if one.outcome == CAUGHT}
    root = work.to_break()
    lines = Lines(root, traced, Reach(root, DRAWN_FROM))
    judge = Judge(root, (*DRAWN_FROM, TESTS), lines, options.seconds)
    run(judge, drawn[: options.first], results)
    found = [results[place(one)] for one in drawn if place(one) in results]
    page, open_ones = written(
        [asdict(one) for one in found], options.count, options.seed, options.seconds
    )
    TARGET.write_text(page, encoding="utf-8")
    print(f"{TARGET.relative_to(ROOT)}; {open_ones} without a reason ({REASONS.name})")
    return int(open_ones > 0)


def run(judge: Judge, drawn: Sequence[Mapping[str, Any]], results: dict[str, Result]) -> None:
    """Judge what has no result yet; a test that also fails without a mutant proves nothing."""
    import_libraries()
    todo = [mutant for mutant in drawn if place(mutant) not in results]
    while todo:
        new = []
        for number, mutant in enumerate(todo, 1):
            one = judge.judged(mutant)
            new.append(one)
            results[place(mutant)] = one
            RESULTS.write_text(json.dumps([asdict(r) for r in results.values()], indent=1), "utf-8")
            print(f"{number}/{len(todo)} {one.outcome:9} {one.file}:{one.line} {one.operator} "
                  f"{one.by} ({one.tests} tests, {one.seconds:.0f} s)", flush=True)  # fmt: skip
        nothing = judge.proving_nothing(new)
        judge.not_used |= nothing
        if nothing:
            print(f"not used, as they fail without a mutant: {', '.join(sorted(nothing))}")
        todo = [m for m in todo if results[place(m)].by in nothing]


def kept() -> dict[str, Result]:
    """The results of earlier starts."""
    if not RESULTS.exists():
        return {}
    found = [Result(**one) for one in json.loads(RESULTS.read_text(encoding="utf-8"))]
    return {place(asdict(one)): one for one in found}


def place(mutant: Mapping[str, Any]) -> str:
    """File and line; the sample has a line once."""
    return f"{mutant['file']}:{mutant['line']}"


if __name__ == "__main__":
    raise SystemExit(main())
