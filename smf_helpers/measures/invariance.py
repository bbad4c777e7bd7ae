"""Whether a factor's questions mean the same in two waves, before any change of its mean is claimed.

Three one-factor models in both waves at once: the same shape (configural), the same loadings (metric), the same loadings and
intercepts (scalar). A step fails when the fit falls by more than .01 in CFI, rises by more than .015 in RMSEA (Chen 2007,
doi:10.1080/10705510701301834; Putnick and Bornstein 2016, doi:10.1016/j.dr.2016.06.004) and the likelihood ratio says so at
1 %: all three, so that small samples do not forbid what they cannot judge. People who answered twice make the ratio a little too
cautious. Below a hundred complete answers in a wave, or three items, nothing is assessed and the change says so.
"""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from smf_helpers.measures.one_factor import Moments, OneFactor, fit_many, moments
from smf_helpers.measures.waves import Pair, anchors, default_pairs, factors_of
from smf_helpers.results.survey import FactorScores, Invariance

Floats = npt.NDArray[np.float64]

MIN_COMPLETE, MIN_ITEMS = 100, 3
CFI_LOSS, RMSEA_GAIN, P_RATIO = 0.01, 0.015, 0.01

Fit = tuple[float, int, float, float]


def measure_invariance(first: Floats, second: Floats) -> Invariance:
    """Assess whether the items of one factor mean the same in two waves.

    Parameters
    ----------
    first, second : people x items, the same items in the same order; incomplete rows are left out.

    Returns
    -------
    Invariance
        ``scalar``: means may be compared; ``metric``: only how the factor goes with others; ``none``; ``not assessed``.
    """
    return _measure([(first, second)])[0]


def _measure(sides: Sequence[tuple[Floats, Floats]]) -> list[Invariance]:
    """Assess several factors; those with as many items are fitted together."""
    found = [_unfit(*pair) for pair in sides]
    parts = {k: [moments(_complete(side)) for side in sides[k]] for k, why in enumerate(found) if why is None}
    for size in {len(pair[0].mean) for pair in parts.values()}:
        here = [k for k, pair in parts.items() if len(pair[0].mean) == size]
        pairs = [parts[k] for k in here]
        alone = fit_many([[part] for pair in pairs for part in pair])
        fits = zip(
            pairs,
            zip(alone[::2], alone[1::2], strict=True),
            fit_many(pairs),
            fit_many(pairs, equal_intercepts=True),
            strict=True,
        )
        for k, told in zip(here, fits, strict=True):
            found[k] = _conclude(*told)
    return [told for told in found if told is not None]


def _complete(values: Floats) -> Floats:
    return values[np.isfinite(values).all(axis=1)]


def _unfit(first: Floats, second: Floats) -> Invariance | None:
    """Say why the items of a factor cannot be assessed; None when they can."""
    groups = [_complete(side) for side in (first, second)]
    n, k = (len(groups[0]), len(groups[1])), groups[0].shape[1]
    if k < MIN_ITEMS or min(n) < MIN_COMPLETE:
        return _not_assessed(n, f"{min(n)} complete answers, {k} items.")
    if any(np.linalg.cond(moments(group).covariance) > 1e8 for group in groups):
        return _not_assessed(n, "an item has no answers that differ.")
    return None


def _not_assessed(n: tuple[int, int], why: str) -> Invariance:
    reason = f"Whether the questions mean the same was not assessed: {why}"
    return Invariance(verdict="not assessed", models={}, n=n, reason=reason)


def _conclude(
    parts: Sequence[Moments], alone: tuple[OneFactor, OneFactor], metric: OneFactor, scalar: OneFactor
) -> Invariance:
    """Give the verdict on the three models of one factor."""
    n = (parts[0].n, parts[1].n)
    if not all(fit.converged for fit in (*alone, metric, scalar)):
        return _not_assessed(n, "a model did not converge.")
    base = _independence(parts)
    free = (sum(fit.chi_square for fit in alone), sum(fit.df for fit in alone))
    models = {"configural": _fit(*free, base, sum(n))}
    for name, fit in (("metric", metric), ("scalar", scalar)):
        models[name] = _fit(fit.chi_square, fit.df, base, sum(n))
    if _fails(models["configural"], models["metric"]):
        verdict, reason = "none", "The questions do not hang together as they did: no change can be told."
    elif _fails(models["metric"], models["scalar"]):
        verdict, reason = (
            "metric",
            "People answer single questions differently than before: no change can be told.",
        )
    else:
        verdict, reason = "scalar", ""
    return Invariance(verdict=verdict, models=models, n=n, reason=reason)


def compare_meaning(
    scores: FactorScores,
    *,
    pairs: Sequence[Pair] | None = None,
    changed: Mapping[str, Collection[str]] | None = None,
) -> dict[tuple[str, str, str], Invariance]:
    """Assess each factor between waves, on the items that both asked alike; for `compare_waves`.

    Parameters
    ----------
    scores, pairs, changed : as in `compare_waves`.

    Returns
    -------
    dict
        (earlier, later, factor) → `Invariance`.
    """
    values = scores.answers.to_numpy(dtype=np.float64)
    wave = scores.people["wave"].to_numpy(dtype=object)
    sides: dict[tuple[str, str, str], tuple[Floats, Floats]] = {}
    for pair in pairs if pairs is not None else default_pairs(scores.waves):
        member, _ = anchors(scores, pair, changed or {})
        first, second = (values[wave == name] for name in pair)
        for j, factor in enumerate(factors_of(scores)):
            mine = member[:, j] > 0
            sides[(*pair, factor)] = first[:, mine], second[:, mine]
    return dict(zip(sides, _measure(list(sides.values())), strict=True))


def _independence(parts: Sequence[Moments]) -> tuple[float, int]:
    """Give chi square and df of the model in which nothing goes with anything, variances and means free."""
    chi, p = 0.0, len(parts[0].mean)
    for part in parts:
        ratio = np.log(np.diag(part.covariance)).sum() - np.linalg.slogdet(part.covariance)[1]
        chi += part.n * float(ratio)
    return chi, len(parts) * p * (p - 1) // 2


def _fit(chi: float, df: int, base: tuple[float, int], n: int) -> Fit:
    """Give chi square, df, CFI and RMSEA of a model in two groups."""
    excess, worst = max(chi - df, 0.0), max(base[0] - base[1], chi - df, 1e-12)
    rmsea = float(np.sqrt(2 * excess / (df * n))) if df else 0.0
    return chi, df, 1.0 - excess / worst, rmsea


def _fails(loose: Fit, tight: Fit) -> bool:
    from scipy.special import chdtrc

    ratio, df = max(tight[0] - loose[0], 0.0), tight[1] - loose[1]
    worse = loose[2] - tight[2] > CFI_LOSS and tight[3] - loose[3] > RMSEA_GAIN
    return bool(worse and chdtrc(df, ratio) < P_RATIO)
