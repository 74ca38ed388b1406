"""`make scale ROWS=100000`: grows the report's wave to three sizes, runs each, shows the costs."""

from __future__ import annotations

import argparse
import math
import shutil
import tempfile
from pathlib import Path

from tools.scale.chart import write_chart
from tools.scale.grow import grow
from tools.scale.measure import REPOSITORY, STAGE, Measured, measure_wave
from tools.scale.variables import measure_wide

SMALL = 838


def main() -> int:
    """Measure and print; the last size is the requested one."""
    parser = argparse.ArgumentParser(prog="python -m tools.scale", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--share", type=float, default=0.01, help="share of answers to damage")
    parser.add_argument("--seed", type=int, default=2015)
    parser.add_argument("--threads", default="2")
    parser.add_argument("--memory", default="2GB")
    parser.add_argument(
        "--crosstabs",
        type=int,
        default=60,
        help="number of crosstabs of pandas to time; the others are extrapolated",
    )
    parser.add_argument("--sizes", default="", help="other sizes, separated by commas")
    parser.add_argument("--variables", type=int, default=0, help="of a wide .sav instead")
    parser.add_argument("--chart", type=Path, help="an SVG file to write the growth to")
    options = parser.parse_args()
    if options.variables:
        return wide(options.variables, options.rows, options.seed)
    sizes = [int(size) for size in options.sizes.split(",") if size] or sorted(
        {SMALL, max(SMALL, options.rows // 10), options.rows}
    )
    found = []
    for rows in sizes:
        with tempfile.TemporaryDirectory(prefix="samspil-scale-") as folder:
            grown = grow(REPOSITORY, Path(folder), rows, options.share, options.seed)
            one = measure_wave(grown, options.threads, options.memory, options.crosstabs)
            found.append(one)
            print(size_in_words(one), flush=True)
            shutil.rmtree(grown.root / "output", ignore_errors=True)
    print(size_table(found))
    if options.chart:
        write_chart(found, options.chart)
    return int(any(one.unequal or one.recounted[1] for one in found))


def wide(variables: int, rows: int, seed: int) -> int:
    """Draft a study from a wide file, run it, and show what both cost."""
    with tempfile.TemporaryDirectory(prefix="samspil-scale-") as folder:
        init, run = measure_wide(Path(folder), variables, rows, seed)
    print(
        f"{variables} variables, {rows} cases: init {init.cpu:.1f} CPU s, run {run.cpu:.1f} CPU s, "
        f"peak {run.memory / 1e9:.2f} GB"
    )
    stages = STAGE.findall(run.output)
    print("\n".join(f"  {name:<28} {float(seconds):7.1f} s" for name, seconds in stages))
    print(run.output.strip().splitlines()[-1])
    return 0


def size_in_words(one: Measured) -> str:
    """One size in words."""
    own, theirs = one.counted
    stages = "\n".join(f"  {name:<28} {seconds:7.1f} s" for name, seconds in one.stages.items())
    return (
        f"{one.rows} lines, {one.bytes / 1e6:.0f} MB\n{stages}\n"
        f"  floor {one.floor.cpu:.1f} CPU s, run {one.run.cpu:.1f} CPU s ({one.run.wall:.0f} s), "
        f"ratio {one.ratio:.1f}, peak {one.run.memory / 1e9:.2f} GB\n"
        f"  counting {own:.2f} CPU s, pandas.crosstab {theirs:.1f} CPU s "
        f"({theirs / own:.0f} times)\n"
        f"  damaged cells that are not exactly in quarantine: {one.unequal}\n"
        f"  counts: {one.recounted[0]}, by pandas from the raw file otherwise: {one.recounted[1]}"
    )


def size_table(found: list[Measured]) -> str:
    """The sizes as a Markdown table, with the growth from each to the next."""
    heads = ("lines", "MB", "floor CPU s", "run CPU s", "ratio", "peak GB", "counting", "crosstab",
             "exponent")  # fmt: skip
    lines = [f"| {' | '.join(heads)} |", "|--:" * len(heads) + "|"]
    for before, one in zip([None, *found], found, strict=False):
        exponent = "" if before is None else f"{growth(before, one):.2f}"
        own, theirs = one.counted
        cells = (
            str(one.rows), f"{one.bytes / 1e6:.0f}", f"{one.floor.cpu:.1f}", f"{one.run.cpu:.1f}",
            f"{one.ratio:.1f}", f"{one.run.memory / 1e9:.2f}", f"{own:.2f}", f"{theirs:.1f}",
            exponent,
        )  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def growth(before: Measured, after: Measured) -> float:
    """The exponent by which CPU seconds grow with lines."""
    return math.log(after.run.cpu / before.run.cpu) / math.log(after.rows / before.rows)


if __name__ == "__main__":
    raise SystemExit(main())
