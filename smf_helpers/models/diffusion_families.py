"""The laws of adoption: each a distribution of adoption times, registered in one place.

A law says which share ``F(t)`` of those who will ever adopt has done so by time ``t``. Its parameters
are written so that every real number is allowed (logarithms of rates); formulas stay valid for complex
parameters, because the fitting engine differentiates them by complex steps.

Logistic and Gompertz growth have no first day: ``F(0) > 0``. The first interval then counts everybody
up to its end, so that cumulative adopters are ``m F(t)`` for every law.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from smf_helpers.registry import Registry
from smf_helpers.results.adoption import Shock

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """A distribution of adoption times with two or more parameters.

    Attributes
    ----------
    key : registered name.
    names : names of the natural parameters.
    logs : True where the engine's parameter is the logarithm of the natural one.
    cdf : ``cdf(t, theta)``, t of shape (T,), theta of shape (B, K), gives (B, T).
    low, high : box of the engine's parameters for a horizon of 1 time unit.
    per_time : power of the horizon with which each limit of the box scales.
    peak : closed form of the time of most new adopters and of the two inflections of the density, from
        natural parameters; NaN where there is none. None when it is found numerically.
    slopes : ``slopes(t, theta)`` gives F and its derivatives in theta, shapes (B, T) and (B, T, K). None
        where complex steps do it.
    reference : where the law comes from.
    """

    key: str
    names: tuple[str, ...]
    logs: tuple[bool, ...]
    cdf: Callable[[Floats, Numbers], Numbers]
    low: tuple[float, ...]
    high: tuple[float, ...]
    per_time: tuple[float, ...]
    peak: Callable[[Floats], Floats] | None = None
    slopes: Callable[[Floats, Floats], tuple[Floats, Floats]] | None = None
    reference: str = ""

    def natural(self, theta: Floats) -> Floats:
        """Give the natural parameters of engine parameters, same shape."""
        return np.where(self.logs, np.exp(np.where(self.logs, theta, 0.0)), theta)

    def box(self, horizon: float) -> tuple[Floats, Floats]:
        """Give lower and upper limits of the engine's parameters for data up to `horizon`."""
        limits = np.array([self.low, self.high], dtype=float)
        for k, (log, power) in enumerate(zip(self.logs, self.per_time, strict=True)):
            limits[:, k] = limits[:, k] + power * np.log(horizon) if log else limits[:, k] * horizon**power
        return limits[0], limits[1]


LAWS: Final = Registry[Law]("law of adoption")


def _log(*limits: float) -> tuple[float, ...]:
    return tuple(float(np.log(limit)) for limit in limits)


def _bass(t: Floats, theta: Numbers) -> Numbers:
    """Share adopted under F' = (p + qF)(1 - F) (Bass 1969)."""
    p, q = np.exp(theta[:, :1]), np.exp(theta[:, 1:2])
    decay = np.exp(-(p + q) * t)
    return (1 - decay) / (1 + q / p * decay)


def _bass_slopes(t: Floats, theta: Floats) -> tuple[Floats, Floats]:
    """Give F and its derivatives in (log p, log q): one exponential for all three."""
    p, q = np.exp(theta[:, :1]), np.exp(theta[:, 1:2])
    decay = np.exp(-(p + q) * t)
    ratio = q / p
    down = 1 / (1 + ratio * decay)
    share = (1 - decay) * down
    by_ratio = ratio * decay * (1 - decay) * down**2
    by_time = (1 + ratio) * decay * t * down**2
    return share, np.stack([p * by_time + by_ratio, q * by_time - by_ratio], axis=2)


def _bass_peak(natural: Floats) -> Floats:
    """t* = ln(q/p)/(p+q), inflections t* -+ ln(2+sqrt 3)/(p+q) (Mahajan, Muller & Srivastava 1990)."""
    p, q = natural[:, 0], natural[:, 1]
    centre = np.log(q / p) / (p + q)
    half = np.log(2 + np.sqrt(3)) / (p + q)
    peak = np.where(q > p, centre, np.nan)
    return np.stack([peak, np.where(centre > half, centre - half, np.nan), peak + half], axis=1)


LAWS.add(
    "bass",
    Law(
        key="bass",
        names=("p", "q"),
        logs=(True, True),
        cdf=_bass,
        low=_log(1e-7, 1e-4),
        high=_log(50.0, 400.0),
        per_time=(-1.0, -1.0),
        peak=_bass_peak,
        slopes=_bass_slopes,
        reference="Bass 1969, doi:10.1287/mnsc.15.5.215; Srinivasan & Mason 1986, doi:10.1287/mksc.5.2.169",
    ),
)


LAWS.add(
    "push",
    Law(
        key="push",
        names=("p",),
        logs=(True,),
        cdf=lambda t, theta: -np.expm1(-np.exp(theta[:, :1]) * t),
        low=_log(1e-7),
        high=_log(50.0),
        per_time=(-1.0,),
        peak=lambda natural: np.full((len(natural), 3), np.nan),
        reference="the Bass law without imitation: a constant push from outside",
    ),
)


def _logistic(t: Floats, theta: Numbers) -> Numbers:
    return 1 / (1 + np.exp(-np.exp(theta[:, :1]) * (t - theta[:, 1:2])))


def _around(natural: Floats, half: float) -> Floats:
    rate, centre = natural[:, 0], natural[:, 1]
    return np.stack([centre, centre - half / rate, centre + half / rate], axis=1)


LAWS.add(
    "logistic",
    Law(
        key="logistic",
        names=("r", "t0"),
        logs=(True, False),
        cdf=_logistic,
        low=(*_log(0.05), -2.0),
        high=(*_log(150.0), 4.0),
        per_time=(-1.0, 1.0),
        peak=lambda natural: _around(natural, float(np.log(2 + np.sqrt(3)))),
        reference="Verhulst 1838; Mansfield 1961, doi:10.2307/1911817",
    ),
)


def _gompertz(t: Floats, theta: Numbers) -> Numbers:
    return np.exp(-np.exp(-np.exp(theta[:, :1]) * (t - theta[:, 1:2])))


LAWS.add(
    "gompertz",
    Law(
        key="gompertz",
        names=("r", "t0"),
        logs=(True, False),
        cdf=_gompertz,
        low=(*_log(0.02), -2.0),
        high=(*_log(100.0), 4.0),
        per_time=(-1.0, 1.0),
        peak=lambda natural: _around(natural, float(np.log((3 + np.sqrt(5)) / 2))),
        reference="Gompertz 1825; Dixon 1980, doi:10.2307/1912821",
    ),
)


def _shifted_gompertz(t: Floats, theta: Numbers) -> Numbers:
    decay = np.exp(-np.exp(theta[:, :1]) * t)
    return (1 - decay) * np.exp(-np.exp(theta[:, 1:2]) * decay)


LAWS.add(
    "shifted_gompertz",
    Law(
        key="shifted_gompertz",
        names=("b", "eta"),
        logs=(True, True),
        cdf=_shifted_gompertz,
        low=_log(1e-3, 1e-4),
        high=_log(150.0, 1e6),
        per_time=(-1.0, 0.0),
        reference="Bemmaor 1994, doi:10.1007/978-94-011-1370-0_6",
    ),
)


def _weibull(t: Floats, theta: Numbers) -> Numbers:
    started = t > 0
    logs = np.log(np.where(started, t, 1.0))
    return -np.expm1(-np.where(started, np.exp(np.exp(theta[:, 1:2]) * (logs - theta[:, :1])), 0.0))


def _weibull_peak(natural: Floats) -> Floats:
    """Mode and inflections of the Weibull density, by solving the quadratic of its second derivative."""
    scale, shape = natural[:, 0], np.maximum(natural[:, 1], 1.0)
    root = np.sqrt((5 * shape - 1) * (shape - 1))
    powers = np.stack(
        [1 - 1 / shape, (3 * (shape - 1) - root) / 2 / shape, (3 * (shape - 1) + root) / 2 / shape]
    )
    times = scale * np.where(powers > 0, powers, np.nan) ** (1 / shape)
    return np.asarray(times.T, dtype=float)


LAWS.add(
    "weibull",
    Law(
        key="weibull",
        names=("scale", "shape"),
        logs=(True, True),
        cdf=_weibull,
        low=_log(0.01, 0.1),
        high=_log(1e4, 20.0),
        per_time=(1.0, 0.0),
        peak=_weibull_peak,
        reference="Weibull 1951, doi:10.1115/1.4010337",
    ),
)


def generalise_bass(shocks: Sequence[Shock], origin: float = 0.0) -> Law:
    """Give the Bass law whose hazard is multiplied from dated shocks on.

    F(t) is the Bass curve at X(t), the integral of x = product of exp(gamma_k) over the shocks in force
    (Bass, Krishnan & Jain 1994). A shock's natural parameter is its factor exp(gamma): 1 means that it
    changed nothing, 2 that adoption ran twice as fast while it lasted.

    Parameters
    ----------
    shocks : dated shocks on the time axis of the fit.
    origin : time at which adoption could begin.
    """
    begins = np.array([shock.at - origin for shock in shocks], dtype=float)
    ends = np.array([np.inf if shock.until is None else shock.until - origin for shock in shocks])
    knots = np.unique(np.concatenate([[0.0], begins[begins > 0], ends[np.isfinite(ends) & (ends > 0)]]))
    edges = np.append(knots, np.inf)
    in_force = (begins[:, None] <= knots) & (ends[:, None] > knots)

    def cdf(t: Floats, theta: Numbers) -> Numbers:
        pace = np.exp(theta[:, 2:] @ in_force)
        spent = np.clip(t[:, None] - edges[:-1], 0.0, np.diff(edges))
        p, q = np.exp(theta[:, :1]), np.exp(theta[:, 1:2])
        decay = np.exp(-(p + q) * (pace @ spent.T))
        return (1 - decay) / (1 + q / p * decay)

    def peak(natural: Floats) -> Floats:
        """Give the Bass peak and inflections on the clock as the shocks have bent it."""
        pace = np.exp(np.log(natural[:, 2:]) @ in_force)
        clock = np.cumsum(pace * np.diff(np.append(knots, 1e9)), axis=1)
        times = np.append(knots, 1e9)
        return np.array(
            [
                np.interp(spent, np.append(0.0, row), times)
                for spent, row in zip(_bass_peak(natural), clock, strict=True)
            ]
        )

    bass, extra = LAWS["bass"], len(shocks)
    return Law(
        key="generalised_bass",
        names=(*bass.names, *(f"factor:{shock.name}" for shock in shocks)),
        logs=(*bass.logs, *[True] * extra),
        cdf=cdf,
        low=(*bass.low, *_log(*[0.05] * extra)),
        high=(*bass.high, *_log(*[20.0] * extra)),
        per_time=(*bass.per_time, *[0.0] * extra),
        peak=peak,
        reference="Bass, Krishnan & Jain 1994, doi:10.1287/mksc.13.3.203",
    )


def find_peak(law: Law, theta: Floats, horizon: float) -> Floats:
    """Give peak time, take-off and slow-down of each parameter row, shape (B, 3); NaN where there is none.

    Take-off and slow-down are the inflections of the density before and after the peak. Without a
    closed form they are read off a fine grid up to three horizons.
    """
    if law.peak is not None:
        return np.where((found := law.peak(law.natural(theta))) > 0, found, np.nan)
    t = np.linspace(0.0, 3 * horizon, 3001)
    density = np.gradient(law.cdf(t, theta), t, axis=1)
    bend = np.gradient(density, t, axis=1)
    at = density.argmax(axis=1)
    before = np.arange(len(t)) <= at[:, None]
    inside = (at > 0) & (at < len(t) - 1)
    up = np.where(before, bend, -np.inf).argmax(axis=1)
    down = np.where(before, np.inf, bend).argmin(axis=1)
    return np.stack(
        [
            np.where(inside, t[at], np.nan),
            np.where(inside & (up > 0), t[up], np.nan),
            np.where(inside & (down < len(t) - 1), t[down], np.nan),
        ],
        axis=1,
    )
