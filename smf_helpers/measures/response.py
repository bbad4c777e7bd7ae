"""Response: who answered of those asked, and whether some parts of the organisation answered less than others."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from smf_helpers.measures.answers import order_waves
from smf_helpers.measures.groups import EVERYBODY

ALPHA = 0.05
MIN_EXPECTED = 5.0


def response_rates(
    respondents: pd.DataFrame, waves: pd.DataFrame, *, headcounts: Mapping[str, int] | None = None
) -> pd.DataFrame:
    """Give answers against people asked, by wave and unit.

    Parameters
    ----------
    respondents, waves : canonical tables; ``invited`` is the whole organisation's.
    headcounts : unit → people in it: who was asked in a unit, and in the organisation where ``invited`` is empty.

    Returns
    -------
    DataFrame
        ``wave, unit, opened_on, closed_on, invited, n, response_rate``; the rate is empty where nobody knows who was asked,
        and at most 1.
    """
    sizes = dict(headcounts or {})
    units = sorted(str(unit) for unit in respondents["unit"].dropna().unique() if unit)
    rows = []
    by_wave = {str(name): part for name, part in respondents.groupby("wave")}
    told = {str(row["wave"]): row for row in waves.drop_duplicates("wave").to_dict("records")}
    for wave in order_waves(waves["wave"], waves):
        here = by_wave.get(wave, respondents.iloc[:0])
        counts = {**here["unit"].value_counts(), EVERYBODY: here["respondent"].nunique()}
        stated = told[wave].get("invited")
        for unit in (EVERYBODY, *units):
            n = int(counts.get(unit, 0))
            whole = (
                stated
                if unit == EVERYBODY and stated is not None and not pd.isna(stated)
                else sizes.get(unit)
            )
            asked = None if whole is None or int(whole) <= 0 else int(whole)
            rows.append(
                {
                    "wave": wave,
                    "unit": unit,
                    "opened_on": told[wave]["opened_on"],
                    "closed_on": told[wave].get("closed_on"),
                    "invited": asked,
                    "n": n,
                    "response_rate": min(1.0, n / asked) if asked else np.nan,
                }
            )
    columns = ["wave", "unit", "opened_on", "closed_on", "invited", "n", "response_rate"]
    return pd.DataFrame(rows, columns=columns)


def check_nonresponse(answered: Mapping[str, int], headcounts: Mapping[str, int]) -> tuple[float, str]:
    """Test whether all units answered at the same rate (chi square); the p value and the answer in words.

    Parameters
    ----------
    answered : unit → people who answered.
    headcounts : unit → people in it.

    Examples
    --------
    >>> p, said = check_nonresponse({"a": 40, "b": 90}, {"a": 100, "b": 100})
    >>> p < 0.001, said
    (True, 'Units answered at different rates; weights can bring them back to their size.')
    """
    from scipy.special import chdtrc

    units = [unit for unit in headcounts if unit != EVERYBODY and headcounts[unit] > 0]
    n = np.array([min(answered.get(unit, 0), headcounts[unit]) for unit in units], dtype=np.float64)
    size = np.array([headcounts[unit] for unit in units], dtype=np.float64)
    rate = n.sum() / size.sum() if len(units) else 0.0
    if len(units) < 2 or rate in (0.0, 1.0) or (size * min(rate, 1 - rate)).min() < MIN_EXPECTED:
        return float("nan"), "Whether units answered at different rates cannot be tested with so few people."
    chi = ((n - size * rate) ** 2 / (size * rate * (1 - rate))).sum()
    p = float(chdtrc(len(units) - 1, chi))
    if p < ALPHA:
        return p, "Units answered at different rates; weights can bring them back to their size."
    return p, "No difference between the units' response rates was seen."
