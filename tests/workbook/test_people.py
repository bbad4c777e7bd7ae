"""The digest of a wave notices every changed answer, and no change in the order of rows."""

import hashlib

import numpy as np
import pandas as pd

from smf_helpers.workbook.people import _answer_digests

ROWS = pd.DataFrame(
    {
        "respondent": pd.Series(["anna", "anna", "bert", "bert"], dtype="str"),
        "wave": pd.Series(["W1"] * 4, dtype="str"),
        "item": pd.Series(["listening_1", "engaging_1"] * 2, dtype="str"),
        "value": [4.0, 2.0, 4.5, np.nan],
    }
)


def test_the_digest_is_that_of_the_sorted_lines() -> None:
    said = [
        ("anna", "engaging_1", "2.0"),
        ("anna", "listening_1", "4.0"),
        ("bert", "engaging_1", ""),
        ("bert", "listening_1", "4.5"),
    ]
    lines = ["\t".join(line) for line in said]
    assert _answer_digests(ROWS)["W1"][0] == hashlib.sha256("\n".join(lines).encode()).hexdigest()


def test_a_changed_answer_changes_the_digest_though_others_did_not_answer() -> None:
    other = ROWS.assign(value=[5.0, 2.0, 4.5, np.nan])
    (whole, before), (other_whole, after) = _answer_digests(ROWS)["W1"], _answer_digests(other)["W1"]
    assert whole != other_whole
    assert before["anna"] != after["anna"]
    assert before["bert"] == after["bert"]


def test_the_order_of_rows_does_not_matter() -> None:
    turned = ROWS[::-1].reset_index(drop=True)
    assert _answer_digests(turned) == _answer_digests(ROWS)
