"""Fisher's test of one table of counts, exact for 2 x 2 and simulated for larger ones."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from assets.statistics.significance import Floats, as_counts, degrees_of_freedom

# Like R, take tables as improbable as the observed one if they agree to this factor.
TIES = 1 + 1e-7


def fisher_exact(table: npt.ArrayLike) -> float:
    """Fisher's exact test of one 2 x 2 table, two-sided.

    p is the probability, with fixed margins, of all tables at most as probable as the observed one.
    Not a number if a row or a column is empty. Raises ValueError for another shape.
    """
    from scipy.special import gammaln

    observed = as_counts(table)
    if observed.shape != (2, 2):
        raise ValueError(f"an exact test needs a table of 2 x 2, not {observed.shape}")
    if not degrees_of_freedom(observed):
        return float("nan")
    (first, second), given = observed.sum(axis=1), observed[:, 0].sum()
    upper_left = np.arange(max(0.0, given - second), min(first, given) + 1)
    cells = np.stack(
        [upper_left, first - upper_left, given - upper_left, second - given + upper_left]
    )
    log = -gammaln(cells + 1).sum(axis=0)
    likelihood = np.exp(log - log.max())
    own = likelihood[int(observed[0, 0] - upper_left[0])]
    return float(min(1.0, likelihood[likelihood <= own * TIES].sum() / likelihood.sum()))


def fisher_simulated(table: npt.ArrayLike, draws: int, seed: int) -> tuple[float, float]:
    """Fisher's test of one r x k table by simulation: p and its standard error.

    Draws tables with the observed margins and a seed. p is (1 + draws at most as probable as the
    observed table) / (1 + draws), as in R. The result depends only on the arguments. Raises
    ValueError if `draws` is not positive.
    """
    from scipy.special import gammaln

    if draws < 1:
        raise ValueError(f"a simulation needs at least one draw, not {draws}")
    observed = without_empty_lines(table)
    if min(observed.shape) < 2:
        return float("nan"), float("nan")
    log_factorial = gammaln(np.arange(observed.sum() + 1) + 1.0)
    own = -log_factorial[observed.astype(np.int64)].sum()
    generator = np.random.default_rng(seed)
    probability = np.zeros(draws)
    left = np.tile(observed.sum(axis=0).astype(np.int64), (draws, 1))
    for size in observed.sum(axis=1).astype(np.int64)[:-1]:
        # draw a row cell by cell from what the rows above have left of every column
        wanted = np.full(draws, size)
        behind = left.sum(axis=1)
        for column in range(left.shape[1]):
            behind = behind - left[:, column]
            cell = generator.hypergeometric(left[:, column], behind, wanted)
            probability -= log_factorial[cell]
            left[:, column] -= cell
            wanted = wanted - cell
    probability -= log_factorial[left].sum(axis=1)
    extreme = int((probability <= own + np.log(TIES)).sum())
    p = (1 + extreme) / (1 + draws)
    return p, float(np.sqrt(p * (1 - p) / draws))


def without_empty_lines(table: npt.ArrayLike) -> Floats:
    """One table without its empty rows and columns."""
    observed = as_counts(table)
    return observed[observed.sum(axis=1) > 0][:, observed.sum(axis=0) > 0]
