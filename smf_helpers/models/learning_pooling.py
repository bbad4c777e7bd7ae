"""Partial pooling: what the other learners tell about a person with few points.

``theta_i = (A_i, B_i, u_i) ~ N(mu_i, Omega)`` with ``mu_i`` from covariates and the learner's unit and team, and
scores ``N(A - B g(s; u), sigma²)``. Given u the asymptote and the gain are Gaussian and are integrated
exactly, u on nodes (`learning_belief`). The population is found by EM (empirical Bayes), sped up by squared
extrapolation (Varadhan & Roland 2008), under a weak prior on the spread; what a small cohort leaves open about
it is drawn and mixed into every learner's posterior. Scores at the end of a bounded scale are treated as
censored: the curve may pass the end, the answer cannot.
"""

from dataclasses import dataclass, replace

import numpy as np

from smf_helpers.models.curves_engine import Array
from smf_helpers.models.learning_belief import Beliefs, Nodes, Population, integrate, moments
from smf_helpers.models.learning_groups import Effects, Groups, group_step, no_effects, no_groups
from smf_helpers.models.learning_projection import Alone, Series, pace_grid
from smf_helpers.models.learning_shapes import LearningShape

TURNS = 250
PRIOR_WEIGHT = 6.0
"""Learners that the weak prior on the spread counts for: it keeps the spread of a small cohort from collapsing."""
PRIOR_PACE = 0.5
"""Spread of log pace that the prior expects."""
LOWER = np.array([1, 2, 2]), np.array([0, 0, 1])
"""Places of a matrix of three below its diagonal."""
DRAWS, CERTAIN = 40, 4000
"""Draws of the population for a cohort's own uncertainty, and the cohort from which it no longer matters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """The population and every learner's posterior.

    Attributes
    ----------
    population : see `Population`; design : covariates of each learner.
    groups, effects : units and teams, and how far those of each learner depart from the population.
    u, weight : nodes and their posterior weights, shape (learners, nodes).
    mean_ab, cov_ab : posterior of (A, B) at each node, shapes (learners, nodes, 2) and (learners, nodes, 3).
    theta, covariance : posterior mean and covariance of (A, B, u).
    loglik : log marginal likelihood of each learner; turns : EM steps taken; settled : they came to rest.
    """

    population: Population
    design: Array
    groups: Groups
    effects: Effects
    u: Array
    weight: Array
    mean_ab: Array
    cov_ab: Array
    theta: Array
    covariance: Array
    loglik: Array
    turns: int
    settled: bool


def fit_pooled(
    shape: LearningShape,
    series: Series,
    alone: Alone,
    *,
    common: float = 0.0,
    design: Array | None = None,
    groups: Groups | None = None,
    limits: tuple[float, float] = (-np.inf, np.inf),
    turns: int = TURNS,
    mixed: bool = True,
    seed: int = 0,
) -> Pooled:
    """Find the population by EM and give each learner's posterior.

    Parameters
    ----------
    shape, common : the shape of learning and its common parameter.
    series : scores; alone : the fits of each learner alone, for the first guess.
    design : covariates, first column ones; groups : units and teams of the learners.
    limits : ends of the scale less the centre; scores at an end are censored there.
    turns : most EM steps.
    mixed : mix the posteriors of a small cohort over populations that fit; the likelihood does not need it.
    seed : of the draws of the population.
    """
    design = np.ones((len(series.n), 1)) if design is None else design
    groups = no_groups(len(series.n)) if groups is None else groups
    effects = no_effects(len(series.n))
    population = _first_guess(shape, series, alone, design, common)
    prior = np.diag([population.omega[0, 0], population.omega[1, 1], PRIOR_PACE**2])
    latent = series.y.copy()
    nodes = Nodes(
        shape=shape, series=series, common=common, limits=limits, latent=latent, extra=np.zeros_like(latent)
    )
    tau = float(np.sqrt(population.omega[2, 2]))
    nodes.place(design @ population.gamma[:, 2], np.full(len(series.n), tau))
    settled, taken, packed = False, 0, []
    move_at = {1, 3, 6, 12, 24, 48, 96}
    while taken < turns:
        taken += 1
        beliefs = integrate(nodes, population, design @ population.gamma + effects.mean)
        theta, covariance = moments(nodes, beliefs)
        fresh, effects = _maximise(
            nodes, beliefs, theta, covariance, design, groups, population, effects, prior
        )
        packed.append(_pack(fresh))
        change = np.abs(packed[-1] - _pack(population))
        groups_moved = [fresh.between - population.between, fresh.between_teams - population.between_teams]
        population = fresh
        if taken in move_at:
            _censor(nodes, theta, covariance, population)
            nodes.place(theta[:, 2], np.sqrt(covariance[:, 2, 2]))
            packed = []
        elif np.all(change < 2e-5) and np.all(np.abs(groups_moved) < 1e-4 * np.diag(fresh.omega).max()):
            settled = True
            break
        elif len(packed) >= 3:
            population = _extrapolate(packed[-3:], population)
            packed = []
    _censor(nodes, theta, covariance, population)
    small = len(series.n) < CERTAIN
    nodes.place(theta[:, 2], np.sqrt(covariance[:, 2, 2]) * (1.4 if small else 1.0))
    beliefs = integrate(nodes, population, design @ population.gamma + effects.mean)
    if small and mixed:
        beliefs = _uncertain(nodes, beliefs, population, design, effects, np.random.default_rng(seed))
    theta, covariance = moments(nodes, beliefs)
    return Pooled(
        population=population,
        design=design,
        groups=groups,
        effects=effects,
        u=nodes.u,
        weight=beliefs.weight,
        mean_ab=np.stack([beliefs.a, beliefs.b], axis=-1),
        cov_ab=np.stack([beliefs.vaa, beliefs.vab, beliefs.vbb], axis=-1),
        theta=theta,
        covariance=covariance,
        loglik=beliefs.loglik,
        turns=taken,
        settled=settled,
    )


def _first_guess(
    shape: LearningShape, series: Series, alone: Alone, design: Array, common: float
) -> Population:
    """Start from the middle pace of those who have one, and everybody's level and gain at it."""
    grid = pace_grid(shape, series.gap)
    told = alone.rising & (alone.edge == 0) & (series.n >= 4)
    u = float(np.median(alone.u[told])) if told.any() else float(np.mean(grid))
    g = np.where(series.seen, shape.left(series.s, series.e[:, None], u, common), 0.0)
    long = series.n >= 3
    n, sg, sgg = series.n[long], g[long].sum(axis=1), np.einsum("ij,ij->i", g[long], g[long])
    sy, sgy = series.y[long].sum(axis=1), np.einsum("ij,ij->i", g[long], series.y[long])
    root = np.maximum(n * sgg - sg * sg, 1e-12)
    b = -(n * sgy - sg * sy) / root
    a = (sy + b * sg) / n
    left = (series.y[long] - a[:, None] + b[:, None] * g[long]) * series.seen[long]
    sigma2 = max(float(np.sum(left**2) / max(np.sum(n - 2), 1)), 1e-10)
    spread_a, spread_b = (max(_robust_variance(v), 0.1 * sigma2 + 1e-8) for v in (a, b))
    gamma = np.zeros((design.shape[1], 3))
    gamma[0] = np.median(a), np.median(b), u
    return Population(
        gamma=gamma, omega=np.diag([spread_a, spread_b, 0.5]), between=np.zeros((3, 3)), sigma2=sigma2
    )


def _robust_variance(v: Array) -> float:
    return float((1.4826 * np.median(np.abs(v - np.median(v)))) ** 2) if v.size else 1.0


def _maximise(
    nodes: Nodes,
    beliefs: Beliefs,
    theta: Array,
    covariance: Array,
    design: Array,
    groups: Groups,
    population: Population,
    effects: Effects,
    prior: Array,
) -> tuple[Population, Effects]:
    """Update covariates' effects, groups, covariances and the noise."""
    gamma = np.linalg.lstsq(design, theta - effects.mean, rcond=None)[0]
    away = theta - design @ gamma
    effects, spare = group_step(groups, away, covariance, population.omega, effects)
    gamma[0] += effects.shift
    away = theta - design @ gamma - effects.mean
    people = len(theta)
    seen = away.T @ away + covariance.sum(axis=0) + spare
    omega = (seen + PRIOR_WEIGHT * prior) / (people + PRIOR_WEIGHT)
    omega += np.diag(1e-7 * np.diag(omega) + 1e-10)
    a, b = beliefs.a, beliefs.b
    n = nodes.series.n[:, None]
    misfit = nodes.syy[:, None] - 2 * (a * nodes.sy[:, None] - b * nodes.sgy)
    misfit = misfit + (a * a + beliefs.vaa) * n - 2 * (a * b + beliefs.vab) * nodes.sg
    misfit = misfit + (b * b + beliefs.vbb) * nodes.sgg
    sigma2 = float(np.sum(beliefs.weight * misfit) / max(float(nodes.series.n.sum()), 1.0))
    fresh = Population(
        gamma=gamma,
        omega=omega,
        between=effects.between,
        between_teams=effects.between_teams,
        sigma2=max(sigma2, 1e-12),
    )
    return fresh, effects


def _censor(nodes: Nodes, theta: Array, covariance: Array, population: Population) -> None:
    """Replace scores at an end of the scale by what they are expected to be beyond it."""
    low, high = nodes.limits
    series = nodes.series
    top, bottom = series.seen & (series.y >= high), series.seen & (series.y <= low)
    if not (top.any() or bottom.any()):
        return
    from scipy.special import erfcx

    g = nodes.shape.left(series.s, series.e[:, None], theta[:, 2:3], nodes.common)
    middle = theta[:, 0:1] - theta[:, 1:2] * g
    spread = np.sqrt(population.sigma2)
    for places, end, side in ((top, high, 1.0), (bottom, low, -1.0)):
        distance = side * (end - middle[places]) / spread
        hazard = np.sqrt(2 / np.pi) / erfcx(distance / np.sqrt(2))
        nodes.latent[places] = middle[places] + side * spread * hazard
        nodes.extra[places] = population.sigma2 * np.clip(1 + distance * hazard - hazard**2, 0.0, 1.0)


def _pack(population: Population) -> Array:
    """Lay the population out as free numbers: effects, log-Cholesky of omega, log of the noise."""
    root = np.linalg.cholesky(population.omega)
    lower = root[LOWER] / np.sqrt(np.diag(population.omega))[LOWER[0]]
    return np.concatenate(
        [population.gamma.ravel(), np.log(np.diag(root)), lower, [0.5 * np.log(population.sigma2)]]
    )


def _extrapolate(path: list[Array], population: Population) -> Population:
    """Jump ahead along the path of the last three steps (squared extrapolation)."""
    first, second = path[1] - path[0], path[2] - 2 * path[1] + path[0]
    size = float(np.linalg.norm(second))
    if size == 0:
        return population
    stride = min(max(float(np.linalg.norm(first)) / size, 1.0), 8.0)
    packed = path[0] + 2 * stride * first + stride**2 * second
    return population if np.any(np.abs(packed - path[2]) > 1.0) else _unpack(packed, population)


def _unpack(packed: Array, population: Population) -> Population:
    """Read a population from its free numbers; `population` gives shapes, units and the scale of omega."""
    gamma = packed[: population.gamma.size].reshape(population.gamma.shape)
    logs, lower = packed[-7:-4], packed[-4:-1]
    root = np.diag(np.exp(logs))
    root[LOWER] = lower * np.sqrt(np.diag(population.omega))[LOWER[0]]
    return replace(population, gamma=gamma, omega=root @ root.T, sigma2=float(np.exp(2 * packed[-1])))


def _uncertain(
    nodes: Nodes,
    beliefs: Beliefs,
    population: Population,
    design: Array,
    effects: Effects,
    rng: np.random.Generator,
) -> Beliefs:
    """Mix the beliefs over populations drawn round the one found, by the learners' own scores of information."""
    base, step = _pack(population), 1e-3
    slopes = []
    for place in range(base.size):
        sides = []
        for side in (step, -step):
            moved = base.copy()
            moved[place] += side
            other = _unpack(moved, population)
            sides.append(integrate(nodes, other, design @ other.gamma + effects.mean).loglik)
        slopes.append((sides[0] - sides[1]) / (2 * step))
    scores = np.stack(slopes, axis=1)
    information = scores.T @ scores
    weak = np.zeros(base.size)
    weak[-7:-4], weak[-4:-1], weak[:-7], weak[-1] = 2 * PRIOR_WEIGHT, PRIOR_WEIGHT, 1e-6, 1e-6
    spread, turned = np.linalg.eigh(information + np.diag(weak))
    root = turned / np.sqrt(np.maximum(spread, 1e-9))
    total = np.zeros_like(beliefs.weight)
    sums = [np.zeros_like(beliefs.weight) for _ in range(5)]
    half = rng.standard_normal((DRAWS // 2, base.size + 3))
    loose = np.linalg.cholesky(effects.covariance + 1e-12 * np.eye(3))
    for z in np.vstack([half, -half]):
        drawn = _unpack(base + root @ z[:-3], population)
        told = integrate(nodes, drawn, design @ drawn.gamma + effects.mean + loose @ z[-3:])
        total += told.weight
        moments = (told.a, told.b, told.vaa + told.a**2, told.vab + told.a * told.b, told.vbb + told.b**2)
        for part, moment in zip(sums, moments, strict=True):
            part += told.weight * moment
    a, b, aa, ab, bb = (part / np.maximum(total, 1e-300) for part in sums)
    return replace(beliefs, weight=total / DRAWS, a=a, b=b, vaa=aa - a * a, vab=ab - a * b, vbb=bb - b * b)


def pace_quantile(pooled: Pooled, share: float) -> Array:
    """Give a quantile of each learner's posterior of u, read on the probit scale, where it is nearly straight."""
    from scipy.special import ndtri

    middle = np.clip(np.cumsum(pooled.weight, axis=1) - 0.5 * pooled.weight, 1e-15, 1 - 1e-15)
    place = np.clip(np.sum(middle < share, axis=1), 1, middle.shape[1] - 1)
    rows = np.arange(len(place))
    below, above = ndtri(middle[rows, place - 1]), ndtri(middle[rows, place])
    part = np.clip((ndtri(share) - below) / np.maximum(above - below, 1e-300), 0.0, 1.0)
    return pooled.u[rows, place - 1] + part * (pooled.u[rows, place] - pooled.u[rows, place - 1])
