"""What the survey says: scores, changes, reliability, weights and invariance.

Frames are tidy; their columns are named in the attribute that holds them. A row that cannot be
estimated keeps its place with an empty value, a status and the reason in words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from smf_helpers.results.core import Estimate, Status

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class FactorScores:
    """Scores of people, and of units and the organisation, wave by wave.

    Attributes
    ----------
    people : a row a respondent and wave: ``wave, respondent, unit, weight`` and one column a factor
        (empty where too few of its items were answered).
    answers : the same rows: one column an item, on the common scale, reverse-keyed items turned.
    factors : a row a wave, unit (``all`` for everybody) and factor: ``wave, unit, factor, mean, se, low, high,
        n, deff, favourable, pooled, pooled_low, pooled_high, status, reason``.
    items : ``item, factor`` of every item that was scored.
    waves : the waves in order of time.
    key_kinds : wave → how its people are known (``panel``, ``self_made``, ``hashed``, ``none`` or empty).
    scale : ends of the common scale.
    notes : what was left out, and why.
    status, reason : whether there are scores at all.
    """

    people: "pd.DataFrame"
    answers: "pd.DataFrame"
    factors: "pd.DataFrame"
    items: "pd.DataFrame"
    waves: tuple[str, ...]
    key_kinds: Mapping[str, str] = field(default_factory=dict)
    scale: tuple[float, float] = (1.0, 5.0)
    notes: tuple[str, ...] = ()
    status: Status = Status.OK
    reason: str = ""

    def __repr__(self) -> str:
        units = self.factors["unit"].nunique() - 1 if len(self.factors) else 0
        said = f"{len(self.people)} answered sheets, {len(self.waves)} waves, {max(units, 0)} units"
        return f"FactorScores({said}, {self.status.value})"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class WaveChange:
    """Change of the factors between waves, with a verdict each.

    Attributes
    ----------
    changes : a row a unit, pair of waves and factor: ``unit, factor, from_wave, to_wave, change, se, low, high,
        p, p_adjusted, verdict, design, same_people, n, n_from, n_to, n_paired, n_items, status, reason``;
        ``same_people`` is the plain mean change of those who answered in both waves. Verdicts: ``rose``, ``fell``,
        ``equivalent``, ``not enough to say``, ``not comparable``.
    smallest : smallest change that matters, in scale points.
    correction : ``holm`` or ``bh``.
    level : coverage of the intervals, which are not adjusted for multiplicity.
    """

    changes: "pd.DataFrame"
    smallest: float
    correction: str
    level: float = 0.95

    def __repr__(self) -> str:
        counts = self.changes["verdict"].value_counts().to_dict() if len(self.changes) else {}
        told = ", ".join(f"{n} {verdict}" for verdict, n in sorted(counts.items()))
        return f"WaveChange({told or 'nothing compared'})"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Reliability:
    """How reliably a set of items measures one thing.

    Attributes
    ----------
    omega : McDonald's omega of one factor; Spearman-Brown for two items.
    alpha : Cronbach's alpha with Feldt's interval.
    items : a row an item: ``item, loading, item_rest, alpha_if_deleted``.
    n : complete answers used.
    n_items : number of items.
    """

    omega: Estimate
    alpha: Estimate
    items: "pd.DataFrame"
    n: int
    n_items: int

    def __repr__(self) -> str:
        return f"Reliability(omega={self.omega!r}, alpha={self.alpha!r}, n={self.n}, items={self.n_items})"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Raking:
    """Weights that bring the respondents to known margins.

    Attributes
    ----------
    weights : one weight a respondent, in the order and with the index of the frame given.
    deff : Kish's design effect of the weights.
    n_effective : respondents that an unweighted sample of equal precision would have.
    n_trimmed : respondents whose weight stands on a limit.
    largest_error : largest relative distance of a weighted margin from its target.
    status, reason : ``boundary`` when the margins cannot be met within the limits.
    """

    weights: "pd.Series"
    deff: float
    n_effective: float
    n_trimmed: int
    largest_error: float
    status: Status = Status.OK
    reason: str = ""

    def __repr__(self) -> str:
        n = len(self.weights)
        return f"Raking({n} weights, deff {self.deff:.3g}, largest error {self.largest_error:.1g}, {self.status.value})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invariance:
    """Whether a factor's items mean the same in two waves.

    Attributes
    ----------
    verdict : ``scalar`` (means may be compared), ``metric`` (only relations), ``none`` or ``not assessed``.
    models : model → (chi square, df, CFI, RMSEA), for configural, metric and scalar.
    n : complete answers in the two waves.
    reason : the verdict in words.
    """

    verdict: str
    models: Mapping[str, tuple[float, int, float, float]]
    n: tuple[int, int]
    reason: str
