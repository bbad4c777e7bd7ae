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
    model = _Model(groups, equal_intercepts)
    eta = model.start()
    value, gradient, information = model.look(eta)
    for _ in range(_STEPS):
        free = ~model.stuck(eta, gradient)
        if np.abs(gradient[free]).max(initial=0.0) < _TOLERANCE:
            break
        step = np.zeros_like(eta)
        step[free] = -np.linalg.lstsq(information[np.ix_(free, free)], gradient[free], rcond=None)[0]
        size = min(1.0, 2.0 / max(np.abs(step).max(), 1e-300))
        for _ in range(40):
            trial = model.bounded(eta + size * step)
            seen = model.look(trial)
            if seen[0] <= value + 1e-14:
                break
            size /= 2
        else:
            break
        eta, (value, gradient, information) = trial, seen
    free = ~model.stuck(eta, gradient)
    return model.result(eta, value, bool(np.abs(gradient[free]).max(initial=0.0) < 1e-6), bool((~free).any()))


class _Model:
    """Parameters of the groups as one vector, with value, gradient and expected information of F."""

    def __init__(self, groups: Sequence[Moments], equal_intercepts: bool) -> None:
        self.groups, self.equal = groups, equal_intercepts
        self.p, self.g = len(groups[0].mean), len(groups)
        self.total = sum(group.n for group in groups)
        p, g = self.p, self.g
        self.at_phi = p + g * p
        self.at_nu = self.at_phi + g - 1
        self.size = self.at_nu + (p + g - 1 if equal_intercepts else 0)
        floors = [np.log(FLOOR * np.diag(group.covariance)) for group in groups]
        self.floor = np.full(self.size, -np.inf)
        self.floor[p : self.at_phi] = np.concatenate(floors)
        self.items = np.arange(p)
        self.places = [self._places(k) for k in range(g)]
        self.blocks = [np.ix_(index, index) for index in self.places]
        self.log_det = [float(np.linalg.slogdet(group.covariance)[1]) for group in groups]

    def start(self) -> Floats:
        weights = [group.n / self.total for group in self.groups]
        pooled = np.sum([w * group.covariance for w, group in zip(weights, self.groups, strict=True)], axis=0)
        root, axis = np.linalg.eigh(pooled)
        loading = axis[:, -1] * np.sqrt(max(root[-1] - root[:-1].mean(), 0.1 * root[-1]))
        eta = np.zeros(self.size)
        eta[: self.p] = loading * (1.0 if loading.sum() >= 0 else -1.0)
        for k, group in enumerate(self.groups):
            eta[self.p * (k + 1) : self.p * (k + 2)] = np.log(0.6 * np.diag(group.covariance))
        if self.equal:
            nu = sum(w * group.mean for w, group in zip(weights, self.groups, strict=True))
            eta[self.at_nu : self.at_nu + self.p] = nu
        return eta

    def bounded(self, eta: Floats) -> Floats:
        return np.maximum(eta, self.floor)

    def stuck(self, eta: Floats, gradient: Floats) -> npt.NDArray[np.bool_]:
        return (eta <= self.floor) & (gradient > 0)

    def look(self, eta: Floats) -> tuple[float, Floats, Floats]:
        """Give F, its gradient and its expected second derivatives."""
        p, value = self.p, 0.0
        gradient, information = np.zeros(self.size), np.zeros((self.size, self.size))
        lam = eta[:p]
        for k, group in enumerate(self.groups):
            theta = np.exp(eta[p * (k + 1) : p * (k + 2)])
            phi = np.exp(eta[self.at_phi + k - 1]) if k else 1.0
            # Sigma = phi lambda lambda' + diag(theta) is inverted in closed form
            ratio = lam / theta
            inner = phi * float(lam @ ratio)
            inverse = np.diag(1 / theta) - phi / (1 + inner) * np.outer(ratio, ratio)
            apart = np.zeros(p)
            alpha = 0.0
            if self.equal:
                alpha = float(eta[self.at_nu + p + k - 1]) if k else 0.0
                apart = group.mean - eta[self.at_nu : self.at_nu + p] - lam * alpha
            share = group.n / self.total
            seen = group.covariance + np.outer(apart, apart)
            log_det = float(np.log(theta).sum() + np.log1p(inner))
            value += share * (log_det + float((seen * inverse).sum()) - self.log_det[k] - p)
            left, right, d_mu = self._derivatives(k, lam, theta, phi, alpha)
            misfit = inverse - inverse @ seen @ inverse
            gradient[self.places[k]] += (
                share * 2 * ((left @ misfit * right).sum(axis=1) - d_mu @ inverse @ apart)
            )
            across = left @ inverse @ right.T
            curve = (left @ inverse @ left.T) * (right @ inverse @ right.T) + across * across.T
            information[self.blocks[k]] += share * 2 * (curve + d_mu @ inverse @ d_mu.T)
        return value, gradient, information

    def _places(self, k: int) -> npt.NDArray[np.intp]:
        """Give the places of group k's parameters: loadings, specific parts, factor variance, intercepts, factor mean."""
        p = self.p
        index = [*range(p), *range(p * (k + 1), p * (k + 2))]
        index += [self.at_phi + k - 1] if k else []
        if self.equal:
            index += range(self.at_nu, self.at_nu + p)
            index += [self.at_nu + p + k - 1] if k else []
        return np.array(index, dtype=np.intp)

    def _derivatives(
        self, k: int, lam: Floats, theta: Floats, phi: float, alpha: float
    ) -> tuple[Floats, Floats, Floats]:
        """Give the derivatives of group k's Sigma, each as ``x y' + y x'``, and those of its mu."""
        p, item = self.p, self.items
        left, right, d_mu = np.zeros((3, len(self.places[k]), p))
        left[item, item], left[p + item, item] = phi, theta / 2
        right[:p], right[p + item, item] = lam, 1.0
        if k:
            left[2 * p], right[2 * p] = phi / 2 * lam, lam
        if self.equal:
            d_mu[item, item], d_mu[2 * p + (k > 0) + item, item] = alpha, 1.0
            if k:
                d_mu[-1] = lam
        return left, right, d_mu

    def result(self, eta: Floats, value: float, converged: bool, at_floor: bool) -> OneFactor:
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
            discrepancy=max(value, 0.0),
            chi_square=self.total * max(value, 0.0),
            df=known - self.size,
            converged=converged,
            at_floor=at_floor,
        )
