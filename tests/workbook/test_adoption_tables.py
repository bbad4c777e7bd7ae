"""The proposed tables of adoption, participation and channels, from small clients with known truth."""

import itertools

import numpy as np
import pandas as pd
import pytest

from smf_helpers.params import ClientParams
from smf_helpers.results.publication import Mark
from smf_helpers.tables import conform
from smf_helpers.workbook import Workbook
from smf_helpers.workbook.proposing import PROPOSERS

START = pd.Timestamp("2025-01-06")


def params(**more):
    given = {"client": "acme", "name": "Acme", "sources": [{"path": "x.csv"}], "as_of": "2026-01-04", **more}
    return ClientParams.model_validate(given)


def people(n):
    rows = pd.DataFrame(
        {"person": [f"P{i:03}" for i in range(n)], "unit": ["North", "South", "West"] * (n // 3)}
    )
    return conform("people", rows)


def activity(n=180, p=0.01, q=0.12, lapse=0.03, seed=1, weeks=52):
    rng = np.random.default_rng(seed)
    ever, active = np.zeros(n, bool), np.zeros(n, bool)
    rows = []
    for week in range(weeks):
        new = ~ever & (rng.random(n) < 1 - np.exp(-(p + q * active.mean())))
        active = (active & (rng.random(n) > lapse)) | new
        ever |= new
        rows += [
            (f"P{i:03}", START + pd.Timedelta(weeks=week), "viva_engage", 1.0 + i % 3, 7)
            for i in np.flatnonzero(active)
        ]
    return conform(
        "activity", pd.DataFrame(rows, columns=["actor", "week", "platform", "posts", "window_days"])
    ), ever.mean()


def units():
    return conform("units", pd.DataFrame({"unit": ["North", "South", "West"], "headcount": [60, 60, 60]}))


def tables(book, *names):
    return {proposal.table.spec.name: proposal for name in names for proposal in PROPOSERS[name](book)}


@pytest.fixture(scope="module")
def told():
    acts, ever = activity()
    book = Workbook(params(), {"people": people(180), "activity": acts, "units": units()})
    return tables(book, "adoption", "adoption_units", "participation"), ever, acts


def test_the_curve_ends_where_the_last_adopter_was_counted(told):
    proposals, ever, _ = told
    rows = proposals["adoption_curve"].table.records(phase="observed")
    assert rows[-1]["observed"] == pytest.approx(ever)
    assert len(rows) == 13
    assert [row["observed"] for row in rows] == sorted(row["observed"] for row in rows)
    assert all(row["low"] <= row["fitted"] <= row["high"] for row in rows)
    assert rows[0]["at"] == "2025-02-02"


def test_the_figures_hold_the_share_now_and_the_rates_with_limits(told):
    rows = {row["quantity"]: row for row in told[0]["adoption_summary"].table.records()}
    assert rows["share_now"]["value"] == pytest.approx(told[1], abs=1e-9)
    assert rows["q"]["low"] < rows["q"]["value"] < rows["q"]["high"]


def test_units_are_divided_by_their_headcount(told):
    proposal = told[0]["adoption_units"]
    assert [row["unit"] for row in proposal.table.records()] == ["North", "South", "West"]
    assert sum(row["share"] * row["n"] for row in proposal.table.records()) == pytest.approx(told[1] * 180)
    assert proposal.groups[0][0].dims == (("unit", "North"),)


def test_participation_balances_and_counts_the_eligible(told):
    rows = told[0]["participation"].table.records()
    assert len(rows) == 52
    for before, now in itertools.pairwise(rows):
        balance = before["active"] + now["new"] + now["resurrected"] - now["lapsed"]
        assert now["active"] == pytest.approx(balance)
    assert {row["n"] for row in rows} == {180}


def test_lasting_has_the_quantities_that_findings_read(told):
    rows = {row["quantity"]: row for row in told[0]["sustain"].table.records()}
    assert set(rows) == {"reproduction_number", "chance_sustained", "active_after_year", "lapse_must_fall"}


def test_a_client_without_activity_gets_reasons_and_no_rows():
    found = tables(
        Workbook(params(), {}), "adoption", "adoption_units", "participation", "channels", "response"
    )
    assert len(found) == 10
    assert all(not proposal.table.rows and proposal.table.reason for proposal in found.values())


def test_a_handful_of_actors_gives_counts_and_no_law():
    acts, _ = activity(n=6, weeks=20)
    book = Workbook(params(), {"people": people(6), "activity": acts})
    found = tables(book, "adoption")
    assert all(row["fitted"] is Mark.UNSURE for row in found["adoption_curve"].table.records())
    assert found["adoption_summary"].table.records(quantity="q")[0]["value"] is Mark.UNSURE


def test_bots_and_strangers_are_not_counted_as_adopters():
    acts, _ = activity(n=30, weeks=30)
    known = people(30)
    known["state"] = ["bot"] + ["active"] * 29
    stranger = acts.assign(actor="X" + acts["actor"])
    book = Workbook(params(), {"people": known, "activity": pd.concat([acts, stranger], ignore_index=True)})
    last = tables(book, "adoption")["adoption_curve"].table.records(phase="observed")[-1]
    assert last["n"] == 29 and last["observed"] <= 1


def posts():
    rng = np.random.default_rng(2)
    n = 60
    rows = pd.DataFrame(
        {
            "post": [f"p{i}" for i in range(n)],
            "channel": "linkedin",
            "published_at": pd.Timestamp("2025-03-03", tz="UTC")
            + pd.to_timedelta(np.arange(n) * 3, unit="D"),
            "kind": ["video", "text"] * (n // 2),
            "impressions": rng.integers(500, 2000, n).astype(float),
        }
    )
    rows["reactions"] = rng.poisson(
        rows["impressions"] * np.where(rows["kind"] == "video", 0.06, 0.02)
    ).astype(float)
    days = pd.DataFrame(
        {
            "channel": "linkedin",
            "date": pd.date_range("2025-03-01", periods=200),
            "metric": "followers",
            "value": np.arange(200) + 1000.0,
        }
    )
    return conform("posts", rows), conform("channel_days", days)


def test_channels_show_every_denominator_side_by_side_and_say_which_is_missing():
    rows, days = posts()
    found = tables(Workbook(params(), {"posts": rows, "channel_days": days}), "channels")
    metrics = {row["metric"]: row for row in found["channels"].table.records()}
    assert metrics["engagement_by_impressions"]["value"] == pytest.approx(
        rows["reactions"].sum() / rows["impressions"].sum()
    )
    assert metrics["engagement_by_reach"]["value"] is Mark.UNSURE
    assert metrics["engagement_by_followers"]["status"] == "ok"
    latest = 1000 + (pd.Timestamp("2025-08-27") - pd.Timestamp("2025-03-01")).days
    assert {row["audience"] for row in metrics.values()} == {latest}
    kinds = {row["kind"]: row for row in found["channel_kinds"].table.records()}
    assert kinds["video"]["engagement_rate_low"] > kinds["text"]["engagement_rate_high"]


def test_response_counts_the_unanswered_as_waiting():
    at = pd.Timestamp("2025-03-03", tz="UTC") + pd.to_timedelta(np.arange(40), unit="D")
    answered = pd.Series(at + pd.Timedelta(hours=5)).where(np.arange(40) % 4 != 0)
    frame = pd.DataFrame(
        {
            "message": [str(i) for i in range(40)],
            "channel": "mail",
            "at": at,
            "answered_at": answered,
            "crisis": False,
        }
    )
    found = tables(Workbook(params(), {"messages": conform("messages", frame)}), "response")
    (row,) = found["response"].table.records()
    assert (row["median_hours"], row["answered"], row["n_messages"]) == (5.0, 0.75, 40)


def joined_in(counts, n=300):
    """Give a client where so many take part for the first time in each interval of four weeks, once each."""
    who = iter(range(n))
    rows = [
        (f"P{next(who):03}", START + pd.Timedelta(weeks=4 * interval), "viva_engage", 1.0, 7)
        for interval, count in enumerate(counts)
        for _ in range(count)
    ]
    last = START + pd.Timedelta(weeks=4 * len(counts) - 1)
    rows.append(("P000", last, "viva_engage", 1.0, 7))
    acts = pd.DataFrame(rows, columns=["actor", "week", "platform", "posts", "window_days"])
    return Workbook(params(), {"people": people(n), "activity": conform("activity", acts)})


def test_where_no_curve_describes_the_counts_dots_are_left_and_the_reason():
    found = tables(joined_in([2, 2, 60, 40, 10, 3, 2, 2, 2, 70, 50, 10, 3]), "adoption")
    curve = found["adoption_curve"].table
    assert {row["fitted"] for row in curve.records()} == {Mark.UNSURE}
    assert all(row["observed"] is not None for row in curve.records())
    assert "The curve does not describe these data" in curve.note
    pace = found["adoption_summary"].table.records(quantity="p")[0]
    assert (pace["value"], pace["status"]) == (Mark.UNSURE, "not_identified")


def test_the_ceiling_lies_between_those_who_have_adopted_and_all_there_are():
    found = tables(joined_in([90, 75, 14, 5, 3, 3, 2]), "adoption")
    rows = {row["quantity"]: row for row in found["adoption_summary"].table.records()}
    now, level = rows["share_now"]["value"], rows["ceiling"]
    assert now == pytest.approx(192 / 300)
    assert now - 1e-9 <= level["low"] + 1e-9 and level["low"] <= level["value"] <= level["high"] <= 1.0


def test_units_that_join_one_after_another_are_asked_for_push_and_imitation_not_their_sum():
    """Each unit takes off within weeks of joining, by push alone; their sum over two years looks like imitation."""
    rng = np.random.default_rng(2)
    names, starts = ["North", "South", "West"], (0, 16, 32)
    rows = []
    for i in range(180):
        week = starts[i % 3] + int(rng.exponential(9))
        if week < 52:
            rows += [(f"P{i:03}", START + pd.Timedelta(weeks=week), "viva_engage", 1.0, 7)]
    acts = pd.DataFrame(rows, columns=["actor", "week", "platform", "posts", "window_days"])
    joined = [START + pd.Timedelta(weeks=week) for week in starts]
    laid = pd.DataFrame({"unit": names, "headcount": [60, 60, 60], "joined_rollout_on": joined})
    book = Workbook(
        params(),
        {"people": people(180), "activity": conform("activity", acts), "units": conform("units", laid)},
    )
    rows = {row["quantity"]: row for row in tables(book, "adoption")["adoption_summary"].table.records()}
    assert not {"p", "q"} & set(rows)
    push = rows["unit_p"]
    assert push["low"] < 52 / 9 < push["high"]
    assert rows["unit_q"]["value"] is Mark.UNSURE or rows["unit_q"]["low"] < 1
