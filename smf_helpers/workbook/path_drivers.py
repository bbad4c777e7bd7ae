"""What went with moving along the path: policy, owner and executives, by the dates of the interventions."""

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from smf_helpers.results.core import Status
from smf_helpers.workbook.proposing import ALL

if TYPE_CHECKING:
    import pandas as pd

WATCHED: Final = ("policy_published", "owner_appointed", "executive_joined")
"""Kinds of intervention that the framework expects to move people along the path."""

SAME_DATE: Final = "It came to everybody on the same date, so it cannot be told from time itself."
TOGETHER: Final = (
    "It cannot be told apart from time, from how the units differ, or from what came along with it."
)
UNADJUSTED: Final = "There are too few moves to allow for time and for how the units differ."
UNFOLLOWED: Final = "People cannot be followed from wave to wave."

Floats = npt.NDArray[np.float64]


def path_drivers(seen: "pd.DataFrame", interventions: "pd.DataFrame") -> list[dict[str, Any]]:
    """Give for each dated kind and direction its hazard ratio, or why it cannot be told.

    Units that had it are compared with those that did not have it yet: the fit allows for a pace of its own
    between every two waves, and for a pace of its own of the units that have it sooner or later. So what came to
    everybody on one date is refused; before and after would be all there is.

    Parameters
    ----------
    seen : frame ``person, unit, at, stage``, without ``person`` where waves are anonymous.
    interventions : canonical table ``kind, starts_on, ends_on, scope``.

    Returns
    -------
    Rows ``kind, direction, ratio, low, high, n, status, reason``.
    """
    import pandas as pd

    from smf_helpers.models import fit_path

    done = interventions[interventions["kind"].isin(WATCHED) & interventions["starts_on"].notna()]
    kinds = [kind for kind in WATCHED if (done["kind"] == kind).any()]
    if not kinds or not len(seen):
        return []
    if "person" not in seen:
        return _refuse(kinds, Status.NOT_IDENTIFIED, UNFOLLOWED)
    waves = pd.DatetimeIndex(np.sort(seen["at"].unique()))
    home = seen.sort_values("at").groupby("person")["unit"].last().fillna("").astype(str)
    units = sorted(home.unique())
    steps = _steps(done, waves)
    held = np.stack([_holds(done[done["kind"] == kind], units, steps) for kind in kinds], axis=2)
    why = _refusals(_by_interval(held, steps, waves), kinds)
    rows = [row for kind, reason in why.items() for row in _refuse([kind], Status.NOT_IDENTIFIED, reason)]
    told = [kind for kind in kinds if kind not in why]
    if not told:
        return rows
    values = held[:, :, [kinds.index(kind) for kind in told]]
    ever = np.repeat(values.max(axis=1, keepdims=True), len(steps), axis=1)
    ever = ever[:, :, np.ptp(ever[:, 0], axis=0) > 0]
    later = np.array([[at >= wave for wave in waves[1:-1]] for at in steps], dtype=float)
    later = np.repeat(later.reshape(1, len(steps), -1), len(units), axis=0)
    columns = np.concatenate([values, ever, later], axis=2)
    names = [*told, *(f"allowed {k}" for k in range(columns.shape[2] - len(told)))]
    place = np.searchsorted(units, home.to_numpy())
    covariates = pd.DataFrame(columns[place].reshape(-1, len(names)), columns=names)
    covariates.insert(0, "at", np.tile(steps, len(home)))
    covariates.insert(0, "person", np.repeat(home.index.to_numpy(), len(steps)))
    fit = fit_path(seen[["person", "at", "stage"]], covariates=covariates)
    if not len(fit.effects):
        return rows + _refuse(told, fit.status, fit.reason)
    return rows + _told(fit.effects.to_dict("records"), fit.status, fit.reason)


def _steps(done: "pd.DataFrame", waves: "pd.DatetimeIndex") -> "pd.DatetimeIndex":
    """Give the days on which anything changes between the first and the last wave, the first wave first."""
    import pandas as pd

    days = done["starts_on"].tolist()
    if "ends_on" in done:
        days += (done["ends_on"].dropna() + pd.Timedelta(days=1)).tolist()
    inside = [day for day in pd.to_datetime(days) if waves[0] < day < waves[-1]]
    return pd.DatetimeIndex(sorted({*waves[:-1], *inside}))


def _holds(done: "pd.DataFrame", units: list[str], steps: "pd.DatetimeIndex") -> Floats:
    """Say for each unit and step whether one of these interventions was in force."""
    scope = done["scope"].fillna("").astype(str)
    mine = np.array([scope.isin({"", ALL, unit}) for unit in units])
    begun = done["starts_on"].to_numpy()[:, None] <= steps.to_numpy()
    over = done["ends_on"].to_numpy()[:, None] < steps.to_numpy()
    return np.asarray((mine[:, :, None] & (begun & ~over)).any(axis=1), dtype=float)


def _by_interval(held: Floats, steps: "pd.DatetimeIndex", waves: "pd.DatetimeIndex") -> Floats:
    """Give for each unit, interval between waves and kind the share of the time that it held."""
    means = []
    for begin, end in pairwise(waves):
        inside = (steps >= begin) & (steps < end)
        lengths = np.diff(np.append(steps[inside].to_numpy(), end.to_datetime64())).astype(float)
        means.append(np.average(held[:, inside], axis=1, weights=lengths))
    return np.stack(means, axis=1)


def _refusals(means: Floats, kinds: list[str]) -> dict[str, str]:
    """Say which kinds are the same for everybody, or no more than a sum of the others, the units and time."""
    n_units, n_intervals, _ = means.shape
    away = means - means.mean(axis=0) - means.mean(axis=1, keepdims=True) + means.mean(axis=(0, 1))
    flat = away.reshape(n_units * n_intervals, -1)
    why = {}
    for k, kind in enumerate(kinds):
        others = np.delete(flat, k, axis=1)
        fitted = others @ np.linalg.lstsq(others, flat[:, k], rcond=None)[0]
        if np.ptp(means[:, :, k], axis=0).max() < 1e-9:
            why[kind] = SAME_DATE
        elif np.abs(flat[:, k] - fitted).max() < 1e-6:
            why[kind] = TOGETHER
    return why


def _refuse(kinds: list[str], status: Status, reason: str) -> list[dict[str, Any]]:
    blank = {"ratio": None, "low": None, "high": None, "n": 0, "status": status, "reason": reason}
    return [{"kind": kind, "direction": way, **blank} for kind in kinds for way in ("forward", "back")]


def _told(effects: list[dict[str, Any]], status: Status, reason: str) -> list[dict[str, Any]]:
    """Keep the ratios of the kinds; none where what they must be allowed for could not be fitted."""
    short = {
        row["direction"] for row in effects if row["covariate"] not in WATCHED and row["status"] != Status.OK
    }
    rows = []
    for row in effects:
        kind, way = row.pop("covariate"), row["direction"]
        if kind not in WATCHED:
            continue
        if status is not Status.OK and row["status"] == Status.OK:
            row |= {"status": status, "reason": reason}
        elif way in short and row["status"] == Status.OK:
            row |= {"status": Status.INSUFFICIENT_DATA, "reason": UNADJUSTED}
        if row["status"] != Status.OK:
            row |= {"ratio": None, "low": None, "high": None}
        rows.append({"kind": kind, **row})
    return rows
