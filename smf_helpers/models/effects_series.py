"""Segmented regression of one series, with serial dependence averaged over instead of plugged in.

A series before and after a date is ``y = b0 + b1 t + b2 post + b3 (t - T) post``. Weekly outcomes
remember last week, and intervals that ignore it, or that plug in one estimated autocorrelation, see
effects that are not there: with no effect at all, 23 weeks and autocorrelation 0.6, Newey-West says
"effect" in 54 % of series and plugged-in generalised least squares in 13 %. Here the autocorrelation is
integrated out: for each value on a grid the regression has its Student distribution, and the values
are weighted by their marginal likelihood (flat prior). The same simulation then gives 5 to 6 %.

References
----------
Wagner et al. 2002, doi:10.1046/j.1365-2710.2002.00430.x; Lopez Bernal, Cummins & Gasparrini 2017,
doi:10.1093/ije/dyw098; Zellner & Tiao 1964, doi:10.1080/01621459.1964.10480726.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from smf_helpers.results.path import Floats

Family = Literal["gaussian", "poisson", "binomial"]

GRID = np.linspace(-0.5, 0.98, 75)
"""Autocorrelations at the typical distance of two points."""

AT_ONCE = 64
"""Dates that are tried together: enough to be quick, few enough for the memory of a long daily series."""

TERMS = ("start", "trend", "level", "slope")
LEVEL, SLOPE = 2, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Segments:
    """Student distributions of the coefficients, one for each autocorrelation of the grid.

    Attributes
    ----------
    weight : shape (grid,); posterior weights of the autocorrelations.
    centre, scale : shape (grid, terms).
    dof : degrees of freedom of each.
    """

    weight: Floats
    centre: Floats
    scale: Floats
    dof: int

    def mean(self, term: int) -> float:
        """Give the centre, averaged over the autocorrelation."""
        return float(self.weight @ self.centre[:, term])

    def deviation(self, term: int) -> float:
        """Give the standard deviation of the averaged distribution."""
        inflated = self.dof / max(self.dof - 2, 1)
        second = float(self.weight @ (self.scale[:, term] ** 2 * inflated + self.centre[:, term] ** 2))
        return float(np.sqrt(max(second - self.mean(term) ** 2, 0.0)))

    def below(self, value: float, term: int) -> float:
        """Give the chance that the coefficient is below `value`."""
        from scipy.special import stdtr

        standard: Floats = (value - self.centre[:, term]) / self.scale[:, term]
        return float(self.weight @ stdtr(float(self.dof), standard))

    def p_value(self, term: int) -> float:
        """Give the two-sided p value of no change."""
        below = self.below(0.0, term)
        return 2 * min(below, 1 - below)

    def interval(self, term: int, level: float) -> tuple[float, float]:
        """Give the central interval of the averaged distribution."""
        from scipy.optimize import brentq

        centre, spread = self.mean(term), self.deviation(term)
        edges = []
        for tail in ((1 - level) / 2, (1 + level) / 2):
            width = 4 * spread
            while not self.below(centre - width, term) < tail < self.below(centre + width, term):
                width *= 2
            edges.append(
                brentq(
                    lambda value, tail=tail: self.below(value, term) - tail,
                    centre - width,
                    centre + width,
                    xtol=1e-12 * max(spread, 1e-300),
                )
            )
        return float(edges[0]), float(edges[1])


def segment_design(at: Floats, when: "float | Floats") -> Floats:
    """Give the columns of the segmented regression, time centred at the start; one design a date for several."""
    since = at - np.asarray(when)[..., None]
    post = (since >= 0).astype(float)
    return np.stack([np.ones_like(since), since, post, since * post], axis=-1)


def fit_segments(at: Floats, y: Floats, X: Floats, weight: Floats | None = None) -> Segments:
    """Fit the regression for every autocorrelation of the grid, and weigh them.

    Parameters
    ----------
    at : times, ascending.
    y, X : values, shape (n,), and design, shape (n, terms), its columns independent.
    weight : inverse variances up to a factor; equal where not given.
    """
    return fit_designs(at, y, X[None], weight)[0]


def fit_designs(at: Floats, y: Floats, X: Floats, weight: Floats | None = None) -> list[Segments]:
    """Fit several regressions of one series at once.

    Errors have correlation ``rho ** gap`` with gaps in units of the median gap, so missing and
    unequal waves keep their true distance. The whitened sums of squares are sums over steps of the same
    length times a function of ``rho``, so all autocorrelations cost little more than one.

    Parameters
    ----------
    at, y, weight : as in `fit_segments`.
    X : designs, shape (designs, n, terms).
    """
    n, n_terms = X.shape[1:]
    root = np.ones(n) if weight is None else np.sqrt(weight)
    # orthogonal columns and what least squares leaves: nothing large is ever taken from something large
    base, turn = np.linalg.qr(root[:, None] * X)
    first = (root * y) @ base
    left = root * y - (base @ first[:, :, None])[:, :, 0]
    columns = np.concatenate([base, left[:, :, None]], axis=2)
    gap = np.diff(at) / np.median(np.diff(at))
    whole = np.allclose(gap, np.round(gap), atol=1e-6)
    grid = GRID if whole else GRID[GRID >= 0]
    steps, kind = np.unique(np.round(gap) if whole else gap, return_inverse=True)
    memory = np.sign(grid)[:, None] ** steps * np.abs(grid)[:, None] ** steps
    precision = (1 - grid[:, None] ** 2) / (1 - memory**2)
    edge = columns[:, 0, :, None] * columns[:, 0, None, :]
    squares = (1 - grid**2)[:, None, None] * edge[:, None]
    for k in range(len(steps)):
        now, before = columns[:, 1:][:, kind == k], columns[:, :-1][:, kind == k]
        ahead = now.transpose(0, 2, 1)
        onward, across, back = ahead @ now, ahead @ before, before.transpose(0, 2, 1) @ before
        m, part = memory[:, k, None, None], precision[:, k, None, None]
        across = across + across.transpose(0, 2, 1)
        squares += part * (onward[:, None] - m * across[:, None] + m**2 * back[:, None])
    gram, along = squares[..., :n_terms, :n_terms], squares[..., :n_terms, n_terms]
    inverse = np.linalg.inv(gram)
    shift = (inverse @ along[..., None])[..., 0]
    dof = n - n_terms
    variance = np.maximum(squares[..., n_terms, n_terms] - (along * shift).sum(axis=-1), 0.0) / dof
    log_weight = (
        np.log(1 - grid**2) / 2
        + np.log(precision) @ np.bincount(kind, minlength=len(steps)) / 2
        - np.linalg.slogdet(gram)[1] / 2
        - dof / 2 * np.log(np.maximum(variance, 1e-300))
    )
    chance = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    chance /= chance.sum(axis=1, keepdims=True)
    back_turn = np.linalg.inv(turn)
    spread = ((back_turn[:, None] @ inverse) * back_turn[:, None]).sum(axis=-1)
    centre = (first[:, None] + shift) @ back_turn.transpose(0, 2, 1)
    scale = np.sqrt(variance[..., None] * spread)
    return [
        Segments(weight=w, centre=c, scale=s, dof=dof) for w, c, s in zip(chance, centre, scale, strict=True)
    ]


def generalised(
    y: Floats, X: Floats, *, family: Family, n: Floats | None = None
) -> tuple[Floats, float, Floats, Floats]:
    """Fit a generalised linear model by iterated weighted least squares.

    Counts have a logarithmic link and the offset ``log n``; shares of `n` have the logit link.

    Returns
    -------
    Coefficients, log-likelihood (Gaussian: with the variance at its estimate), working response and
    working weight at the top.
    """
    total = np.ones(len(y)) if n is None else n
    if family == "gaussian":
        weight = np.ones(len(y)) if n is None else n
        root = np.sqrt(weight)
        beta: Floats = np.asarray(np.linalg.lstsq(X * root[:, None], y * root, rcond=None)[0], dtype=float)
        rest = (y - X @ beta) * root
        sigma2 = max(float(rest @ rest) / len(y), 1e-300)
        value = -0.5 * (len(y) * (np.log(2 * np.pi * sigma2) + 1) - np.log(weight).sum())
        return beta, float(value), y, weight
    offset = np.log(total) if family == "poisson" else np.zeros(len(y))
    share = (y * total + 0.5) / (total + 1) if family == "binomial" else y
    eta = np.log(share / (1 - share)) if family == "binomial" else np.log(np.maximum(y, 0.5))
    beta = np.zeros(X.shape[1])
    found: Floats
    response, weight = eta - offset, np.ones(len(y))
    for _ in range(100):
        if family == "poisson":
            mean = np.exp(np.clip(eta, -30, 30))
            weight, response = mean, eta + (y - mean) / mean - offset
        else:
            mean = 1 / (1 + np.exp(-np.clip(eta, -30, 30)))
            spread = np.maximum(mean * (1 - mean), 1e-12)
            weight, response = total * spread, eta + (y - mean) / spread
        root = np.sqrt(weight)
        found = np.linalg.lstsq(X * root[:, None], response * root, rcond=None)[0]
        moved = float(np.abs(found - beta).max())
        beta, eta = found, X @ found + offset
        if moved < 1e-12 * (1 + float(np.abs(beta).max())):
            break
    return beta, _log_likelihood(y, eta, total, family), response, weight


def _log_likelihood(y: Floats, eta: Floats, total: Floats, family: Family) -> float:
    from scipy.special import gammaln

    if family == "poisson":
        return float(np.sum(y * eta - np.exp(eta) - gammaln(y + 1)))
    yes = y * total
    choose = gammaln(total + 1) - gammaln(yes + 1) - gammaln(total - yes + 1)
    return float(np.sum(yes * eta - total * np.logaddexp(0, eta) + choose))


def placebo_dates(
    at: Floats, y: Floats, X: Floats, when: float, *, n_side: int, weight: Floats | None = None
) -> tuple[float, int]:
    """Give the share of other dates with a step as large, and how many dates were tried.

    The fitted step and slope are taken out first, so that only what else moves the series is left;
    dates next to the true one are not tried, and each keeps `n_side` points on either side.
    """
    own = fit_segments(at, y, X, weight)
    size = abs(own.mean(LEVEL)) / own.deviation(LEVEL)
    rest = y - own.mean(LEVEL) * X[:, LEVEL] - own.mean(SLOPE) * X[:, SLOPE]
    here = int(np.searchsorted(at, when))
    places = [k for k in range(n_side, len(at) - n_side + 1) if abs(k - here) > 2]
    larger = 0
    for some in range(0, len(places), AT_ONCE):
        others = fit_designs(at, rest, segment_design(at, at[places[some : some + AT_ONCE]]), weight)
        larger += sum(abs(other.mean(LEVEL)) / other.deviation(LEVEL) >= size for other in others)
    return larger / max(len(places), 1), len(places)


def bends_before(at: Floats, y: Floats, X: Floats, when: float, weight: Floats | None = None) -> float:
    """Give the p value of a curve in the points before the date: what bends already may go on bending.

    An adoption curve is the usual case: without any intervention it leaves its own straight past.
    """
    curve = np.where(at < when, (at - when) ** 2, 0.0)
    return fit_segments(at, y, np.column_stack([X, curve]), weight).p_value(X.shape[1])
