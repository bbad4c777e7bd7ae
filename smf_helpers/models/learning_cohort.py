"""The cohort: the typical learner, the spread of pace, units, waves as measured, and who left.

The typical learner is the middle of the population of curves, never a curve through the cohort's means (Estes
1956). Its interval comes from Louis's information of the population's centre, that of the spread from the
learners' scores for log tau.
"""

from typing import Any

import numpy as np
import pandas as pd

from smf_helpers.models.curves_engine import Array
from smf_helpers.models.learning_pooling import Pooled
from smf_helpers.models.learning_series import Cohort, last_of
from smf_helpers.models.learning_shapes import LearningShape
from smf_helpers.results.core import Estimate, Status, refused

Z = 1.959963984540054
QUANTILES = tuple((2 * place + 1) / 20 for place in range(10))
"""The middles of ten tenths: ten people who stand for all."""
PEOPLE = (0.1, 0.9)
DRAWS = 4000
MANY_GROUPS = 5
"""Groups below which the spread between them is not told."""


class Centre:
    """The population's centre with its sampling covariance, and the spread of pace with its error."""

    def __init__(self, pooled: Pooled) -> None:
        population = pooled.population
        inverse = np.linalg.inv(population.omega)
        information = inverse * len(pooled.theta) - inverse @ pooled.covariance.sum(axis=0) @ inverse
        groups = pooled.groups
        self.theta = population.gamma[0]
        self.covariance = np.linalg.pinv(information) + population.between / max(groups.n_units, 1)
        self.covariance = self.covariance + population.between_teams / max(groups.n_teams, 1)
        self.total = population.omega + population.between + population.between_teams
        self.tau = float(np.sqrt(self.total[2, 2]))
        means = pooled.design @ population.gamma + pooled.effects.mean
        away = (pooled.theta[:, 2] - means[:, 2]) ** 2 + pooled.covariance[:, 2, 2]
        score = away / population.omega[2, 2] - 1.0
        self.log_tau_variance = 1.0 / max(float(np.sum(score**2)), 1e-12)

    def pace(self, share: float) -> tuple[float, float, float]:
        """Give the log pace that `share` of the learners reach or pass, with its limits."""
        from scipy.special import ndtri

        z = float(ndtri(1 - share))
        middle = self.theta[2] + z * self.tau
        spread = np.sqrt(self.covariance[2, 2] + (z * self.tau) ** 2 * self.log_tau_variance)
        return middle, middle - Z * spread, middle + Z * spread

    def step(
        self, shape: LearningShape, start: float, stop: float, e: float, common: float
    ) -> tuple[float, float]:
        """Give what the typical learner gains between two moments, and its standard error."""
        _, b, u = self.theta
        moments = np.array([start, stop])
        g = shape.left(moments, e, u, common)
        bent = np.imag(shape.left(moments, e, u + 1e-30j, common)) / 1e-30
        gradient = np.array([0.0, g[0] - g[1], b * (bent[0] - bent[1])])
        return float(b * (g[0] - g[1])), float(np.sqrt(gradient @ self.covariance @ gradient))

    def level(self, shape: LearningShape, s: Array, e: float, common: float) -> tuple[Array, Array]:
        """Give the typical learner's level (less the centre) at each s, and its standard error."""
        a, b, u = self.theta
        g = shape.left(s, e, u, common)
        bent = np.imag(shape.left(s, e, u + 1e-30j, common)) / 1e-30
        gradient = np.stack([np.ones_like(s), -g, -b * bent], axis=1)
        return a - b * g, np.sqrt(np.einsum("ij,jk,ik->i", gradient, self.covariance, gradient))


def typical_of(
    shape: LearningShape,
    cohort: Cohort,
    centre: Centre | None,
    *,
    common: float,
    sign: float,
    status: Status,
    reason: str,
) -> pd.DataFrame:
    """Give the typical learner as one row a quantity; level and gain also where no curve can be told."""
    unit = "weeks" if cohort.axis == "time" else "units of practice"
    rows = [] if centre is None else _curve_rows(shape, cohort, centre, common, sign, unit)
    names = ("asymptote", "gain", "gain_next", "rate", "half_life", "weeks_to_80", "pace_spread")
    rows = rows or [_row(name, np.nan, np.nan, np.nan, "") for name in names]
    for row in rows:
        row["status"], row["reason"] = status.value, reason
        if status not in (Status.OK, Status.ONE_SIDED):
            row["value"] = row["low"] = row["high"] = float("nan")
    return pd.DataFrame([*_measured_rows(cohort, sign), *rows])


def _curve_rows(
    shape: LearningShape, cohort: Cohort, centre: Centre, common: float, sign: float, unit: str
) -> list[dict[str, Any]]:
    series = cohort.series
    e = float(np.median(series.e))
    middle, low, high = centre.pace(0.5)
    spread = np.sqrt(np.diag(centre.covariance))
    a, b = sign * (centre.theta[0] + series.centre), sign * centre.theta[1]
    now = float(np.median(last_of(series)))
    step, error = centre.step(shape, now, now + series.ahead, e, common)
    rows = [
        _row("asymptote", a, a - Z * spread[0], a + Z * spread[0], "score"),
        _row("gain", b, b - Z * spread[1], b + Z * spread[1], "score"),
        _row("gain_next", sign * step, sign * step - Z * error, sign * step + Z * error, "score"),
        _row(
            "rate", np.exp(middle), np.exp(low), np.exp(high), "per week" if unit == "weeks" else "per unit"
        ),
    ]
    for name, share in (("half_life", 0.5), ("weeks_to_80", 0.2)):
        value, slow, fast = (float(shape.reaches(share, e, u, common)) for u in (middle, low, high))
        rows.append(_row(name, value, fast, slow, unit))
    return [*rows, _row("pace_spread", centre.tau, *_tau_limits(centre), "SD of log rate")]


def _measured_rows(cohort: Cohort, sign: float) -> list[dict[str, Any]]:
    """Give the mean level now and the mean change since the first score of the same people."""
    from scipy.special import stdtrit

    series = cohort.series
    n = series.n
    last = series.y[np.arange(len(n)), np.maximum(n - 1, 0)]
    rows = []
    for name, values in (
        ("level_now", sign * (last + series.centre)[n >= 1]),
        ("gain_so_far", sign * (last - series.y[:, 0])[n >= 2]),
    ):
        if len(values) < 2:
            row = _row(name, np.nan, np.nan, np.nan, "score")
            status, reason = Status.INSUFFICIENT_DATA, "Fewer than two learners with the scores it takes."
        else:
            mean = float(values.mean())
            reach = float(stdtrit(len(values) - 1, 0.975) * values.std(ddof=1) / np.sqrt(len(values)))
            row = _row(name, mean, mean - reach, mean + reach, "score")
            status, reason = Status.OK, ""
        rows.append({**row, "status": status.value, "reason": reason})
    return rows


def _tau_limits(centre: Centre) -> tuple[float, float]:
    reach = Z * np.sqrt(centre.log_tau_variance)
    return float(centre.tau * np.exp(-reach)), float(centre.tau * np.exp(reach))


def _row(quantity: str, value: float, low: float, high: float, unit: str) -> dict[str, Any]:
    low, high = min(low, high), max(low, high)
    return {"quantity": quantity, "value": float(value), "low": float(low), "high": float(high), "unit": unit}


def curve_of(
    shape: LearningShape,
    cohort: Cohort,
    centre: Centre | None,
    *,
    common: float,
    sign: float,
    scale: tuple[float, float] | None,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Give the typical learner week by week, with the band of people."""
    columns = ["week", "level", "low", "high", "people_low", "people_high", "n"]
    series = cohort.series
    if centre is None:
        return pd.DataFrame(columns=columns, dtype=float)
    step = 1.0 if cohort.axis == "time" else series.gap
    s = np.arange(0.0, float(series.s.max()) + 0.5 * step, step)
    e = float(np.median(series.e))
    level, error = centre.level(shape, s, e, common)
    people = rng.multivariate_normal(centre.theta, centre.total, size=DRAWS)
    levels = people[:, :1] - people[:, 1:2] * shape.left(s[None, :], e, people[:, 2:3], common)
    bands = np.quantile(levels, PEOPLE, axis=0)
    parts = [level, level - Z * error, level + Z * error, bands[0], bands[1]]
    parts = [sign * (part + series.centre) for part in parts]
    if sign < 0:
        parts = [parts[0], parts[2], parts[1], parts[4], parts[3]]
    if scale is not None:
        parts = [np.clip(part, *scale) for part in parts]
    reached = np.where(series.n > 0, last_of(series), -np.inf)
    n = [int(np.sum(reached >= week)) for week in s]
    return pd.DataFrame(dict(zip(columns, [s, *parts, n], strict=True)))


def levels_of(cohort: Cohort, pooled: Pooled | None, *, status: Status, reason: str) -> pd.DataFrame:
    """Give the spread of pace and of level between units, between teams within them, and between people within those."""
    shown = pooled is not None and status in (Status.OK, Status.ONE_SIDED)
    count = {"unit": len(cohort.unit_names), "team": len(cohort.parent), "learner": len(cohort.names)}
    rows = []
    for level, n in count.items():
        row: dict[str, Any] = {"level": level, "n": n, "pace_spread": np.nan, "asymptote_spread": np.nan}
        row["status"], row["reason"] = status.value, reason
        if level != "learner" and n < MANY_GROUPS:
            row["status"] = Status.INSUFFICIENT_DATA.value
            row["reason"] = f"Fewer than {MANY_GROUPS} groups carry no spread between them."
        elif shown and pooled is not None:
            population = pooled.population
            part = {"unit": population.between, "team": population.between_teams, "learner": population.omega}
            row["asymptote_spread"], _, row["pace_spread"] = np.sqrt(np.diag(part[level]))
        rows.append(row)
    return pd.DataFrame(rows)


def spread_of(
    shape: LearningShape, cohort: Cohort, centre: Centre | None, *, common: float, status: Status, reason: str
) -> pd.DataFrame:
    """Give the distribution of pace: the share of learners who are at least this fast."""
    e = float(np.median(cohort.series.e)) if len(cohort.names) else 1.0
    shown = centre is not None and status in (Status.OK, Status.ONE_SIDED)
    rows = []
    for share in QUANTILES:
        row: dict[str, Any] = {"quantile": share}
        u = centre.pace(share) if shown and centre is not None else (np.nan, np.nan, np.nan)
        row["rate"], row["rate_low"], row["rate_high"] = (float(np.exp(part)) for part in u)
        weeks = [float(shape.reaches(0.2, e, part, common)) for part in u] if shown else [np.nan] * 3
        row["weeks_to_80"], row["weeks_to_80_low"], row["weeks_to_80_high"] = weeks[0], weeks[2], weeks[1]
        row["status"], row["reason"] = status.value, reason
        rows.append(row)
    return pd.DataFrame(rows)


def units_of(
    shape: LearningShape,
    cohort: Cohort,
    pooled: Pooled | None,
    centre: Centre | None,
    *,
    common: float,
    sign: float,
    scale: tuple[float, float] | None,
) -> pd.DataFrame:
    """Give each unit's typical level now and the gain it may expect to the next measurement."""
    columns = ["unit", "n", "level", "low", "high", "gain", "gain_low", "gain_high", "status", "reason"]
    series = cohort.series
    rows = []
    last = last_of(series)
    for place, name in enumerate(cohort.unit_names):
        members = np.flatnonzero((cohort.units == place) & (series.n > 0))
        row: dict[str, Any] = dict.fromkeys(columns, float("nan"))
        row.update(unit=name, n=len(members), status=Status.INSUFFICIENT_DATA.value)
        row["reason"] = "Fewer than 3 learners, or the cohort is too small to be pooled."
        if pooled is not None and centre is not None and len(members) >= 3:
            moments = _unit_moments(shape, series.e, pooled, members, last, series.ahead, common)
            level, level_error, gain, gain_error = moments
            ends = [sign * (level + side * Z * level_error + series.centre) for side in (0, -1, 1)]
            ends = [float(np.clip(end, *scale)) if scale is not None else float(end) for end in ends]
            gains = [float(sign * (gain + side * Z * gain_error)) for side in (0, -1, 1)]
            row.update(level=ends[0], low=min(ends), high=max(ends))
            row.update(gain=gains[0], gain_low=min(gains), gain_high=max(gains))
            row.update(status=Status.OK.value, reason="")
        rows.append(row)
    return pd.DataFrame(rows, columns=columns)


def _unit_moments(
    shape: LearningShape, e: Array, pooled: Pooled, members: Array, last: Array, ahead: float, common: float
) -> tuple[float, float, float, float]:
    """Average level and gain over a unit's learners, with the error of that average."""
    weight = pooled.weight[members]
    a, b = pooled.mean_ab[members, :, 0], pooled.mean_ab[members, :, 1]
    vaa, vab, vbb = (pooled.cov_ab[members][..., part] for part in range(3))
    out = []
    for level in (1.0, 0.0):
        now = shape.left(last[members, None], e[members, None], pooled.u[members], common)
        later = shape.left(last[members, None] + ahead, e[members, None], pooled.u[members], common)
        left = now if level else later - now
        value = level * a - b * left
        mean = np.einsum("ij,ij->i", weight, value)
        inner = level * vaa - 2 * level * left * vab + left**2 * vbb + (value - mean[:, None]) ** 2
        variance = np.einsum("ij,ij->i", weight, inner)
        size = len(members)
        between = float(np.var(mean, ddof=1)) if size > 1 else 0.0
        out += [float(mean.mean()), float(np.sqrt((between + variance.mean()) / size))]
    return out[0], out[1], out[2], out[3]


def waves_of(cohort: Cohort, *, sign: float) -> pd.DataFrame:
    """Give the scores as measured, moment by moment and unit by unit, with the share that still takes
    part."""
    columns = ["week", "unit", "n", "mean", "low", "high", "complete"]
    series = cohort.series
    if not series.seen.any():
        return pd.DataFrame(columns=columns)
    who = np.repeat(np.arange(len(series.n)), series.n)
    gap = min(series.gap, 1.0) if cohort.axis == "time" else series.gap
    step = np.round(series.s[series.seen] / gap).astype(int)
    score = sign * (series.y[series.seen] + series.centre)
    # One score a learner and step: the mean where measurements lie closer together than a step.
    new = np.ones(len(who), dtype=bool)
    new[1:] = (who[1:] != who[:-1]) | (step[1:] != step[:-1])
    group = np.cumsum(new) - 1
    score = np.bincount(group, score) / np.bincount(group)
    who, step = who[new], step[new]
    last = last_of(series)
    end = float((last + cohort.started).max())
    parts = [("all", np.arange(len(who)))]
    parts += [(name, np.flatnonzero(cohort.units[who] == at)) for at, name in enumerate(cohort.unit_names)]
    rows = []
    for unit, part in parts:
        members = np.flatnonzero(np.bincount(who[part], minlength=len(last)))
        for week, n, mean, reach in _step_means(step[part], score[part]):
            at = week * gap
            could = members[cohort.started[members] + at <= end + gap / 2]
            still = float(np.mean(last[could] >= at - gap / 2)) if could.size else float("nan")
            rows.append([at, unit, n, mean, mean - reach, mean + reach, still])
    return pd.DataFrame(rows, columns=columns)


def _step_means(step: Array, score: Array) -> list[tuple[int, int, float, float]]:
    """Give each step, its scores, their mean and the reach of its 95 % interval."""
    from scipy.special import stdtrit

    n = np.bincount(step)
    total = np.bincount(step, score)
    mean = total / np.maximum(n, 1)
    squares = np.bincount(step, (score - mean[step]) ** 2)
    spread = np.sqrt(squares / np.maximum(n - 1, 1) / np.maximum(n, 1))
    reach = np.where(n > 1, stdtrit(np.maximum(n - 1, 1), 0.975) * spread, np.nan)
    return [(int(at), int(n[at]), float(mean[at]), float(reach[at])) for at in np.flatnonzero(n)]


def dropouts_of(cohort: Cohort, *, sign: float) -> Estimate:
    """Compare the early slope of those who left with that of those who stayed (a pattern-mixture check).

    The slope is that of each learner's first three measurements, so that both are seen over the same stretch.
    """
    series = cohort.series
    last = last_of(series) + cohort.started
    end = float(last.max(initial=0.0))
    left = last < end - 1.5 * series.gap
    long = series.n >= 3
    few = (long & left).sum(), (long & ~left).sum()
    if min(few) < 5:
        reason = f"{int(few[0])} who left and {int(few[1])} who stayed have three measurements: too few."
        return refused(Status.INSUFFICIENT_DATA, reason, n=int(sum(few)), unit="score per week")
    from scipy.special import stdtrit

    x, y = series.s[:, :3], series.y[:, :3]
    away = x - x.mean(axis=1, keepdims=True)
    slope = sign * np.sum(away * y, axis=1) / np.maximum(np.sum(away**2, axis=1), 1e-300)
    gone, stayed = slope[long & left], slope[long & ~left]
    parts = gone.var(ddof=1) / len(gone), stayed.var(ddof=1) / len(stayed)
    spread = float(np.sqrt(sum(parts)))
    spare = sum(parts) ** 2 / (parts[0] ** 2 / (len(gone) - 1) + parts[1] ** 2 / (len(stayed) - 1) + 1e-300)
    reach = float(stdtrit(max(spare, 1.0), 0.975)) * spread
    value = float(gone.mean() - stayed.mean())
    return Estimate(
        value=value,
        low=value - reach,
        high=value + reach,
        n=int(sum(few)),
        unit="score per week",
        method="early slope of those who left less those who stayed (Welch)",
    )
