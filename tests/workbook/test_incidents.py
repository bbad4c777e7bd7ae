"""Self-regulation: incidents per 1,000 posts, year by year, against scipy's own Poisson limits."""

import pandas as pd
import pytest
from scipy.stats import chi2

from smf_helpers.params import ClientParams
from smf_helpers.tables import conform
from smf_helpers.workbook import Workbook
from smf_helpers.workbook.incidents import propose_incidents

WEEKS = pd.date_range("2024-11-04", "2025-02-24", freq="W-MON")


def book(incidents, people=40):
    names = [f"p{k}" for k in range(people)]
    rows = [(name, week, "yammer", 3, 2) for name in names for week in WEEKS]
    activity = pd.DataFrame(rows, columns=["actor", "week", "platform", "posts", "replies"])
    posts = pd.DataFrame(
        {
            "post": [f"x{k}" for k in range(50)],
            "channel": "linkedin",
            "published_at": pd.date_range("2025-01-10", periods=50, freq="D", tz="UTC"),
        }
    )
    held = {"people": pd.DataFrame({"person": names}), "activity": activity, "posts": posts}
    params = ClientParams(client="acme", name="Acme", sources=[{"path": "x.csv"}], incidents=incidents)
    return Workbook(params, {name: conform(name, frame) for name, frame in held.items()})


def garwood(k, posts):
    low = chi2.ppf(0.025, 2 * k) / 2 if k else 0.0
    return [1000 * limit / posts for limit in (low, chi2.ppf(0.975, 2 * k + 2) / 2)]


def test_incidents_are_told_by_year_and_so_far_inside_and_in_public():
    stated = [{"date": "2024-12-24"}, {"date": "2025-02-28"}, {"date": "2025-01-20", "scope": "public"}]
    (proposal,) = propose_incidents(book(stated))
    rows = {(row["scope"], row["period"]): row for row in proposal.table.records()}
    in_2024 = sum(week.year == 2024 for week in WEEKS) * 40 * 5
    assert (rows["internal", "2024"]["incidents"], rows["internal", "2025"]["incidents"]) == (1, 1)
    assert rows["internal", "2024"]["value"] == pytest.approx(1000 / in_2024)
    whole = rows["internal", "so_far"]
    assert [whole["low"], whole["high"]] == pytest.approx(garwood(2, len(WEEKS) * 40 * 5))
    assert rows["public", "so_far"]["value"] == pytest.approx(20.0)
    assert all(refs and count == 40 for refs, count in zip(proposal.groups, proposal.counts, strict=True))


def test_no_incident_is_a_result_with_an_upper_limit_and_no_count_is_none():
    (none,) = propose_incidents(book([]))
    row = next(row for row in none.table.records(scope="internal", period="so_far"))
    assert (row["value"], row["low"]) == (0.0, 0.0)
    assert row["high"] == pytest.approx(garwood(0, len(WEEKS) * 40 * 5)[1])
    (unsaid,) = propose_incidents(book(None))
    assert not unsaid.table.rows and "incidents" in unsaid.table.reason


def test_an_incident_from_before_the_data_is_left_out_and_said():
    (proposal,) = propose_incidents(book([{"date": "2020-01-01"}]))
    assert not any(row["incidents"] for row in proposal.table.records())
    assert "left out: 1" in proposal.table.note
