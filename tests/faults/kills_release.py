"""`make kills`, third part: `samspil release` and `samspil withdraw` killed at random moments.

After each kill of a release, readers must see all of it or nothing, and it must be on record. After
each kill of a withdrawal, a note must say why readers see nothing. The same command, run again
without any cleaning, must succeed as if nothing had happened. The publication is a small real wave.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.faults.killed_commands import finished, killed, report, start, told
from tests.faults.releasing import BY, WAVE, Published

# The moments after the program has started: before, it has done nothing.
LAST_SHARE = 0.6
COMMANDS = {"release": (), "withdraw": ("--why", "a head can be recognised")}


def arguments_of(command: str) -> list[str]:
    """The command on the wave."""
    return [command, "small", "--wave", WAVE, "--by", BY, *COMMANDS[command]]


class Kills:
    """A published wave, the duration of each command, and what was seen."""

    def __init__(self, root: Path, seed: int) -> None:
        self.published = Published.create(root / "root")
        self.kept, self.random = root / "kept", random.Random(seed)
        self.published.keep(self.kept)
        self.counts, self.faults = Counter[str](), list[str]()

    def wrong(self, command: str, over: bool) -> list[str]:
        """What is wrong after the command."""
        judge = self.published.wrong_release
        return (judge if command == "release" else self.published.wrong_withdrawal)(over)

    def ready(self, command: str) -> None:
        """The wave published, and for a withdrawal released."""
        self.published.restore(self.kept)
        if command == "withdraw" and (failed := self.finished("release")):
            raise RuntimeError(failed)

    def finished(self, command: str) -> str:
        """Finish a command. Returns its standard error if it failed."""
        return finished(self.published.root, *arguments_of(command))

    def measure(self, command: str) -> float:
        """The duration of the command without a kill, in seconds."""
        self.ready(command)
        started = time.monotonic()
        if failed := self.finished(command):
            raise RuntimeError(failed)
        return time.monotonic() - started

    def once(self, command: str, duration: float) -> None:
        """Kill the command, examine, run it again, examine."""
        self.ready(command)
        moment = duration * (1 - LAST_SHARE * self.random.random())
        if killed(start(self.published.root, *arguments_of(command)), moment):
            there = self.published.workspace.released(WAVE).exists()
            saw = f"killed, readers {'had' if there else 'had not'} the release"
        else:
            saw = "over before the kill"
        self.counts[f"{command}: {saw}"] += 1
        wrong = self.wrong(command, over=False)
        failed = self.finished(command)
        wrong += [failed] if failed else self.wrong(command, over=True)
        self.faults += [f"{command} after {moment:.2f} s: {each}" for each in wrong]
        if not wrong:
            self.counts[f"{command}: right when run again"] += 1
        told(f"{command} {moment:6.2f} s  {saw}")


def main(arguments: list[str] | None = None) -> int:
    """Kill `--count` releases and as many withdrawals. Returns 0 if no fault was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kills_release")
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--seed", type=int, default=2015)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="samspil_kills_") as folder:
        kills = Kills(Path(folder), options.seed)
        for command in COMMANDS:
            duration = kills.measure(command)
            for _ in range(options.count):
                kills.once(command, duration)
    return report(kills.counts, kills.faults)


if __name__ == "__main__":
    raise SystemExit(main())
