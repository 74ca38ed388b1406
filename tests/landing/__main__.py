"""`make landing`: a wave that arrives by itself, and damaged ones that change nothing.

Real processes run on a copy of the study in which the second wave does not exist. The folder of
that wave is copied piece by piece into the landing folder; nobody starts anything after that. The
wave must be computed, and the trends over both waves too. Then three wrong exports arrive: a cut
file, a folder that stays incomplete, and a complete one with a missing column. Each must end in a
notification, and what readers have must stay as it was.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from tests.checkout import Checkout
from tests.servers import FINISHED, Servers, wait

FIRST, SECOND = "2015", "2018"
SETTLE, STALL, PATIENCE = 4, 12, 20
PIECES = 6
FRESHNESS = """query($key: [String!]!) { assetNodes(assetKeys: [{path: $key}]) {
  freshnessStatusInfo { freshnessStatus } } }"""


def main() -> int:
    """Run the test. Returns 0 if everything went as it must."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="samspil-landing-") as folder:
        checkout = Checkout.create(Path(folder))
        export = Path(folder) / "exports" / SECOND
        shutil.move(checkout.study / "waves" / SECOND, export)
        declared = checkout.study / "study.yaml"
        text = declared.read_text(encoding="utf-8")
        before = "landing: {settle_seconds: 30, patience_seconds: 3600}"
        if before not in text:
            raise ValueError(f"study.yaml does not say {before}")
        after = (
            f"landing: {{settle_seconds: {SETTLE}, stall_seconds: {STALL}, "
            f"patience_seconds: {PATIENCE}}}"
        )
        declared.write_text(text.replace(before, after), encoding="utf-8")
        servers = Servers(checkout)
        try:
            return go(checkout, servers, export)
        finally:
            servers.stop()


def go(checkout: Checkout, servers: Servers, export: Path) -> int:
    """Start, drop, look."""
    started = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - started:5.0f} s  {text}", flush=True)

    wrong: list[str] = []
    landing = checkout.root / "landing" / "samspil"
    servers.start_webserver()
    servers.start_daemon()
    wait(lambda: FIRST in servers.partitions(), 300, "the first wave as a partition")
    servers.launch(FIRST)
    wait(lambda: idle(servers, 2), 600, "the first wave and its trends")
    if SECOND in servers.partitions() or (checkout.root / "output" / SECOND).exists():
        wrong.append("the second wave is there before it arrived")
    say(f"wave {FIRST} computed; {outcomes(servers)}")

    copy_slowly(export, landing / SECOND)
    arrived = time.monotonic()
    wait(lambda: idle(servers, 4), 600, "a run of the second wave and its trends")
    say(
        f"wave {SECOND} {time.monotonic() - arrived:.0f} s after its last byte; {outcomes(servers)}"
    )
    if set(outcomes(servers).values()) != {"SUCCESS"}:
        wrong.append(f"runs: {outcomes(servers)}")
    if (landing / SECOND).exists():
        wrong.append("the landing folder was not emptied")
    waves = {wave for line in trends(checkout) for wave in (line["from_wave"], line["to_wave"])}
    if waves != {FIRST, SECOND}:
        wrong.append(f"the trends compare {sorted(waves)}")
    wait(lambda: fresh(servers, SECOND) == "HEALTHY", 120, "the wave shown as fresh")
    say("the pages show it as fresh")

    good, runs = readable(checkout), len(servers.runs())
    damages: tuple[tuple[str, Callable[[Path], None], str, int], ...] = (
        ("a cut file", cut, "refused", 0),
        ("a file that does not come", incomplete, "refused", 0),
        ("a column too few", without_column, "run_failed", 1),
    )
    for name, damage, kind, more in damages:
        told = len(notices(checkout))
        dropped = export.with_name("damaged") / SECOND
        shutil.copytree(export, dropped)
        damage(dropped)
        copy_slowly(dropped, landing / SECOND)
        shutil.rmtree(dropped.parent)
        wait(lambda told=told, kind=kind: kind in kinds(checkout, told), 300, f"notice of {name}")  # type: ignore[misc]
        runs += more
        wait(lambda runs=runs: idle(servers, runs), 300, "the end of all runs")  # type: ignore[misc]
        # time for anything that would follow by mistake
        time.sleep(3 * SETTLE)
        if len(servers.runs()) != runs:
            wrong.append(f"{name}: {len(servers.runs())} runs, expected {runs}")
        if readable(checkout) != good:
            wrong.append(f"{name}: what readers have changed")
        (notice, *_) = [n for n in notices(checkout)[told:] if n["kind"] == kind]
        say(f"{name}: {notice['kind']}, {notice['message'].splitlines()[0][:160]}")

    for line in wrong:
        print(f"  {line}")
    print("NOT as it must be" if wrong else "all as it must be")
    return 1 if wrong else 0


def copy_slowly(source: Path, target: Path) -> None:
    """Copy file by file and piece by piece, with the sheet in the middle.

    This takes longer than the settling time.
    """
    target.mkdir(parents=True)
    for path in sorted(source.iterdir(), key=lambda p: (p.name == "dataset.csv", p.name)):
        content = path.read_bytes()
        step = len(content) // PIECES + 1
        with (target / path.name).open("wb") as stream:
            for start in range(0, len(content), step):
                stream.write(content[start : start + step])
                stream.flush()
                time.sleep(SETTLE / 8)


def cut(folder: Path) -> None:
    """A file cut off, as if a disk had been full."""
    path = folder / "dataset.csv"
    path.write_bytes(path.read_bytes()[:-1000])


def incomplete(folder: Path) -> None:
    """A folder with missing files, as if somebody had stopped copying."""
    (folder / "dataset.csv").unlink()


def without_column(folder: Path) -> None:
    """An export without a column, as if the platform had other settings.

    The sheet describes it correctly.
    """
    path, sheet = folder / "dataset.csv", folder / "source.yaml"
    lines = list(csv.reader(io.StringIO(path.read_bytes().decode("cp1252"), newline=""),
                            delimiter=";"))  # fmt: skip
    stream = io.StringIO()
    csv.writer(stream, delimiter=";", lineterminator="\n").writerows(line[:-1] for line in lines)
    path.write_bytes(stream.getvalue().encode("cp1252"))
    described = yaml.safe_load(sheet.read_text(encoding="utf-8"))
    described["files"]["dataset"]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    sheet.write_text(yaml.safe_dump(described, allow_unicode=True), encoding="utf-8")


def idle(servers: Servers, least: int) -> bool:
    """Whether at least this many runs exist and none is in progress."""
    runs = servers.runs()
    return len(runs) >= least and all(run["status"] in FINISHED for run in runs)


def outcomes(servers: Servers) -> dict[str, str]:
    """Status by job and wave, first run first."""
    return {
        f"{run['jobName']} {run['tags'].get('dagster/partition', '')}{n}": run["status"]
        for n, run in enumerate(reversed(servers.runs()))
    }


def trends(checkout: Checkout) -> list[dict[str, str]]:
    """The published lines of trends."""
    with (checkout.root / "output" / "trends" / "trends.csv").open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def fresh(servers: Servers, wave: str) -> str:
    """The freshness of a wave on the pages."""
    key = ["report", f"wave_{wave}_is_fresh"]
    nodes = (servers.query(FRESHNESS, {"key": key}) or {}).get("assetNodes") or [{}]
    found = nodes[0].get("freshnessStatusInfo") or {}
    return str(found.get("freshnessStatus", ""))


def readable(checkout: Checkout) -> dict[str, str]:
    """sha256 of everything that readers have, of both waves and the trends."""
    output = checkout.root / "output"
    return {
        str(path.relative_to(output)): hashlib.sha256(path.read_bytes()).hexdigest()
        for name in (FIRST, SECOND, "trends")
        for path in sorted((output / name).rglob("*"))
        if path.is_file()
    }


def notices(checkout: Checkout) -> list[dict[str, Any]]:
    """All notifications sent."""
    path = checkout.root / ".work" / "notifications.jsonl"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return [json.loads(line) for line in text.splitlines()]


def kinds(checkout: Checkout, told: int) -> set[str]:
    """Kinds of the notifications after the first `told`."""
    return {str(notice["kind"]) for notice in notices(checkout)[told:]}


if __name__ == "__main__":
    raise SystemExit(main())
