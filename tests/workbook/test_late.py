"""A released wave stays as it was released, whatever is read later."""

import pandas as pd
import pytest

from smf_helpers.privacy.ledger import Ledger
from smf_helpers.privacy.ledger_lines import Entry
from smf_helpers.tables import conform
from smf_helpers.workbook.late import as_released, freeze_waves, rename_frozen


def tables(answers):
    people = [(wave, person) for wave, person, _ in answers]
    return {
        "respondents": conform(
            "respondents",
            pd.DataFrame(
                {
                    "wave": [wave for wave, _ in people],
                    "respondent": [person for _, person in people],
                    "unit": ["Sales, North"] * len(people),
                    "submitted_at": ["2026-03-01T08:15:00Z"] * len(people),
                }
            ),
        ),
        "responses": conform(
            "responses",
            pd.DataFrame(
                {
                    "wave": [wave for wave, _ in people],
                    "respondent": [person for _, person in people],
                    "item": ["LIS1"] * len(people),
                    "value": [value for _, _, value in answers],
                    "text": ["NA", None, "two\nlines", *[None] * (len(people) - 3)],
                }
            ),
        ),
    }


BEFORE = [("w1", "anna", 10 / 3), ("w1", "ben", 2.1), ("w1", "cid", 0.1 + 0.2)]
AFTER = [
    ("w1", "anna", 5.0),
    ("w1", "cid", 0.3),
    ("w1", "dora", 4.0),
    ("w2", "anna", 3.0),
    ("w2", "eve", 1.0),
]


@pytest.fixture
def ledger(tmp_path):
    book = Ledger(tmp_path / "ledger.jsonl")
    people = {"survey:w1": ("anna", "ben", "cid")}
    book.append(
        Entry(
            profile="standard",
            minimum=5,
            kid="k",
            snapshots={"survey:w1": "s"},
            people=people,
            answers={},
            groups=(),
        )
    )
    return book.path


def test_a_kept_wave_comes_back_to_the_last_bit_and_a_new_wave_is_left_alone(ledger):
    before = tables(BEFORE)
    freeze_waves(before, ledger.parent, ["survey:w1", "people"])
    now = as_released(tables(AFTER), ledger)
    for name, rows in before.items():
        told = now[name]
        pd.testing.assert_frame_equal(
            told[told["wave"] == "w1"].reset_index(drop=True), rows, check_exact=True
        )
        assert list(told.loc[told["wave"] == "w2", "respondent"]) == ["anna", "eve"]
    assert (ledger.parent / "released-responses.csv").stat().st_mode & 0o077 == 0


def test_a_later_issue_replaces_its_wave_and_no_other(ledger):
    freeze_waves(tables(AFTER), ledger.parent, ["survey:w1", "survey:w2"])
    freeze_waves(tables(BEFORE), ledger.parent, ["survey:w1"])
    now = as_released(tables([("w1", "zoe", 1.0), *AFTER[3:]]), ledger)["responses"]
    assert list(now.loc[now["wave"] == "w1", "value"]) == [value for _, _, value in BEFORE]


def test_without_kept_rows_late_people_are_left_out(ledger):
    now = as_released(tables(AFTER), ledger)["respondents"]
    assert list(now["respondent"]) == ["anna", "cid", "anna", "eve"]


def test_kept_rows_follow_a_change_of_the_secret(ledger):
    freeze_waves(tables(BEFORE), ledger.parent, ["survey:w1"])
    rename_frozen(ledger.parent, str.upper)
    told = as_released(tables(AFTER), ledger)["responses"]
    assert list(told.loc[told["wave"] == "w1", "respondent"]) == ["ANNA", "BEN", "CID"]
