"""Build the constructed wave and write it: `python -m reconstruction [--out DIR]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from reconstruction.write import reconstruct

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Write the wave, and name the stated differences that the answers do not show."""
    study = ROOT / "studies" / "samspil"
    parser = argparse.ArgumentParser(prog="python -m reconstruction", description=__doc__)
    parser.add_argument("--study", type=Path, default=study, help="folder of the declared study")
    parser.add_argument(
        "--register",
        type=Path,
        default=ROOT / "reconstruction" / "register.csv",
        help="register of municipalities without the expenditure pressure",
    )
    parser.add_argument("--out", type=Path, help="folder to write (default: the wave's folder)")
    arguments = parser.parse_args()
    out = arguments.out or arguments.study / "waves" / "2015"
    missed = reconstruct(arguments.study, arguments.register, out)
    for line in missed:
        print(f"not reached: {line}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
