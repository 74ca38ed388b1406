"""`make kills`: kills runs at random moments and examines what readers see and the next run.

Two inputs, A and B, differ in one answer. A run on the input that is not published starts as a
separate process group. The whole group is killed (SIGKILL) at a random moment, more often while it
publishes. Then the folder that readers use must be A or B, complete. A run without any cleaning
must give the version of the input, byte for byte. The data are the constructed wave.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import tempfile
import time
from collections import Counter
from pathlib import Path

import yaml

from runtime.output_versions import RECORD
from tests.chain import WAVE
from tests.checkout import Checkout
from tests.faults.killed_commands import finished, killed, report, start, told

PUBLISHING_SHARE = 0.4
RUN = ("run", "--wave", WAVE)
Digests = dict[str, str]


class Kills:
    """A checkout, its two inputs, and the results of each."""

    def __init__(self, root: Path, seed: int) -> None:
        self.checkout = Checkout.create(root)
        self.random = random.Random(seed)
        self.inputs = {"A": self.checkout.dataset.read_bytes()}
        self.inputs["B"] = self._changed(self.inputs["A"])
        self.expected: dict[str, Digests] = {}
        self.duration = self.publishing = 0.0
        self.faults: list[str] = []
        self.counts: Counter[str] = Counter()

    def _changed(self, content: bytes) -> bytes:
        """Change one answer of the first respondent who answered s_77."""
        lines = content.split(b"\n")
        place = lines[0].split(b";").index(b"s_77")
        for number, line in enumerate(lines[1:], start=1):
            cells = line.split(b";")
            if len(cells) > place and cells[place] in (b"1", b"2"):
                cells[place] = b"3" if cells[place] == b"1" else b"1"
                lines[number] = b";".join(cells)
                return b"\n".join(lines)
        raise LookupError("nobody answered s_77")

    def give(self, name: str) -> None:
        """Put an input in place, its source sheet brought up to date."""
        content = self.inputs[name]
        self.checkout.dataset.write_bytes(content)
        sheet = self.checkout.dataset.with_name("source.yaml")
        described = yaml.safe_load(sheet.read_bytes())
        described["files"]["dataset"]["sha256"] = hashlib.sha256(content).hexdigest()
        sheet.write_text(yaml.safe_dump(described, allow_unicode=True), encoding="utf-8")

    def shown(self) -> tuple[str, bool]:
        """The version that readers see ("none", "a mix"), and whether it has its record."""
        digests = self.checkout.published()
        recorded = digests.pop(RECORD, None) is not None
        # a record being written is no file of a version
        digests.pop(f".{RECORD}.new", None)
        if not digests:
            return "none", False
        named = [name for name, expected in self.expected.items() if expected == digests]
        return (named[0] if named else "a mix"), recorded

    def measure(self) -> None:
        """The results of each input, the duration of a run, and when it starts to publish."""
        for name in self.inputs:
            self.give(name)
            started, folder = time.monotonic(), self.checkout.output.parent / ".published" / WAVE
            process = start(self.checkout.root, *RUN)
            published = None
            while process.poll() is None:
                if published is None and list(folder.glob("*.new")):
                    published = time.monotonic() - started
                time.sleep(0.01)
            if process.wait() != 0:
                raise RuntimeError(process.stderr.read().decode() if process.stderr else "")
            self.duration = time.monotonic() - started
            self.publishing = published or self.duration
            digests = self.checkout.published()
            digests.pop(RECORD)
            self.expected[name] = digests
        if self.expected["A"] == self.expected["B"]:
            raise RuntimeError("the two inputs give the same")

    def moment(self) -> float:
        """When to kill: anywhere in a run, or near its publication."""
        if self.random.random() < PUBLISHING_SHARE:
            return self.random.uniform(self.publishing - 0.5, self.duration + 0.2)
        return self.random.uniform(0.0, self.duration)

    def once(self, before: str) -> str:
        """Kill a run on the other input, examine, run again, examine.

        Returns the version shown at the end.
        """
        wanted = "B" if before == "A" else "A"
        self.give(wanted)
        moment = self.moment()
        if not killed(start(self.checkout.root, *RUN), moment):
            self.counts["the run was over before the kill"] += 1
        after, recorded = self.shown()
        saw = {before: "the version before", wanted: "the new version"}.get(after, after)
        suffix = "" if after != wanted or recorded else ", before its record"
        self.counts[f"killed, readers saw {saw}{suffix}"] += 1
        if after not in (before, wanted):
            self.faults.append(f"after {moment:.2f} s readers saw {after}")
        failed = finished(self.checkout.root, *RUN)
        final, recorded = self.shown()
        if failed or final != wanted or not recorded:
            self.faults.append(f"after {moment:.2f} s the rerun gave {final}: {failed[-500:]}")
        else:
            self.counts["reruns with the expected content"] += 1
        told(f"{moment:6.2f} s  {saw + suffix:<40} rerun: {final}")
        return wanted


def main(arguments: list[str] | None = None) -> int:
    """Kill `--count` runs. Returns 0 if no fault was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kills", description=main.__doc__)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=2015)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="samspil_kills_") as root:
        kills = Kills(Path(root), options.seed)
        kills.measure()
        told(f"a run takes {kills.duration:.1f} s and publishes from {kills.publishing:.1f} s on")
        shown = "B"
        for _ in range(options.count):
            shown = kills.once(shown)
    return report(kills.counts, kills.faults)


if __name__ == "__main__":
    raise SystemExit(main())
