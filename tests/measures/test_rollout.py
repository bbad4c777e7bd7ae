import numpy as np
import pandas as pd

import smf_helpers as smf
from smf_helpers.framework import FACTOR_KEYS
from smf_helpers.measures.rollout import compare_rollout

ITEMS = pd.DataFrame({"item": list(FACTOR_KEYS), "module": list(FACTOR_KEYS)})
WAVES = pd.DataFrame(
    {"wave": ["w1", "w2", "w3"], "opened_on": pd.to_datetime(["2025-01-01", "2025-07-01", "2026-01-01"])}
)
DAY = pd.Timestamp("2025-03-01")


def scores(rng, gains, n=60):
    """A panel of units: `gains` says by how much each unit has risen from the second wave on."""
    rows, people = [], []
    for unit, gain in gains.items():
        names = [f"{unit}{i}" for i in range(n)]
        person = rng.normal(3, 0.5, (n, 1))
        for wave in WAVES["wave"]:
            value = np.clip(
                person + rng.normal(0, 0.5, (n, 8)) + gain * (wave != "w1") + 0.1 * (wave == "w3"), 1, 5
            )
            rows.append(
                pd.DataFrame(
                    {
                        "respondent": np.repeat(names, 8),
                        "wave": wave,
                        "item": np.tile(FACTOR_KEYS, n),
                        "value": value.ravel(),
                    }
                )
            )
            people.append(pd.DataFrame({"respondent": names, "wave": wave, "unit": unit}))
    return smf.score_factors(pd.concat(rows), ITEMS, respondents=pd.concat(people), waves=WAVES)


def test_units_are_held_against_those_still_waiting():
    found = scores(np.random.default_rng(1), {"a": 0.6, "b": 0.0, "c": 0.0, "d": 0.0, "e": -0.6})
    table = compare_rollout(found, {"a": DAY, "b": DAY, "e": DAY}, WAVES).set_index("unit")
    assert table["verdict"].to_dict() == {
        "a": "ahead",
        "b": "level",
        "c": "waiting",
        "d": "waiting",
        "e": "behind",
    }
    assert abs(table.loc["a", "change"] - 0.7) < 0.15 and abs(table.loc["a", "waiting"] - 0.1) < 0.1
    assert table.loc["a", "waiting_units"] == ("c", "d") and table.loc["a", "from_wave"] == "w1"


def test_the_comparison_ends_when_the_last_unit_joins():
    found = scores(np.random.default_rng(2), {"a": 0.6, "b": 0.0})
    table = compare_rollout(found, {"a": DAY, "b": pd.Timestamp("2025-10-01")}, WAVES).set_index("unit")
    assert table.loc["a", "to_wave"] == "w2" and table.loc["a", "waiting_units"] == ("b",)
    assert (
        table.loc["b", "verdict"] == "not enough to say" and "nothing to compare" in table.loc["b", "reason"]
    )


def test_units_that_drift_by_themselves_raise_the_bar():
    rng = np.random.default_rng(3)
    found = scores(rng, {"a": 0.5, "b": 0.8, "c": -0.7, "d": 0.0})
    assert (
        compare_rollout(found, {"a": DAY}, WAVES).set_index("unit").loc["a", "verdict"] == "not enough to say"
    )


def test_no_wave_before_joining_and_no_units_are_told():
    found = scores(np.random.default_rng(4), {"a": 0.5, "b": 0.0}, n=10)
    early = compare_rollout(found, {"a": pd.Timestamp("2024-01-01")}, WAVES).set_index("unit").loc["a"]
    assert early["verdict"] == "not enough to say" and "before" in early["reason"]
    alone = smf.score_factors(pd.DataFrame({"respondent": [], "wave": [], "item": [], "value": []}), ITEMS)
    assert len(compare_rollout(alone, {}, WAVES)) == 0
