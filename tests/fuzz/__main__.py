"""`python -m tests.fuzz --cases 5000`: damaged exports at length, and what came of them."""

from __future__ import annotations

import argparse
import sys

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.cases import Case, Tally, cases, check


def main() -> int:
    """Run the cases; Hypothesis shows the smallest one that fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=2015)
    options = parser.parse_args()
    tally = Tally()

    @seed(options.seed)
    @settings(
        max_examples=options.cases,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases())
    def every_case(case: Case) -> None:
        check(case, tally)

    every_case()
    for title, counter in (
        ("forms", tally.forms), ("outcomes", tally.outcomes), ("kinds", tally.kinds)
    ):  # fmt: skip
        sys.stdout.write(f"{title}: {', '.join(f'{n} {c}' for n, c in counter.most_common())}\n")
    sys.stdout.write(f"{sum(tally.forms.values())} cases, seed {options.seed}: none failed\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
