"""Who is readier to adopt: roles only where they may be told, people longer in the organisation, nobody's own row."""

import numpy as np
import pandas as pd

from smf_helpers.params import ClientParams
from smf_helpers.results.publication import GroupRef, Mark
from smf_helpers.tables import conform
from smf_helpers.workbook import PROPOSERS, Workbook

START = pd.Timestamp("2025-01-06")


def workbook(breakdowns, n=600, weeks=40, activity=True):
    """Let leads adopt at three times the rate of the others, whatever their tenure."""
    rng = np.random.default_rng(3)
    lead = np.arange(n) % 4 == 0
    week = rng.exponential(1 / np.where(lead, 0.06, 0.02)).astype(int)
    who = [f"P{i:03}" for i in range(n)]
    rows = [
        (p, START + pd.Timedelta(weeks=int(w)), "viva_engage", 1.0, 7)
        for p, w in zip(who, week, strict=True)
        if w < weeks
    ]
    people = pd.DataFrame(
        {
            "person": who,
            "role": np.where(lead, "lead", "specialist"),
            "joined_on": START - pd.to_timedelta(rng.integers(30, 9000, n), unit="D"),
        }
    )
    acts = pd.DataFrame(rows, columns=["actor", "week", "platform", "posts", "window_days"])
    held = {"people": conform("people", people)}
    if activity:
        held["activity"] = conform("activity", acts)
    given = {"client": "acme", "name": "Acme", "sources": [{"path": "x.csv"}]}
    params = ClientParams.model_validate({**given, "publish": {"breakdowns": breakdowns}})
    return Workbook(params, held)


def proposed(book):
    return next(iter(PROPOSERS["readiness"](book)))


def test_a_role_that_is_readier_stands_out_and_tenure_that_does_nothing_does_not():
    found = proposed(workbook(["unit", "role"]))
    role, tenure = found.table.records()
    assert (role["group"], role["n"]) == ("lead", 150)
    assert role["ratio_low"] < 3 < role["ratio_high"] and role["ratio_low"] > 1
    assert (tenure["group"], tenure["n"]) == ("ten years longer", 600)
    assert tenure["ratio_low"] < 1 < tenure["ratio_high"]
    assert found.groups[0] == (GroupRef(population="people", dims=(("role", "lead"),)),)
    assert found.groups[1] == (GroupRef(population="people", dims=()),)
    assert "against the largest: specialist" in found.table.note and "not caused by" in found.table.note


def test_without_leave_to_tell_roles_only_tenure_is_told():
    found = proposed(workbook(["unit"]))
    assert [row["trait"] for row in found.table.records()] == ["tenure"]
    assert found.table.note == "Consistent with the trait, not caused by it."


def test_few_adopters_and_no_activity_are_said():
    few = proposed(workbook(["unit", "role"], n=30))
    assert {row["ratio"] for row in few.table.records()} == {Mark.UNSURE}
    assert all(row["reason"] for row in few.table.records())
    none = proposed(workbook(["unit"], activity=False))
    assert not none.table.rows and none.table.reason
