"""The one-factor model by maximum likelihood, in one group or in several at once.

Answers are ``x = nu + lambda f + e`` with one common factor f (variance phi, mean alpha) and specific parts e of variance
theta; group g has ``Sigma_g = phi_g lambda lambda' + Theta_g`` and ``mu_g = nu + lambda alpha_g``, and the first group fixes
``phi = 1, alpha = 0``. Fisher scoring on (lambda, log theta, log phi, nu, alpha) minimises::

    F = sum_g n_g/N [log|Sigma_g| + tr(S_g Sigma_g^-1) - log|S_g| - p + (m_g - mu_g)' Sigma_g^-1 (m_g - mu_g)]

Not for items of two factors: whoever doubts that has to look at the fit. References: Joreskog (1969),
doi:10.1007/BF02289343; McDonald (1999), doi:10.4324/9781410601087.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

FLOOR = 1e-4
"""Smallest specific variance, as a share of the item's variance; a fit that stands on it is at the boundary."""

NOISE = 1e-11
"""Rise of F that rounding may make where two items hardly differ."""

_STEPS, _TOLERANCE = 300, 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """Covariance (divisor n), means and size of one group."""

    covariance: Floats
    mean: Floats
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OneFactor:
    """A fitted one-factor model.

    Attributes
    ----------
    loading : lambda, common to the groups.
    specific : theta, groups x items.
    variance, mean : phi and alpha of each group's factor.
    discrepancy : F at the optimum.
    chi_square, df : ``N F`` and its degrees of freedom.
    converged : the gradient vanished.
    at_floor : a specific variance stands on its floor.
    """

    loading: Floats
    specific: Floats
    variance: Floats
    mean: Floats
    discrepancy: float
    chi_square: float
    df: int
    converged: bool
    at_floor: bool


def moments(values: Floats) -> Moments:
    """Give the moments of complete answers, people x items."""
    centre = values.mean(axis=0)
    apart = values - centre
    return Moments(covariance=apart.T @ apart / len(values), mean=centre, n=len(values))


def fit_one_factor(groups: Sequence[Moments], *, equal_intercepts: bool = False) -> OneFactor:
    """Fit one factor with loadings equal in all groups, and with equal intercepts where asked.

    Without equal intercepts the means are free. One group is the ordinary confirmatory model.

    Parameters
    ----------
    groups : moments of each group; covariances must be positive definite.
    equal_intercepts : whether the items' intercepts are equal too, so that factor means can be compared.
    """
    return fit_many([groups], equal_intercepts=equal_intercepts)[0]


def fit_many(sets: Sequence[Sequence[Moments]], *, equal_intercepts: bool = False) -> list[OneFactor]:
    """Fit the model to several sets of groups at once, all of as many groups and items."""
    model = _Model(sets, equal_intercepts)
    eta = model.start()
    rows = np.arange(len(sets))
    value, gradient, information = model.look(eta, rows)
    moving = np.ones(len(sets), dtype=bool)
    for _ in range(_STEPS):
        moving &= model.pull(eta, gradient).max(axis=1) >= _TOLERANCE
        rows = np.flatnonzero(moving)
        if not len(rows):
            break
        free = ~model.stuck(eta, gradient)[rows]
        step = _step(gradient[rows], information[rows], free)
        for _ in range(40):
            trial = np.maximum(eta[rows] + step, model.floor[rows])
            seen = model.look(trial, rows)
            lower = seen[0] <= value[rows] + NOISE
            done = rows[lower]
            eta[done], value[done] = trial[lower], seen[0][lower]
            gradient[done], information[done] = seen[1][lower], seen[2][lower]
            rows, step = rows[~lower], step[~lower] / 2
            if not len(rows):
                break
        moving[rows] = False
    converged = model.pull(eta, gradient).max(axis=1) < 1e-6
    at_floor = np.any(model.stuck(eta, gradient), axis=1)
    return [model.result(k, eta[k], value[k], converged[k], at_floor[k]) for k in range(len(sets))]


def _step(gradient: Floats, information: Floats, free: npt.NDArray[np.bool_]) -> Floats:
    """Give the scoring steps of the parameters that are free, none longer than 2."""
    held = np.where(free[:, :, None] & free[:, None, :], information, 0.0)
    scale = np.diagonal(held, axis1=1, axis2=2).max(axis=1)
    ridge = np.where(free, 1e-13 * scale[:, None], 1.0)
    matrix = held + ridge[:, :, None] * np.eye(free.shape[1])
    step = -np.linalg.solve(matrix, np.where(free, gradient, 0.0)[:, :, None])[:, :, 0]
    return np.asarray(step * np.minimum(1.0, 2.0 / np.maximum(np.abs(step).max(axis=1), 1e-300))[:, None])


class _Model:
    """Parameters of each set as one vector, with value, gradient and expected information of F."""

    def __init__(self, sets: Sequence[Sequence[Moments]], equal_intercepts: bool) -> None:
        self.equal = equal_intercepts
        self.covariance = np.array([[group.covariance for group in groups] for groups in sets])
        self.mean = np.array([[group.mean for group in groups] for groups in sets])
        n = np.array([[group.n for group in groups] for groups in sets], dtype=np.float64)
        self.total = n.sum(axis=1)
        self.share = n / self.total[:, None]
        _, self.g, self.p = self.mean.shape
        p, g = self.p, self.g
        self.at_phi = p + g * p
        self.at_nu = self.at_phi + g - 1
        self.size = self.at_nu + (p + g - 1 if equal_intercepts else 0)
        self.spread = np.diagonal(self.covariance, axis1=2, axis2=3)
        self.floor = np.full((len(sets), self.size), -np.inf)
        self.floor[:, p : self.at_phi] = np.log(FLOOR * self.spread).reshape(len(sets), -1)
        self.log_det = np.linalg.slogdet(self.covariance)[1]
        self.places = [self._places(k) for k in range(g)]

    def _places(self, k: int) -> npt.NDArray[np.intp]:
        """Give the places of group k's parameters: loadings, specific parts, factor variance, intercepts, factor mean."""
        p = self.p
        index = [*range(p), *range(p * (k + 1), p * (k + 2))]
        index += [self.at_phi + k - 1] if k else []
        if self.equal:
            index += range(self.at_nu, self.at_nu + p)
            index += [self.at_nu + p + k - 1] if k else []
        return np.array(index, dtype=np.intp)

    def start(self) -> Floats:
        root, axis = np.linalg.eigh(np.einsum("sg,sgij->sij", self.share, self.covariance))
        top = np.maximum(root[:, -1] - root[:, :-1].mean(axis=1), 0.1 * root[:, -1])
        loading = axis[:, :, -1] * np.sqrt(top)[:, None]
        eta = np.zeros((len(root), self.size))
        eta[:, : self.p] = loading * np.where(loading.sum(axis=1) >= 0, 1.0, -1.0)[:, None]
        eta[:, self.p : self.at_phi] = np.log(0.6 * self.spread).reshape(len(root), -1)
        if self.equal:
            eta[:, self.at_nu : self.at_nu + self.p] = np.einsum("sg,sgi->si", self.share, self.mean)
        return eta

    def stuck(self, eta: Floats, gradient: Floats) -> npt.NDArray[np.bool_]:
        return np.logical_and(eta <= self.floor, gradient > 0)

    def pull(self, eta: Floats, gradient: Floats) -> Floats:
        """Give how much F still falls along each parameter that is free to follow."""
        return np.where(self.stuck(eta, gradient), 0.0, np.abs(gradient))

    def look(self, eta: Floats, rows: npt.NDArray[np.intp]) -> tuple[Floats, Floats, Floats]:
        """Give F of some of the sets, its gradient and its expected second derivatives."""
        p, count = self.p, len(rows)
        value, gradient = np.zeros(count), np.zeros((count, self.size))
        information = np.zeros((count, self.size, self.size))
        lam, each = eta[:, :p], np.arange(p)
        for k, places in enumerate(self.places):
            theta = np.exp(eta[:, p * (k + 1) : p * (k + 2)])
            phi = np.exp(eta[:, self.at_phi + k - 1]) if k else np.ones(count)
            # Sigma = phi lambda lambda' + diag(theta) is inverted in closed form
            ratio = lam / theta
            inner = phi * (lam * ratio).sum(axis=1)
            inverse = -(phi / (1 + inner))[:, None, None] * ratio[:, :, None] * ratio[:, None, :]
            inverse[:, each, each] += 1 / theta
            left, right, d_mu = np.zeros((3, count, len(places), p))
            left[:, each, each], left[:, p + each, each] = phi[:, None], theta / 2
            right[:, :p], right[:, p + each, each] = lam[:, None, :], 1.0
            if k:
                left[:, 2 * p], right[:, 2 * p] = phi[:, None] / 2 * lam, lam
            seen, lean = self.covariance[rows, k], np.zeros((count, p, 1))
            if self.equal:
                alpha = eta[:, self.at_nu + p + k - 1] if k else np.zeros(count)
                apart = self.mean[rows, k] - eta[:, self.at_nu : self.at_nu + p] - lam * alpha[:, None]
                seen = seen + apart[:, :, None] * apart[:, None, :]
                lean = inverse @ apart[:, :, None]
                d_mu[:, each, each], d_mu[:, 2 * p + (k > 0) + each, each] = alpha[:, None], 1.0
                if k:
                    d_mu[:, -1] = lam
            share = self.share[rows, k]
            log_det = np.log(theta).sum(axis=1) + np.log1p(inner) - self.log_det[rows, k]
            value += share * (log_det + (seen * inverse).sum(axis=(1, 2)) - p)
            misfit = inverse - inverse @ seen @ inverse
            slope = (left @ misfit * right).sum(axis=2) - (d_mu @ lean)[:, :, 0]
            gradient[:, places] += 2 * share[:, None] * slope
            turned = right.transpose(0, 2, 1)
            across = left @ inverse @ turned
            curve = (left @ inverse @ left.transpose(0, 2, 1)) * (right @ inverse @ turned)
            curve += across * across.transpose(0, 2, 1) + d_mu @ inverse @ d_mu.transpose(0, 2, 1)
            information[:, places[:, None], places] += 2 * share[:, None, None] * curve
        return value, gradient, information

    def result(self, row: int, eta: Floats, value: float, converged: bool, at_floor: bool) -> OneFactor:
        p, g = self.p, self.g
        sign = 1.0 if eta[:p].sum() >= 0 else -1.0
        alpha = np.zeros(g)
        if self.equal:
            alpha[1:] = sign * eta[self.at_nu + p :]
        known = g * p * (p + 1) // 2 + (g * p if self.equal else 0)
        return OneFactor(
            loading=sign * eta[:p],
            specific=np.exp(eta[p : self.at_phi]).reshape(g, p),
            variance=np.exp(np.concatenate([[0.0], eta[self.at_phi : self.at_nu]])),
            mean=alpha,
            discrepancy=max(float(value), 0.0),
            chi_square=float(self.total[row]) * max(float(value), 0.0),
            df=known - self.size,
            converged=bool(converged),
            at_floor=bool(at_floor),
        )
