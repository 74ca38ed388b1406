"""The documented examples of R's survey package as sums, and rake() on random samples.

`python -m tests.assets.survey_package` writes both as golden values. The data on schools stay in
the package, because the estimates need only sums over strata and clusters.
"""

from __future__ import annotations

import csv
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from tests.assets.survey_designs import GOLDEN, run_script

EXAMPLES = GOLDEN.with_name("survey_examples.json")
RAKED = 40

EXAMPLE_SUMS = r"""
suppressMessages(library(survey))
options(digits = 17)
data(api)
s <- apistrat
for (h in c("E", "H", "M")) {
  d <- s[s$stype == h, ]
  w <- d$pw; x <- d$api00; wide <- d$sch.wide == "Yes"
  cat(1, nrow(d), d$fpc[1], sum(w), sum(w * x), sum(w^2), sum(w^2 * x), sum(w^2 * x^2),
      sum(w * wide), sum(w^2 * wide), "\n")
}
for (c in unique(apiclus1$dnum)) {
  d <- apiclus1[apiclus1$dnum == c, ]
  w <- d$pw
  types <- outer(c("No", "Yes"), c("E", "H", "M"),
    Vectorize(function(a, b) sum(w[d$sch.wide == a & d$stype == b])))
  cat(2, nrow(d), d$fpc[1], sum(w), sum(w * d$api00), sum(w * d$api99), sum(w * d$api.stu),
      sum(w * d$enroll), sum(w * (d$ell == 0)), t(types), "\n")
}
"""

# after EXAMPLE_SUMS, in one process: loading the package takes longer than the work
RAKE = r"""
args <- commandArgs(trailingOnly = TRUE)
for (file in sort(list.files(args[1], pattern = "sample_.*csv", full.names = TRUE))) {
  d <- read.csv(file)
  m <- read.csv(sub("sample_", "margins_", file))
  design <- svydesign(ids = ~1, weights = ~w, data = d)
  names <- unique(m$margin)
  known <- lapply(names, function(name) {
    own <- m[m$margin == name, ]
    setNames(data.frame(own$level, own$total), c(name, "Freq"))
  })
  formulas <- lapply(names, function(name) as.formula(paste0("~", name)))
  made <- rake(design, formulas, known, control = list(maxit = 5000, epsilon = 1e-11))
  cat(weights(made), "\n")
}
"""


def random_samples(count: int = RAKED) -> list[dict[str, Any]]:
    """Samples with two to four margins whose totals come from another distribution."""
    generator = np.random.default_rng(20170102)
    samples = []
    for _ in range(count):
        n = int(generator.integers(60, 200))
        margins = {}
        for name in "abcd"[: int(generator.integers(2, 5))]:
            k = int(generator.integers(2, 6))
            level = np.concatenate([np.arange(k), generator.integers(0, k, n - k)])
            totals = generator.dirichlet(np.full(k, 8.0)) * 10_000
            margins[name] = (level, totals * 10_000 / totals.sum())
        samples.append({"w": generator.gamma(4.0, 1.0, n), "margins": margins})
    return samples


def run_all(samples: list[dict[str, Any]]) -> dict[str, list[list[float | None]]]:
    """Sums of apistrat by stratum (1 first) and of apiclus1 by district (2 first); raked weights.

    The weights are those of every sample.
    """
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for number, sample in enumerate(samples):
            margins = sample["margins"]
            columns = [sample["w"].tolist(), *(level.tolist() for level, _ in margins.values())]
            _write(folder / f"sample_{number:03}.csv", ["w", *margins], zip(*columns, strict=True))
            lines = [
                (name, level, float(total))
                for name, (_, totals) in margins.items()
                for level, total in enumerate(totals)
            ]
            _write(folder / f"margins_{number:03}.csv", ["margin", "level", "total"], lines)
        found = run_script(EXAMPLE_SUMS + RAKE, folder)
        first = len(found) - len(samples)
        return {"sums": found[:first], "raked": found[first:]}


def _write(path: Path, header: list[str], lines: Any) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(lines)


if __name__ == "__main__":
    made = run_all(random_samples())
    EXAMPLES.write_text(json.dumps(made, separators=(",", ":")) + "\n", encoding="utf-8")
