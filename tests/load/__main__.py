"""`make load`: two waves, daemon, web server, many runs at once, and readers who never stop.

Real processes run on a copy of the study in a temporary folder. Exports arrive meanwhile, so that
the published results change. Counted at the end: runs by outcome, the most that ran at once, how
often two runs of one wave overlapped, reads, and reads that failed or saw something that no run
published.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from tests.checkout import Checkout
from tests.load.readers import WAVES, reader
from tests.servers import FINISHED, Servers, copy_wave, second_wave, wait

LOCKED = ("database is locked", "Could not set lock", "Conflicting lock", "disk I/O error")


def overlaps(runs: list[dict[str, Any]]) -> tuple[int, int]:
    """The most runs at one time, and pairs of runs of one wave that overlapped."""
    spans = [(r["startTime"], r["endTime"], r["tags"].get("dagster/partition", "")) for r in runs
             if r["startTime"] and r["endTime"]]  # fmt: skip
    most = max((sum(a <= t < b for a, b, _ in spans) for t, _, _ in spans), default=0)
    pairs = sum(
        one[2] == other[2] and one[0] < other[1] and other[0] < one[1]
        for i, one in enumerate(spans)
        for other in spans[:i]
    )
    return most, pairs


def drop(checkout: Checkout, wave: str, number: int) -> None:
    """An export with one answer changed, copied file by file into the landing folder."""
    folder = checkout.root / "landing" / "samspil" / wave
    if folder.exists():
        return
    built = checkout.root / "exports" / f"{wave}-{number}" / wave
    copy_wave(checkout, built)
    dataset = built / "dataset.csv"
    lines = dataset.read_bytes().split(b"\n")
    # the platform's own order of lines means nothing, and gives the file another checksum
    lines[1], lines[1 + number] = lines[1 + number], lines[1]
    dataset.write_bytes(b"\n".join(lines))
    sheet = yaml.safe_load((built / "source.yaml").read_text(encoding="utf-8"))
    sheet["files"]["dataset"]["sha256"] = hashlib.sha256(dataset.read_bytes()).hexdigest()
    (built / "source.yaml").write_text(yaml.safe_dump(sheet, allow_unicode=True), "utf-8")
    folder.mkdir(parents=True)
    for path in sorted(built.iterdir()):
        shutil.copy(path, folder)
        time.sleep(0.2)


def main() -> int:
    """Run the test. Returns 0 if nothing went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--readers", type=int, default=5)
    parser.add_argument("--arrivals", type=int, default=3)
    parser.add_argument("--patience", type=float, default=3600.0)
    options = parser.parse_args()
    # asked to end, end the servers too
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="samspil-load-") as folder:
        checkout = Checkout.create(Path(folder))
        second_wave(checkout)
        declared = checkout.study / "study.yaml"
        declared.write_text(
            declared.read_text("utf-8").replace("settle_seconds: 30", "settle_seconds: 3"), "utf-8"
        )
        servers = Servers(checkout)
        try:
            return measure(checkout, servers, options)
        finally:
            servers.stop()


def measure(checkout: Checkout, servers: Servers, options: argparse.Namespace) -> int:
    """Start everything, wait for the last run, count."""
    started = time.monotonic()
    spawn = multiprocessing.get_context("spawn")
    stop, reads, found = spawn.Event(), spawn.Value("i", 0), spawn.Queue()
    readers = [
        spawn.Process(target=reader, args=(checkout.root, stop, reads, found), daemon=True)
        for _ in range(options.readers)
    ]
    servers.start_webserver()
    servers.start_daemon()
    for each in readers:
        each.start()
    wait(lambda: set(servers.partitions()) == set(WAVES), 300, "the waves as partitions")
    launched = [servers.launch(WAVES[n % len(WAVES)]) for n in range(options.runs)]
    print(f"{len(launched)} runs asked for", flush=True)
    arrived, told = 0, -1
    deadline = time.monotonic() + options.patience
    while True:
        runs = servers.runs()
        over = sum(run["status"] in FINISHED for run in runs)
        if over != told:
            told = over
            print(
                f"  {over} of {len(runs)} over after {time.monotonic() - started:.0f} s", flush=True
            )
        if arrived < options.arrivals and over > arrived * options.runs // (options.arrivals + 1):
            arrived += 1
            drop(checkout, WAVES[arrived % len(WAVES)], arrived)
        if over >= len(launched) and over == len(runs) and arrived == options.arrivals:
            break
        if time.monotonic() > deadline:
            print(f"only {over} of {len(runs)} runs ended in time", file=sys.stderr)
            break
        time.sleep(2)
    stop.set()
    for each in readers:
        each.join(30)
    sights: set[Any] = set()
    while not found.empty():
        sights.add(found.get())
    return report(servers, runs, reads.value, sights, time.monotonic() - started, options)


def report(
    servers: Servers, runs: list[dict[str, Any]], reads: int, sights: set[Any], seconds: float,
    options: argparse.Namespace,
) -> int:  # fmt: skip
    """Print the counts. Returns 1 if anything is not as it must be."""
    outcomes = Counter(run["status"] for run in runs)
    most, pairs = overlaps(runs)
    errors = sorted(sight for sight in sights if isinstance(sight, str))
    states = sorted(sight for sight in sights if not isinstance(sight, str))
    mixed = [key for key, n in Counter(state[:2] for state in states).items() if n > 1]
    locked = servers.log_lines(*LOCKED)
    print(f"runs: {dict(outcomes)}; at most {most} at once; {pairs} overlaps on one wave")
    print(f"readers: {reads} reads of {len(states)} states; {len(errors)} kinds of error; "
          f"{len(mixed)} exports with more than one result")  # fmt: skip
    print(f"log lines on locks: {len(locked)}; {seconds:.0f} s")
    for line in (*errors[:10], *map(str, mixed), *locked[:10]):
        print(f"  {line}")
    for run in runs:
        if run["status"] != "SUCCESS":
            print(f"  {run['runId']} {run['tags'].get('dagster/partition')}: {run['status']}")
    arrived = sum("dagster/run_key" in run["tags"] for run in runs)
    print(f"runs started by an arrival: {arrived}")
    good = (
        set(outcomes) == {"SUCCESS"} and len(runs) >= options.runs and not pairs and most > 1
        and reads > 0 and not errors and not mixed and not locked and arrived > 0
    )  # fmt: skip
    print("all as it must be" if good else "NOT as it must be")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
