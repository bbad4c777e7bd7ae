"""What can be said about each person: the decision table for few points, applied.

| measurements | alone | pooled |
| --- | --- | --- |
| 1 | level | level |
| 2 | level, change | level, change |
| 3 | line | line; no pace of one's own |
| 4 to 6 | line or log-line | pace, shrunken; no asymptote |
| 7 to 11 | pace when its profile interval is closed on both sides | pace, asymptote inside the scale |
| 12 and more | pace, also one-sided | pace, asymptote inside the scale |

From 12 measurements on a learner may also have a family of one's own: see `learning_family`.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from smf_helpers.models.curves_engine import Array
from smf_helpers.models.learning_pooling import Pooled, pace_quantile
from smf_helpers.models.learning_profile import (
    closed_sides,
    line_levels,
    pace_limits,
    plain_levels,
    profile_levels,
)
from smf_helpers.models.learning_projection import Alone, Series
from smf_helpers.models.learning_series import Cohort
from smf_helpers.models.learning_shapes import LearningShape

OK, OPEN, EDGE = "ok", "one_sided", "boundary"
UNTOLD, FEW = "not_identified", "insufficient_data"
CURVE_POOLED, CURVE_ALONE, LONG = 4, 7, 12
QUANTITIES = ("level", "rate", "half_life", "weeks_to_80", "predicted", "gain", "change", "asymptote")


@dataclass(slots=True)
class Told:
    """One quantity of every learner: value, limits, status and reason.

    Status and reason are places in `words`, so that thousands of them cost what one does.
    """

    value: Array
    low: Array
    high: Array
    status: Array
    reason: Array
    words: list[str] = field(default_factory=list)

    @classmethod
    def blank(cls, count: int, status: str, reason: str) -> "Told":
        """Make a quantity of which nothing is known yet."""
        value, low, high = (np.full(count, np.nan) for _ in range(3))
        return cls(value, low, high, np.zeros(count, dtype=int), np.ones(count, dtype=int), [status, reason])

    def word(self, word: str) -> int:
        """Give the place of a word."""
        if word not in self.words:
            self.words.append(word)
        return self.words.index(word)

    def say(self, where: Array, status: str, reason: str = "") -> None:
        """Set status and reason of the learners of `where`."""
        self.status[where], self.reason[where] = self.word(status), self.word(reason)

    def put(
        self, where: Array, value: Array, low: Array, high: Array, status: str = OK, reason: str = ""
    ) -> None:
        """Fill in the learners of `where`."""
        self.value[where], self.low[where], self.high[where] = value[where], low[where], high[where]
        self.say(where, status, reason)

    def refuse(self, where: Array, status: str, reason: str) -> None:
        """Take the number away from the learners of `where` and say why."""
        for part in (self.value, self.low, self.high):
            part[where] = np.nan
        self.say(where, status, reason)

    def is_ok(self) -> Array:
        """Tell which learners have a number with status ok."""
        return self.status == self.word(OK)

    def spelled(self) -> tuple[Any, Any]:
        """Give status and reason in words."""
        words = pd.array(self.words, dtype="str")
        return words.take(self.status), words.take(self.reason)


def tell_people(
    shape: LearningShape,
    cohort: Cohort,
    alone: Alone,
    pooled: Pooled | None,
    *,
    common: float,
    scale: tuple[float, float] | None,
    falling: bool,
    untold: str = "",
    intervals: bool = True,
) -> dict[str, Told]:
    """Give every quantity of every learner; `untold` says why the cohort allows no pace, if it does not."""
    told = {name: Told.blank(len(cohort.names), FEW, "No score.") for name in QUANTITIES}
    if pooled is not None:
        noise = pooled.population.sigma2
        _tell_pooled(told, shape, cohort.series, pooled, common)
        if untold:
            for name in ("rate", "half_life", "weeks_to_80", "asymptote"):
                told[name].refuse(told[name].is_ok(), UNTOLD, untold)
    else:
        noise = common_noise(cohort.series, alone)
        _tell_alone(told, shape, cohort.series, alone, common, noise, intervals)
    _tell_change(told["change"], cohort.series, noise)
    _bound(told, cohort.series, scale, falling)
    return told


def common_noise(series: Series, alone: Alone) -> float:
    """Give the variance of a score, pooled over the learners' own residuals."""
    long = series.n >= 4
    spare = float(np.sum(series.n[long] - 3))
    if spare > 0:
        return float(np.sum(alone.rss[long])) / spare
    return float("nan")


def _half_and_80(
    told: dict[str, Told],
    shape: LearningShape,
    e: Array,
    common: float,
    where: Array,
    u: Array,
    low: Array,
    high: Array,
) -> None:
    """Turn the pace into half-life and weeks to 80 % of the own gain: a faster pace is fewer weeks."""
    for name, share in (("half_life", 0.5), ("weeks_to_80", 0.2)):
        value, slow, fast = (shape.reaches(share, e, part, common) for part in (u, low, high))
        told[name].put(where, value, fast, slow)


def _tell_pooled(
    told: dict[str, Told], shape: LearningShape, series: Series, pooled: Pooled, common: float
) -> None:
    n, noise = series.n, pooled.population.sigma2
    some = n >= 1
    u, low, high = pooled.theta[:, 2], pace_quantile(pooled, 0.025), pace_quantile(pooled, 0.975)
    last = np.where(some, series.s[np.arange(len(n)), np.maximum(n - 1, 0)], 0.0)
    now = shape.left(last[:, None], series.e[:, None], pooled.u, common)
    later = shape.left((last + series.ahead)[:, None], series.e[:, None], pooled.u, common)
    level, next_level = _mixture(pooled, 1.0, now), _mixture(pooled, 1.0, later)
    gain = _mixture(pooled, 0.0, later - now)
    told["level"].put(some, *_normal(*level))
    curved = n >= CURVE_POOLED
    for name in ("rate", "half_life", "weeks_to_80", "predicted", "gain", "asymptote"):
        told[name].refuse(some & ~curved, FEW, "Fewer than 4 measurements carry no pace of one's own.")
    told["predicted"].put(curved, *_normal(next_level[0], next_level[1] + noise))
    told["gain"].put(curved, *_normal(*gain))
    told["rate"].put(curved, np.exp(u), np.exp(low), np.exp(high))
    _half_and_80(told, shape, series.e, common, curved, u, low, high)
    spread = np.sqrt(pooled.covariance[:, 0, 0])
    asymptote = pooled.theta[:, 0]
    long = n >= CURVE_ALONE
    told["asymptote"].refuse(curved & ~long, FEW, "Fewer than 7 measurements carry no own asymptote.")
    told["asymptote"].put(long, asymptote, asymptote - 1.96 * spread, asymptote + 1.96 * spread)


def _mixture(pooled: Pooled, level: float, left: Array) -> tuple[Array, Array]:
    """Give mean and variance of ``level A - B left`` over each learner's posterior."""
    a, b = pooled.mean_ab[..., 0], pooled.mean_ab[..., 1]
    vaa, vab, vbb = (pooled.cov_ab[..., part] for part in range(3))
    mean = level * a - b * left
    inner = level * vaa - 2 * level * left * vab + left**2 * vbb
    centre = np.einsum("ij,ij->i", pooled.weight, mean)
    away = mean - centre[:, None]
    return centre, np.einsum("ij,ij->i", pooled.weight, away * away + inner)


def _normal(mean: Array, variance: Array) -> tuple[Array, Array, Array]:
    reach = 1.959963984540054 * np.sqrt(variance)
    return mean, mean - reach, mean + reach


def _tell_alone(
    told: dict[str, Told],
    shape: LearningShape,
    series: Series,
    alone: Alone,
    common: float,
    noise: float,
    intervals: bool,
) -> None:
    n = series.n
    rows = np.arange(len(n))
    last = np.where(n > 0, series.s[rows, np.maximum(n - 1, 0)], 0.0)
    latest = series.y[rows, np.maximum(n - 1, 0)]
    short = (n >= 1) & (n <= 2)
    reach = np.full(len(n), 1.959963984540054 * np.sqrt(noise))
    told["level"].put(short, latest, latest - reach, latest + reach)
    if not np.isfinite(noise):
        told["level"].refuse(short, FEW, "One or two scores, and no learner tells how much a score varies.")
    few = "Fewer than 7 measurements carry no curve of one person alone."
    for name in ("rate", "half_life", "weeks_to_80", "asymptote"):
        told[name].refuse((n >= 1) & (n < CURVE_ALONE), FEW, few)
    for name in ("predicted", "gain"):
        told[name].refuse(short, FEW, "Fewer than 3 measurements carry no line.")
    long = n >= CURVE_ALONE
    low, high = (np.full(len(n), np.nan) for _ in range(2))
    left, right = closed_sides(series, alone) if long.any() else (long, long)
    closed = left & right
    inside = long & alone.rising & (alone.edge == 0)
    curved = inside & (closed | ((n >= LONG) & (left | right)))
    lined = (n >= 3) & ~curved
    if lined.any():
        part, at = series.take(np.flatnonzero(lined)), last[lined]
        lines = line_levels(part, at, series.gap, series.ahead)
        for name, parts in zip(("level", "predicted", "gain"), lines, strict=True):
            wide = np.full((3, len(n)), np.nan)
            wide[:, lined] = parts
            told[name].put(lined, wide[0], wide[1], wide[2], reason="Read from a straight line.")
    if not long.any():
        return
    if intervals:
        low, high = pace_limits(shape, series, alone, common=common)
        levels = profile_levels(shape, series, alone, low, high, last, common=common)
    else:
        levels = plain_levels(shape, series, alone, last, common)
    told["rate"].put(curved, np.exp(alone.u), np.exp(low), np.exp(high))
    _half_and_80(told, shape, series.e, common, curved, alone.u, low, high)
    for name, parts in zip(("level", "predicted", "gain", "asymptote"), levels, strict=True):
        told[name].put(curved, *parts)
    for name in ("rate", "half_life", "weeks_to_80"):
        told[name].say(curved & ~closed, OPEN, "The data bound the pace on one side only.")
    for name in ("rate", "half_life", "weeks_to_80", "asymptote"):
        told[name].refuse(
            inside & ~curved, UNTOLD, "The data do not bound the pace on both sides: see the line instead."
        )
        told[name].refuse(
            long & (alone.edge < 0), EDGE, "The scores follow a straight line: no pace is seen."
        )
        told[name].refuse(long & (alone.edge > 0), EDGE, "All is gained by the second measurement: a step.")
        told[name].refuse(long & ~alone.rising, EDGE, "The scores do not rise: no learning is seen.")


def _tell_change(told: Told, series: Series, noise: float) -> None:
    """Give the last score less the first, with the limits of reliable change (Jacobson & Truax 1991)."""
    n = series.n
    two = n >= 2
    told.refuse(n == 1, FEW, "One measurement: no change can be seen.")
    if not np.isfinite(noise):
        told.refuse(two, FEW, "No learner tells how much a score varies.")
        return
    change = series.y[np.arange(len(n)), np.maximum(n - 1, 0)] - series.y[:, 0]
    reach = 1.959963984540054 * np.sqrt(2 * noise)
    told.put(two, change, change - reach, change + reach)


def _bound(told: dict[str, Told], series: Series, scale: tuple[float, float] | None, falling: bool) -> None:
    """Put levels back on the scale as asked, and hold them inside it."""
    sign = -1.0 if falling else 1.0
    for name in ("level", "predicted", "asymptote"):
        part = told[name]
        value, low, high = (sign * (piece + series.centre) for piece in (part.value, part.low, part.high))
        low, high = (high, low) if falling else (low, high)
        if scale is not None and name == "asymptote":
            wide = part.is_ok() & ((low < scale[0]) | (high > scale[1]))
            part.value, part.low, part.high = value, low, high
            part.refuse(wide, UNTOLD, "The interval of the asymptote leaves the scale.")
            continue
        if scale is not None:
            value, low, high = (np.clip(piece, *scale) for piece in (value, low, high))
        part.value, part.low, part.high = value, low, high
    for name in ("gain", "change"):
        part = told[name]
        low, high = sign * part.low, sign * part.high
        part.value, part.low, part.high = sign * part.value, *((high, low) if falling else (low, high))


def standard_errors(
    series: Series, alone: Alone, pooled: Pooled | None, told: dict[str, Told]
) -> dict[str, Array]:
    """Give the standard error of pace and asymptote: of least squares, or the posterior's SD where pooled."""
    own = alone.rss / np.maximum(series.n - 3, 1)
    variance = alone.covariance * own[:, None, None] if pooled is None else pooled.covariance
    pace, end = np.sqrt(variance[:, 2, 2]), np.sqrt(variance[:, 0, 0])
    end = np.where(np.isfinite(told["asymptote"].value), end, np.nan)
    return {"rate_se": told["rate"].value * pace, "asymptote_se": end}


def frame_of(cohort: Cohort, told: dict[str, Told], extra: dict[str, Any]) -> pd.DataFrame:
    """Lay the quantities out as one row a learner."""
    columns: dict[str, Any] = {"learner": cohort.names}
    columns["unit"] = pd.array([*cohort.unit_names, None], dtype="str").take(cohort.units)
    columns["team"] = pd.array([*cohort.team_names, None], dtype="str").take(cohort.teams)
    columns["n"] = cohort.series.n
    for name, part in told.items():
        columns[name], columns[f"{name}_low"], columns[f"{name}_high"] = part.value, part.low, part.high
        columns[f"{name}_status"], columns[f"{name}_reason"] = part.spelled()
    columns.update(extra)
    columns["status"], columns["reason"] = columns["rate_status"], columns["rate_reason"]
    return pd.DataFrame(columns, copy=False)
