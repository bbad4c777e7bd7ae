"""Clients side by side: the rules hold, the pooling agrees with an integration of another kind, nobody stands out."""

import dataclasses
import json

import numpy as np
import pytest
from scipy import stats

from smf_helpers.framework import FACTOR_KEYS
from smf_helpers.ingest.sample.dozen import CENTRE, SPREAD, levels
from smf_helpers.privacy.delivery import audit_delivery
from smf_helpers.release import compare_releases, save_release, write_portfolio
from smf_helpers.release.pooling import QUARTER, pool
from smf_helpers.report import write_html
from smf_helpers.results.catalogue import CATALOGUE
from smf_helpers.results.publication import Mark, Table
from smf_helpers.results.released import Brand, Release

SCHOOLS = ([28, 8, -3, 7, -1, 1, 18, 12], [15, 10, 16, 11, 9, 11, 10, 18])


def client(number, people=60, shift=0.0):
    """Give the release of a client whose factors were published with intervals, from planted levels."""
    rng = np.random.default_rng([7, number])
    half = 1.96 * 0.8 / np.sqrt(people if isinstance(people, int) else 12)
    rows = []
    for factor, level in zip(FACTOR_KEYS, levels(number), strict=True):
        mean = float(np.clip(level + shift + rng.normal(0, half / 1.96), 1, 5))
        low, high = np.floor(10 * (mean - half)) / 10, np.ceil(10 * (mean + half)) / 10
        rows.append(("1", "all", factor, round(mean, 1), float(low), float(high), 0.5, people))
    return Release(
        client=f"c{number}", name=f"Client {number}", language="en", as_of="2026-04-30", brand=Brand(),
        tables={"factors": Table(spec=CATALOGUE["factors"], rows=tuple(rows))},
    )  # fmt: skip


def factor_rows(release, table="benchmark"):
    return [row for row in release.tables[table].records() if row["measure"] in FACTOR_KEYS]


def test_the_eight_schools_come_out_as_an_integration_over_both_parameters_gives_them():
    y, s = (np.array(part, dtype=float) for part in SCHOOLS)

    mu, tau = np.meshgrid(np.linspace(-60, 80, 561), (np.arange(1200) + 0.5) * 0.1)
    density = stats.cauchy.pdf(tau, 0, 25) * np.prod(
        [stats.norm.pdf(one, mu, np.hypot(tau, error)) for one, error in zip(y, s, strict=True)], axis=0
    )
    middle, spread = np.average(mu, weights=density), np.average(tau, weights=density)
    found = pool(*SCHOOLS, scale=25)
    assert found.border() == pytest.approx(middle, abs=0.02)
    assert found.spread() == pytest.approx(spread, abs=0.03)


def test_the_chance_of_the_best_quarter_is_that_of_simulated_organisations():
    rng = np.random.default_rng(3)
    y, s = (np.array(part, dtype=float) for part in SCHOOLS)
    found = pool(y[1:], s[1:], scale=25)
    tau = np.abs(stats.cauchy.rvs(scale=25, size=400_000, random_state=rng))
    precision = (1 / (tau[:, None] ** 2 + s**2)).sum(axis=1)
    centre = (y / (tau[:, None] ** 2 + s**2)).sum(axis=1) / precision
    likely = -0.5 * (
        np.log(tau[:, None] ** 2 + s**2) + (y - centre[:, None]) ** 2 / (tau[:, None] ** 2 + s**2)
    ).sum(axis=1) - 0.5 * np.log(precision)
    weights = np.exp(likely - likely.max())
    mu = rng.normal(centre, 1 / np.sqrt(precision))
    held = 1 / (1 / tau**2 + 1 / s[0] ** 2)
    theta = rng.normal(held * (mu / tau**2 + y[0] / s[0] ** 2), np.sqrt(held))
    above = np.average(theta > mu + QUARTER * tau, weights=weights)
    assert found.chance_above(y[0], s[0], QUARTER) == pytest.approx(above, abs=0.01)


def test_the_pooled_middle_and_spread_find_what_was_planted():
    compared, _ = compare_releases([client(number) for number in range(40)])
    for row, planted in zip(factor_rows(compared["portfolio"]), CENTRE, strict=True):
        assert row["low"] - 0.1 <= planted <= row["high"] + 0.1
        quarter = (row["quarter_high"] - row["quarter_low"]) / 2
        assert quarter == pytest.approx(QUARTER * SPREAD, abs=0.12)


@pytest.mark.parametrize(
    ("clients", "said"),
    [
        ([client(n) for n in range(4)], "needs 5 organisations of 10 respondents; here are 4"),
        ([client(n) for n in range(4)] + [client(9, "5-9")], "here are 4"),
        ([client(n) for n in range(4)] + [client(9, 400)], "too large a part"),
        ([client(n, "10-19") for n in range(4)] + [client(9, 30)], "too large a part"),
        ([client(n) for n in range(4)] + [client(8, 300), client(9, 310)], "too large a part"),
    ],
    ids=["four", "one too small", "one too large", "a band at its worst", "two too large"],
)
def test_nothing_is_told_where_the_rules_do_not_allow_it(clients, said):
    compared, members = compare_releases(clients)
    for row in factor_rows(compared["portfolio"]):
        assert row["value"] is Mark.UNSURE and said in row["reason"]
    assert members["portfolio"] == {}


def test_a_client_is_not_among_its_others_and_they_are_five():
    five, _ = compare_releases([client(n) for n in range(5)])
    assert all(row["status"] == "ok" for row in factor_rows(five["portfolio"]))
    assert not any(row["quarter"] for row in factor_rows(five["c0"], "standing"))
    far = [client(n) for n in range(1, 7)]
    low, _ = compare_releases([client(0, shift=-1.5), *far])
    high, _ = compare_releases([client(0, shift=1.5), *far])
    for one, other in zip(
        factor_rows(low["c0"], "standing"), factor_rows(high["c0"], "standing"), strict=True
    ):
        assert [one[name] for name in ("others", "quarter_low", "quarter_high")] == [
            other[name] for name in ("others", "quarter_low", "quarter_high")
        ]
        assert (one["clients"], one["quarter"], other["quarter"]) == (6, "last quarter", "best quarter")
    assert "Learning and building a culture: like the best quarter of comparable organisations." in {
        finding.claim for finding in high["c0"].findings
    }


def test_a_comparison_that_paused_still_knows_whom_it_was_about():
    before, members = compare_releases([client(n) for n in range(8)])
    paused, members = compare_releases([client(n) for n in range(4)], members)
    assert {row["value"] for row in factor_rows(paused["portfolio"])} == {Mark.UNSURE}
    after, _ = compare_releases([client(n, shift=0.4) for n in range(9)], members)
    for old, new in zip(factor_rows(before["portfolio"]), factor_rows(after["portfolio"]), strict=True):
        assert old["value"] == new["value"] and "Kept from the earlier" in new["reason"]


@pytest.mark.parametrize(("coming", "kept"), [(0, False), (1, True), (2, True), (3, False)])
def test_a_benchmark_stays_when_one_or_two_come(coming, kept):
    before, members = compare_releases([client(n) for n in range(8)])
    members = json.loads(json.dumps(members))
    moved = [client(n, shift=0.4) for n in range(8)] + [client(20 + n) for n in range(coming)]
    after, remembered = compare_releases(moved, members)
    for old, new in zip(factor_rows(before["portfolio"]), factor_rows(after["portfolio"]), strict=True):
        assert (old["value"] == new["value"]) is kept
        assert ("Kept from the earlier" in new["reason"]) is kept
        assert len(remembered["portfolio"][new["measure"]]["members"]) == (8 if kept else 8 + coming)
    assert any(row["quarter"] for row in factor_rows(after["c1"], "standing")), "places are told all the same"


def test_the_page_over_all_names_nobody_and_every_page_passes_the_audit(tmp_path):
    clients = [client(n) for n in range(9)]
    compared, _ = compare_releases(clients)
    for view, release in compared.items():
        page = write_html(release, tmp_path / f"{view}.html")
        others = [each.name for each in clients if each.client != view]
        assert audit_delivery([page], release, canaries=others).passed, view


def test_pages_of_clients_that_are_gone_are_taken_away(tmp_path):
    for number in range(7):
        save_release(client(number), tmp_path / "releases" / f"c{number}.json")
    everybody = [f"c{number}" for number in range(7)]
    made = write_portfolio(tmp_path / "releases", tmp_path / "out", everybody)
    assert [path.parent.name for path in made] == ["portfolio", *everybody]
    write_portfolio(tmp_path / "releases", tmp_path / "out", everybody[:3])
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["members.json", "portfolio"]


def test_less_is_better_where_time_is_measured():
    quick = dataclasses.replace(client(0), tables={"learning_summary": pace(0.5)})
    slow = [dataclasses.replace(client(n), tables={"learning_summary": pace(3 + n / 4)}) for n in range(1, 8)]
    compared, _ = compare_releases([quick, *slow])
    row = next(row for row in compared["c0"].tables["standing"].records() if row["measure"] == "half_life")
    assert row["quarter"] == "best quarter"


def pace(weeks):
    row = ("half_life", weeks, weeks - 0.2, weeks + 0.2, "weeks", "ok", "", 40)
    return Table(spec=CATALOGUE["learning_summary"], rows=(row,))
