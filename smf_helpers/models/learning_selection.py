"""Which shape of learning the cohort supports, or that it cannot tell.

Families are compared by the marginal likelihood of the pooled model on the same scores, with AICc; simple
rivals (no change, a line, a line in the logarithm) always take part. A family is supported only when it leads
by four or more and the learners agree (the difference is at least 1.96 of its own standard errors over
learners: Vuong 1989). The comparison runs on at most `SAMPLE` learners, drawn with a seed.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from smf_helpers.models.curves_engine import Array
from smf_helpers.models.learning_pooling import fit_pooled
from smf_helpers.models.learning_projection import Alone, Series, fit_alone
from smf_helpers.models.learning_shapes import SHAPES, LearningShape

SAMPLE = 400
TURNS = 60
COMPARED = ("exponential", "power", "hyperbolic")
SUPPORTED, LEANING = 4.0, 2.0


def _no_reach(share: float, e: Any, u: Any, common: float) -> Any:
    return np.full(np.shape(u), np.nan)


RIVALS: dict[str, tuple[LearningShape, int]] = {
    name: (
        LearningShape(
            name=name,
            label=label,
            formula=formula,
            left=left,
            reaches=_no_reach,
            slopes=lambda s, e, u, g: (0.0 * g, 0.0 * g),
        ),
        parameters,
    )
    for name, label, formula, left, parameters in (
        ("constant", "no change", "A", lambda s, e, u, common: 0.0 * s + 0.0 * u, 3),
        ("line", "straight line", "A + B s", lambda s, e, u, common: 1.0 - s * common + 0.0 * u, 6),
        (
            "log_line",
            "straight line in the logarithm",
            "A + B log(1 + s)",
            lambda s, e, u, common: 1.0 - np.log1p(s * common * 8.0) / np.log1p(8.0) + 0.0 * u,
            6,
        ),
    )
}
"""Simple rivals, written as shapes whose pace does not matter; with the number of their parameters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """How each family did: log-likelihood of each learner, and the number of parameters."""

    name: str
    loglik: Array
    parameters: int


def common_of(shape: LearningShape, series: Series, *, rng: np.random.Generator) -> float:
    """Choose the parameter common to the cohort by the learners' own sums of squares."""
    if not shape.commons:
        return 0.0
    part = sample(series, rng)[0]
    part = part.take(np.flatnonzero(part.n >= 4)) if (part.n >= 4).any() else part
    scale = series.gap if shape.name == "logistic" else 1.0

    def misfit(value: float) -> float:
        rss = fit_alone(shape, part, common=value * scale).rss
        return float(np.sum(part.n * np.log(rss / part.n + 1e-12)))

    return min(shape.commons, key=misfit) * scale


def sample(series: Series, rng: np.random.Generator) -> tuple[Series, Array]:
    """Draw at most `SAMPLE` learners with at least three measurements."""
    rows = np.flatnonzero(series.n >= 3)
    if rows.size > SAMPLE:
        rows = np.sort(rng.permutation(rows)[:SAMPLE])
    return series.take(rows), rows


def select_family(
    series: Series, families: tuple[str, ...], *, limits: tuple[float, float], seed: int
) -> pd.DataFrame:
    """Compare the families and the simple rivals; one row each, the best first."""
    part, _ = sample(series, np.random.default_rng(seed))
    found = [_try_rival(part, name, limits) for name in RIVALS]
    found += [_try_shape(part, name, limits, seed) for name in families]
    return _table(found, int(part.n.sum()))


def _try_rival(series: Series, name: str, limits: tuple[float, float]) -> Evidence:
    shape, parameters = RIVALS[name]
    span = 1.0 / max(float(series.s.max()), 1e-12)
    alone = _no_pace(series)
    pooled = fit_pooled(shape, series, alone, common=span, limits=limits, turns=TURNS, mixed=False)
    return Evidence(name=name, loglik=pooled.loglik, parameters=parameters)


def _no_pace(series: Series) -> Alone:
    count = len(series.n)
    flat = np.zeros(count)
    return Alone(
        u=flat,
        a=flat,
        b=flat,
        rss=flat,
        edge=np.ones(count, dtype=int),
        rising=np.zeros(count, dtype=bool),
        covariance=np.full((count, 3, 3), np.nan),
    )


def _try_shape(series: Series, name: str, limits: tuple[float, float], seed: int) -> Evidence:
    shape = SHAPES[name]
    common = common_of(shape, series, rng=np.random.default_rng(seed))
    alone = fit_alone(shape, series, common=common)
    pooled = fit_pooled(shape, series, alone, common=common, limits=limits, turns=TURNS, mixed=False)
    return Evidence(name=name, loglik=pooled.loglik, parameters=10 + bool(shape.commons))


def _table(found: list[Evidence], n: int) -> pd.DataFrame:
    scores = {evidence.name: _aicc(evidence, n) for evidence in found}
    ranked = sorted(found, key=lambda evidence: scores[evidence.name])
    best, second = ranked[0], ranked[1]
    lead = scores[second.name] - scores[best.name]
    difference = best.loglik - second.loglik
    spread = float(np.std(difference)) * np.sqrt(len(difference))
    agree = float(np.sum(difference)) >= 1.96 * spread
    verdict = "supported" if lead >= SUPPORTED and agree else "leaning" if lead >= LEANING else "undecided"
    weights = {name: np.exp(-0.5 * (score - scores[best.name])) for name, score in scores.items()}
    total = sum(weights.values())
    rows = []
    for evidence in ranked:
        delta = scores[evidence.name] - scores[best.name]
        near = verdict == "undecided" and delta < LEANING
        own = verdict if evidence is best else "undecided" if near else "not supported"
        rows.append(
            {
                "family": evidence.name,
                "parameters": evidence.parameters,
                "aicc": scores[evidence.name],
                "delta": delta,
                "weight": float(weights[evidence.name] / total),
                "verdict": own,
                "reason": _why(own, evidence is best, second.name, lead, agree, delta),
            }
        )
    return pd.DataFrame(rows)


def _aicc(evidence: Evidence, n: int) -> float:
    k = evidence.parameters
    return float(-2 * evidence.loglik.sum() + 2 * k + 2 * k * (k + 1) / max(n - k - 1, 1))


def _why(verdict: str, first: bool, second: str, lead: float, agree: bool, delta: float) -> str:
    if not first:
        return f"AICc is {delta:.1f} above the best."
    if verdict == "supported":
        return f"It leads {second} by {lead:.1f} AICc, and the learners agree."
    if verdict == "leaning":
        apart = "" if agree else " and the learners do not agree"
        return f"It leads {second} by {lead:.1f} AICc{apart}: not enough to call it known."
    return f"It leads {second} by only {lead:.1f} AICc: the data cannot tell them apart."
