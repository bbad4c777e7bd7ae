"""Shapes of learning: how the gain that is left shrinks with time or practice.

Every shape is ``g`` in ``score = A - B g``, with ``g = 1`` at the learner's first measurement and one pace
``u = log k`` of each learner. A further shape parameter (a delay, an exponent) is common to the cohort: a
person's few points cannot carry it. ``s`` is the distance from the first measurement, ``e`` the experience at
it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from smf_helpers.models.curves_engine import Array
from smf_helpers.registry import Registry

GapLeft = Callable[[Any, Any, Any, float], Any]
"""``g(s, e, u, common)``: the share of the gain that is still left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningShape:
    """A shape with one pace a person.

    Attributes
    ----------
    name, label : key and words; formula : as it is printed.
    left : ``g(s, e, u, common)``, also for complex u.
    reaches : distance at which g falls to a given share: ``reaches(share, e, u, common)``.
    slopes : first and second derivative of g by u, where they are simple; else by the complex step.
    commons : values tried for the parameter common to the cohort; empty when there is none.
    edges : lowest and highest pace that can be seen, in units of one over the typical gap when `scaled`.
    """

    name: str
    label: str
    formula: str
    left: GapLeft
    reaches: Callable[[float, Any, Any, float], Any]
    slopes: Callable[[Any, Any, Any, Any], tuple[Any, Any]] | None = None
    commons: tuple[float, ...] = ()
    edges: tuple[float, float] = (1e-3, 20.0)
    scaled: bool = True


SHAPES = Registry[LearningShape]("shape of learning")


def left_and_slopes(shape: LearningShape, s: Array, e: Array, u: Array, common: float) -> tuple[Array, ...]:
    """Give g with its first and second derivative by u."""
    if shape.slopes is not None:
        g = shape.left(s, e, u, common)
        return (g, *shape.slopes(s, e, u, g))
    step = 1e-5
    g = shape.left(s, e, u, common)
    first, before, after = (
        np.imag(shape.left(s, e, u + shift + 1e-30j, common)) / 1e-30 for shift in (0.0, -step, step)
    )
    return g, first, (after - before) / (2 * step)


def _exponential(s: Any, e: Any, u: Any, common: float) -> Any:
    return np.exp(-np.exp(u) * s)


def _exponential_slopes(s: Any, e: Any, u: Any, g: Any) -> tuple[Any, Any]:
    z = np.exp(u) * s
    first = -z * g
    return first, first * (1.0 - z)


def _power(s: Any, e: Any, u: Any, common: float) -> Any:
    return np.exp(-np.exp(u) * np.log1p(s / e))


def _power_slopes(s: Any, e: Any, u: Any, g: Any) -> tuple[Any, Any]:
    z = np.exp(u) * np.log1p(s / e)
    first = -z * g
    return first, first * (1.0 - z)


def _hyperbolic(s: Any, e: Any, u: Any, common: float) -> Any:
    return 1.0 / (1.0 + np.exp(u) * s)


def _hyperbolic_slopes(s: Any, e: Any, u: Any, g: Any) -> tuple[Any, Any]:
    first = -g * (1.0 - g)
    return first, first * (2.0 * g - 1.0)


def _apex(s: Any, e: Any, u: Any, common: float) -> Any:
    return np.exp(-np.exp(u) * s - common * np.log1p(s / e))


def _apex_reaches(share: float, e: Any, u: Any, common: float) -> Any:
    low, high = np.zeros(np.shape(u)), -np.log(share) / np.exp(u)
    for _ in range(60):
        middle = (low + high) / 2
        beyond = np.exp(u) * middle + common * np.log1p(middle / e) > -np.log(share)
        low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
    return (low + high) / 2


def _delayed(s: Any, e: Any, u: Any, common: float) -> Any:
    fade = np.exp(-np.exp(u) * s)
    return (common + 1.0) * fade / (common * fade + 1.0)


def _logistic(s: Any, e: Any, u: Any, common: float) -> Any:
    k = np.exp(u)
    fade = np.exp(-k * s)
    return (1.0 + np.exp(-k * common)) * fade / (fade + np.exp(-k * common))


def _logistic_reaches(share: float, e: Any, u: Any, common: float) -> Any:
    k = np.exp(u)
    return common + np.log((1.0 + np.exp(-k * common)) / share - 1.0) / k


def _gompertz(s: Any, e: Any, u: Any, common: float) -> Any:
    fade = np.exp(-np.exp(u) * s)
    return 1.0 - (np.exp(-common * fade) - np.exp(-common)) / (1.0 - np.exp(-common))


def _gompertz_reaches(share: float, e: Any, u: Any, common: float) -> Any:
    inner = np.exp(-common) + (1.0 - share) * (1.0 - np.exp(-common))
    return -np.log(-np.log(inner) / common) / np.exp(u)


for _shape in (
    LearningShape(
        name="exponential",
        label="exponential",
        formula="A - B exp(-k s)",
        left=_exponential,
        slopes=_exponential_slopes,
        reaches=lambda share, e, u, common: -np.log(share) / np.exp(u),
    ),
    LearningShape(
        name="power",
        label="power with prior experience",
        formula="A - B (1 + s / e) ** -k",
        left=_power,
        slopes=_power_slopes,
        reaches=lambda share, e, u, common: e * np.expm1(-np.log(share) / np.exp(u)),
        edges=(2e-2, 20.0),
        scaled=False,
    ),
    LearningShape(
        name="hyperbolic",
        label="hyperbolic",
        formula="A - B / (1 + k s)",
        left=_hyperbolic,
        slopes=_hyperbolic_slopes,
        reaches=lambda share, e, u, common: (1.0 / share - 1.0) / np.exp(u),
    ),
    LearningShape(
        name="apex",
        label="APEX (power and exponential)",
        formula="A - B exp(-k s) (1 + s / e) ** -c, c common",
        left=_apex,
        reaches=_apex_reaches,
        commons=(0.1, 0.25, 0.5, 1.0, 2.0),
    ),
    LearningShape(
        name="delayed_exponential",
        label="delayed exponential",
        formula="A - B (d + 1) / (d + exp(k s)), d common",
        left=_delayed,
        reaches=lambda share, e, u, common: np.log((common + 1.0) / share - common) / np.exp(u),
        commons=(0.5, 2.0, 8.0, 30.0, 120.0),
    ),
    LearningShape(
        name="logistic",
        label="logistic, midpoint common in time",
        formula="A - B (1 + exp(-k m)) / (1 + exp(k (s - m))), m common",
        left=_logistic,
        reaches=_logistic_reaches,
        commons=(1.0, 2.0, 4.0, 8.0, 16.0),
    ),
    LearningShape(
        name="gompertz",
        label="Gompertz",
        formula="A - B (1 - (exp(-b exp(-k s)) - exp(-b)) / (1 - exp(-b))), b common",
        left=_gompertz,
        reaches=_gompertz_reaches,
        commons=(0.5, 1.5, 4.0, 10.0),
    ),
):
    SHAPES.add(_shape.name, _shape)
