"""`make production`: both waves on PostgreSQL through the daemon, a crash, and no loss.

Real processes run on a copy of the study. Daemon, its code server and the runs are killed at once,
as if the machine went down. After a new start the queue continues. The killed runs are detected and
started again. Every run, event and result from before still exists.
"""

from __future__ import annotations

import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.checkout import REPOSITORY, Checkout
from tests.load.readers import WAVES, read_snapshot
from tests.production.postgres import Server, missing, postgres
from tests.servers import FINISHED, LAUNCH, Servers, second_wave, wait

STEPS = """query($id: ID!) { logsForRun(runId: $id) { ... on EventConnection { events {
  ... on StepEvent { stepKey } ... on MessageEvent { eventType timestamp } } } } }"""
PATIENCE = 900


def main() -> int:
    """Run the test. Returns 0 if nothing was lost."""
    if missing():
        print(f"skipped: {missing()}")
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="samspil-production-") as folder, postgres() as server:
        checkout = Checkout.create(Path(folder))
        second_wave(checkout)
        servers = Servers(
            checkout,
            settings=(REPOSITORY / "deploy" / "dagster.yaml").read_text(encoding="utf-8"),
            extra={"SAMSPIL_POSTGRES_URL": server.url()},
        )
        try:
            return go(checkout, servers, server)
        finally:
            servers.stop()


def go(checkout: Checkout, servers: Servers, server: Server) -> int:
    """Start, run, kill, start again, and examine."""
    started = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - started:5.0f} s  {text}", flush=True)

    servers.start_webserver()
    servers.start_daemon()
    wait(lambda: set(servers.partitions()) == set(WAVES), 300, "the waves as partitions")
    first = servers.launch(WAVES[0])
    wait(lambda: status(servers, first) == "SUCCESS", PATIENCE, "the first run")
    result = read_snapshot(checkout.output / "samspil.duckdb", WAVES[0])
    before = events(servers, first)
    say(f"wave {WAVES[0]} computed, {len(before)} events")

    launched = [servers.launch(wave) for wave in (*WAVES, *WAVES)]
    wait(lambda: any(half_way(servers, run) for run in launched), PATIENCE, "a run half way")
    servers.kill("daemon")
    left = {run: status(servers, run) for run in launched}
    logged = {run: len(events(servers, run)) for run in launched}
    say(f"killed daemon, code server and runs: {sorted(left.values())}")

    servers.start_daemon()
    wait(lambda: all(over(servers, run) for run in launched), PATIENCE, "the end of all runs")
    runs = {run["runId"]: run for run in servers.runs()}
    again = {r["tags"].get("dagster/parent_run_id"): r for r in runs.values()}
    say("after the new start: " + ", ".join(sorted(run["status"] for run in runs.values())))

    gone = [run for run in launched if left[run] in ("STARTED", "STARTING")]
    wrong = []
    for run in launched:
        kept = len(events(servers, run))
        if kept < logged[run]:
            wrong.append(f"{run}: {kept} events, {logged[run]} before the crash")
        last = again.get(run, runs[run])
        if last["status"] != "SUCCESS":
            wrong.append(f"{run}: {runs[run]['status']}, started again: {run in again}")
    if not gone:
        wrong.append("no run was killed")
    if events(servers, first) != before:
        wrong.append("events of the run that was over before the crash are not the same")
    for wave in WAVES:
        seen = read_snapshot(checkout.root / "output" / wave / "samspil.duckdb", wave)
        if wave == WAVES[0] and seen != result:
            wrong.append("the first wave's results are not what they were")
    notices = checkout.root / ".work" / "notifications.jsonl"
    if "the run's process is gone" not in notices.read_text(encoding="utf-8"):
        wrong.append("nobody was told of the killed run")

    servers.running["engineers"] = servers.running.pop("webserver")
    servers.port += 1
    servers.start_webserver("--read-only")
    answer: dict[str, Any] = servers.query(LAUNCH, {"params": {"selector": {
        "repositoryLocationName": "samspil", "repositoryName": "__repository__",
        "jobName": "wave"}}}) or {}  # fmt: skip
    if answer.get("launchRun", {}).get("__typename") != "UnauthorizedError":
        wrong.append(f"the read-only web server answered {answer}")
    dumped = server.folder / "samspil.dump"
    server.run("pg_dump", "--format=custom", f"--file={dumped}", "samspil")
    say(f"{len(gone)} killed runs started again; backup of {dumped.stat().st_size // 1024} kB")
    for line in wrong:
        print(f"  {line}")
    print("nothing was lost" if not wrong else "NOT as it must be")
    return 1 if wrong else 0


def status(servers: Servers, run_id: str) -> str:
    """The state of a run."""
    return next((r["status"] for r in servers.runs() if r["runId"] == run_id), "")


def events(servers: Servers, run_id: str) -> list[tuple[str, str]]:
    """Kind and time of everything logged of a run."""
    found = (servers.query(STEPS, {"id": run_id}) or {}).get("logsForRun", {}).get("events", [])
    return [(e.get("eventType", ""), e.get("timestamp", "")) for e in found]


def half_way(servers: Servers, run_id: str) -> bool:
    """Whether some steps of a run are finished and the run is not."""
    done = sum(kind == "STEP_SUCCESS" for kind, _ in events(servers, run_id))
    return done >= 2 and status(servers, run_id) == "STARTED"


def over(servers: Servers, run_id: str) -> bool:
    """Whether a run, or the run started in its place, has ended."""
    runs = servers.runs()
    children = [r for r in runs if r["tags"].get("dagster/parent_run_id") == run_id]
    own = next(r for r in runs if r["runId"] == run_id)
    if own["status"] == "SUCCESS":
        return True
    return bool(children) and children[0]["status"] in FINISHED


if __name__ == "__main__":
    raise SystemExit(main())
