"""The registered curves: each is one declaration with its formula, its parameters and its edges.

All of them describe performance against time or practice. With ``x1`` the first x of the data, the learning
curves are ``y = asymptote - gain * g(x)`` with ``g(x1) = 1``, so ``gain`` is what is left to gain at the
first measurement; it is negative for a time or an error that falls. A family is added by registering it here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from smf_helpers.models.curves_engine import Array, Curve
from smf_helpers.registry import Registry

SLOWEST, FASTEST = 1e-3, 20.0
"""Rates that can be told from a straight line and from a step, per typical gap between measurements."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveFamily:
    """A family of curves that `fit_curve` knows by name.

    Attributes
    ----------
    name, label : key and words; formula : as it is printed.
    parameters : names, in the order of the curve's arguments.
    bind : takes the x of the data, gives ``curve(x, *theta)``.
    starts : takes x and y, gives candidate values for every parameter, one row each.
    edges : takes x, gives bounds by name; the limits beyond which a simpler curve is meant.
    simpler : what the curve becomes at the lower and at the upper edge of its pace.
    reference : where it comes from.
    """

    name: str
    label: str
    formula: str
    parameters: tuple[str, ...]
    bind: Callable[[Array], Curve]
    starts: Callable[[Array, Array], Array]
    edges: Callable[[Array], dict[str, tuple[float, float]]] = lambda x: {}
    simpler: tuple[str, str] = ("", "")
    reference: str = ""


CURVES = Registry[CurveFamily]("family of curves")


def typical_gap(x: Array) -> float:
    """Give the median distance of neighbouring distinct x, the unit in which a pace can be seen."""
    gaps = np.diff(np.unique(x))
    return float(np.median(gaps)) if gaps.size else 1.0


def _pace(x: Array) -> dict[str, tuple[float, float]]:
    gap = typical_gap(x)
    return {"rate": (SLOWEST / gap, FASTEST / gap)}


def _flat_starts(x: Array, y: Array) -> Array:
    return np.array([[float(np.mean(y)), 0.0]])


def _paced_starts(*more: tuple[float, ...]) -> Callable[[Array, Array], Array]:
    """Make the candidates of a curve (asymptote, gain, rate, …): a grid over the rate and further shapes."""

    def starts(x: Array, y: Array) -> Array:
        low, high = _pace(x)["rate"]
        axes = [np.geomspace(low * 1.5, high / 1.5, 24), *(np.array(values) for values in more)]
        grid = np.stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")], axis=1)
        level = np.column_stack([np.full(len(grid), y[-1]), np.full(len(grid), y[-1] - y[0] or 1.0)])
        return np.hstack([level, grid])

    return starts


def _power_starts(*more: tuple[float, ...]) -> Callable[[Array, Array], Array]:
    def starts(x: Array, y: Array) -> Array:
        axes = [np.geomspace(0.02, 6.0, 24), *(np.array(values) for values in more)]
        grid = np.stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")], axis=1)
        level = np.column_stack([np.full(len(grid), y[-1]), np.full(len(grid), y[-1] - y[0] or 1.0)])
        return np.hstack([level, grid])

    return starts


def _growth_starts(x: Array, y: Array) -> Array:
    low, high = _pace(x)["rate"]
    rates = np.geomspace(low * 1.5, high / 1.5, 16)
    middles = np.linspace(np.min(x), np.max(x), 9)
    rate, middle = (axis.ravel() for axis in np.meshgrid(rates, middles, indexing="ij"))
    return np.column_stack([np.full(rate.size, 1.1 * np.max(np.abs(y)) or 1.0), rate, middle])


def experience(x: Array) -> Callable[[Any], Any]:
    """Turn x into experience with the first measurement at or above one: x itself when it is positive."""
    first = float(np.min(x))
    return (lambda v: v) if first > 0 else (lambda v: v - first + 1.0)


def _since(x: Array) -> Callable[[Any], Any]:
    first = float(np.min(x))
    return lambda v: v - first


def _constant(x: Array) -> Curve:
    return lambda v, level: level + 0.0 * v


def _line(x: Array) -> Curve:
    since = _since(x)
    return lambda v, start, slope: start + slope * since(v)


def _log_line(x: Array) -> Curve:
    since = _since(x)
    return lambda v, start, slope: start + slope * np.log(1.0 + since(v))


def _exponential(x: Array) -> Curve:
    since = _since(x)
    return lambda v, asymptote, gain, rate: asymptote - gain * np.exp(-rate * since(v))


def _power(x: Array) -> Curve:
    done = experience(x)
    first = float(np.min(done(x)))
    return lambda v, asymptote, gain, exponent: asymptote - gain * (done(v) / first) ** (-exponent)


def _power_prior(x: Array) -> Curve:
    done = experience(x)
    first = float(np.min(done(x)))

    def curve(v: Any, asymptote: Any, gain: Any, exponent: Any, prior: Any) -> Any:
        return asymptote - gain * ((done(v) + prior) / (first + prior)) ** (-exponent)

    return curve


def _hyperbolic(x: Array) -> Curve:
    since = _since(x)
    return lambda v, asymptote, gain, rate: asymptote - gain / (1.0 + rate * since(v))


def _apex(x: Array) -> Curve:
    since, done = _since(x), experience(x)
    first = float(np.min(done(x)))

    def curve(v: Any, asymptote: Any, gain: Any, rate: Any, exponent: Any) -> Any:
        return asymptote - gain * np.exp(-rate * since(v)) * (done(v) / first) ** (-exponent)

    return curve


def _delayed(x: Array) -> Curve:
    since = _since(x)

    def curve(v: Any, asymptote: Any, gain: Any, rate: Any, delay: Any) -> Any:
        return asymptote - gain * (delay + 1.0) / (delay + np.exp(rate * since(v)))

    return curve


def _logistic(x: Array) -> Curve:
    return lambda v, ceiling, rate, midpoint: ceiling / (1.0 + np.exp(-rate * (v - midpoint)))


def _gompertz(x: Array) -> Curve:
    return lambda v, ceiling, rate, midpoint: ceiling * np.exp(-np.exp(-rate * (v - midpoint)))


_PRIORS = (0.5, 2.0, 8.0, 32.0)
_CURVES = ("a straight line in x", "a step after the first measurement")
_POWERS = ("a straight line in log x", "a step after the first measurement")


def _exponent(x: Array) -> dict[str, tuple[float, float]]:
    return {"exponent": (SLOWEST, FASTEST)}


def _exponent_prior(x: Array) -> dict[str, tuple[float, float]]:
    return {"exponent": (SLOWEST, FASTEST), "prior": (0.0, 1e3 * max(float(np.ptp(x)), 1.0))}


def _apex_edges(x: Array) -> dict[str, tuple[float, float]]:
    return {"rate": (0.0, _pace(x)["rate"][1]), "exponent": (0.0, FASTEST)}


def _delay(x: Array) -> dict[str, tuple[float, float]]:
    return {**_pace(x), "delay": (0.0, 1e6)}


for _family in (
    CurveFamily(
        name="constant",
        label="no change",
        formula="y = level",
        parameters=("level",),
        bind=_constant,
        starts=lambda x, y: _flat_starts(x, y)[:, :1],
    ),
    CurveFamily(
        name="line",
        label="straight line",
        formula="y = start + slope (x - x1)",
        parameters=("start", "slope"),
        bind=_line,
        starts=_flat_starts,
    ),
    CurveFamily(
        name="log_line",
        label="straight line in the logarithm",
        formula="y = start + slope log(1 + x - x1)",
        parameters=("start", "slope"),
        bind=_log_line,
        starts=_flat_starts,
    ),
    CurveFamily(
        name="exponential",
        label="exponential",
        formula="y = asymptote - gain exp(-rate (x - x1))",
        parameters=("asymptote", "gain", "rate"),
        bind=_exponential,
        starts=_paced_starts(),
        edges=_pace,
        simpler=_CURVES,
        reference="Heathcote, Brown & Mewhort 2000, doi:10.3758/BF03212979",
    ),
    CurveFamily(
        name="power",
        label="power",
        formula="y = asymptote - gain (x / x1) ** -exponent",
        parameters=("asymptote", "gain", "exponent"),
        bind=_power,
        starts=_power_starts(),
        edges=_exponent,
        simpler=_POWERS,
        reference="Newell & Rosenbloom 1981",
    ),
    CurveFamily(
        name="power_prior",
        label="power with prior experience",
        formula="y = asymptote - gain ((x + prior) / (x1 + prior)) ** -exponent",
        parameters=("asymptote", "gain", "exponent", "prior"),
        bind=_power_prior,
        starts=_power_starts(_PRIORS),
        edges=_exponent_prior,
        simpler=_POWERS,
        reference="Newell & Rosenbloom 1981",
    ),
    CurveFamily(
        name="hyperbolic",
        label="hyperbolic",
        formula="y = asymptote - gain / (1 + rate (x - x1))",
        parameters=("asymptote", "gain", "rate"),
        bind=_hyperbolic,
        starts=_paced_starts(),
        edges=_pace,
        simpler=_CURVES,
        reference="Mazur & Hastie 1978, doi:10.1037/0033-2909.85.6.1256",
    ),
    CurveFamily(
        name="apex",
        label="APEX (power and exponential)",
        formula="y = asymptote - gain exp(-rate (x - x1)) (x / x1) ** -exponent",
        parameters=("asymptote", "gain", "rate", "exponent"),
        bind=_apex,
        starts=_paced_starts((0.1, 0.5, 1.5)),
        edges=_apex_edges,
        simpler=_CURVES,
        reference="Heathcote, Brown & Mewhort 2000, doi:10.3758/BF03212979",
    ),
    CurveFamily(
        name="delayed_exponential",
        label="delayed exponential",
        formula="y = asymptote - gain (delay + 1) / (delay + exp(rate (x - x1)))",
        parameters=("asymptote", "gain", "rate", "delay"),
        bind=_delayed,
        starts=_paced_starts((0.2, 2.0, 20.0, 200.0)),
        edges=_delay,
        simpler=_CURVES,
        reference="Evans, Brown, Mewhort & Heathcote 2018, doi:10.1037/rev0000105",
    ),
    CurveFamily(
        name="logistic",
        label="logistic",
        formula="y = ceiling / (1 + exp(-rate (x - midpoint)))",
        parameters=("ceiling", "rate", "midpoint"),
        bind=_logistic,
        starts=_growth_starts,
        edges=_pace,
        simpler=("a line", "a step at the midpoint"),
    ),
    CurveFamily(
        name="gompertz",
        label="Gompertz",
        formula="y = ceiling exp(-exp(-rate (x - midpoint)))",
        parameters=("ceiling", "rate", "midpoint"),
        bind=_gompertz,
        starts=_growth_starts,
        edges=_pace,
        simpler=("a line", "a step at the midpoint"),
    ),
):
    CURVES.add(_family.name, _family)
