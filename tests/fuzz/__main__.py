"""`python -m tests.fuzz --cases 5000`: many damaged exports, and the outcome of each."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from runtime.private.key_file import VARIABLE
from tests.fuzz.cases import Case, Tally, cases, check
from tests.fuzz.damage import KINDS
from tests.fuzz.drafted import DRAFTED, check_drafted

# a drafted export for each kind takes the time of as many damaged ones
OF_DRAFTS = 200


def main() -> int:
    """Run this many cases of every kind. If a kind fails, Hypothesis shows the smallest case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=5000, help="cases of all kinds together")
    parser.add_argument("--seed", type=int, default=2015, help="the same cases again")
    parser.add_argument("--kinds", default="", help="only these, with commas between")
    options = parser.parse_args()
    kinds = [name for name in options.kinds.split(",") if name] or list(KINDS)
    tally, failed, started = Tally(), [], time.monotonic()
    with tempfile.TemporaryDirectory(prefix="samspil_fuzz_key_") as folder:
        # whole runs need a key of respondent ids, and not the user's
        os.environ[VARIABLE] = str(Path(folder) / "key")
        Path(os.environ[VARIABLE]).write_text(secrets.token_hex(32) + "\n", encoding="ascii")
        Path(os.environ[VARIABLE]).chmod(0o600)
        for place, kind in enumerate(k for k in kinds if k in KINDS):
            share = options.cases // len(kinds) + (place < options.cases % len(kinds))
            try:
                of_kind(kind, share, options.seed, tally)
            except Exception as error:
                failed.append(kind)
                told = "\n".join((f"{type(error).__name__}: {error}", *error_notes(error)))
                sys.stdout.write(f"FAILED {kind}: {told}\n")
                if os.environ.get("SAMSPIL_DEBUG"):
                    raise
            sys.stdout.write(f"{time.monotonic() - started:6.0f} s  {kind}\n")
            sys.stdout.flush()
    for kind in DRAFTED if not options.kinds else [k for k in kinds if k in DRAFTED]:
        for number in range(max(1, options.cases // OF_DRAFTS)):
            try:
                check_drafted(kind, options.seed + number)
            except Exception as error:
                failed.append(kind)
                told = f"{type(error).__name__}: {str(error)[:600]}"
                sys.stdout.write(f"FAILED {kind}, seed {options.seed + number}: {told}\n")
                break
        sys.stdout.write(f"{time.monotonic() - started:6.0f} s  drafted: {kind}\n")
        sys.stdout.flush()
    tell(tally, options.seed, failed, time.monotonic() - started)
    return 1 if failed else 0


def of_kind(kind: str, count: int, number: int, tally: Tally) -> None:
    """This many cases whose first damage is of the kind."""
    if not count:
        return

    @seed(number * len(KINDS) + list(KINDS).index(kind))
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        print_blob=False,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases(kind))
    def every_case(case: Case) -> None:
        check(case, tally)

    every_case()


def error_notes(error: BaseException) -> list[str]:
    """The smallest failing case, as Hypothesis adds it to an error."""
    return list(getattr(error, "__notes__", ()))


def tell(tally: Tally, number: int, failed: list[str], seconds: float) -> None:
    """Print how many cases ran, and their outcomes."""
    told: dict[str, Counter[str]] = {
        "studies": tally.studies, "forms": tally.forms, "outcomes": tally.outcomes,
        "kinds": tally.kinds,
    }  # fmt: skip
    for title, counter in told.items():
        line = ", ".join(f"{name} {n}" for name, n in counter.most_common())
        sys.stdout.write(f"{title}: {line}\n")
    missing = ", ".join(sorted(set(KINDS) - set(tally.kinds))) or "none"
    sys.stdout.write(f"kinds that were never applied: {missing}\n")
    said = f"failed: {', '.join(failed)}" if failed else "none failed"
    sys.stdout.write(
        f"{sum(tally.forms.values())} cases of {len(tally.kinds)} kinds, {tally.runs} of them "
        f"whole runs, seed {number}, {seconds / 60:.0f} min: {said}\n"
    )


if __name__ == "__main__":
    raise SystemExit(main())
