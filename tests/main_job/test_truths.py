"""What was planted in the sample clients is found in their releases, and nothing is found where nothing was planted."""

import math

import pytest

import smf_helpers as smf
from smf_helpers.findings import conclude
from smf_helpers.results.released import Release
from tests.ingest.conftest import sample_of
from tests.main_job.conftest import CLIENTS, Run

pytestmark = pytest.mark.xdist_group("main_job")

GRID = 0.05
"""Half a step of the published grid of means."""

CHANGED = 0.2
"""Change of a factor, in scale points, from which it must be found and below which it must not."""


@pytest.fixture(scope="module")
def releases(main_job: Run) -> dict[str, Release]:
    return {
        client: smf.open_release(next(main_job.project.rglob(f"{client}/release.json"))) for client in CLIENTS
    }


def findings(release: Release) -> dict[str, object]:
    told, _, _ = conclude(release.tables, labels=release.labels)
    return {finding.key: finding for finding in told}


def holds(row: dict, true: float, grid: float) -> bool:
    return float(row["low"]) - grid <= true <= float(row["high"]) + grid


@pytest.mark.parametrize("client", CLIENTS)
def test_intervals_of_the_factors_hold_the_census(releases: dict[str, Release], client: str) -> None:
    truth, inside = sample_of(client).truth, []
    for row in releases[client].tables["factors"].records():
        if isinstance(row["low"], float):
            wave = str(row["wave"])
            means = truth.factor_means[wave] if row["unit"] == "all" else truth.unit_means[wave][row["unit"]]
            inside.append(holds(row, means[row["factor"]], GRID))
    assert len(inside) >= 16
    assert sum(inside) >= 0.95 * len(inside) - 2 * math.sqrt(0.95 * 0.05 * len(inside))


@pytest.mark.parametrize("client", CLIENTS)
def test_intervals_of_the_barriers_hold_the_census(releases: dict[str, Release], client: str) -> None:
    truth = sample_of(client).truth
    rows = releases[client].tables["barriers"].records(unit="all")
    inside = [holds(row, truth.barrier_shares[row["wave"]][row["barrier"]], 0.005) for row in rows]
    assert len(inside) == 7 * len(truth.waves)
    assert sum(inside) >= 0.95 * len(inside) - 2 * math.sqrt(0.95 * 0.05 * len(inside))


@pytest.mark.parametrize("client", CLIENTS)
def test_what_rose_is_found_and_nothing_else(releases: dict[str, Release], client: str) -> None:
    truth = sample_of(client).truth
    first, last = next(iter(truth.waves)), list(truth.waves)[-1]
    moved = {
        factor: truth.factor_means[last][factor] - truth.factor_means[first][factor]
        for factor in truth.factor_means[first]
    }
    rows = releases[client].tables["factor_change"].records(unit="all", from_wave=first)
    found = {str(row["factor"]): str(row["verdict"]) for row in rows}
    planted = truth.rising is not None
    assert {f for f, verdict in found.items() if verdict == "rose"} == {
        f for f, change in moved.items() if planted and change > CHANGED
    }
    assert "fell" not in found.values()
    for unit in truth.unchanged_units:
        rows = releases[client].tables["factor_change"].records(unit=unit)
        assert rows and not {row["verdict"] for row in rows} & {"rose", "fell"}


@pytest.mark.parametrize("client", ["northgrid", "kauppa"])
def test_bottleneck_rising_link_and_remedied_barrier_are_findings(
    releases: dict[str, Release], client: str
) -> None:
    truth, told = sample_of(client).truth, findings(releases[client])
    assert truth.remedied_barrier is not None
    assert told["bottleneck"].factor == truth.bottleneck  # type: ignore[attr-defined]
    assert told[f"change:{truth.rising}"].tone == "good"  # type: ignore[attr-defined]
    fallen = {key.removeprefix("remedy:") for key in told if key.startswith("remedy:")}
    assert fallen == {truth.remedied_barrier[0]}


def test_the_planted_experience_and_learning_are_found(releases: dict[str, Release]) -> None:
    for client, channel in (("northgrid", "linkedin"), ("kauppa", "instagram")):
        (row,) = releases[client].tables["experience"].records(team=channel, measure="engagement")
        assert (
            row["progress_ratio_low"] <= 2 ** sample_of(client).truth.experience <= row["progress_ratio_high"]
        )
    curves = sample_of("northgrid").truth.learners.values()
    (gain,) = releases["northgrid"].tables["learning_summary"].records(quantity="gain_so_far")
    assert gain["low"] <= sum(last - first for first, last, _ in curves) / len(curves) + 0.5
    assert gain["low"] > 0


def test_an_intervention_without_effect_is_not_given_one(releases: dict[str, Release]) -> None:
    truth = sample_of("northgrid").truth
    rows = releases["northgrid"].tables["interventions"].records()
    verdicts = {str(row["intervention"]): str(row["verdict"]) for row in rows}
    for name, ratio in truth.effects.items():
        assert verdicts[name] in (
            ("no effect seen", "cannot be told") if ratio == 1.0 else ("rose", "cannot be told")
        )


def test_a_client_without_planted_change_gets_no_change_and_no_yes(releases: dict[str, Release]) -> None:
    told, answers, _ = conclude(releases["pienpaja"].tables)
    assert not [
        finding.key for finding in told if finding.key.startswith("change:") and finding.key != "change:none"
    ]
    assert [answer.verdict for answer in answers[:2]] == ["unknown", "unknown"]
