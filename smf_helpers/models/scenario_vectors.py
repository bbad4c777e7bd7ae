"""Write the test vectors that bind the Python what-if to its JavaScript twin.

Run ``python -m smf_helpers.models.scenario_vectors`` after any change of the model; a test compares the
committed file with what this module gives.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np

from smf_helpers.models.scenarios import project
from smf_helpers.results.adoption import Setting
from smf_helpers.results.what_if import Lever, WhatIf

VECTORS: Final = Path(__file__).parent.parent / "assets" / "what_if_vectors.json"


def make_vectors() -> list[dict[str, Any]]:
    """Give the vectors: each names a model, settings, and what `project` says."""
    usual = _model(draws=20, weeks=26)
    told: list[tuple[str, WhatIf, Mapping[str, Setting]]] = [
        ("everything stays", usual, {}),
        ("executives join in week 14", usual, {"executives": Setting(value=1.0, start=14)}),
        ("programme stops today", usual, {"push": Setting(value=0.0)}),
        (
            "all levers, each from its own week",
            usual,
            {
                "push": Setting(value=1.5, start=3),
                "executives": Setting(value=0.35, start=1),
                "training": Setting(value=2.0, start=5),
                "policy": Setting(value=1.0, start=2),
                "owner": Setting(value=1.0, start=8),
            },
        ),
        ("a year without draws", _model(draws=0, weeks=52), {"owner": Setting(value=1.0, start=1)}),
        ("some cannot be reached", _model(draws=20, weeks=30, reach=0.45), {}),
        ("no levers, nobody has begun", _model(draws=2, weeks=4, start=(1.0, 0.0, 0.0), levers=()), {}),
        ("fast rates from the far end", _model(draws=3, weeks=12, start=(0.0, 0.25, 0.75), pace=20.0), {}),
    ]
    return [
        {
            "name": name,
            "what_if": asdict(model),
            "settings": {key: asdict(setting) for key, setting in settings.items()},
            "expected": asdict(project(model, settings)),
        }
        for name, model, settings in told
    ]


def _levers() -> tuple[Lever, ...]:
    return (
        Lever(key="push", acts_on="u", now=1.0, low=0.0, high=2.0, step=0.1, source="estimated"),
        Lever(key="executives", acts_on="x", now=0.1, low=0.0, high=1.0, step=0.05),
        Lever(key="training", acts_on="b", now=1.0, low=0.0, high=3.0, step=0.25, effect=1.25),
        Lever(key="policy", acts_on="b", now=0.0, low=0.0, high=1.0, step=1.0, effect=1.15),
        Lever(key="owner", acts_on="c", now=0.0, low=0.0, high=1.0, step=1.0, effect=0.7),
    )


def _model(
    *,
    draws: int,
    weeks: int,
    start: tuple[float, float, float] = (0.7, 0.2, 0.1),
    levers: tuple[Lever, ...] | None = None,
    pace: float = 1.0,
    reach: float = 1.0,
) -> WhatIf:
    rates = pace * np.array([0.012, 0.14, 0.01, 0.05, 0.02])
    spread = np.exp(np.random.default_rng(7).normal(0.0, 0.3, (draws, len(rates))))
    reached = np.linspace(reach - 0.1, min(reach + 0.1, 1.0), draws)
    drawn = np.round(np.column_stack([rates * spread, reached]), 6)
    return WhatIf(
        start=start,
        centre=(*rates.tolist(), reach),
        draws=tuple(tuple(row) for row in drawn.tolist()),
        assumed=("e",),
        levers=_levers() if levers is None else levers,
        weeks=weeks,
        observed=((0.15, 0.2), (0.2, 0.3)),
        starts_on="2026-11-23",
        eligible=400,
    )


def render_vectors() -> str:
    """Give the file's text, one vector a line."""
    lines = (json.dumps(vector, separators=(",", ":")) for vector in make_vectors())
    return "[\n" + ",\n".join(lines) + "\n]\n"


if __name__ == "__main__":
    VECTORS.write_text(render_vectors(), encoding="utf-8")
