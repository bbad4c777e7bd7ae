"""What if: the Python reference of the model that also runs in the saved page.

The model itself is specified in `smf_helpers.results.what_if`. This module adds what an
implementation must know beside the equations, and is bound to its JavaScript twin by test vectors
(``smf_helpers/assets/what_if_vectors.json``, written by `smf_helpers.models.scenario_vectors`).

**Time.** Index 0 is today (`WhatIf.start`); index ``t`` is the end of week ``t``. A setting with
``start`` s holds in every week ``t >= s``; 0 and 1 both mean from the first projected week on.

**Levers.** Before its start, and without a setting, a lever stands at ``now``. With value ``v``:

- a lever that acts on ``u`` or ``x`` *is* that quantity: ``u = v``, ``x = v``. Without such a lever
  ``u = 1`` and ``x = 0``; at most one lever acts on each.
- a lever that acts on ``b`` or ``c`` multiplies it by ``effect ** (v - now)``; b and c start at 1 and
  are the product over their levers.

**Bands.** Every draw runs from the same start; the band is the 10 % and 90 % quantile (linear
interpolation) over the draws, week by week. Without draws the band is the central line.

**JSON.** A `WhatIf` is ``dataclasses.asdict`` with tuples as arrays::

    {"start": [S, A, L], "centre": [p, q, e, d, r, m], "draws": [[p, q, e, d, r, m], ...],
     "assumed": ["e", ...], "weeks": 52, "observed": [[active, ever], ...],
     "starts_on": "2026-11-23", "eligible": 400,
     "levers": [{"key": "owner", "acts_on": "c", "now": 0, "low": 0, "high": 1, "step": 1,
                 "effect": 0.7, "source": "assumed"}, ...]}

Settings are ``{"executives": {"value": 1.0, "start": 15}, ...}``. A vector is ``{"name", "what_if",
"settings", "expected"}`` with ``expected = {"active", "ever", "low", "high", "ever_low", "ever_high"}``,
each an array of ``weeks + 1`` numbers; ``low`` and ``high`` belong to ``active``.
"""

import datetime as dt
import math
from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from smf_helpers.errors import ModelError
from smf_helpers.results.adoption import Projection, Scenario, Setting
from smf_helpers.results.what_if import PARAMETERS, RATES, Lever, WhatIf

BAND: Final = (0.1, 0.9)
"""Quantiles of the draws that make the band."""

NEUTRAL: Final = {"u": 1.0, "x": 0.0, "b": 1.0, "c": 1.0}
"""What each quantity is where no lever acts on it."""

Floats = npt.NDArray[np.float64]


def project(
    what_if: WhatIf,
    settings: Mapping[str, Setting],
    *,
    weeks: int | None = None,
    band: tuple[float, float] = BAND,
) -> Projection:
    """Carry an organisation forward under settings of the levers.

    Use it for "what if"; it is a projection under stated assumptions (`WhatIf.assumed`), not a
    forecast that was tested against what came.

    Parameters
    ----------
    what_if : calibrated model, see `calibrate_what_if`.
    settings : lever key → setting; empty for "everything stays as it is".
    weeks : horizon; the horizon of the model by default.
    band : quantiles of the draws that make the band; 10 % and 90 % everywhere a what-if is shown.

    Raises
    ------
    ModelError
        For an unknown lever, a value outside the lever's range, a start that is no week, or a
        model whose start is no distribution over S, A and L.

    Examples
    --------
    >>> from smf_helpers.results.what_if import WhatIf
    >>> still = WhatIf(start=(0.5, 0.5, 0.0), centre=(0, 0, 0, 0, 0, 1), draws=(), assumed=(), levers=())
    >>> project(still, {}, weeks=2)
    Projection(2 weeks: active 0.500 -> 0.500 [0.500, 0.500])
    """
    horizon = what_if.weeks if weeks is None else weeks
    _check(what_if, settings, horizon)
    forces = _forces(what_if.levers, settings, horizon)
    centre = _run(what_if.start, np.asarray([what_if.centre], dtype=float), forces)
    drawn = _run(what_if.start, np.asarray(what_if.draws or [what_if.centre], dtype=float), forces)
    (low, high), (ever_low, ever_high) = (np.quantile(path, band, axis=1) for path in drawn)
    return Projection(
        active=_series(centre[0][:, 0]),
        ever=_series(centre[1][:, 0]),
        low=_series(low),
        high=_series(high),
        ever_low=_series(ever_low),
        ever_high=_series(ever_high),
    )


def _series(values: Floats) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def _run(start: tuple[float, float, float], draws: Floats, forces: Floats) -> tuple[Floats, Floats]:
    """Step the model for all draws at once; give active and ever, shape (weeks + 1, draws)."""
    p, q, e, d, r, reach = draws.T
    _, active, lapsed = (np.full(len(draws), share) for share in start)
    within_reach = np.maximum(reach - active - lapsed, 0.0)
    path = [(active, active + lapsed)]
    for u, x, b, c in forces:
        new = within_reach * -np.expm1(-(p * u + q * active + e * x) * b)
        lost = active * -np.expm1(-d * c)
        back = lapsed * -np.expm1(-(r * (u + x) / 2 + r * active))
        within_reach, active, lapsed = within_reach - new, active + new + back - lost, lapsed + lost - back
        path.append((active, active + lapsed))
    actives, evers = zip(*path, strict=True)
    return np.array(actives), np.array(evers)


def _forces(levers: tuple[Lever, ...], settings: Mapping[str, Setting], weeks: int) -> Floats:
    """Give u, x, b and c for the weeks 1 to `weeks`, shape (weeks, 4)."""
    week = np.arange(1, weeks + 1)
    forces = {name: np.full(weeks, value) for name, value in NEUTRAL.items()}
    for lever in levers:
        chosen = settings.get(lever.key, Setting(value=lever.now))
        value = np.where(week >= chosen.start, chosen.value, lever.now)
        if lever.acts_on in ("u", "x"):
            forces[lever.acts_on] = value
        else:
            forces[lever.acts_on] = forces[lever.acts_on] * lever.effect ** (value - lever.now)
    return np.stack([forces[name] for name in ("u", "x", "b", "c")], axis=1)


def _check(what_if: WhatIf, settings: Mapping[str, Setting], weeks: int) -> None:
    levers = {lever.key: lever for lever in what_if.levers}
    wrong = [
        f"There is no lever '{key}'. Known: {', '.join(levers) or 'none'}."
        for key in settings
        if key not in levers
    ]
    for key, setting in settings.items():
        lever = levers.get(key)
        if lever and not lever.low <= setting.value <= lever.high:
            wrong.append(
                f"The lever '{key}' goes from {lever.low:g} to {lever.high:g}, not to {setting.value:g}."
            )
        if setting.start < 0:
            wrong.append(f"The lever '{key}' cannot start in week {setting.start}; the first is 0.")
    direct = [lever.acts_on for lever in what_if.levers if lever.acts_on in ("u", "x")]
    if len(direct) > len(set(direct)) or any(lever.acts_on not in NEUTRAL for lever in what_if.levers):
        wrong.append("Levers act on u, x, b or c, and at most one of them on u and on x.")
    if weeks < 0:
        wrong.append(f"A horizon of {weeks} weeks has no meaning.")
    shares = what_if.start
    if min(shares) < 0 or not math.isclose(sum(shares), 1.0, abs_tol=1e-9):
        wrong.append("The start of a what-if is three shares (never, active, lapsed) that add up to 1.")
    rates = (what_if.centre, *what_if.draws)
    if any(
        len(row) != len(PARAMETERS) or not all(0 <= rate < math.inf for rate in row) or row[-1] > 1
        for row in rates
    ):
        wrong.append(
            f"The parameters of a what-if are the weekly rates {', '.join(RATES)}, all at least 0, and m, a share."
        )
    if wrong:
        raise ModelError(*wrong)


def list_scenarios(what_if: WhatIf) -> tuple[Scenario, ...]:
    """Give the named scenarios that make sense for this client, "as now" first.

    A scenario is left out where its lever is absent or already stands where the scenario would put
    it (a policy that is published cannot be published again).

    Parameters
    ----------
    what_if : the client's model; ``starts_on`` decides in which week March begins.
    """
    levers = {lever.key: lever for lever in what_if.levers}
    wanted = (
        (
            "executives_in_march",
            "Executives join in March",
            "executives",
            1.0,
            weeks_to_march(what_if.starts_on),
        ),
        ("owner_appointed", "An owner is appointed", "owner", 1.0, 1),
        ("policy_published", "A policy is published", "policy", 1.0, 1),
        ("training_doubled", "Training is doubled", "training", 2.0, 1),
        ("programme_stops", "The programme stops", "push", 0.0, 1),
    )
    found = [Scenario(key="as_now", label="Everything stays as it is")]
    for key, label, name, value, start in wanted:
        lever = levers.get(name)
        if lever is None or not lever.low <= value <= lever.high or lever.now == value:
            continue
        found.append(Scenario(key=key, label=label, settings={name: Setting(value=value, start=start)}))
    return tuple(found)


def weeks_to_march(starts_on: str) -> int:
    """Give the first week that begins in the next March; 1 where the start has no date.

    Examples
    --------
    >>> weeks_to_march("2026-11-23")
    14
    >>> weeks_to_march("")
    1
    """
    if not starts_on:
        return 1
    today = dt.date.fromisoformat(starts_on)
    march = dt.date(today.year, 3, 1)
    if march <= today:
        march = march.replace(year=today.year + 1)
    return math.ceil((march - today).days / 7)
