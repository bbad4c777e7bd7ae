"""The ledger: every dated intervention on every outcome, each by the strongest design its scope allows."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from smf_helpers.errors import Fault, ModelError
from smf_helpers.models.effects import estimate_effect
from smf_helpers.models.effects_points import refuse_effect
from smf_helpers.models.effects_series import Family
from smf_helpers.results.core import Status
from smf_helpers.results.effects import Effect, Ledger, LedgerEntry

if TYPE_CHECKING:
    import pandas as pd

WAVES_APART = 2
"""Interventions no further apart than this many points of a series cannot be separated on it."""
WHOLE = ("", "all")


def estimate_ledger(
    interventions: "pd.DataFrame",
    outcomes: "pd.DataFrame",
    *,
    families: "Mapping[str, Family] | None" = None,
    level: float = 0.95,
    seed: int = 0,
) -> Ledger:
    """Judge every intervention on every outcome.

    The same kind of intervention in several units at different dates is judged as a staggered start;
    one unit against the units where that kind was not done as a comparison; the whole organisation on
    its own series. Interventions that reach the same people within two points in time of each other
    cannot be separated, and it is said so.

    Parameters
    ----------
    interventions : canonical table ``kind, name, starts_on, scope`` (empty scope: everybody).
    outcomes : frame ``outcome, at, value`` and, where there are parts, ``unit`` (``all`` for the whole
        organisation) and ``n``.
    families : family of an outcome where it is not a mean.
    level : coverage of the intervals.
    seed : of the dealing in staggered comparisons.

    Returns
    -------
    Ledger, in the order of date, name and outcome.

    Raises
    ------
    ModelError
        When a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> done = pd.DataFrame({"kind": ["policy_published"], "name": ["Policy"], "starts_on": ["2026-03-02"]})
    >>> seen = pd.DataFrame({"outcome": ["active"], "at": ["2026-03-02"], "value": [0.2]})
    >>> estimate_ledger(done, seen).entries[0].effect.verdict
    'cannot be told'
    """
    import pandas as pd

    _need(interventions, "interventions", ("kind", "name", "starts_on"))
    _need(outcomes, "outcomes", ("outcome", "at", "value"))
    if not len(interventions) or not len(outcomes):
        what = "interventions" if not len(interventions) else "outcomes"
        return Ledger(entries=(), status=Status.INSUFFICIENT_DATA, reason=f"there are no {what}")
    scope = interventions["scope"] if "scope" in interventions else pd.Series("", index=interventions.index)
    done = interventions.assign(
        starts_on=pd.to_datetime(interventions["starts_on"]), scope=scope.fillna("").astype(str)
    ).sort_values(["starts_on", "name"])
    seen = outcomes.assign(
        at=pd.to_datetime(outcomes["at"]), unit=outcomes["unit"].astype(str) if "unit" in outcomes else "all"
    )
    entries = []
    for row in done.itertuples():
        for outcome in sorted(seen["outcome"].unique()):
            family = (families or {}).get(outcome, "gaussian")
            effect = _judge(row, done, seen[seen["outcome"] == outcome], family, level, seed)
            entries.append(
                LedgerEntry(
                    intervention=str(row.name),
                    kind=str(row.kind),
                    starts_on=row.starts_on.date(),
                    scope=row.scope,
                    outcome=str(outcome),
                    effect=effect,
                )
            )
    return Ledger(entries=tuple(entries), status=Status.OK)


def _need(frame: "pd.DataFrame", name: str, columns: tuple[str, ...]) -> None:
    missing = [column for column in columns if column not in frame]
    if missing:
        raise ModelError(
            *(Fault(code="M311", where=name, what=f"The column '{column}' is missing.") for column in missing)
        )


def _judge(
    row: Any, done: "pd.DataFrame", seen: "pd.DataFrame", family: Family, level: float, seed: int
) -> Effect:
    parts = seen[~seen["unit"].isin(WHOLE)]
    local = row.scope not in WHOLE and (parts["unit"] == row.scope).any()
    near = _too_near(row, done, seen)
    if near:
        reason = f"{near} other intervention{'s' if near > 1 else ''} within {WAVES_APART} points in time"
        return refuse_effect("none", Status.NOT_IDENTIFIED, f"{reason}: they cannot be separated")
    if not local:
        if row.scope not in WHOLE:
            return refuse_effect(
                "none", Status.INSUFFICIENT_DATA, "there is no series of the unit it was done in"
            )
        whole = seen[seen["unit"].isin(WHOLE)]
        return estimate_effect(whole if len(whole) else parts, at=row.starts_on, family=family, level=level)
    same = done[(done["kind"] == row.kind) & ~done["scope"].isin(WHOLE)]
    starts = same.groupby("scope")["starts_on"].min().to_dict()
    if family == "gaussian" and len(starts) > 1:
        staggered = estimate_effect(parts, at=starts, level=level, seed=seed)
        if staggered.status is Status.OK:
            return staggered
    own, others = parts[parts["unit"] == row.scope], parts[~parts["unit"].isin(list(starts))]
    compared = others if len(others) and family == "gaussian" else None
    return estimate_effect(own, at=row.starts_on, comparison=compared, family=family, level=level)


def _too_near(row: Any, done: "pd.DataFrame", seen: "pd.DataFrame") -> int:
    """Count other interventions that reach the same people within two points in time."""
    times = np.sort(seen["at"].unique())
    if len(times) < 2:
        return 0
    reach = WAVES_APART * np.median(np.diff(times))
    close = np.abs(done["starts_on"] - row.starts_on) <= reach
    together = (done["scope"] == row.scope) | done["scope"].isin(WHOLE) | (row.scope in WHOLE)
    # the same kind in other units is one roll-out, not a rival; for the whole it is still in the way
    return int((close & together & (done["name"] != row.name)).sum())
