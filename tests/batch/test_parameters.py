import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from smf_helpers.batch.parameters import check_parameters, plain, read_schema

CELL = {
    "cell_type": "code",
    "metadata": {"tags": ["parameters"]},
    "source": "client: str\nas_of: 'str | None' = None\nshare = 0.5\ndraws: int = 10\nunits: list[str] = []",
}
SCHEMA = read_schema([CELL])


def codes(given: dict[str, object]) -> list[str]:
    return [fault.code for fault in check_parameters(SCHEMA, given, where="acme")[1]]


def test_the_schema_takes_types_from_annotations_and_defaults():
    assert SCHEMA["client"].required and not SCHEMA["share"].required
    assert SCHEMA["share"].kinds == {"float"}
    assert SCHEMA["as_of"].kinds == {"str", "None"}


def test_a_misspelt_name_is_a_fault_that_names_the_nearest():
    _, faults = check_parameters(SCHEMA, {"client": "a", "drawz": 3}, where="acme")
    assert faults[0].code == "B201" and "'draws'" in faults[0].remedy and "acme" in faults[0].where


def test_missing_and_wrongly_typed_values_are_all_told_at_once():
    assert codes({"draws": "many", "units": "a"}) == ["B203", "B203", "B202"]


@pytest.mark.parametrize("name", ["x=1; print('P'); y", "class", "a-b", "1a", ""])
def test_a_name_that_is_not_an_identifier_never_reaches_a_notebook(name: str):
    assert "Y005" in codes({"client": "a", name: 1})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (dt.date(2026, 1, 5), "2026-01-05"),
        (pd.Timestamp("2026-01-05"), "2026-01-05T00:00:00"),
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
        (np.array([1, 2]), [1, 2]),
        (Decimal("1.5"), 1.5),
        ({"b", "a"}, ["a", "b"]),
        (((2, 3),), [[2, 3]]),
    ],
)
def test_values_straight_from_a_table_become_plain_ones(value: object, expected: object):
    assert plain(value) == expected and type(plain(value)) is type(expected)


def test_an_integer_is_taken_for_a_float_but_a_flag_for_no_number():
    values, faults = check_parameters(SCHEMA, {"client": "a", "share": 1}, where="acme")
    assert not faults and values["share"] == 1.0 and isinstance(values["share"], float)
    assert codes({"client": "a", "share": True}) == ["B203"]
    assert codes({"client": "a", "draws": 2.5}) == ["B203"]


def test_a_value_without_plain_form_is_a_fault_without_the_value_in_it():
    _, faults = check_parameters(SCHEMA, {"client": object()}, where="acme")
    assert faults[0].code == "B203" and "0x" not in faults[0].what
