import numpy as np
import pandas as pd
import pytest

import smf_helpers as smf
from smf_helpers.measures.design import kish
from smf_helpers.measures.weights import calibrate


def people(n, seed=1):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "unit": rng.choice(["a", "b", "c", "d"], n, p=[0.4, 0.3, 0.2, 0.1]),
            "role": rng.choice(["boss", "staff"], n, p=[0.3, 0.7]),
            "site": rng.choice(["x", "y", "z"], n),
        }
    )


MARGINS = {
    "unit": {"a": 250, "b": 250, "c": 250, "d": 250},
    "role": {"boss": 150, "staff": 850},
    "site": {"x": 500, "y": 300, "z": 200},
}


def plain_raking(frame, margins, rounds=500):
    """Textbook iterative proportional fitting, one person at a time in effect."""
    weight = np.ones(len(frame))
    for _ in range(rounds):
        for column, target in margins.items():
            for category, wanted in target.items():
                here = (frame[column] == category).to_numpy()
                weight[here] *= wanted / weight[here].sum()
    return weight


def test_every_weighted_margin_stands_on_its_target():
    frame = people(400)
    weight = smf.rake(frame, MARGINS)
    for column, target in MARGINS.items():
        held = weight.groupby(frame[column]).sum()
        np.testing.assert_allclose([held[key] for key in target], list(target.values()), rtol=1e-9)


def test_weights_equal_those_of_plain_raking():
    frame = people(300, seed=2)
    np.testing.assert_allclose(smf.rake(frame, MARGINS).to_numpy(), plain_raking(frame, MARGINS), rtol=1e-8)


def test_two_by_two_keeps_the_odds_ratio():
    # Iterative proportional fitting keeps the association of the table (Deming and Stephan).
    frame = pd.DataFrame({"u": list("aaaaaabbbb"), "r": list("xxxxyyxyyy")})
    weight = smf.rake(frame, {"u": {"a": 0.5, "b": 0.5}, "r": {"x": 0.4, "y": 0.6}})
    table = weight.groupby([frame["u"], frame["r"]]).sum().unstack()
    odds = table.loc["a", "x"] * table.loc["b", "y"] / (table.loc["a", "y"] * table.loc["b", "x"])
    assert odds == pytest.approx(4 * 3 / (2 * 1), rel=1e-9)
    assert weight.mean() == pytest.approx(1)


def test_joint_margins_and_starting_weights_are_honoured():
    frame = people(500, seed=3)
    start = np.random.default_rng(4).uniform(0.5, 2, 500)
    joint = {(u, r): 100.0 * (1 + (r == "staff")) for u in "abcd" for r in ("boss", "staff")}
    found = calibrate(frame, {("unit", "role"): joint}, weights=start)
    held = found.weights.groupby([frame["unit"], frame["role"]]).sum()
    np.testing.assert_allclose([held[key] for key in joint], list(joint.values()), rtol=1e-9)
    one = ((frame["unit"] == "a") & (frame["role"] == "boss")).to_numpy()
    ratio = found.weights.to_numpy()[one] / start[one]
    assert np.ptp(ratio) < 1e-9 * ratio[0]


def test_limits_hold_while_the_margins_still_stand():
    frame = people(400, seed=5)
    free = calibrate(frame, MARGINS, limits=None)
    held = calibrate(frame, MARGINS, limits=(0.35, 3.2))
    relative = held.weights / held.weights.mean()
    assert (free.weights / free.weights.mean()).max() > 3.3
    assert relative.min() >= 0.35 - 1e-9 and relative.max() <= 3.2 + 1e-9
    assert held.status == "ok" and held.largest_error < 1e-8 and held.n_trimmed > 0
    assert held.deff == pytest.approx(kish(held.weights)) and held.n_effective < 400


def test_limits_that_forbid_the_margins_are_told():
    found = calibrate(people(400, seed=5), MARGINS, limits=(0.95, 1.05))
    assert found.status == "boundary" and found.largest_error > 0.01 and "limits" in found.reason


def test_people_without_a_target_keep_their_share_and_empty_targets_are_told():
    frame = people(200, seed=6)
    frame.loc[:19, "unit"] = None
    margins = {"unit": {**MARGINS["unit"], "moon": 100}}
    found = calibrate(frame, margins)
    assert found.weights[:20].sum() / found.weights.sum() == pytest.approx(0.1)
    assert "20 people have no target" in found.reason and "Nobody answered from 9%" in found.reason


def test_the_order_of_people_does_not_matter():
    frame = people(150, seed=7)
    shuffled = frame.sample(frac=1, random_state=1)
    np.testing.assert_allclose(
        smf.rake(frame, MARGINS)[shuffled.index], smf.rake(shuffled, MARGINS), rtol=1e-12
    )


def test_nobody_and_no_margin_give_a_status():
    assert calibrate(people(0), MARGINS).status == "insufficient_data"
    assert calibrate(people(5), {}).status == "insufficient_data"


def test_an_absent_column_and_a_negative_target_are_both_named():
    with pytest.raises(smf.SMFError) as told:
        smf.rake(people(10), {"planet": {"earth": 1}, "unit": {"a": -1}})
    assert len(told.value.faults) == 2
