"""The floors: what may be shown of how many people. Params may raise them, nothing lowers them."""

from dataclasses import dataclass
from typing import Final

from smf_helpers.errors import Fault, PrivacyError
from smf_helpers.results.publication import Column, Kind

MINIMUM: Final = {"standard": 5, "strict": 10}
"""Smallest group shown, by profile."""

DETAIL_MINIMUM: Final = 10
"""Smallest group for shares, intervals and test results; doubled in the strict profile."""

QUANTILE_MINIMUM: Final = 20
"""Smallest group for quartiles and other quantiles of people."""

STATISTIC_MINIMUM: Final = 30
"""Smallest group for correlations, fitted parameters and forecasts."""

EXACT_FROM: Final = 20
"""From here up the number of people is told exactly; below, in bands."""

BANDS: Final = ((5, 9), (10, 19))
"""Bands of the number of people below `EXACT_FROM`."""

UNANIMITY_SHARE_BELOW: Final = 50
"""Below this many people a share of 0 % or 100 % is told as a band."""

INTERVAL_WIDTH: Final = 0.25
"""What an attacker may know of a small group's mean stays at least this share of the scale wide: one
scale point of 1 to 5."""

INTERVAL_PEOPLE: Final = 2
"""A single person's answer stays as uncertain as two people's: more than one answer remains possible."""

COMMENT_RESPONDENTS: Final = 10
COMMENT_MINIMUM: Final = 5
PORTFOLIO_CLIENTS: Final = 5
PORTFOLIO_RESPONDENTS: Final = 10
PORTFOLIO_LARGEST: Final = 0.40
PORTFOLIO_TWO_LARGEST: Final = 0.70
PORTFOLIO_MEMBERS_CHANGE: Final = 3

SCALE: Final = (1.0, 5.0)
"""The answer scale of the factors."""

DIFFERENCES: Final = frozenset({"change", "need", "gain", "waiting"})
"""Columns of kind MEAN that hold a difference of means, not a mean."""

QUANTILES: Final = frozenset({"people_low", "people_high"})
"""Columns that hold a quantile of people."""

OUTCOMES: Final = frozenset({"status", "verdict", "design", "reason", "phase", "notes"})
"""Key and text columns that tell a result; they are hidden with the row they belong to."""

ROWS_OF_FILES: Final = frozenset({"rows_in", "rows_out"})
"""Columns that count rows of input files: one row is one person in some, so small ones are not told."""

RESPONSE_RATES: Final = frozenset({"response_rate"})
INVITED: Final = frozenset({"invited"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A privacy profile: its name and its thresholds.

    Attributes
    ----------
    name : ``standard`` or ``strict``.
    minimum : smallest group shown.
    """

    name: str
    minimum: int

    @property
    def detail(self) -> int:
        """Smallest group for shares and intervals."""
        return max(DETAIL_MINIMUM * (2 if self.name == "strict" else 1), self.minimum)

    @property
    def comment_respondents(self) -> int:
        """Smallest group whose comments are told, as themes or word for word."""
        return max(COMMENT_RESPONDENTS, self.detail)

    def needed(self, column: Column) -> int:
        """Give the smallest number of people for which `column` may hold a number."""
        if not column.personal:
            return 0
        if column.name in QUANTILES:
            return max(QUANTILE_MINIMUM, self.detail)
        if column.kind in (Kind.SHARE, Kind.INTERVAL):
            return self.detail
        if column.kind is Kind.STATISTIC:
            return max(STATISTIC_MINIMUM, self.minimum)
        return self.minimum


def profile(name: str = "standard", minimum: int | None = None) -> Profile:
    """Give the profile of that name, its minimum raised where the client asks for more.

    Raises
    ------
    PrivacyError
        When there is no such profile (P002) or the minimum is below its floor (P001).

    Examples
    --------
    >>> profile("standard", 8)
    Profile(name='standard', minimum=8)
    """
    if name not in MINIMUM:
        known = " or ".join(f"'{known}'" for known in MINIMUM)
        raise PrivacyError(
            Fault(
                code="P002",
                where="privacy.profile",
                what="There is no such profile.",
                remedy=f"Use {known}.",
            )
        )
    floor = MINIMUM[name]
    if minimum is None:
        return Profile(name=name, minimum=floor)
    if isinstance(minimum, bool) or not isinstance(minimum, int) or minimum < floor:
        raise PrivacyError(
            Fault(
                code="P001",
                where="privacy.minimum",
                what="The smallest group shown is below the floor.",
                remedy=f"The profile '{name}' needs at least {floor}; it can only be raised.",
            )
        )
    return Profile(name=name, minimum=minimum)
