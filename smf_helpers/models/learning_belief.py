"""What each learner's scores tell, given the population that learners come from.

``theta = (A, B, u) ~ N(mu, Omega)`` and scores ``N(A - B g(s; u), sigma²)``. Given u the asymptote and the gain
are Gaussian and are integrated exactly; u is integrated on nodes placed round each learner's own posterior.
"""

from dataclasses import dataclass, field

import numpy as np

from smf_helpers.models.curves_engine import Array
from smf_helpers.models.learning_projection import BLOCK, Series
from smf_helpers.models.learning_shapes import LearningShape

NODES = 25
WIDTH = 5.0
"""Nodes of u for each learner, and how many standard deviations they reach to either side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """The population that learners come from.

    Attributes
    ----------
    gamma : covariates' effects on (A, B, u), shape (covariates, 3); the first row is the typical learner.
    omega : covariance of learners within their groups, shape (3, 3).
    between, between_teams : covariance of units, and of teams within units; zeros where there are none.
    sigma2 : variance of a score round its learner's curve.
    """

    gamma: Array
    omega: Array
    between: Array
    sigma2: float
    between_teams: Array = field(default_factory=lambda: np.zeros((3, 3)))


@dataclass(slots=True)
class Nodes:
    """Nodes of each learner and the sums of squares and products at them; filled anew when nodes move."""

    shape: LearningShape
    series: Series
    common: float
    limits: tuple[float, float]
    latent: Array
    extra: Array
    u: Array = field(default_factory=lambda: np.empty(0))
    spacing: Array = field(default_factory=lambda: np.empty(0))
    sg: Array = field(default_factory=lambda: np.empty(0))
    sgg: Array = field(default_factory=lambda: np.empty(0))
    sgy: Array = field(default_factory=lambda: np.empty(0))
    sy: Array = field(default_factory=lambda: np.empty(0))
    syy: Array = field(default_factory=lambda: np.empty(0))

    def place(self, middle: Array, spread: Array) -> None:
        """Lay the nodes evenly over `WIDTH` standard deviations round each learner's middle."""
        reach = np.clip(spread, 1e-4, None) * WIDTH
        self.u = middle[:, None] + reach[:, None] * np.linspace(-1, 1, NODES)
        self.spacing = 2 * reach / (NODES - 1)
        self.gather()

    def gather(self) -> None:
        """Sum g, g² and g y over each learner's measurements at each node."""
        count, width = self.u.shape
        self.sg, self.sgg, self.sgy = (np.empty((count, width)) for _ in range(3))
        for first in range(0, count, BLOCK // 4):
            rows = slice(first, first + BLOCK // 4)
            series = self.series
            g = self.shape.left(
                series.s[rows][:, None, :],
                series.e[rows][:, None, None],
                self.u[rows][:, :, None],
                self.common,
            )
            g = np.where(series.seen[rows][:, None, :], g, 0.0)
            self.sg[rows] = g.sum(axis=2)
            self.sgg[rows] = np.einsum("ijk,ijk->ij", g, g)
            self.sgy[rows] = np.einsum("ijk,ik->ij", g, self.latent[rows])
        self.sy = self.latent.sum(axis=1)
        self.syy = np.einsum("ij,ij->i", self.latent, self.latent) + self.extra.sum(axis=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beliefs:
    """What is believed at each node: its weight, mean and covariance of (A, B); and each learner's likelihood."""

    weight: Array
    a: Array
    b: Array
    vaa: Array
    vab: Array
    vbb: Array
    loglik: Array


def integrate(nodes: Nodes, population: Population, means: Array) -> Beliefs:
    """Integrate (A, B) exactly at each node and weigh the nodes."""
    omega, sigma2 = population.omega, population.sigma2
    tau2 = omega[2, 2]
    tilt = omega[:2, 2] / tau2
    (qaa, qab), (_, qbb) = np.linalg.inv(omega[:2, :2] - np.outer(tilt, omega[2, :2]))
    gone = nodes.u - means[:, 2:3]
    ma, mb = means[:, 0:1] + tilt[0] * gone, means[:, 1:2] + tilt[1] * gone
    n = nodes.series.n[:, None]
    paa, pab, pbb = qaa + n / sigma2, qab - nodes.sg / sigma2, qbb + nodes.sgg / sigma2
    ra = qaa * ma + qab * mb + nodes.sy[:, None] / sigma2
    rb = qab * ma + qbb * mb - nodes.sgy / sigma2
    det = paa * pbb - pab * pab
    vaa, vab, vbb = pbb / det, -pab / det, paa / det
    a, b = vaa * ra + vab * rb, vab * ra + vbb * rb
    prior = qaa * ma * ma + 2 * qab * ma * mb + qbb * mb * mb
    quad = nodes.syy[:, None] / sigma2 + prior - (a * ra + b * rb)
    log = -0.5 * (
        n * np.log(2 * np.pi * sigma2)
        + quad
        + np.log(det / (qaa * qbb - qab * qab))
        + gone * gone / tau2
        + np.log(2 * np.pi * tau2)
    )
    log += np.log(nodes.spacing)[:, None]
    top = log.max(axis=1, keepdims=True)
    weight = np.exp(log - top)
    total = weight.sum(axis=1, keepdims=True)
    return Beliefs(
        weight=weight / total,
        a=a,
        b=b,
        vaa=vaa,
        vab=vab,
        vbb=vbb,
        loglik=(top + np.log(total))[:, 0],
    )


def moments(nodes: Nodes, beliefs: Beliefs) -> tuple[Array, Array]:
    """Give posterior mean and covariance of (A, B, u) of each learner."""
    w = beliefs.weight
    parts = (beliefs.a, beliefs.b, nodes.u)
    theta = np.stack([np.einsum("ij,ij->i", w, part) for part in parts], axis=1)
    away = [part - theta[:, place, None] for place, part in enumerate(parts)]
    covariance = np.empty((len(w), 3, 3))
    inner = {(0, 0): beliefs.vaa, (0, 1): beliefs.vab, (1, 1): beliefs.vbb}
    for one in range(3):
        for two in range(one, 3):
            product = away[one] * away[two] + inner.get((one, two), 0.0)
            covariance[:, one, two] = covariance[:, two, one] = np.einsum("ij,ij->i", w, product)
    return theta, covariance


def believe(
    shape: LearningShape,
    series: Series,
    population: Population,
    *,
    middle: Array,
    reach: Array,
    common: float = 0.0,
) -> tuple[Array, Array]:
    """Give posterior means of (A, B, u) and log-likelihoods of learners who come from a known population.

    Parameters
    ----------
    population : known, not estimated: what a new learner is judged by, or the truth of a simulation.
    middle, reach : where to lay each learner's nodes of u, and their standard deviation.
    """
    open_ended = (-np.inf, np.inf)
    extra = np.zeros_like(series.y)
    nodes = Nodes(shape=shape, series=series, common=common, limits=open_ended, latent=series.y, extra=extra)
    nodes.place(middle, reach)
    beliefs = integrate(nodes, population, np.repeat(population.gamma[:1], len(series.n), axis=0))
    return moments(nodes, beliefs)[0], beliefs.loglik
