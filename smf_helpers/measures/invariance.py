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

from smf_helpers.measures.one_factor import Moments, fit_one_factor, moments
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
    groups = [values[np.isfinite(values).all(axis=1)] for values in (np.asarray(first), np.asarray(second))]
    n = (len(groups[0]), len(groups[1]))
    k = groups[0].shape[1]
    if k < MIN_ITEMS or min(n) < MIN_COMPLETE:
        reason = (
            f"Whether the questions mean the same was not assessed: {min(n)} complete answers, {k} items."
        )
        return Invariance(verdict="not assessed", models={}, n=n, reason=reason)
    parts = [moments(values) for values in groups]
    if any(np.linalg.cond(part.covariance) > 1e8 for part in parts):
        reason = "Whether the questions mean the same was not assessed: an item has no answers that differ."
        return Invariance(verdict="not assessed", models={}, n=n, reason=reason)
    base = _independence(parts)
    alone = [fit_one_factor([part]) for part in parts]
    fits = {
        "metric": fit_one_factor(parts),
        "scalar": fit_one_factor(parts, equal_intercepts=True),
    }
    if not all(fit.converged for fit in (*alone, *fits.values())):
        reason = "Whether the questions mean the same was not assessed: a model did not converge."
        return Invariance(verdict="not assessed", models={}, n=n, reason=reason)
    free = (sum(fit.chi_square for fit in alone), sum(fit.df for fit in alone))
    models = {"configural": _fit(*free, base, sum(n))}
    models |= {name: _fit(fit.chi_square, fit.df, base, sum(n)) for name, fit in fits.items()}
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
    found = {}
    for pair in pairs if pairs is not None else default_pairs(scores.waves):
        member, _ = anchors(scores, pair, changed or {})
        for j, factor in enumerate(factors_of(scores)):
            mine = member[:, j] > 0
            sides = [values[wave == name][:, mine] for name in pair]
            found[(*pair, factor)] = measure_invariance(sides[0], sides[1])
    return found


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
