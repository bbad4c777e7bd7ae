"""The page that is handed to employees tells the constants of the program, no others."""

from pathlib import Path

from smf_helpers.privacy import rounding, rules
from smf_helpers.results.publication import Mark

PAGE = (Path(__file__).parents[2] / "docs" / "what-your-employees-can-be-promised.md").read_text("utf-8")
TEXT = " ".join(PAGE.split())


def test_the_smallest_groups_are_those_of_the_program():
    assert f"No figure about fewer than {rules.MINIMUM['standard']} people." in TEXT
    assert f"In the `strict` profile the smallest group is {rules.MINIMUM['strict']}." in TEXT


def test_every_row_of_the_table_is_a_rule_of_the_program():
    for row, people in {
        "a mean, with 1 decimal": rules.MINIMUM["standard"],
        "a share, in whole percent; an interval, rounded outwards": rules.DETAIL_MINIMUM,
        "how the middle and the ends of a group differ": rules.QUANTILE_MINIMUM,
        "a correlation, a fitted curve, a forecast": rules.STATISTIC_MINIMUM,
        "the exact number of people": rules.EXACT_FROM,
        "0 % or 100 %": rules.UNANIMITY_SHARE_BELOW,
    }.items():
        assert f"| {row} | {people} people" in TEXT
    bands = " or ".join(f'"{low}-{high}"' for low, high in rules.BANDS)
    assert f"below, {bands}" in TEXT
    assert f'"{rounding.FEW_BAND}" or "{rounding.MOST_BAND}"' in TEXT
    assert f'"{rounding.HIGH_BAND}" or "{rounding.LOW_BAND}"' in TEXT


def test_the_words_of_a_hidden_group_are_the_mark():
    assert f'"{Mark.CONFIDENTIAL.value}"' in TEXT


def test_the_rules_for_comments_are_those_of_the_program():
    least = rules.COMMENT_MINIMUM
    assert f"A theme needs {least} comments by {least} people." in TEXT
    assert f"from {rules.COMMENT_RESPONDENTS} respondents and {least} comments up" in TEXT
