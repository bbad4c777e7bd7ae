"""What is told of an adoption fit: parameters, peak, take-off, criteria, each with limits or a reason."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from smf_helpers.models.diffusion_engine import Cells, Solved, ceiling, fit_law
from smf_helpers.models.diffusion_families import LAWS, Law, find_peak
from smf_helpers.models.diffusion_intervals import Observed
from smf_helpers.models.diffusion_limits import (
    Draws,
    covariances,
    expect,
    limit_ceiling,
    limit_parameter,
    n_free,
    scatter_of,
)
from smf_helpers.models.scatter import log_likelihood
from smf_helpers.results.core import SHOWN, Estimate, Status, refused

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

RARE: Final = 0.05
"""Share of resampled series without a peak above which no peak is told."""

SUPPORTED: Final = 4.0
"""Difference in AICc from which a law is preferred to a constant push."""


def list_parameters(
    law: Law, observed: Observed, solved: Solved, scatter: float, rise: Floats, level: float
) -> dict[str, tuple[Estimate, float | None]]:
    """Give each parameter with profile limits and its standard error (natural scale)."""
    cells, n = observed.cells, int(observed.cells.seen.sum())
    errors = standard_errors(law, cells, solved, scatter)
    m = float(ceiling(law, cells, solved.theta)[0])
    rows: dict[str, tuple[Estimate, float | None]] = {}
    if cells.eligible is None:
        low, high = limit_ceiling(law, cells, solved, float(rise[0]))
        rows["m"] = (_bounded(m, low, high, "adopters", n, level, "the ceiling m"), errors[0])
    else:
        rows["m"] = (Estimate(value=m, low=m, high=m, unit="adopters", method="given", level=level), 0.0)
    natural = law.natural(solved.theta)[0]
    unit = f"per {observed.axis.unit.rstrip('s') or 'time unit'}"
    for k, name in enumerate(law.names):
        low, high = limit_parameter(law, cells, solved, k, float(rise[k + 1]))
        limits = law.natural(_only(solved.theta[0], k, low)), law.natural(_only(solved.theta[0], k, high))
        found = _bounded(
            float(natural[k]),
            float(limits[0][k]) if np.isfinite(low) else -np.inf,
            float(limits[1][k]) if np.isfinite(high) else np.inf,
            unit if law.per_time[k] < 0 else observed.axis.unit,
            n,
            level,
            name,
        )
        rows[name] = (found, errors[k + 1])
    return rows


def _only(theta: Floats, k: int, value: float) -> Floats:
    moved = theta.copy()
    moved[k] = value if np.isfinite(value) else theta[k]
    return moved


def _bounded(value: float, low: float, high: float, unit: str, n: int, level: float, name: str) -> Estimate:
    """Make the estimate that its profile allows: two-sided, one-sided, or none."""
    down, up = np.isfinite(low), np.isfinite(high)
    limits = {"low": low if down else None, "high": high if up else None}
    told = {"unit": unit, "n": n, "level": level, "method": "profile likelihood"}
    if down and up:
        return Estimate(value=value, **limits, **told)  # type: ignore[arg-type]
    if up and not down and name != "the ceiling m":
        why = f"The counts do not exclude that {name} is zero."
        return Estimate(value=value, **limits, **told, status=Status.ONE_SIDED, reason=why)  # type: ignore[arg-type]
    why = f"The counts cannot bound {name} from above."
    return Estimate(value=None, **limits, **told, status=Status.NOT_IDENTIFIED, reason=why)  # type: ignore[arg-type]


def standard_errors(law: Law, cells: Cells, solved: Solved, scatter: float) -> list[float]:
    """Give standard errors of m and the natural parameters from the curvature at the optimum.

    For comparison with other programs; limits come from profiles. Missing where the matrix is singular.
    """
    variances = np.diag(covariances(law, cells, solved, scatter)[1])
    known = cells.eligible is not None
    scale = np.append([] if known else [1.0], np.where(law.logs, law.natural(solved.theta)[0], 1.0))
    errors = (scale * np.sqrt(np.where(variances >= 0, variances, np.nan))).tolist()
    return [0.0, *errors] if known else errors


def accelerates(law: Law, cells: Cells, solved: Solved, scatter: float, q: Estimate | None) -> bool:
    """Say whether the law beats a constant push clearly enough to speak of acceleration.

    For the Bass laws: the profile of ``q`` excludes zero (conservative, zero being its boundary). For the others:
    AICc prefers the law by at least `SUPPORTED`.
    """
    if q is not None:
        return q.low is not None
    if law.key == "push":
        return False
    push = LAWS["push"]
    straight = fit_law(push, cells)
    plain = criteria(push, cells, straight, scatter_of(push, cells, straight))[1]
    return plain - criteria(law, cells, solved, scatter)[1] > SUPPORTED


def list_milestones(
    law: Law, observed: Observed, solved: Solved, drawn: Draws, rising: bool, level: float
) -> dict[str, tuple[Estimate, float | None]]:
    """Give peak, take-off and slow-down with bootstrap limits, or say why there are none."""
    names = {"peak_at": "peak", "takeoff_at": "take-off", "slowdown_at": "slow-down"}
    horizon = observed.last
    if not rising:
        why = "No tipping point found: adoption does not accelerate beyond a constant push."
        return {name: (refused(Status.INSUFFICIENT_DATA, why), None) for name in (*names, "peak_share")}
    centre = find_peak(law, solved.theta, horizon)[0]
    many = find_peak(law, drawn.theta, horizon)
    rows: dict[str, tuple[Estimate, float | None]] = {}
    for place, (name, word) in enumerate(names.items()):
        found = _from_draws(centre[place], many[:, place], word, level, horizon)
        rows[name] = (replace(found, unit=observed.axis.unit), None)
    at_peak = law.cdf(np.nan_to_num(centre[:1]), solved.theta)[0, 0]
    shares = np.array(
        [law.cdf(np.array([t]), row[None])[0, 0] for t, row in zip(many[:, 0], drawn.theta, strict=True)]
    )
    if rows["peak_at"][0].status in SHOWN:
        rows["peak_share"] = (_from_draws(at_peak, shares, "peak", level, np.inf), None)
    else:
        rows["peak_share"] = rows["peak_at"]
    return rows


def _from_draws(centre: float, many: Floats, word: str, level: float, last: float) -> Estimate:
    without = float(np.mean(~np.isfinite(many)))
    if not np.isfinite(centre):
        return refused(Status.INSUFFICIENT_DATA, f"No {word} found: the curve has none after its origin.")
    if without > RARE:
        return refused(Status.NOT_IDENTIFIED, f"In {without:.0%} of resampled series there is no {word}.")
    low, high = np.nanquantile(many, [(1 - level) / 2, (1 + level) / 2])
    if low > 2 * last or high > 3 * last:
        return refused(Status.NOT_IDENTIFIED, f"The {word} lies further ahead than these counts can tell.")
    ahead = f"The {word} lies ahead of the last count." if centre > last else ""
    return Estimate(
        value=float(centre),
        low=float(low),
        high=float(high),
        reason=ahead,
        method="parametric bootstrap",
        level=level,
    )


def criteria(law: Law, cells: Cells, solved: Solved, scatter: float) -> tuple[float, float]:
    """Give log-likelihood and AICc, comparable between laws on the same cells; a scatter counts as a parameter."""
    from scipy.special import gammaln

    seen = cells.seen[0]
    n, size = cells.n[0][seen], int(seen.sum())
    k = n_free(law, cells) + int(cells.squares or scatter > 0)
    loss = float(solved.loss[0])
    if cells.squares:
        loglik = -size / 2 * (np.log(2 * np.pi * max(2 * loss / size, 1e-300)) + 1)
    elif scatter:
        counted, expected, _, at_risk = expect(law, cells, solved)
        loglik = log_likelihood(counted, expected, at_risk, scatter)
    elif cells.eligible is None:
        total = n.sum()
        loglik = -loss + total * np.log(total) - total - gammaln(n + 1).sum()
    else:
        people = cells.eligible[0]
        loglik = -loss + gammaln(people + 1) - gammaln(n + 1).sum() - gammaln(people - n.sum() + 1)
    spare = size - k - 1
    return float(loglik), float(-2 * loglik + 2 * k + (2 * k * (k + 1) / spare if spare > 0 else np.inf))


def tabulate(
    rows: dict[str, tuple[Estimate, float | None]], told: bool, status: Status, reason: str
) -> "pd.DataFrame":
    """Give the frame of estimates; a value that may not be shown is missing there."""
    import pandas as pd

    records = []
    for name, (found, error) in rows.items():
        shown = found.status in SHOWN and told
        records.append(
            {
                "name": name,
                "value": found.value if shown else np.nan,
                "se": error if shown and error is not None else np.nan,
                "low": np.nan if found.low is None else found.low,
                "high": np.nan if found.high is None else found.high,
                "status": str(found.status if told else status),
                "reason": found.reason if told else reason,
                "unit": found.unit,
            }
        )
    return pd.DataFrame.from_records(
        records, columns=["name", "value", "se", "low", "high", "status", "reason", "unit"]
    )
