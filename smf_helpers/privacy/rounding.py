"""How a number looks when it leaves the house: few decimals, bands for small counts, never "everybody".

Rounding comes before anything is embedded in a file. A cell that stays a number is a float or an int;
a banded cell is a text, so nobody can draw or subtract it by mistake.
"""

import math
import re
from typing import Final

from smf_helpers.privacy.rules import (
    BANDS,
    DIFFERENCES,
    EXACT_FROM,
    INVITED,
    QUANTILES,
    RESPONSE_RATES,
    ROWS_OF_FILES,
    SCALE,
    UNANIMITY_SHARE_BELOW,
    Profile,
)
from smf_helpers.results.publication import Cell, Column, Kind, Mark

MEAN_DECIMALS: Final = 1
SHARE_DECIMALS: Final = 2
HIGH_BAND: Final = "≥ 4.5"
LOW_BAND: Final = "≤ 1.5"
FEW_BAND: Final = "< 10 %"
MOST_BAND: Final = "> 90 %"
RATE_STEP: Final = 0.05
RATE_CAP: Final = 0.95
RATE_CAP_BAND: Final = "95 % or more"
_PEOPLE = re.compile(
    r"(?<![\d.,])(\d{1,2})(?![\d.,%]*\d)(?=\s+(?:people|persons?|respondents?|learners?|answers?|employees?)\b)"
)


def shown_n(n: int, minimum: int) -> Cell:
    """Tell a number of people: exact from 20 up, a band below, nothing under the minimum.

    Examples
    --------
    >>> shown_n(212, 5), shown_n(7, 5), shown_n(4, 5).value
    (212, '5-9', 'not shown (confidentiality)')
    """
    if n < minimum:
        return Mark.CONFIDENTIAL
    if n >= EXACT_FROM:
        return int(n)
    low, high = next((low, high) for low, high in BANDS if low <= n <= high)
    return f"{max(low, minimum)}-{high}" if max(low, minimum) < high else str(high)


def n_bounds(shown: Cell) -> tuple[int, int]:
    """Give the numbers of people that a published n allows, lowest and highest; a band as released or as printed.

    >>> n_bounds("5-9"), n_bounds("10–19"), n_bounds(212)
    ((5, 9), (10, 19), (212, 212))
    """
    if isinstance(shown, str) and not isinstance(shown, Mark):
        low, _, high = shown.replace("–", "-").partition("-")
        return int(low), int(high or low)
    if isinstance(shown, int | float) and not isinstance(shown, bool):
        return int(shown), int(shown)
    return 0, 10**9


def rounded(value: float, decimals: int) -> float:
    """Round and forget the sign of zero."""
    return round(float(value), decimals) + 0.0


def outwards(value: float, decimals: int, *, lower: bool) -> float:
    """Round a limit away from its estimate, so that the interval only grows.

    Examples
    --------
    >>> outwards(3.21, 1, lower=True), outwards(3.21, 1, lower=False)
    (3.2, 3.3)
    """
    scaled = round(float(value) * 10**decimals, 6)
    return round((math.floor(scaled) if lower else math.ceil(scaled)) / 10**decimals, decimals) + 0.0


def shown_mean(value: float, n: int) -> Cell:
    """Tell a mean on the answer scale with one decimal; near an end of it, a band.

    The published mean ``m`` of ``n`` people is banded when ``n (m - 1) < 1`` or ``n (5 - m) < 1``: rounding
    could then not hide that everybody gave the same answer at the end of the scale.

    Examples
    --------
    >>> shown_mean(3.4736842105, 19), shown_mean(5.0, 8)
    (3.5, '≥ 4.5')
    """
    mean = rounded(value, MEAN_DECIMALS)
    low, high = SCALE
    if not low <= mean <= high:
        return mean
    if round(n * (high - mean), 6) < 1:
        return HIGH_BAND
    if round(n * (mean - low), 6) < 1:
        return LOW_BAND
    return mean


def shown_share(value: float, n: int) -> Cell:
    """Tell a share as a whole percentage; 0 % and 100 % of fewer than fifty people are bands."""
    share = rounded(value, SHARE_DECIMALS)
    if n < UNANIMITY_SHARE_BELOW and share <= 0:
        return FEW_BAND
    if n < UNANIMITY_SHARE_BELOW and share >= 1:
        return MOST_BAND
    return share


def shown_rate(value: float, invited: int | None) -> Cell:
    """Tell a response rate to the nearest 5 %, never above "95 % or more", never of fewer than ten."""
    if invited is not None and invited < BANDS[1][0]:
        return Mark.CONFIDENTIAL
    rate = rounded(round(value / RATE_STEP) * RATE_STEP, SHARE_DECIMALS)
    return RATE_CAP_BAND if rate >= RATE_CAP else rate


def shown_text(text: str, minimum: int) -> str:
    """Tell a sentence about a group with its small numbers of people in bands.

    Examples
    --------
    >>> shown_text("12 people, needs 30 people", 5)
    '10-19 people, needs 30 people'
    """

    def banded(found: re.Match[str]) -> str:
        n = int(found[1])
        told = shown_n(n, minimum)
        return f"fewer than {minimum}" if isinstance(told, Mark) else str(told)

    return _PEOPLE.sub(banded, text)


def shown_cell(
    value: Cell, column: Column, n: int, profile: Profile, *, group_n: int, invited: int | None
) -> Cell:
    """Give the published form of one cell of a row that the gate has let through.

    Parameters
    ----------
    value : the cell as proposed; marks, None and words pass (small numbers of people in bands).
    column : its declaration; `Kind` and `personal` decide the rule.
    n : people with an answer behind the row.
    group_n : people in the group, answered or not; told instead of n where fewer than the minimum
        of them did not answer, so that nobody can be subtracted.
    invited : people asked, for response rates.
    """
    if value is None or isinstance(value, Mark):
        return value
    if column.kind is Kind.TEXT:
        return shown_text(str(value), profile.minimum) if n else value
    if column.kind is Kind.KEY or isinstance(value, str | bool) or not isinstance(value, int | float):
        return value
    if not math.isfinite(value):
        return None
    if column.name in ROWS_OF_FILES and value < EXACT_FROM:
        return Mark.CONFIDENTIAL
    if column.personal and n < profile.needed(column):
        return Mark.CONFIDENTIAL
    if column.kind is Kind.COUNT:
        return _shown_count(round(value), column, n, profile, group_n)
    if column.kind is Kind.INTERVAL:
        decimals = (
            min(column.decimals, SHARE_DECIMALS)
            if column.unit == "share" and column.personal
            else column.decimals
        )
        return outwards(value, decimals, lower=column.name.endswith("low"))
    if column.name in QUANTILES:
        return rounded(round(value * 2) / 2, MEAN_DECIMALS)
    if column.kind is Kind.MEAN:
        if column.name in DIFFERENCES:
            return rounded(value, MEAN_DECIMALS)
        return shown_mean(value, n)
    if column.kind is Kind.SHARE and column.personal:
        return shown_rate(value, invited) if column.name in RESPONSE_RATES else shown_share(value, n)
    return rounded(value, column.decimals)


def _shown_count(count: int, column: Column, n: int, profile: Profile, group_n: int) -> Cell:
    if not column.personal:
        return count
    if column.name in INVITED:
        return Mark.CONFIDENTIAL if 0 < count - n < profile.minimum else shown_n(count, profile.minimum)
    if count == n and 0 < group_n - count < profile.minimum:
        count = group_n
    return shown_n(count, profile.minimum)
