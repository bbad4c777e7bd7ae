"""The what-if model: one closed specification for Python, the saved page, Lab and the projector.

State, as shares of the eligible people at the end of week ``t``: ``S`` (never took part), ``A``
(active), ``L`` (lapsed), with ``S + A + L = 1``. Of ``S`` only ``R``, those within reach, would ever join: at the
start ``R = max(m - A - L, 0)``, where ``m`` is the share of the eligible whom all that was tried so far can reach.
One week, all from last week's values::

    push   = p * u(t)                       u: programme push, 1 = as now, 0 = stopped
    pull   = q * A + e * x(t)               e: rate added by executives, x in [0, 1]: they take part
    new    = R * (1 - exp(-(push + pull) * b(t)))      b: boost by training, policy, an owner
    lapsed = A * (1 - exp(-d * c(t)))                  c: 1 = as now, < 1 when somebody owns it
    back   = L * (1 - exp(-r * (u(t) + x(t)) / 2 - r * A))
    R, A, L = R - new,  A + new + back - lapsed,  L + lapsed - back
    ever    = A + L

A lever changes ``u, x, b, c`` from a week on. `WhatIf.draws` are parameter draws of this client; the
band of a scenario is the 10 % and 90 % quantile (linear interpolation, numpy's default) over the
draws, week by week, of ``A`` and of ``ever``. Parameters that the client's data cannot give are listed in
``assumed`` and shown as assumptions.
"""

from dataclasses import dataclass

RATES = ("p", "q", "e", "d", "r")
"""Weekly rates."""

PARAMETERS = (*RATES, "m")
"""The rates and the share within reach, in the order used by ``draws``."""

LEVERS = ("push", "executives", "training", "policy", "owner")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """One thing the organisation could do, and what it changes in the model.

    Attributes
    ----------
    key : one of `LEVERS`.
    acts_on : ``u``, ``x``, ``b`` or ``c``.
    now : value of the quantity today; low, high, step : range of the slider.
    effect : for b and c: factor applied at full strength (1.0 = none).
    source : ``estimated`` from this client or ``assumed``.
    """

    key: str
    acts_on: str
    now: float
    low: float
    high: float
    step: float
    effect: float = 1.0
    source: str = "assumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """A client's calibrated what-if, ready for any of the three hosts.

    Attributes
    ----------
    start : state (S, A, L) today.
    centre : central parameters, in the order of `PARAMETERS`.
    draws : parameter draws for the bands, each in the order of `PARAMETERS` (20 to 60).
    assumed : names of parameters that are assumptions, not estimates.
    levers : what may be moved.
    weeks : horizon.
    observed : weekly (active, ever) shares so far, oldest first; may be empty.
    starts_on : ISO date of week 0.
    eligible : published number of eligible people (rounded by the gate), or None.
    """

    start: tuple[float, float, float]
    centre: tuple[float, ...]
    draws: tuple[tuple[float, ...], ...]
    assumed: tuple[str, ...]
    levers: tuple[Lever, ...]
    weeks: int = 52
    observed: tuple[tuple[float, float], ...] = ()
    starts_on: str = ""
    eligible: int | None = None
