"""Forecasts of adoption that have earned their place: tested on the client's own past, or hidden.

At each earlier interval end the law is fitted again to what was known then, and its forecast is held
against what came. Skill compares with the better of two naive forecasts: the last interval goes on for ever,
and the log of new adopters goes on in a straight line. With skill at or below zero nothing is drawn.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from smf_helpers.models.diffusion_engine import Cells, Solved, ceiling, fit_law
from smf_helpers.models.diffusion_families import Law
from smf_helpers.models.diffusion_intervals import Observed, cumulate
from smf_helpers.models.diffusion_limits import FAR, Draws, draw_again, scatter_of
from smf_helpers.models.diffusion_selection import choose_ceiling
from smf_helpers.models.scatter import draw_counts
from smf_helpers.results.core import Status

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

MIN_TESTS: Final = 3
"""Earlier forecasts that must be testable before a new one is shown."""

FIRST_ORIGIN: Final = 4
"""Intervals that must have been seen before the first tested forecast, at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """How earlier forecasts did.

    Attributes
    ----------
    value : 1 - error of ours / error of the better naive forecast; None when it cannot be told.
    tests : earlier forecasts tested.
    steps : intervals ahead at which they were tested.
    reason : why there is no skill to tell, in words.
    """

    value: float | None
    tests: int
    steps: int
    reason: str = ""


def forecast_adoption(
    law: Law,
    observed: Observed,
    solved: Solved,
    drawn: Draws,
    scatter: float,
    level: float,
    seed: int,
    horizon: float,
) -> "pd.DataFrame":
    """Give cumulative adopters beyond the last count, with prediction limits, or the reason why not.

    The forecast starts from the adopters counted so far; limits hold both the uncertainty of the
    parameters and chance in the coming intervals.
    """
    import pandas as pd

    steps = max(round(horizon / observed.gap), 0)
    ends: Floats = np.asarray(observed.last + observed.gap * np.arange(1, steps + 1), dtype=float)
    skill = measure_skill(law, observed, max(steps, 1))
    status, reason = Status.OK, ""
    if skill.value is None:
        status, reason = Status.INSUFFICIENT_DATA, skill.reason
    elif skill.value <= 0:
        status = Status.NOT_IDENTIFIED
        reason = "Earlier forecasts of this law were no better than naive ones, so none is shown."
    blank = np.full(len(ends), np.nan)
    value, low, high = blank, blank, blank
    if status is Status.OK and len(ends):
        value, low, high = _predict(law, observed, solved, drawn, scatter, level, seed, ends)
    return pd.DataFrame(
        {
            "at": observed.axis.to_label(ends),
            "value": value,
            "low": low,
            "high": high,
            "status": str(status),
            "reason": reason,
        }
    )


def _counted(observed: Observed) -> float:
    return float(observed.n.sum())


def _predict(
    law: Law,
    observed: Observed,
    solved: Solved,
    drawn: Draws,
    scatter: float,
    level: float,
    seed: int,
    ends: Floats,
) -> tuple[Floats, Floats, Floats]:
    """Give centre and limits of cumulative adopters at `ends`, all beyond the last count."""
    rng = np.random.default_rng(seed)
    knots = np.concatenate([[observed.last], ends])
    known = observed.cells.eligible is not None
    so_far = _counted(observed)

    def coming(theta: Floats, m: Floats) -> Floats:
        share = law.cdf(knots, theta)
        if known:
            # of those still to adopt, the share that does so next
            left = np.maximum(1.0 - share[:, :1], 1e-12)
            return np.asarray(np.maximum(m - so_far, 0.0)[:, None] * np.diff(share, axis=1) / left)
        return np.asarray(m[:, None] * np.diff(share, axis=1))

    m = ceiling(law, observed.cells, solved.theta)
    centre = so_far + np.cumsum(coming(solved.theta, m)[0])
    expected = coming(drawn.theta, drawn.m)
    counts = (
        expected + rng.normal(0.0, np.sqrt(scatter), expected.shape)
        if observed.cells.squares
        else draw_counts(rng, expected, scatter)
    )
    paths = so_far + np.cumsum(counts, axis=1)
    if known:
        paths = np.minimum(paths, m[0])
    low, high = np.quantile(paths, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return centre, low, high


def measure_skill(law: Law, observed: Observed, steps: int = 1) -> Skill:
    """Hold forecasts made at earlier interval ends against what came.

    Parameters
    ----------
    law : law of adoption; it is refitted at every origin to the counts known then.
    observed : the whole series.
    steps : intervals ahead; fewer where the series is too short to test as many three times.
    """
    tested = _past(law, observed, steps)
    if tested is None:
        return Skill(
            value=None, tests=0, steps=steps, reason="The series is too short to test a forecast on it."
        )
    ours, naive, trend, came, steps = tested
    errors = [float(np.abs(guess - came).mean()) for guess in (ours, naive, trend)]
    if min(errors[1:]) <= 0:
        return Skill(value=0.0, tests=len(came), steps=steps)
    return Skill(value=1.0 - errors[0] / min(errors[1:]), tests=len(came), steps=steps)


def _past(law: Law, observed: Observed, steps: int) -> tuple[Floats, Floats, Floats, Floats, int] | None:
    """Give what the law, the last rate and the log-line said would come, and what came."""
    cells = observed.cells
    if not cells.seen.all() or (cells.lower[1:] != cells.upper[:-1]).any():
        return None
    size = len(cells.upper)
    first = max(FIRST_ORIGIN, len(law.names) + 2)
    steps = min(steps, size - first - MIN_TESTS + 1)
    if steps < 1:
        return None
    origins = np.arange(first, size - steps + 1)
    index = np.arange(size)
    rows = cells.rows(np.zeros(len(origins), dtype=np.intp))
    known = replace(rows, seen=index < origins[:, None])
    fits = fit_law(law, known)
    ahead = (index >= origins[:, None]) & (index < origins[:, None] + steps)
    came = np.where(ahead, rows.n, 0.0).sum(axis=1)
    ours = _expect(law, known, fits, origins, steps)
    naive, trend = _naive(cells, origins, steps)
    return ours, naive, trend, came, steps


def _expect(law: Law, known: Cells, fits: Solved, origins: npt.NDArray[np.intp], steps: int) -> Floats:
    """Give the new adopters that each earlier fit expected over the next steps."""
    counted = np.where(known.seen, known.n, 0.0).sum(axis=1)
    share = law.cdf(known.upper, fits.theta)
    rows = np.arange(len(origins))
    now, then = share[rows, origins - 1], share[rows, origins + steps - 1]
    if known.eligible is not None:
        return np.asarray(
            np.maximum(known.eligible - counted, 0.0) * (then - now) / np.maximum(1 - now, 1e-12)
        )
    m = np.minimum(ceiling(law, known, fits.theta), FAR * np.maximum(counted, 1e-12))
    return np.asarray(m * (then - now))


def _naive(cells: Cells, origins: npt.NDArray[np.intp], steps: int) -> tuple[Floats, Floats]:
    """Give the two naive forecasts: the last rate goes on, and the log of the rate goes on in a line."""
    lengths = cells.upper - cells.lower
    rate = cells.n[0] / lengths
    smallest = rate[rate > 0].min() if (rate > 0).any() else 1.0
    logs = np.log(np.maximum(rate, smallest / 2))
    middle = (cells.upper + cells.lower) / 2
    naive, trend = [], []
    for origin in origins:
        ahead = slice(origin, origin + steps)
        naive.append(rate[origin - 1] * lengths[ahead].sum())
        slope, level = np.polyfit(middle[:origin], logs[:origin], 1)
        line = np.exp(np.minimum(level + slope * middle[ahead], logs.max() + 5.0))
        trend.append((line * lengths[ahead]).sum())
    limit = np.full(len(origins), np.inf)
    if cells.eligible is not None:
        limit = cells.eligible[0] - np.cumsum(cells.n[0])[origins - 1]
    return np.minimum(naive, limit), np.minimum(trend, limit)


def back_test(
    law: Law,
    observed: Observed,
    *,
    steps: int = 1,
    level: float = 0.95,
    draws: int = 100,
    seed: int = 1,
    last: int = 3,
) -> "pd.DataFrame":
    """Tell what we said some intervals earlier, and what came, for the last few intervals.

    Parameters
    ----------
    law, observed : the law and the whole series; every forecast sees its own past only, and chooses its ceiling
        from that.
    steps : intervals ahead, such as those between two waves.
    level, draws, seed : prediction limits and the bootstrap behind them.
    last : earlier forecasts told.

    Returns
    -------
    pandas.DataFrame
        One row an earlier forecast: ``made_at, for_at, predicted, low, high, observed, verdict, skill``
        (cumulative adopters). ``verdict`` is inside, outside, or no skill.
    """
    import pandas as pd

    cells = observed.cells
    totals = cumulate(observed)
    rows: list[dict[str, Any]] = []
    size = len(cells.upper)
    testable = cells.seen.all() and not (cells.lower[1:] != cells.upper[:-1]).any()
    first = max(FIRST_ORIGIN, len(law.names) + 2)
    for origin in range(max(first, size - steps + 1 - last), size - steps + 1) if testable else ():
        past = choose_ceiling(law, Observed(cells=_until(cells, origin), axis=observed.axis), level=level)
        if not past.n.sum() > 0:
            continue
        solved = fit_law(law, past.cells)
        scatter = scatter_of(law, past.cells, solved)
        drawn = draw_again(law, past.cells, solved, scatter, draws=draws, seed=seed)
        then = origin + steps - 1
        target = cells.upper[origin : then + 1]
        centre, low, high = _predict(law, past, solved, drawn, scatter, level, seed, target)
        skill = measure_skill(law, past, steps).value
        made, for_at = observed.axis.to_label(cells.upper[[origin - 1, then]])
        came = float(totals[then])
        inside = "inside" if low[-1] <= came <= high[-1] else "outside"
        rows.append(
            {
                "made_at": made,
                "for_at": for_at,
                "predicted": float(centre[-1]),
                "low": float(low[-1]),
                "high": float(high[-1]),
                "observed": came,
                "verdict": inside if skill is None or skill > 0 else "no skill",
                "skill": np.nan if skill is None else skill,
            }
        )
    columns = ["made_at", "for_at", "predicted", "low", "high", "observed", "verdict", "skill"]
    return pd.DataFrame.from_records(rows, columns=columns)


def _until(cells: Cells, origin: int) -> Cells:
    return replace(
        cells,
        lower=cells.lower[:origin],
        upper=cells.upper[:origin],
        n=cells.n[:, :origin],
        seen=cells.seen[:, :origin],
    )
