"""Recommendation on the scale from 0 to 10: promoters (9, 10) less detractors (0 to 6), in points."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from smf_helpers.measures.modules import ModuleAnswers


def score_recommendation(
    answers: ModuleAnswers, *, headcounts: Mapping[str, int] | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Give promoters less detractors by wave and unit, with a design-based interval.

    The score is the mean of +100, 0 and -100 over people; three answers (1/4 of them +100, 1/2 of them 0, 1/4 of them
    -100) are added for the interval, so that it does not shrink to nothing where everybody agrees.

    Parameters
    ----------
    answers : what `read_module` gave for ``recommendation``.
    headcounts : group → people in it, for the finite population.
    level : coverage of the intervals.

    Returns
    -------
    DataFrame
        ``wave, unit, value, low, high, promoters, detractors, n, status, reason``; value and limits in points.

    References
    ----------
    Rocks (2016), doi:10.1080/00031305.2016.1158124 (adjusted intervals for the score).
    """
    from scipy.special import ndtri

    rating = answers.position[:, :1] * 10 if answers.facets else np.empty((len(answers.people), 0))
    groups = answers.groups(headcounts)
    if not answers.facets or not len(answers.people):
        names = ("wave", "unit", "value", "low", "high", "promoters", "detractors", "n", "status", "reason")
        return pd.DataFrame({name: [] for name in names})
    known = np.isfinite(rating)
    promotes = np.where(known, rating >= 8.5, np.nan)
    detracts = np.where(known, rating < 6.5, np.nan)
    means = groups.means(np.column_stack([promotes, detracts]), answers.weights)
    up, down = means.mean[:, 0], means.mean[:, 1]
    n, left = means.n[:, 0], means.left[:, 0]
    with np.errstate(invalid="ignore", divide="ignore"):
        size = np.where(n > 0, n / means.deff[:, 0], np.nan)
        added = 3.0
        more, less = (up * size + added / 4) / (size + added), (down * size + added / 4) / (size + added)
        centre = more - less
        half = float(ndtri(0.5 + level / 2)) * np.sqrt((more + less - centre**2) / (size + added) * left)
    told = n > 1
    blank = np.full(len(n), np.nan)
    return pd.DataFrame(
        {
            **{key: values for key, values in groups.keys(("",), "").items() if key},
            "value": 100 * (up - down),
            "low": np.where(told, 100 * np.clip(np.minimum(centre - half, up - down), -1, 1), blank),
            "high": np.where(told, 100 * np.clip(np.maximum(centre + half, up - down), -1, 1), blank),
            "promoters": up,
            "detractors": down,
            "n": n,
            "status": np.where(told, "ok", "insufficient_data"),
            "reason": np.where(told, "", "Fewer than two people answered."),
        }
    )
