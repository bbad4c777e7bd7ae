"""Numbers as they leave the house, against the rules of the privacy specification."""

import pytest

from smf_helpers.errors import PrivacyError
from smf_helpers.privacy.rounding import (
    outwards,
    shown_cell,
    shown_mean,
    shown_n,
    shown_rate,
    shown_share,
    shown_text,
)
from smf_helpers.privacy.rules import profile
from smf_helpers.results.catalogue import CATALOGUE
from smf_helpers.results.publication import Mark

STANDARD = profile()


@pytest.mark.parametrize(
    ("n", "told"),
    [
        (0, Mark.CONFIDENTIAL),
        (4, Mark.CONFIDENTIAL),
        (5, "5-9"),
        (9, "5-9"),
        (10, "10-19"),
        (19, "10-19"),
        (20, 20),
    ],
)
def test_a_number_of_people_is_exact_only_from_twenty_up(n, told):
    assert shown_n(n, 5) == told


def test_the_strict_profile_shows_nothing_below_ten():
    assert shown_n(9, 10) is Mark.CONFIDENTIAL
    assert shown_n(10, 10) == "10-19"


@pytest.mark.parametrize(
    ("mean", "n", "told"),
    [(5.0, 100, "≥ 4.5"), (4.9, 9, "≥ 4.5"), (4.9, 10, 4.9), (1.0, 30, "≤ 1.5"), (3.44, 5, 3.4)],
)
def test_a_mean_never_tells_that_everybody_gave_the_end_of_the_scale(mean, n, told):
    assert shown_mean(mean, n) == told


def test_a_share_of_nobody_or_everybody_is_a_band_below_fifty_people():
    assert (shown_share(0.0, 49), shown_share(1.0, 49)) == ("< 10 %", "> 90 %")
    assert (shown_share(0.0, 50), shown_share(1.0, 50)) == (0.0, 1.0)


def test_response_rates_go_to_the_nearest_five_and_stop_at_95_percent():
    assert [shown_rate(rate, 100) for rate in (0.62, 0.63, 0.92, 0.93, 1.0)] == [
        0.6,
        0.65,
        0.9,
        "95 % or more",
        "95 % or more",
    ]
    assert shown_rate(0.5, 9) is Mark.CONFIDENTIAL


def test_limits_are_rounded_away_from_the_estimate():
    assert outwards(0.301, 2, lower=False) == 0.31
    assert outwards(-0.301, 2, lower=True) == -0.31
    assert outwards(3.2, 1, lower=True) == 3.2


@pytest.mark.parametrize(
    ("table", "column", "n", "shown"),
    [
        ("factors", "mean", 5, True),
        ("factors", "favourable", 9, False),
        ("factors", "favourable", 10, True),
        ("factors", "low", 9, False),
        ("factors", "low", 10, True),
        ("learning_curve", "people_low", 19, False),
        ("learning_curve", "people_low", 20, True),
        ("drivers", "weight", 29, False),
        ("drivers", "weight", 30, True),
    ],
)
def test_every_kind_of_figure_has_its_own_smallest_group(table, column, n, shown):
    spec = CATALOGUE[table].column(column)
    cell = shown_cell(0.5, spec, n, STANDARD, group_n=n, invited=None)
    assert (cell is not Mark.CONFIDENTIAL) == shown


def test_the_number_of_answers_is_not_told_where_a_few_did_not_answer():
    spec = CATALOGUE["factors"].column("n")
    assert shown_cell(48, spec, 48, STANDARD, group_n=50, invited=None) == 50
    assert shown_cell(44, spec, 44, STANDARD, group_n=50, invited=None) == 44


def test_words_about_a_group_have_their_small_numbers_in_bands():
    assert shown_text("only 3 people of 12 respondents", 5) == "only fewer than 5 people of 10-19 respondents"
    assert shown_text("24 people in 4 waves", 5) == "24 people in 4 waves"


def test_thresholds_can_only_be_raised():
    assert profile("standard", 7).minimum == 7
    for minimum in (4, 0, True):
        with pytest.raises(PrivacyError, match="P001"):
            profile("standard", minimum)
    with pytest.raises(PrivacyError, match="P001"):
        profile("strict", 9)
    with pytest.raises(PrivacyError, match="P002"):
        profile("loose")


def test_no_figure_about_people_has_more_than_two_decimals():
    assert [
        f"{spec.name}.{column.name}"
        for spec in CATALOGUE.values()
        for column in spec.columns
        if column.personal and column.decimals > 2
    ] == []
