"""Random survey designs, and the results of R's `survey` package for them.

`python -m tests.assets.survey_designs` writes the golden values, which tests use where R is not
installed.
"""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assets.statistics.survey.sampling import Sample, numbered, sample_of

# of the samples, those R computes again in `make test`; `make long` has it compute all
FEW, EVERY = slice(None, None, 5), slice(None)
PARTS = [pytest.param(FEW, id="some"), pytest.param(EVERY, id="all", marks=pytest.mark.long)]
GOLDEN = Path(__file__).parents[1] / "data" / "survey_package.json"
RSCRIPT = shutil.which("Rscript")
COLUMNS = ("stratum", "cluster", "w", "size", "row", "col", "x", "inside")
DESIGNS = 220


@dataclass(frozen=True)
class Design:
    """Observations of one sample: columns as in COLUMNS, and what of it is declared."""

    strata: bool
    clusters: bool
    finite: bool
    columns: dict[str, np.ndarray[Any, Any]]

    @property
    def unit(self) -> Any:
        """The primary unit of every observation, from 0."""
        if not self.clusters:
            return np.arange(len(self.columns["w"]))
        return numbered(self.columns["cluster"].tolist())[0]

    @property
    def sample(self) -> Sample:
        """The design as an object of our code."""
        unit = self.unit
        units = int(unit.max()) + 1
        first = np.array([int(np.flatnonzero(unit == u)[0]) for u in range(units)])
        stratum = numbered(self.columns["stratum"][first].tolist())[0]
        strata = stratum if self.strata else None
        size = None
        if self.finite:
            sizes = self.columns["size"][first].astype(np.float64)
            size = np.zeros(int(stratum.max()) + 1)
            size[stratum] = sizes
            size = size if self.strata else size[:1]
        return sample_of(strata, units, size)


def random_designs(count: int = DESIGNS) -> list[Design]:
    """Samples of every kind: sparse cells, unequal strata and clusters, domains, missing values."""
    generator = np.random.default_rng(20170101)
    return [_design(generator, number) for number in range(count)]


def _design(generator: np.random.Generator, number: int) -> Design:
    strata, clusters, finite = bool(number & 1), bool(number & 2), bool(number & 4)
    n = int(generator.integers(40, 160))
    count = int(generator.integers(2, 6)) if strata else 1
    drawn = generator.integers(0, count, n - 6 * count)
    stratum = np.sort(np.concatenate([np.repeat(np.arange(count), 6), drawn]))
    cluster = np.arange(n)
    if clusters:
        for h in range(count):
            own = np.flatnonzero(stratum == h)
            size = int(generator.integers(2, 2 + len(own) // 3))
            drawn = np.concatenate([np.arange(size), generator.integers(0, size, len(own) - size)])
            cluster[own] = 1000 * h + drawn
    units = np.array([len(np.unique(cluster[stratum == h])) for h in range(count)])
    population = units + generator.integers(0, 300, count)
    lean = generator.normal(size=5000)[cluster % 5000] * generator.choice([0.0, 1.0])
    row = generator.integers(0, int(generator.integers(2, 5)), n)
    edges = np.sort(generator.normal(size=int(generator.integers(1, 4))))
    col = np.searchsorted(edges, lean + 0.4 * row + generator.normal(size=n))
    col[:2] = (0, 1)
    row[:2] = (0, 1)
    x = np.round(5 + 2 * lean + row + 2 * generator.normal(size=n), 1)
    w = generator.gamma(2.0, 1.0, n) + 0.05
    inside = (generator.random(n) < generator.choice([0.6, 0.9, 1.0])).astype(np.int64)
    inside[:4] = 1
    columns = {
        "stratum": stratum, "cluster": cluster, "w": w, "size": population[stratum],
        "row": row, "col": col, "x": x, "inside": inside,
    }  # fmt: skip
    return Design(strata, clusters, finite, columns)


SCRIPT = r"""
suppressMessages(library(survey))
options(digits = 17, warn = -1)
args <- commandArgs(trailingOnly = TRUE)
index <- read.csv(file.path(args[1], "index.csv"))
for (i in seq_len(nrow(index))) {
  d <- read.csv(file.path(args[1], paste0(index$file[i], ".csv")))
  design <- svydesign(
    ids = if (index$clusters[i]) ~cluster else ~1,
    strata = if (index$strata[i]) ~stratum else NULL,
    fpc = if (index$finite[i]) ~size else NULL,
    weights = ~w, data = d)
  part <- subset(design, inside == 1)
  share <- svymean(~factor(col), part)
  mean <- svymean(~x, part)
  df <- degf(part)
  interval <- confint(mean, df = df)
  first <- min(part$variables$col)
  part <- update(part, hit = as.numeric(col == first))
  asked <- function() attr(svyciprop(~hit, part, method = "logit"), "ci")
  logit <- tryCatch(asked(), error = function(e) c(NA, NA))
  test <- tryCatch(svychisq(~row + col, part, statistic = "F"), error = function(e) NULL)
  rs <- if (is.null(test)) rep(NA, 4) else c(test$statistic, test$parameter, test$p.value)
  two <- subset(part, row < 2)
  t <- tryCatch(svyttest(x ~ row, two), error = function(e) NULL)
  tt <- if (is.null(t)) rep(NA, 3) else c(t$statistic, t$parameter, t$p.value)
  spread <- sqrt(as.numeric(svyvar(~x, part)))
  cat(df, length(share), share, SE(share), mean, SE(mean), interval, logit, rs, tt, spread, "\n")
}
"""


def run_survey(designs: list[Design]) -> list[list[float | None]]:
    """R's results for every design; None is NA."""
    assert RSCRIPT is not None
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        with (folder / "index.csv").open("w", encoding="utf-8", newline="") as file:
            index = csv.writer(file)
            index.writerow(["file", "strata", "clusters", "finite"])
            for number, design in enumerate(designs):
                flags = (design.strata, design.clusters, design.finite)
                index.writerow([number, *(str(flag).upper() for flag in flags)])
        for number, design in enumerate(designs):
            with (folder / f"{number}.csv").open("w", encoding="utf-8", newline="") as file:
                lines = csv.writer(file)
                lines.writerow(COLUMNS)
                values = (design.columns[name].tolist() for name in COLUMNS)
                lines.writerows([repr(v) for v in line] for line in zip(*values, strict=True))
        return run_script(SCRIPT, folder)


def run_script(script: str, folder: Path) -> list[list[float | None]]:
    """The lines of numbers that an R script writes. The script finds its files in the folder."""
    assert RSCRIPT is not None
    (folder / "script.R").write_text(script, encoding="utf-8")
    done = subprocess.run(
        [RSCRIPT, "--vanilla", str(folder / "script.R"), str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    return [[None if w in ("NA", "NaN") else float(w) for w in line] for line in lines]


def needs_survey() -> None:
    """Skip a test where R or its survey package is missing."""
    asked = [str(RSCRIPT), "--vanilla", "-e", "cat(system.file(package = 'survey'))"]
    if RSCRIPT is None or not subprocess.run(asked, capture_output=True, check=False).stdout:
        pytest.skip("no R with survey (Debian: r-base-core, r-cran-survey)")


if __name__ == "__main__":
    found = run_survey(random_designs())
    lines = ",\n".join(json.dumps(line) for line in found)
    GOLDEN.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
