"""`make bench`: the time of a run, as a ratio to bare imports measured in the same session.

Machines differ and are noisy, so this is not a test. It prints ratios of medians, with CPU seconds
of whole processes and wall seconds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from dataclasses import dataclass, field

from runtime.output_versions import RECORD
from runtime.paths import OUTPUT
from tools.scale.measure import measured_cost

IMPORTS = "import dagster, great_expectations, statsmodels.api"
SHOWN_STEPS = 8


@dataclass
class Timed:
    """A command and the seconds its processes took."""

    name: str
    arguments: list[str]
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def measure(self, environment: dict[str, str]) -> str:
        """Run once, record wall and CPU seconds, and return the output."""
        found = measured_cost([sys.executable, *self.arguments], environment)
        self.wall.append(found.wall)
        self.cpu.append(found.cpu)
        return found.output


def main(arguments: list[str] | None = None) -> int:
    """Measure all commands in turn, so that a change in the machine's speed affects all of them."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=main.__doc__)
    parser.add_argument("--wave", default="2015")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    run = ["-m", "pipelines.cli", "run", "--wave", options.wave]
    imports = Timed("imports of dagster, great_expectations, statsmodels", ["-c", IMPORTS])
    first = Timed("make run, everything recomputed", [*run, "--force"])
    second = Timed("make run, nothing changed", run)
    dagster = Timed("import dagster", ["-c", "import dagster"])
    location = Timed("load the code location", ["-c", "import pipelines.definitions"])
    printed = ""
    with tempfile.TemporaryDirectory() as home:
        environment = {"DAGSTER_HOME": home}
        for _ in range(options.rounds):
            for timed in (imports, first, second, dagster, location):
                said = timed.measure(environment)
                printed = said if timed is first else printed
    for timed, unit in (
        (imports, imports),
        (first, imports),
        (second, imports),
        (dagster, dagster),
        (location, dagster),
    ):
        print(_line(timed, unit))
    print("\nwhere the time of a full run goes (last round):")
    print("\n".join(_slowest(printed)))
    record = json.loads((OUTPUT / options.wave / RECORD).read_text(encoding="utf-8"))
    print(f"\n{record['summary']}")
    return 0


def _line(timed: Timed, unit: Timed) -> str:
    wall, cpu = statistics.median(timed.wall), statistics.median(timed.cpu)
    ratios = [a / b for a, b in zip(timed.wall, unit.wall, strict=True)]
    return (
        f"{timed.name:<52} {wall:6.1f} s wall {cpu:6.1f} s CPU   "
        f"{statistics.median(ratios):5.2f} x {unit.name.split(',')[0]}"
    )


def _slowest(printed: str) -> list[str]:
    steps = [line for line in printed.splitlines() if line.startswith("  ") and line.endswith(" s")]
    return sorted(steps, key=lambda line: -float(line.split()[-2]))[:SHOWN_STEPS]


if __name__ == "__main__":
    raise SystemExit(main())
