"""Fit everybody's learning at once: `fit_learning`.

Pace is a property of each person. Each learner has a curve ``score = A - B g(s)`` with an own asymptote A,
gain B and pace; the learners of a cohort are pooled (partially), because the few points of one person do not
carry a curve. What the data do not carry has a status and a reason instead of a number.
"""

from typing import Any

import numpy as np
import pandas as pd

from smf_helpers.errors import ModelError
from smf_helpers.models.learning_cohort import (
    Centre,
    curve_of,
    dropouts_of,
    levels_of,
    spread_of,
    typical_of,
    units_of,
    waves_of,
)
from smf_helpers.models.learning_family import own_families
from smf_helpers.models.learning_groups import Groups
from smf_helpers.models.learning_pattern import pattern_of
from smf_helpers.models.learning_people import frame_of, standard_errors, tell_people
from smf_helpers.models.learning_pooling import Pooled, fit_pooled
from smf_helpers.models.learning_projection import Alone, Series, fit_alone
from smf_helpers.models.learning_selection import COMPARED, LEANING, RIVALS, common_of, select_family
from smf_helpers.models.learning_series import Cohort, cohort_of, last_of
from smf_helpers.models.learning_shapes import SHAPES
from smf_helpers.results.core import SHOWN, Status
from smf_helpers.results.learning import LearningFit

POOL_LONG, POOL_SHORT = 10, 30
"""Learners needed to pool: with four or more measurements each, or with three."""
HIDDEN = 0.8
"""Share of scores at an end of the scale above which nothing can be pooled."""
LOST = "The population of learners could not be found."
_SHOWN = [status.value for status in SHOWN]
NO_SELECTION = ["family", "parameters", "aicc", "delta", "weight", "verdict", "reason"]


def fit_learning(
    skills: pd.DataFrame,
    *,
    family: str = "exponential",
    pooled: bool = True,
    axis: str = "time",
    scale: tuple[float, float] | None = None,
    falling: bool = False,
    prior: float = 0.0,
    covariates: pd.DataFrame | None = None,
    families: tuple[str, ...] | None = None,
    intervals: bool = True,
    seed: int = 0,
) -> LearningFit:
    """Fit the learning of every learner, pooled by empirical Bayes or each alone.

    ``theta = (A, B, log k)`` of each learner comes from a population that is estimated with it, within units,
    teams and net of covariates. Unequal spacing and missing measurements are used as they are; learners who left
    stay in. Not for ranking people: the shrunken paces of two learners differ less than their intervals.

    Parameters
    ----------
    skills : one row a score: ``learner, at`` (date, or weeks as a number), ``score``; optional ``unit`` and
        ``team`` (teams within units: each group's people tell about the others), ``practice``. Scores of one learner at one moment are averaged.
    family : shape of learning: exponential, power, hyperbolic, apex, delayed_exponential, logistic, gompertz.
    pooled : share what learners have in common; False fits each alone (and needs many more measurements).
    axis : ``time``, or ``practice`` for learning by doing (column ``practice``).
    scale : ends of the score, such as ``(1, 5)``: levels stay inside, scores at an end are treated as
    censored. falling : the score falls as people learn (a time, an error). prior : experience before the
    first measurement, for the power and APEX shapes. covariates : one row a learner (column or index
    ``learner``): effects on asymptote, gain and pace. families : shapes to compare; three and the simple
    rivals by default, ``()`` for none. intervals : False leaves out the profile limits, patterns and own families of
    learners and keeps their standard errors: for a first look at very many. seed : of the sample and of the draws behind the bands.

    Returns
    -------
    LearningFit : ``.learners .typical .curve .spread .selection .units .levels .waves .dropouts .status .reason``.

    Raises
    ------
    ModelError
        When a column is missing, a moment is no date or number, or family, axis or scale have no meaning.

    References
    ----------
    Heathcote, Brown & Mewhort 2000, doi:10.3758/BF03212979. Pinheiro & Bates 2000, doi:10.1007/b98882.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> pace = np.exp(-1 + 0.5 * rng.standard_normal((40, 1)))
    >>> scores = 4 - 2 * np.exp(-pace * np.arange(8)) + 0.1 * rng.standard_normal((40, 8))
    >>> skills = pd.DataFrame({"learner": np.repeat(np.arange(40), 8), "at": np.tile(np.arange(8), 40)})
    >>> fit = fit_learning(skills.assign(score=scores.ravel()))
    >>> fit.status.value, bool(fit.typical.set_index("quantity").loc["half_life", "value"] > 1)
    ('ok', True)
    """
    shape = SHAPES[family]
    unknown = [name for name in families or () if name not in SHAPES]
    if unknown:
        raise ModelError(f"There is no shape of learning '{unknown[0]}'. Known: {', '.join(SHAPES)}.")
    cohort = cohort_of(skills, axis=axis, prior=prior, falling=falling, scale=scale, covariates=covariates)
    series, sign = cohort.series, -1.0 if falling else 1.0
    rivals = COMPARED if families is None else families
    asked = tuple(dict.fromkeys((*rivals, family))) if rivals else ()
    with np.errstate(all="ignore"):
        rng = np.random.default_rng(seed)
        common = common_of(shape, series, rng=rng) if len(series.n) else 0.0
        alone = fit_alone(shape, series, common=common) if len(series.n) else None
        limits = _limits(series, scale, falling)
        why = (
            _too_small(series, limits)
            if pooled
            else "Learners were fitted alone: nothing is said of the cohort."
        )
        beliefs: Pooled | None = None
        selection = pd.DataFrame(columns=NO_SELECTION)
        if not why and alone is not None:
            beliefs = fit_pooled(
                shape,
                series,
                alone,
                common=common,
                design=cohort.design,
                groups=Groups(units=cohort.units, teams=cohort.teams, parent=cohort.parent),
                limits=limits,
            )
            if not np.all(np.isfinite(beliefs.theta)):
                beliefs, why = None, LOST
        if beliefs is not None and asked:
            selection = select_family(series, asked, limits=limits, seed=seed)
        status, reason = _verdict(beliefs, selection, why, family)
        centre = Centre(beliefs) if beliefs is not None else None
        learners = _learners(cohort, shape, alone, beliefs, common, scale, falling, status, reason, intervals)
        ready = family, common, alone
        learners = learners.assign(
            **own_families(series, asked if intervals else (), ready, limits=limits, seed=seed)
        )
        told = Status.OK if not pooled and learners["status"].isin(_SHOWN).any() else status
        seen = centre if status in (Status.OK, Status.ONE_SIDED) or status == Status.NOT_IDENTIFIED else None
        return LearningFit(
            family=family,
            pooled=beliefs is not None,
            learners=learners,
            typical=typical_of(shape, cohort, centre, common=common, sign=sign, status=status, reason=reason),
            curve=curve_of(shape, cohort, seen, common=common, sign=sign, scale=scale, rng=rng),
            spread=spread_of(shape, cohort, centre, common=common, status=status, reason=reason),
            selection=selection,
            units=units_of(shape, cohort, beliefs, centre, common=common, sign=sign, scale=scale),
            levels=levels_of(cohort, beliefs, status=status, reason=reason),
            waves=waves_of(cohort, sign=sign),
            dropouts=dropouts_of(cohort, sign=sign),
            n=len(cohort.names),
            status=told,
            reason=reason if told != Status.OK or not pooled else "",
            warnings=(*cohort.warnings, *_unsettled(beliefs)),
            scale=scale,
            posterior=(shape, common, cohort, beliefs, sign),
        )


def _limits(series: Series, scale: tuple[float, float] | None, falling: bool) -> tuple[float, float]:
    if scale is None:
        return -np.inf, np.inf
    low, high = (-scale[1], -scale[0]) if falling else scale
    return low - series.centre, high - series.centre


def _too_small(series: Series, limits: tuple[float, float]) -> str:
    """Say why the cohort cannot be pooled; empty when it can."""
    if not series.seen.any():
        return "No skills were measured."
    scores = series.y[series.seen]
    if np.mean((scores <= limits[0]) | (scores >= limits[1])) > HIDDEN:
        return "Nearly all scores are at an end of the scale: it hides how people learn."
    long, short = int(np.sum(series.n >= 4)), int(np.sum(series.n >= 3))
    if long >= POOL_LONG or short >= POOL_SHORT:
        return ""
    return (
        f"{long} learners with four or more measurements (needed: {POOL_LONG}) and {short} with "
        f"three or more (needed: {POOL_SHORT}): too few to pool."
    )


def _unsettled(beliefs: Pooled | None) -> tuple[str, ...]:
    if beliefs is None or beliefs.settled:
        return ()
    return (
        "The search for the population had not quite come to rest: the figures may move in the last digit.",
    )


def _verdict(beliefs: Pooled | None, selection: pd.DataFrame, why: str, family: str) -> tuple[Status, str]:
    """Judge whether the cohort shows a pace at all."""
    if beliefs is None:
        return Status.NOT_CONVERGED if why == LOST else Status.INSUFFICIENT_DATA, why
    if beliefs.population.gamma[0, 1] <= 0:
        return Status.NOT_IDENTIFIED, "The typical learner does not gain: no learning is seen."
    if not len(selection):
        return Status.OK, ""
    score = selection.set_index("family")["aicc"]
    rivals = score[list(RIVALS)]
    if rivals.min() <= score[family] + LEANING:
        simple = RIVALS[str(rivals.idxmin())][0].label
        return (
            Status.NOT_IDENTIFIED,
            f"The scores are described as well by a simpler rule ({simple}): no pace.",
        )
    return Status.OK, ""


def _learners(
    cohort: Cohort,
    shape: Any,
    alone: Alone | None,
    beliefs: Pooled | None,
    common: float,
    scale: tuple[float, float] | None,
    falling: bool,
    status: Status,
    reason: str,
    intervals: bool,
) -> pd.DataFrame:
    untold = reason if beliefs is not None and status != Status.OK else ""
    fitted = alone if alone is not None else _nobody()
    told = tell_people(
        shape,
        cohort,
        fitted,
        beliefs,
        common=common,
        scale=scale,
        falling=falling,
        untold=untold,
        intervals=intervals,
    )
    reliability = np.full(len(cohort.names), np.nan)
    if beliefs is not None:
        reliability = 1 - beliefs.covariance[:, 2, 2] / beliefs.population.omega[2, 2]
    methods = pd.array(["level", "pooled", "alone"], dtype="str")
    method = np.where(beliefs is None, 2, cohort.series.n >= 4)
    extra = {
        **standard_errors(cohort.series, fitted, beliefs, told),
        "method": methods.take(method),
        "pattern": pattern_of(cohort.series, fitted, shape, common) if intervals else "not judged",
        "reliability": np.clip(reliability, 0.0, 1.0),
    }
    return frame_of(cohort, told, extra)


def _nobody() -> Alone:
    none = np.empty(0)
    whole, no = none.astype(int), none.astype(bool)
    return Alone(u=none, a=none, b=none, rss=none, edge=whole, rising=no, covariance=np.empty((0, 3, 3)))


def reach(fit: LearningFit, level: float, by: float) -> pd.DataFrame:
    """Give each learner's probability of standing at `level` or better `by` that many weeks after the start.

    Parameters
    ----------
    fit : a pooled fit; level : proficiency on the scale of the scores.
    by : distance from each learner's own first measurement, in the unit of the axis.

    Returns
    -------
    frame : learner, probability, status, reason. Without pooling there is no probability to give.
    """
    shape, common, cohort, beliefs, sign = fit.posterior
    out = pd.DataFrame({"learner": cohort.names})
    if beliefs is None or fit.status != Status.OK:
        return out.assign(probability=np.nan, status=fit.status.value, reason=fit.reason)
    from scipy.special import ndtr

    left = shape.left(np.full((len(cohort.names), 1), by), cohort.series.e[:, None], beliefs.u, common)
    a, b = beliefs.mean_ab[..., 0], beliefs.mean_ab[..., 1]
    vaa, vab, vbb = (beliefs.cov_ab[..., part] for part in range(3))
    spread = np.sqrt(np.maximum(vaa - 2 * left * vab + left**2 * vbb, 1e-300))
    aim = sign * level - cohort.series.centre
    chance = np.einsum("ij,ij->i", beliefs.weight, ndtr((a - b * left - aim) / spread))
    told = cohort.series.n >= 4
    return out.assign(
        probability=np.where(told, chance, np.nan),
        status=np.where(told, Status.OK.value, Status.INSUFFICIENT_DATA.value),
        reason=np.where(told, "", "Fewer than 4 measurements."),
    )


def people_over_time(fit: LearningFit) -> pd.DataFrame:
    """Give the mean level of all learners week by week, on the calendar of the scores.

    Each learner follows the own curve from the own first measurement; before it the first level is held, so that a
    new pilot that begins does not look like a fall.

    Returns
    -------
    frame : at (weeks since the earliest score), level; empty without pooling.
    """
    shape, common, cohort, beliefs, sign = fit.posterior
    if beliefs is None or cohort.axis != "time":
        return pd.DataFrame({"at": np.empty(0), "level": np.empty(0)})
    series = cohort.series
    start = cohort.started - cohort.started[series.n > 0].min()
    last = (start + last_of(series)).max()
    weeks = np.arange(0.0, last + 1.0)
    levels = []
    for week in weeks:
        since = np.maximum(week - start, 0.0)[:, None]
        left = shape.left(since, series.e[:, None], beliefs.u, common)
        value = np.einsum(
            "ij,ij->i", beliefs.weight, beliefs.mean_ab[..., 0] - beliefs.mean_ab[..., 1] * left
        )
        levels.append(float(np.mean(sign * (value[series.n > 0] + series.centre))))
    return pd.DataFrame({"at": weeks, "level": levels})
