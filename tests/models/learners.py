"""Simulated learners with known truth, shared by the tests of learning."""

import numpy as np
import pandas as pd


def simulate(count, weeks, *, noise=0.15, seed=0, spread=0.5, pace=0.35, gain=2.2, sides=0.3):
    """Give scores (learners, weeks) of exponential learners and their truth: asymptote, gain, log pace."""
    rng = np.random.default_rng(seed)
    weeks = np.asarray(weeks, dtype=float)
    a = 4.3 + sides * rng.standard_normal(count)
    b = gain + sides * rng.standard_normal(count)
    u = np.log(pace) + spread * rng.standard_normal(count)
    exact = a[:, None] - b[:, None] * np.exp(-np.exp(u)[:, None] * (weeks - weeks[0]))
    return exact + noise * rng.standard_normal(exact.shape), a, b, u


def as_frame(scores, weeks, unit=None):
    count, n = scores.shape
    rows = {
        "learner": np.repeat([f"p{place:05d}" for place in range(count)], n),
        "at": np.tile(np.asarray(weeks, dtype=float), count),
        "score": scores.ravel(),
    }
    if unit is not None:
        rows["unit"] = np.repeat(unit, n)
    return pd.DataFrame(rows)
