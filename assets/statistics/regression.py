"""Logistic regression on covariate patterns: odds ratios with Wald intervals.

Pure functions over arrays. A binomial fit on (successes, failures) per distinct pattern has the
estimates and standard errors of the row-level fit (McCullagh & Nelder, Generalized Linear Models,
2nd ed., section 4.4). Where maximum likelihood does not exist (separation) or has too few events,
the likelihood is penalized by Jeffreys' prior (Firth 1993; Heinze & Schemper 2002).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Fit = tuple[Vector, Vector]  # coefficients, standard errors

ESTIMATED = "estimated"
SPARSE = "sparse"
PENALIZED = "penalized"
NOT_ESTIMABLE = "not_estimable"

# A standard error of 10 on the log odds scale is an interval over 17 powers of ten.
LARGEST_ERROR = 10.0
TOLERANCE = 1e-10
LONGEST_STEP = 5.0
HALVINGS = 30
ROUNDS = 100


@dataclass(frozen=True)
class Patterns:
    """Distinct rows of a 0/1 design (p by k, without the constant), with their outcomes."""

    design: Vector
    successes: Vector
    failures: Vector

    @property
    def events(self) -> int:
        """Number of respondents with the outcome."""
        return int(self.successes.sum())

    @property
    def non_events(self) -> int:
        """Number of respondents without it."""
        return int(self.failures.sum())

    def cells(self, column: int) -> tuple[int, int, int, int]:
        """The 2x2 table of a column: events and non-events inside, then outside."""
        inside = self.design[:, column] == 1
        return (
            int(self.successes[inside].sum()),
            int(self.failures[inside].sum()),
            int(self.successes[~inside].sum()),
            int(self.failures[~inside].sum()),
        )


@dataclass(frozen=True)
class OddsRatio:
    """An odds ratio with its Wald interval and two-sided p; None if it cannot be estimated.

    `status`: estimated (maximum likelihood), sparse (the same, but the level has few events or few
    non-events), penalized (Jeffreys' prior) or not_estimable.
    """

    ratio: float | None
    low: float | None
    high: float | None
    p: float | None
    status: str


NOTHING = OddsRatio(None, None, None, None, NOT_ESTIMABLE)


@dataclass(frozen=True)
class Rules:
    """When a fit has too few events for maximum likelihood, and the confidence of intervals.

    Fewer than `events_per_term` events (or non-events) per coefficient: the fit is penalized. Fewer
    than `level_events` events or non-events in a level: its odds ratio is called sparse.
    """

    confidence: float = 0.95
    events_per_term: float = 2.0
    level_events: int = 5


def collect(design: NDArray[np.bool_], outcome: NDArray[np.bool_]) -> Patterns:
    """Patterns of a row-level design (n by k) and outcome (n)."""
    rows, index = np.unique(design, axis=0, return_inverse=True)
    index = index.reshape(-1)
    total = np.bincount(index, minlength=len(rows)).astype(np.float64)
    successes = np.bincount(index, outcome.astype(np.float64), len(rows)).astype(np.float64)
    return Patterns(rows.astype(np.float64), successes, total - successes)


def bivariate(cells: tuple[int, int, int, int], rules: Rules) -> OddsRatio:
    """The odds ratio of one level against everyone else, from its 2x2 table.

    `cells`: events and non-events inside the level, then outside. This is the closed form of a
    logistic regression with one dummy: the log odds ratio is `log(ad / bc)`, its variance the sum
    of the four reciprocals. If a cell is empty, one half is added to each, which is Firth's fit.
    With an empty row or column nothing can be estimated.
    """
    a, b, c, d = map(float, cells)
    if not (a + b and c + d and a + c and b + d):
        return NOTHING
    empty = min(a, b, c, d) == 0
    half = 0.5 if empty else 0.0
    coefficient = math.log((a + half) * (d + half) / ((b + half) * (c + half)))
    variance = 0.0
    for events, others in ((a, b), (c, d)):
        share = (events + half) / (events + others + 2 * half)
        variance += 1 / ((events + others) * share * (1 - share))
    status = PENALIZED if empty else _level_status((a, b), rules)
    return _wald(coefficient, math.sqrt(variance), status, rules)


def adjusted_odds(patterns: Patterns, rules: Rules) -> list[OddsRatio]:
    """Odds ratios of the constant (its odds) and of every column, adjusted for all others.

    A column that is empty, or a combination of earlier columns, is not estimable and left out of
    the fit. If all or no respondents have the outcome, nothing is estimable.
    """
    width = patterns.design.shape[1] + 1
    if not patterns.events or not patterns.non_events:
        return [NOTHING] * width
    full = np.column_stack([np.ones(len(patterns.design)), patterns.design])
    kept = independent_columns(full)
    design = full[:, kept]
    thin = min(patterns.events, patterns.non_events) < rules.events_per_term * (len(kept) - 1)
    fit = None
    status = ESTIMATED
    if not thin:
        fit = fit_likelihood(design, patterns.successes, patterns.failures)
    if fit is None:
        fit = fit_penalized(design, patterns.successes, patterns.failures)
        status = PENALIZED
    if fit is None:
        return [NOTHING] * width
    result = [NOTHING] * width
    for place, coefficient, error in zip(kept, *fit, strict=True):
        own = status
        if status == ESTIMATED and place:
            own = _level_status(patterns.cells(place - 1)[:2], rules)
        result[place] = _wald(float(coefficient), float(error), own, rules)
    return result


def all_adjusted(several: Sequence[Patterns], rules: Rules) -> list[list[OddsRatio]]:
    """`adjusted_odds` of several models."""
    return [adjusted_odds(patterns, rules) for patterns in several]


def independent_columns(design: Vector) -> list[int]:
    """Columns that are not a linear combination of earlier ones."""
    width = design.shape[1]
    if np.linalg.matrix_rank(design) == width:
        return list(range(width))
    kept: list[int] = []
    for column in range(width):
        if np.linalg.matrix_rank(design[:, [*kept, column]]) > len(kept):
            kept.append(column)
    return kept


def fit_likelihood(design: Vector, successes: Vector, failures: Vector) -> Fit | None:
    """Coefficients and standard errors by maximum likelihood; None if it does not exist.

    `design` has the constant and full column rank. If a combination of columns separates events
    from non-events, fully or in part, the likelihood has no maximum. Then the iterations do not
    end, or the standard errors exceed LARGEST_ERROR.
    """
    # Importing statsmodels takes a second, so import it only for a fit.
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    model = GLM(np.column_stack([successes, failures]), design, family=Binomial())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a warning about separation, which is checked below
        try:
            found = model.fit(maxiter=ROUNDS, tol=TOLERANCE)
            # The standard errors come from the last iteration but one, so the fit starts again
            # where it ended.
            found = model.fit(start_params=found.params, maxiter=ROUNDS, tol=TOLERANCE)
        except (np.linalg.LinAlgError, ValueError):
            return None
    coefficients, errors = np.asarray(found.params), np.asarray(found.bse)
    if not found.converged or not errors.max() <= LARGEST_ERROR:
        return None
    return coefficients, errors


def fit_penalized(design: Vector, successes: Vector, failures: Vector) -> Fit | None:
    """Coefficients and standard errors under Jeffreys' prior; None if it does not converge.

    Fisher scoring from 0 on Firth's score `X'(s - n pi + h (1/2 - pi))` with leverages h. A step is
    halved while the penalized likelihood falls. Errors come from the inverse information at the
    solution, as in R's logistf with pl = FALSE. No library on the stack has this fit.
    """
    total = successes + failures
    beta = np.zeros(design.shape[1])

    def state(at: Vector) -> tuple[float, Vector, Vector]:
        score = design @ at
        share = 1 / (1 + np.exp(-score))
        information = design.T @ ((total * share * (1 - share))[:, None] * design)
        sign, determinant = np.linalg.slogdet(information)
        value = float(successes @ score - total @ np.logaddexp(0, score))
        return value + (determinant / 2 if sign > 0 else -math.inf), share, information

    try:
        value, share, information = state(beta)
        for _ in range(ROUNDS):
            inverse = np.linalg.inv(information)
            errors = np.sqrt(np.diag(inverse))
            if not errors.max() <= LARGEST_ERROR:
                return None
            spread = np.einsum("ij,jk,ik->i", design, inverse, design)
            residual = successes - total * share
            residual += total * share * (1 - share) * spread * (0.5 - share)
            step = inverse @ (design.T @ residual)
            if np.abs(step).max() < TOLERANCE:
                return beta, errors
            step *= min(1.0, LONGEST_STEP / float(np.abs(step).max()))
            reached = state(beta + step)
            for _ in range(HALVINGS):
                if reached[0] >= value - TOLERANCE:
                    break
                step = step / 2
                reached = state(beta + step)
            beta = beta + step
            value, share, information = reached
    except np.linalg.LinAlgError:
        pass
    return None


def _level_status(inside: Sequence[float], rules: Rules) -> str:
    return SPARSE if min(inside) < rules.level_events else ESTIMATED


def _wald(coefficient: float, error: float, status: str, rules: Rules) -> OddsRatio:
    if error > LARGEST_ERROR:
        return NOTHING
    reach = NormalDist().inv_cdf(0.5 + rules.confidence / 2) * error
    return OddsRatio(
        math.exp(coefficient),
        math.exp(coefficient - reach),
        math.exp(coefficient + reach),
        math.erfc(abs(coefficient / error) / math.sqrt(2)),
        status,
    )
