"""Break single lines of the code, run the tests that execute them, and write `docs/mutants.md`.

Cosmic Ray's operators make the mutants (`draw.py`). A seed draws the lines from all packages.
Cosmic Ray's own runner draws no sample and uses one test command for all mutants. Here the tests
run once to record which of them executes which drawn line (`trace.py`). These tests run against the
mutant, short and near ones first, until one fails or `--seconds` of processor time are used.

Everything happens in copies of the checkout in `.artifacts/mutants`. A later start continues where
the last one stopped; `--new` starts over with the present checkout.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from runtime.paths import PACKAGES
from tools.mutants.judge import CAUGHT, Judge, Result
from tools.mutants.lines import Lines, NearFiles
from tools.mutants.page import REASONS, mutants_page
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
    parser.add_argument("--jobs", type=int, default=2, help="processes that trace and judge (2)")
    parser.add_argument("--new", action="store_true", help="discard the copy and its results")
    parser.add_argument("--again", nargs="*", metavar="TEST",
                        help="run the mutants that were not caught again, with these test "
                             "files or functions as they are now; without TEST with all files "
                             "that have changed")  # fmt: skip
    parser.add_argument("--page", action="store_true", help="only write the page of the results")
    options = parser.parse_args()
    if options.new:
        shutil.rmtree(STATE, ignore_errors=True)
    STATE.mkdir(parents=True, exist_ok=True)
    work = Workplace(ROOT, STATE, DRAWN_FROM)
    work.copied()
    drawn = work.drawn(options.count, options.seed)[: options.first]
    results = earlier_results()
    if not options.page:
        judges, todo = prepared(work, drawn, results, options)
        for one in run(judges, todo):
            if options.again is None or one.outcome == CAUGHT:
                results[mutant_line(asdict(one))] = replace(one, later=options.again is not None)
                kept_now = [asdict(result) for result in results.values()]
                RESULTS.write_text(json.dumps(kept_now, indent=1), "utf-8")
    found = [results[mutant_line(one)] for one in drawn if mutant_line(one) in results]
    page, without = mutants_page(
        [asdict(one) for one in found], options.count, options.seed, options.seconds
    )
    TARGET.write_text(page, encoding="utf-8")
    print(f"{TARGET.relative_to(ROOT)}; {without} without a reason ({REASONS.name})")
    return int(without > 0)


def prepared(
    work: Workplace, drawn: Sequence[Mapping[str, Any]], results: Mapping[str, Result],
    options: argparse.Namespace,
) -> tuple[list[Judge], list[Mapping[str, Any]]]:  # fmt: skip
    """A copy to break with its tests for each process, and the mutants to judge."""
    own, numbers = (*DRAWN_FROM, TESTS), range(options.jobs)
    if options.again is None:
        traced, reach = work.traced(drawn, options.jobs), Reach(work.tree, DRAWN_FROM)
        roots = [work.to_break(work.tree, number) for number in numbers]
        tests = [Lines(root, traced, reach) for root in roots]
        todo = [one for one in drawn if mutant_line(one) not in results]
        # tests that need a whole run come last
        todo.sort(key=lambda one: tests[0].least(one["file"], one["line"]))
        return [
            Judge(root, own, known, options.seconds)
            for root, known in zip(roots, tests, strict=True)
        ], todo
    now = work.now()
    files = NearFiles(options.again or work.changed_tests(), Reach(now, DRAWN_FROM))
    open_ones = [one for one in drawn if mutant_line(one) in results and not caught(results, one)]
    moved = [found for one in open_ones if (found := work.moved(one, now))]
    judges = [Judge(work.to_break(now, number), own, files, options.seconds) for number in numbers]
    return judges, list[Mapping[str, Any]](moved)


def run(judges: Sequence[Judge], todo: Sequence[Mapping[str, Any]]) -> Iterator[Result]:
    """Run mutants, again if the failing test also fails without a mutant and proves nothing."""
    import_libraries()
    while todo:
        new = {}
        for number, one in enumerate(judged_by_all(judges, todo), 1):
            new[mutant_line(asdict(one))] = one
            print(f"{number}/{len(todo)} {one.outcome:9} {one.file}:{one.line} {one.operator} "
                  f"{one.by} ({one.tests} tests, {one.seconds:.0f} s)", flush=True)  # fmt: skip
            yield one
        nothing = judges[0].proving_nothing(new.values())
        for judge in judges:
            judge.not_used |= nothing
        if nothing:
            print(f"not used, as they fail without a mutant: {', '.join(sorted(nothing))}")
        todo = [mutant for mutant in todo if new[mutant_line(mutant)].by in nothing]


def judged_by_all(judges: Sequence[Judge], todo: Sequence[Mapping[str, Any]]) -> Iterator[Result]:
    """The results as they come; each judge is a process and takes the next mutant."""
    context = multiprocessing.get_context("fork")
    position, results = context.Value("i", 0), context.SimpleQueue()
    # forked as in `pick.py`: to the tests, their process is no child of multiprocessing
    processes = []
    for judge in judges:
        process = os.fork()
        if not process:
            try:
                _judge_all(judge, todo, position, results)
            finally:
                os._exit(0)
        processes.append(process)
    for _ in todo:
        one = results.get()
        if isinstance(one, BaseException):
            raise one
        yield one
    for process in processes:
        os.waitpid(process, 0)


def _judge_all(
    judge: Judge, todo: Sequence[Mapping[str, Any]], position: Any, results: Any
) -> None:
    try:
        while True:
            with position.get_lock():
                at, position.value = position.value, position.value + 1
            if at >= len(todo):
                return
            results.put(judge.judged(todo[at]))
    except BaseException as error:
        results.put(error)
        raise


def caught(results: Mapping[str, Result], mutant: Mapping[str, Any]) -> bool:
    """Whether a test caught the mutant."""
    return results[mutant_line(mutant)].outcome == CAUGHT


def earlier_results() -> dict[str, Result]:
    """The results of earlier starts."""
    if not RESULTS.exists():
        return {}
    found = [Result(**one) for one in json.loads(RESULTS.read_text(encoding="utf-8"))]
    return {mutant_line(asdict(one)): one for one in found}


def mutant_line(mutant: Mapping[str, Any]) -> str:
    """File and line. The sample contains a line at most once."""
    return f"{mutant['file']}:{mutant['line']}"


if __name__ == "__main__":
    raise SystemExit(main())
