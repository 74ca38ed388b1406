"""Pearson's test of independence of a weighted table, corrected for the design (Rao and Scott)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets.statistics.significance import pearson
from assets.statistics.survey.estimates import estimated_shares
from assets.statistics.survey.sampling import Floats, Totals


@dataclass(frozen=True)
class RaoScott:
    """F with its two degrees of freedom, and p."""

    statistic: float
    df: float
    df_error: float
    p: float


NOTHING = RaoScott(float("nan"), 0.0, float("nan"), float("nan"))


def rao_scott(cells: Totals, rows: int, columns: int, n: int) -> RaoScott:
    """Second-order Rao-Scott test with F, for a table of weighted totals in row-major order.

    `n` is the unweighted number of observations in the table. Rao and Scott (1984): chi-square is
    divided by the sum of the generalized design effects, its degrees of freedom d are
    Satterthwaite's, and F has d and d x df. Equals `svychisq(statistic = "F")`. Rows and columns
    without weight are dropped. If fewer than two rows or columns are left, there is no test.
    Contrasts between empty cells only are left out (R has no result there).
    """
    table = cells.value.reshape(rows, columns)
    kept_rows, kept = table.sum(axis=1) > 0, table.sum(axis=0) > 0
    r, k = int(kept_rows.sum()), int(kept.sum())
    if r < 2 or k < 2 or cells.df < 1:
        return NOTHING
    inside = np.outer(kept_rows, kept).ravel()
    small = Totals(cells.value[inside], cells.covariance[np.ix_(inside, inside)], cells.df)
    estimated = estimated_shares(small)
    share = estimated.value
    contrasts = _interaction(r, k)
    inverse = np.divide(1.0, share, out=np.zeros_like(share), where=share > 0)
    weighted = inverse[:, None] * contrasts
    simple = contrasts.T @ (inverse[:, None] / n * contrasts)
    found = weighted.T @ estimated.covariance @ weighted
    # if empty cells lie crosswise, some contrasts have no observations
    effects = np.linalg.pinv(simple, rcond=1e-10, hermitian=True) @ found
    trace, square = float(np.trace(effects)), float((effects * effects.T).sum())
    if not trace > 0:
        return NOTHING
    chi_square = float(pearson(share.reshape(r, k) * n).statistic)
    d = trace**2 / square
    return _f(chi_square / trace, d, d * cells.df)


def _interaction(rows: int, columns: int) -> Floats:
    """Contrasts orthogonal to the effects of rows and columns, (rows x columns) lines."""
    down = np.eye(rows)[:, 1:] - 1 / rows
    across = np.eye(columns)[:, 1:] - 1 / columns
    return np.asarray(np.kron(down, across), np.float64)


def _f(statistic: float, df: float, df_error: float) -> RaoScott:
    from scipy.special import fdtrc

    return RaoScott(statistic, df, df_error, float(fdtrc(df, df_error, statistic)))
