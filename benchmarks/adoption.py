"""Adoption: many Bass fits and Kaplan-Meier, side by side with what a user would use instead.

Run ``python -m benchmarks.adoption``; it prints the table and writes ``benchmarks/results/adoption.md``. Times are
processor seconds of one core, the best of three or of nine runs, after a warm one.
"""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).parent / "results" / "adoption.md"
UNITS, WEEKS, PEOPLE = 1000, 26, 200
MESSAGES = 100_000


def best(work: Callable[[], object], times: int = 3) -> float:
    """Give the best processor time of a few runs, in seconds."""
    taken = []
    for _ in range(times):
        begin = time.process_time()
        work()
        taken.append(time.process_time() - begin)
    return min(taken)


def bass(t, p, q):
    return (1 - np.exp(-(p + q) * t)) / (1 + q / p * np.exp(-(p + q) * t))


def draw_units() -> np.ndarray:
    """Draw the new adopters of many departments, shape (units, weeks)."""
    rng = np.random.default_rng(1)
    rates = np.exp(np.log([0.02, 0.3]) + rng.normal(0.0, 0.3, (UNITS, 2)))
    shares = np.diff(bass(np.arange(WEEKS + 1.0), rates[:, :1], rates[:, 1:]), axis=1)
    rest = 1 - shares.sum(axis=1, keepdims=True)
    return np.array([rng.multinomial(PEOPLE, row)[:-1] for row in np.hstack([shares, rest])], dtype=float)


def fit_units() -> tuple[float, float, float]:
    """Give our time, that of a curve_fit loop, and the largest relative difference in q where both settled."""
    from scipy.optimize import curve_fit

    from smf_helpers.models.diffusion_engine import Cells, fit_law
    from smf_helpers.models.diffusion_families import LAWS

    n, ends = draw_units(), np.arange(1.0, WEEKS + 1)
    cells = Cells(
        lower=ends - 1,
        upper=ends,
        n=n,
        seen=np.ones_like(n, dtype=bool),
        eligible=np.full(UNITS, float(PEOPLE)),
        squares=True,
    )

    def theirs() -> np.ndarray:
        def expected(t, p, q):
            return PEOPLE * (bass(t, p, q) - bass(t - 1, p, q))

        return np.array([curve_fit(expected, ends, row, p0=(0.02, 0.3))[0] for row in n])

    ours = fit_law(LAWS["bass"], cells)
    peer = theirs()
    apart = np.abs(np.exp(ours.theta[:, 1]) / peer[:, 1] - 1)
    return best(lambda: fit_law(LAWS["bass"], cells)), best(theirs, 1), float(np.median(apart))


def estimate_waiting() -> tuple[float, float | None]:
    """Give our time and that of lifelines for a Kaplan-Meier curve with limits; None where it is absent."""
    from smf_helpers.measures.survival import estimate_survival

    rng = np.random.default_rng(2)
    hours, answered = rng.exponential(10.0, MESSAGES).round(2), rng.random(MESSAGES) < 0.8
    ours = best(lambda: estimate_survival(hours, answered), 9)
    try:
        from lifelines import KaplanMeierFitter
    except ImportError:
        return ours, None
    KaplanMeierFitter().fit(hours, answered)
    return ours, best(lambda: KaplanMeierFitter().fit(hours, answered), 9)


def report() -> str:
    """Run everything and write the table."""
    ours, theirs, apart = fit_units()
    waiting, peer = estimate_waiting()
    lines = [
        "# Adoption",
        "",
        "| work | ours, s | against | theirs, s | ratio | goal |",
        "| --- | --- | --- | --- | --- | --- |",
        f"| Bass, {UNITS:,} units x {WEEKS} weeks, ceiling known | {ours:.3f} | loop of scipy curve_fit "
        f"| {theirs:.3f} | {theirs / ours:.0f}x | 10x |",
        f"| Kaplan-Meier with limits, {MESSAGES:,} messages | {waiting:.4f} | lifelines "
        + (f"| {peer:.4f} | {peer / waiting:.0f}x | 10x |" if peer else "| absent | not measured | 10x |"),
        "",
        f"Median relative difference in q between the two Bass fits: {apart:.1e}.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    told = report()
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(told, encoding="utf-8")
    print(told)
