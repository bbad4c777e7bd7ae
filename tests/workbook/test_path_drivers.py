import numpy as np
import pandas as pd
import pytest

from smf_helpers.framework import STAGES
from smf_helpers.results.core import Status
from smf_helpers.workbook.path_drivers import SAME_DATE, TOGETHER, UNFOLLOWED, path_drivers

UNITS = ("Sales", "IT", "Service", "Legal")
DAYS = pd.date_range("2024-01-01", "2026-01-01", freq="7D")
WAVES = DAYS[[0, 26, 52, 78, 104]]
OWNER, EXECUTIVE = pd.Timestamp("2024-11-04"), pd.Timestamp("2025-03-03")
TRUE_RATIO = 2.2


def simulated(seed=3, n=1600):
    """Move people week by week: Sales is quicker anyway, everybody is quicker later, the owner of Sales and Legal doubles it."""
    rng = np.random.default_rng(seed)
    unit, stage = np.array(UNITS)[np.arange(n) % 4], rng.integers(0, 2, n)
    rows = []
    for day in DAYS:
        if day in WAVES:
            rows += [(f"p{k}", unit[k], day, STAGES[stage[k]]) for k in range(n)]
        pace = np.where(unit == "Sales", 0.6, 0.35) * (1.5 if day >= WAVES[2] else 1.0)
        pace = pace * np.where(np.isin(unit, ("Sales", "Legal")) & (day >= OWNER), TRUE_RATIO, 1.0)
        draw = rng.random(n)
        up = (draw < pace * 7 / 365.25) & (stage < 3)
        down = (draw > 1 - 0.25 * 7 / 365.25) & (stage > 0)
        stage = stage + up - down
    return pd.DataFrame(rows, columns=["person", "unit", "at", "stage"])


def dated(*rows):
    frame = pd.DataFrame(rows, columns=["kind", "starts_on", "scope"])
    return frame.assign(
        starts_on=pd.to_datetime(frame["starts_on"]), ends_on=pd.Series(pd.NaT, frame.index, "datetime64[ns]")
    )


@pytest.fixture(scope="module")
def seen():
    return simulated()


def test_the_owner_of_some_units_is_found_beside_quicker_units_and_quicker_times(seen):
    done = dated(
        ("owner_appointed", OWNER, "Sales"),
        ("owner_appointed", OWNER, "Legal"),
        ("executive_joined", EXECUTIVE, "IT"),
    )
    rows = {(row["kind"], row["direction"]): row for row in path_drivers(seen, done)}
    owner = rows["owner_appointed", "forward"]
    assert owner["status"] == Status.OK
    assert 1 < owner["low"] < TRUE_RATIO < owner["high"]
    for key in (("owner_appointed", "back"), ("executive_joined", "forward"), ("executive_joined", "back")):
        assert rows[key]["low"] < 1 < rows[key]["high"], key


def test_what_came_to_everybody_on_one_date_is_refused(seen):
    done = dated(("policy_published", "2024-11-04", None))
    by_unit = dated(*(("policy_published", "2024-11-04", unit) for unit in UNITS))
    for rows in (path_drivers(seen, done), path_drivers(seen, by_unit)):
        assert [row["direction"] for row in rows] == ["forward", "back"]
        assert {(row["ratio"], row["status"], row["reason"]) for row in rows} == {
            (None, Status.NOT_IDENTIFIED, SAME_DATE)
        }


def test_what_came_together_or_before_the_first_wave_is_refused(seen):
    together = dated(("owner_appointed", OWNER, "Sales"), ("policy_published", OWNER, "Sales"))
    assert {row["reason"] for row in path_drivers(seen, together)} == {TOGETHER}
    before = dated(("owner_appointed", "2020-01-01", "Sales"))
    assert {row["reason"] for row in path_drivers(seen, before)} == {TOGETHER}
    two = seen[seen["at"].isin(WAVES[:2])]
    inside = dated(("owner_appointed", "2024-03-04", "Sales"))
    assert {row["reason"] for row in path_drivers(two, inside)} == {TOGETHER}


def test_anonymous_waves_and_too_few_moves_are_refused_and_nothing_dated_gives_no_row(seen):
    done = dated(("owner_appointed", OWNER, "Sales"))
    assert {row["reason"] for row in path_drivers(seen.drop(columns="person"), done)} == {UNFOLLOWED}
    few = seen[seen["person"].isin({f"p{k}" for k in range(24)})]
    assert all(row["ratio"] is None and row["reason"] for row in path_drivers(few, done))
    assert path_drivers(seen, dated(("training_held", OWNER, "Sales"))) == []
    assert path_drivers(seen.iloc[:0], done) == []
