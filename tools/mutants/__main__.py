"""Break single lines of the code, run the tests that execute them, and write `docs/mutants.md`.

Cosmic Ray's operators make the mutants (`draw.py`). A seed draws the lines from all packages.
Cosmic Ray's own runner draws no sample and uses one test command for all mutants. Here coverage.py
records once which test executes which line (`trace.py`). These tests run against the mutant, short
and near ones first, until one fails or `--seconds` of processor time are used.

Everything happens in copies of the checkout in `.artifacts/mutants`. A later start continues where
the last one stopped; `--new` starts over with the present checkout.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from runtime.paths import PACKAGES
from tools.mutants.judge import CAUGHT, Judge, Result
from tools.mutants.lines import Lines, NearFiles
from tools.mutants.page import REASONS, written
from tools.mutants.pick import import_libraries
from tools.mutants.prepare import TESTS, Workplace
from tools.mutants.reach import Reach

ROOT = Path(__file__).resolve().parents[2]
TARGET, STATE = ROOT / "docs" / "mutants.md", ROOT / ".artifacts" / "mutants"
RESULTS = STATE / "results.json"
DRAWN_FROM = (*PACKAGES, "tools", "reconstruction")


def main() -> int:
    """Run the mutants. Returns 0 if each was caught or has a recorded reason."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="number of mutants (200)")
    parser.add_argument("--seed", type=int, default=2015, help="seed of the sample (2015)")
    parser.add_argument("--seconds", type=int, default=90, help="processor time per mutant (90)")
    parser.add_argument("--first", type=int, help="run only this many of the sample")
    parser.add_argument("--jobs", type=int, default=2, help="processes that trace the tests (2)")
    parser.add_argument("--new", action="store_true", help="discard the copy and its results")
    parser.add_argument("--again", nargs="*", metavar="TEST",
                        help="judge what was not caught again, by these test files or functions as "
                        "they are now; without TEST by all files that have changed")  # fmt: skip
    parser.add_argument("--page", action="store_true", help="only write the page of the results")
    options = parser.parse_args()
    if options.new:
        shutil.rmtree(STATE, ignore_errors=True)
    STATE.mkdir(parents=True, exist_ok=True)
    work = Workplace(ROOT, STATE, DRAWN_FROM)
    work.copied()
    drawn = work.drawn(options.count, options.seed)[: options.first]
    results = kept()
    if not options.page:
        judge, todo = prepared(work, drawn, results, options)
        for one in run(judge, todo):
            if options.again is None or one.outcome == CAUGHT:
                results[place(asdict(one))] = replace(one, later=options.again is not None)
                kept_now = [asdict(result) for result in results.values()]
                RESULTS.write_text(json.dumps(kept_now, indent=1), "utf-8")
    found = [results[place(one)] for one in drawn if place(one) in results]
    page, without = written(
        [asdict(one) for one in found], options.count, options.seed, options.seconds
    )
    TARGET.write_text(page, encoding="utf-8")
    print(f"{TARGET.relative_to(ROOT)}; {without} without a reason ({REASONS.name})")
    return int(without > 0)


def prepared(
    work: Workplace, drawn: Sequence[Mapping[str, Any]], results: Mapping[str, Result],
    options: argparse.Namespace,
) -> tuple[Judge, list[Mapping[str, Any]]]:  # fmt: skip
    """The copy to break with its tests, and the mutants to judge."""
    own = (*DRAWN_FROM, TESTS)
    if options.again is None:
        root = work.to_break(work.tree)
        tests = Lines(root, work.traced(options.jobs), Reach(root, DRAWN_FROM))
        todo = [one for one in drawn if place(one) not in results]
        # tests that need a whole run come last
        todo.sort(key=lambda one: tests.least(one["file"], one["line"]))
        return Judge(root, own, tests, options.seconds), todo
    root = work.to_break(work.now())
    files = NearFiles(options.again or work.changed_tests(), Reach(root, DRAWN_FROM))
    open_ones = [one for one in drawn if place(one) in results and not caught(results, one)]
    moved = [found for one in open_ones if (found := work.moved(one, root))]
    return Judge(root, own, files, options.seconds), list[Mapping[str, Any]](moved)


def run(judge: Judge, todo: Sequence[Mapping[str, Any]]) -> Iterator[Result]:
    """Run the mutants.

    A test that also fails without a mutant proves nothing: mutants that it caught run again without
    that test.

    """
    import_libraries()
    while todo:
        new = {}
        for number, mutant in enumerate(todo, 1):
            one = new[place(mutant)] = judge.judged(mutant)
            print(f"{number}/{len(todo)} {one.outcome:9} {one.file}:{one.line} {one.operator} "
                  f"{one.by} ({one.tests} tests, {one.seconds:.0f} s)", flush=True)  # fmt: skip
            yield one
        nothing = judge.proving_nothing(new.values())
        judge.not_used |= nothing
        if nothing:
            print(f"not used, as they fail without a mutant: {', '.join(sorted(nothing))}")
        todo = [mutant for mutant in todo if new[place(mutant)].by in nothing]


def caught(results: Mapping[str, Result], mutant: Mapping[str, Any]) -> bool:
    """Whether a test caught the mutant."""
    return results[place(mutant)].outcome == CAUGHT


def kept() -> dict[str, Result]:
    """The results of earlier starts."""
    if not RESULTS.exists():
        return {}
    found = [Result(**one) for one in json.loads(RESULTS.read_text(encoding="utf-8"))]
    return {place(asdict(one)): one for one in found}


def place(mutant: Mapping[str, Any]) -> str:
    """File and line. The sample contains a line at most once."""
    return f"{mutant['file']}:{mutant['line']}"


if __name__ == "__main__":
    raise SystemExit(main())
