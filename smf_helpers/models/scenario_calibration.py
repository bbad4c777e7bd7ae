"""What if, calibrated: the weekly rates of the what-if model from a client's own weekly counts.

Given the shares at the end of last week, each flow of a week is binomial with an additive rate::

    new    ~ Binomial(m*eligible - ever, 1 - exp(-(p*u + q*A + e*x)))
    lapsed ~ Binomial(active, 1 - exp(-d))
    back   ~ Binomial(lapsed, 1 - exp(-r*((u + x)/2 + A)))

so three small concave likelihoods give all five rates, given the share ``m`` within reach. `profile_reach` gives how
likely each ``m`` is: the model stands at its median, and the draws vary it as far as the counts leave it open. What the counts cannot give is assumed, in
proportion to the client's own push ``p``, is named in ``assumed``, and varies in the draws by a
factor of two either way. Counts from one organisation cannot tell imitation from a common cause:
``q`` is consistent with imitation, not proof of it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from smf_helpers.errors import ModelError
from smf_helpers.models.scatter import draw_events, measure_scatter
from smf_helpers.models.scenario_rates import fit_many_rates
from smf_helpers.models.scenario_reach import profile_reach
from smf_helpers.results.what_if import PARAMETERS, RATES, Lever, WhatIf

if TYPE_CHECKING:
    import pandas as pd

MIN_WEEKS: Final = 8
"""Weeks of counts below which a rate is assumed rather than estimated."""

MIN_EVENTS: Final = 10
"""Events (people who joined, stopped, came back) below which a rate is assumed."""

WIDEST_REACH: Final = 0.25
"""Width of the 95 % range of the share within reach above which it is an assumption, not an estimate."""

MIN_CONTRAST: Final = 0.05
"""Range that a share must have covered before its own rate can be told from the constant push."""

ASSUMED_PUSH: Final = 0.01
ASSUMED_LAPSE: Final = 0.05
"""Weekly rates where a client has no counts: one in a hundred joins, one in twenty stops."""

ASSUMED_RATIOS: Final = {"q": 12.0, "e": 1.0, "r": 1.0}
"""Assumed rates as multiples of ``p``.

Imitation about twelve times the push is the mean of 213 diffusion studies (Sultan, Farley & Lehmann 1990,
doi:10.1177/002224379002700107: p = .03, q = .38). Executives are assumed to pull as much as the
programme pushes, and who stopped to come back as readily as newcomers join.
"""

SPREAD: Final = math.log(2.0) / 1.6448536269514722
"""Log standard deviation of an assumed rate: nine in ten within a factor of two either way."""

ASSUMED_EFFECTS: Final = {"training": 1.25, "policy": 1.15, "owner": 0.7}
"""Assumed factors: on joining for training and a policy, on lapsing for an owner."""

Floats = npt.NDArray[np.float64]
_Counts = list[tuple[Floats, Floats]]
"""Events and people at risk of each flow, shape (draws, weeks)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weeks:
    """Shares at the end of last week, people at risk, and flows, one entry a week."""

    active: Floats
    executives: Floats
    eligible: Floats
    ever: Floats
    at_risk: tuple[Floats, Floats, Floats]
    flows: tuple[Floats, Floats, Floats]

    def within_reach(self, reach: Floats) -> Floats:
        """Give who could still join for each share within reach, shape (shares, weeks)."""
        return np.maximum(reach[:, None] * self.eligible - self.ever, self.flows[0])


def calibrate_what_if(
    weeks: "pd.DataFrame",
    *,
    eligible: int | None = None,
    effects: Mapping[str, float] | None = None,
    standing: Mapping[str, float] | None = None,
    horizon: int = 52,
    draws: int = 40,
    seed: int = 1,
) -> WhatIf:
    """Calibrate the what-if model from weekly counts of people.

    Parameters
    ----------
    weeks : one row a calendar week with the counts ``active``, ``new``, ``lapsed`` and ``back``; optionally
        ``week`` (date, for the order and the start), ``eligible``, ``ever`` (people who ever took part; by
        default the running sum of ``new``) and ``executives`` (share of executives who took part).
        An empty frame, or one without any count, gives a model made of assumptions only.
    eligible : people who could take part, where the frame has no such column.
    effects : measured factors of the levers ``training``, ``policy`` and ``owner``, each marked as estimated;
        the others are assumed.
    standing : where levers stand today, such as ``{"policy": 1}``.
    horizon : weeks to project.
    draws : parameter draws for the bands (parametric bootstrap with the observed scatter).
    seed : seed of the draws.

    Raises
    ------
    ModelError
        When counts are missing, negative or exceed the eligible, or nobody is eligible.
    """
    counted = _counts(weeks, eligible)
    seen = _at_risk(counted) if len(counted) > 1 else None
    rng = np.random.default_rng(seed)
    centre, reach, assumed = _estimate(seen, _unknown(seen))
    sets = _draws(seen, centre, reach, assumed, rng, draws)
    observed = _observed(counted)
    ever = observed[-1][1] if observed else 0.0
    active = observed[-1][0] if observed else 0.0
    return WhatIf(
        start=(1.0 - ever, active, ever - active),
        centre=tuple(centre.tolist()),
        draws=sets,
        assumed=assumed,
        levers=_levers(effects or {}, dict(standing or {}), _last(counted, "executives"), assumed),
        weeks=horizon,
        observed=observed,
        starts_on=_starts_on(counted),
        eligible=int(_last(counted, "eligible")) if len(counted) else eligible,
    )


def _counts(weeks: "pd.DataFrame", eligible: int | None) -> "pd.DataFrame":
    needed = ["active", "new", "lapsed", "back"]
    absent = [name for name in needed if name not in weeks]
    if len(weeks) and absent:
        raise ModelError(f"The weekly counts lack the columns {', '.join(absent)}.")
    if not len(weeks) or weeks[needed].isna().all(axis=None):
        return weeks.iloc[:0]
    if "eligible" not in weeks and eligible is None:
        raise ModelError("Nobody knows how many people could take part: give `eligible` or a column of it.")
    counted = weeks.drop_duplicates().sort_values("week") if "week" in weeks else weeks
    counted = counted.assign(
        eligible=counted["eligible"] if "eligible" in counted else float(eligible or 0),
        ever=counted["ever"] if "ever" in counted else counted["new"].cumsum(),
        executives=counted.get("executives", 0.0),
    )
    numbers = counted[[*needed, "eligible", "ever", "executives"]].to_numpy(dtype=float)
    if not np.isfinite(numbers).all() or (numbers < 0).any():
        raise ModelError(
            "Weekly counts are whole and not negative; give a row for weeks without anybody too."
        )
    if (counted["ever"] > counted["eligible"]).any() or (counted["active"] > counted["ever"]).any():
        raise ModelError("More people were active than ever took part, or more took part than are eligible.")
    return counted


def _at_risk(counted: "pd.DataFrame") -> _Weeks:
    columns = {name: counted[name].to_numpy(dtype=float) for name in counted if name != "week"}
    before = {name: columns[name][:-1] for name in ("active", "ever")}
    now = columns["eligible"][1:]
    flows = tuple(columns[name][1:] for name in ("new", "lapsed", "back"))
    trials = (now - before["ever"], before["active"], before["ever"] - before["active"])
    return _Weeks(
        active=before["active"] / np.maximum(now, 1.0),
        executives=columns["executives"][1:],
        eligible=now,
        ever=before["ever"],
        at_risk=tuple(np.maximum(people, flow) for people, flow in zip(trials, flows, strict=True)),  # type: ignore[arg-type]
        flows=flows,  # type: ignore[arg-type]
    )


def _unknown(seen: _Weeks | None) -> tuple[str, ...]:
    """Name the rates that the counts cannot give, in the order of `PARAMETERS`."""
    if seen is None or len(seen.active) < MIN_WEEKS:
        return PARAMETERS
    # what came about in a single week has no shape
    new, lapsed, back = (flow.sum() >= MIN_EVENTS and np.count_nonzero(flow) > 1 for flow in seen.flows)
    told = {
        "p": new,
        "q": new and np.ptp(seen.active) >= MIN_CONTRAST,
        "e": new and np.ptp(seen.executives) >= MIN_CONTRAST,
        "d": lapsed,
        "r": back,
    }
    return tuple(name for name in RATES if not told[name])


def _designs(seen: _Weeks, assumed: tuple[str, ...], ratios: Mapping[str, Floats]) -> dict[str, Floats]:
    """Give for each group of rates its design, shape (draws, weeks, rates).

    An assumed q or e is tied to p, so that the level of joining is still the client's own.
    """
    push = np.ones((len(ratios["q"]), len(seen.active)))
    joining = {"p": push, "q": push * seen.active, "e": push * seen.executives}
    tied = [name for name in ("q", "e") if name in assumed]
    joining["p"] = push + sum((ratios[name][:, None] * joining[name] for name in tied), np.zeros_like(push))
    free = [joining[name] for name in ("p", "q", "e") if name not in tied]
    returning = push * ((1.0 + seen.executives) / 2 + seen.active)
    return {"p": np.stack(free, axis=2), "d": push[:, :, None], "r": returning[:, :, None]}


def _estimate(
    seen: _Weeks | None, assumed: tuple[str, ...]
) -> tuple[Floats, tuple[Floats, Floats], tuple[str, ...]]:
    """Give the central parameters, the shares within reach with their weights, and what is assumed."""
    ratios = {name: np.array([ratio]) for name, ratio in ASSUMED_RATIOS.items()}
    levels = {"p": np.array([ASSUMED_PUSH]), "d": np.array([ASSUMED_LAPSE])}
    if seen is None or "p" in assumed:
        reach = (np.ones(1), np.ones(1))
        assumed = assumed if "m" in assumed else (*assumed, "m")
    else:
        design = _designs(seen, assumed, ratios)["p"][0]
        reach = profile_reach(design, seen.flows[0], seen.eligible, seen.ever)
        low, high = _quantiles(reach, np.array([0.025, 0.975]))
        if high - low > WIDEST_REACH:
            assumed, reach = (*assumed, "m"), _opened(reach)
    middle = _quantiles(reach, np.array([0.5]))
    return _parameters(seen, _counted(seen), assumed, ratios, levels, middle)[0], reach, assumed


def _opened(reach: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Weigh what the counts say half, and any share from what has been reached to everybody half.

    Where joining has not slowed the profile rests on the shape of the model rather than on people who did not come,
    and where counts scatter strongly it leans to everybody: 11 % of its 95 % ranges lay above a true share of .6.
    """
    shares, weights = reach
    return shares, (weights + 1.0 / len(shares)) / 2


def _quantiles(reach: tuple[Floats, Floats], at: Floats) -> Floats:
    shares, weights = reach
    return np.interp(at, np.cumsum(weights) - weights / 2, shares)


def _counted(seen: _Weeks | None) -> _Counts | None:
    if seen is None:
        return None
    return [(events[None], trials[None]) for events, trials in zip(seen.flows, seen.at_risk, strict=True)]


def _parameters(
    seen: _Weeks | None,
    counts: _Counts | None,
    assumed: tuple[str, ...],
    ratios: Mapping[str, Floats],
    levels: Mapping[str, Floats],
    reach: Floats,
) -> Floats:
    """Give the parameters of every draw of the counts, shape (draws, parameters)."""
    rates = dict(levels)
    if seen is not None and counts is not None:
        designs = _designs(seen, assumed, ratios)
        for (lead, design), (events, trials) in zip(designs.items(), counts, strict=True):
            if lead in assumed:
                continue
            names = [name for name in ("p", "q", "e") if name not in assumed] if lead == "p" else [lead]
            at_risk = np.maximum(seen.within_reach(reach), events) if lead == "p" else trials
            found = fit_many_rates(design, events, at_risk)
            rates |= dict(zip(names, found.T, strict=True))
    for name, ratio in ratios.items():
        rates.setdefault(name, ratio * rates["p"])
    return np.stack([*(rates[name] for name in RATES), reach], axis=1)


def _draws(
    seen: _Weeks | None,
    centre: Floats,
    reach: tuple[Floats, Floats],
    assumed: tuple[str, ...],
    rng: np.random.Generator,
    draws: int,
) -> tuple[tuple[float, ...], ...]:
    """Draw parameter sets: refit to counts drawn from the fit, assumed rates spread around theirs."""
    if not draws:
        return ()
    sources = [] if seen is None else _sources(seen, centre)
    spreads = np.empty((draws, len(RATES)))
    flows = [np.empty((draws, len(trials))) for trials, _, _ in sources]
    for draw in range(draws):
        spreads[draw] = rng.normal(0.0, SPREAD, len(RATES))
        for flow, (trials, chance, scatter) in zip(flows, sources, strict=True):
            flow[draw] = draw_events(rng, trials, chance, scatter)
    spread = dict(zip(RATES, np.exp(spreads).T, strict=True))
    ratios = {name: ratio * spread[name] for name, ratio in ASSUMED_RATIOS.items()}
    levels = {"p": ASSUMED_PUSH * spread["p"], "d": ASSUMED_LAPSE * spread["d"]}
    counts = [
        (flow, np.broadcast_to(trials.astype(float), flow.shape))
        for flow, (trials, _, _) in zip(flows, sources, strict=True)
    ]
    reached = _quantiles(reach, rng.random(draws))
    return tuple(map(tuple, _parameters(seen, counts, assumed, ratios, levels, reached).tolist()))


def _sources(seen: _Weeks, centre: Floats) -> list[tuple[npt.NDArray[np.int_], Floats, float]]:
    """Give for each flow the people at risk in each week, the chance of each, and how much the weeks scatter."""
    p, q, e, d, r, reach = centre.tolist()
    hazards = (
        p + q * seen.active + e * seen.executives,
        np.full_like(seen.active, d),
        r * ((1.0 + seen.executives) / 2 + seen.active),
    )
    found = []
    at_risk = (seen.within_reach(np.array([reach]))[0], *seen.at_risk[1:])
    for hazard, trials, events in zip(hazards, at_risk, seen.flows, strict=True):
        chance = -np.expm1(-hazard)
        scatter = measure_scatter(events, trials * chance, trials * chance * (1 - chance), 1)
        found.append((np.rint(trials).astype(int), chance, scatter))
    return found


def _levers(
    effects: Mapping[str, float], standing: dict[str, float], executives: float, assumed: tuple[str, ...]
) -> tuple[Lever, ...]:
    standing.setdefault("executives", min(max(executives, 0.0), 1.0))
    measured = {key for key, rate in (("push", "p"), ("executives", "e")) if rate not in assumed}

    def lever(key: str, acts_on: str, now: float, high: float, step: float) -> Lever:
        return Lever(
            key=key,
            acts_on=acts_on,
            now=float(standing.get(key, now)),
            low=0.0,
            high=high,
            step=step,
            effect=float(effects.get(key, ASSUMED_EFFECTS.get(key, 1.0))),
            source="estimated" if key in effects or key in measured else "assumed",
        )

    return (
        lever("push", "u", 1.0, 2.0, 0.1),
        lever("executives", "x", 0.0, 1.0, 0.05),
        lever("training", "b", 1.0, 3.0, 0.25),
        lever("policy", "b", 0.0, 1.0, 1.0),
        lever("owner", "c", 0.0, 1.0, 1.0),
    )


def _observed(counted: "pd.DataFrame") -> tuple[tuple[float, float], ...]:
    if not len(counted):
        return ()
    people = counted["eligible"].clip(lower=1).to_numpy(dtype=float)
    active, ever = (counted[name].to_numpy(dtype=float) / people for name in ("active", "ever"))
    return tuple(zip(active.tolist(), ever.tolist(), strict=True))


def _last(counted: "pd.DataFrame", name: str) -> float:
    return float(counted[name].iloc[-1]) if len(counted) else 0.0


def _starts_on(counted: "pd.DataFrame") -> str:
    if not len(counted) or "week" not in counted:
        return ""
    day: Any = counted["week"].iloc[-1]
    return str(day)[:10]
