"""Times and numbers read from the bytes of a large file are those read text by text."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pa = pytest.importorskip("pyarrow", reason="cells stand in Arrow's memory")

from smf_helpers.ingest import cells  # noqa: E402
from smf_helpers.ingest.cells import Cells  # noqa: E402
from smf_helpers.ingest.grids import Column  # noqa: E402
from smf_helpers.ingest.times import times  # noqa: E402
from smf_helpers.ingest.values import numbers  # noqa: E402


def written(pattern: str, *spans: tuple[int, int]) -> st.SearchStrategy[str]:
    return st.tuples(*(st.integers(*span) for span in spans)).map(lambda parts: pattern.format(*parts))


DAY, MONTH, YEAR, HOUR, MINUTE = (0, 32), (0, 13), (1969, 2101), (0, 25), (0, 61)
MOMENTS = [
    written("{:04}-{:02}-{:02}", YEAR, MONTH, DAY),
    written("{:04}-{:02}-{:02}T{:02}:{:02}:00+02:00", YEAR, MONTH, DAY, HOUR, MINUTE),
    written("{:02}/{:02}/{:04} {:02}:{:02}", DAY, DAY, YEAR, HOUR, MINUTE),
    written("{}.{}.{:02}", DAY, MONTH, (0, 99)),
    written("{:04}{:02}{:02}", YEAR, MONTH, DAY),
    written("Aug {}, {}", DAY, YEAR),
    written("{}", (15_000, 90_000)),
    st.sampled_from(["", "-", "soon", "2025-03-0٣", " 2025-03-04"]),
]
AMOUNTS = [
    written("{}", (0, 10**16)),
    written("{}.{}", (0, 10**7), (0, 10**9)),
    st.sampled_from(
        ["", ".5", "5.", "1.2.3", "-4", "1,337", "007", "00.5", "1e5", "4 ", "+4", "0x3", "٣", "."]
    ),
]


def columns(kinds: list[st.SearchStrategy[str]]) -> st.SearchStrategy[list[str]]:
    """One kind of texts mostly, as columns are; sometimes two."""
    return st.lists(st.sampled_from(kinds), min_size=1, max_size=2).flatmap(
        lambda chosen: st.lists(st.one_of(chosen), min_size=1, max_size=15)
    )


def both(texts: list[str]) -> tuple[Column, Column]:
    return Column(None, None, Cells(pa.array(["h", *texts], type=pa.large_string()).slice(1))), Column.of(
        texts
    )


@settings(max_examples=90, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    columns(MOMENTS), st.sampled_from([None, "dmy", "mdy"]), st.sampled_from([None, "America/Los_Angeles"])
)
def test_times_are_those_of_the_texts(texts: list[str], order: str | None, zone: str | None) -> None:
    one, other = (times(column, order=order, zone=zone) for column in both(texts))
    np.testing.assert_array_equal(one.values, other.values)
    np.testing.assert_array_equal(one.bad, other.bad)
    assert (one.order, one.zoned, one.notes) == (other.order, other.zoned, other.notes)


@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(columns(AMOUNTS), st.sampled_from([None, ","]))
def test_numbers_are_those_of_the_texts(texts: list[str], decimal: str | None) -> None:
    one, other = (numbers(column, decimal=decimal) for column in both(texts))
    np.testing.assert_array_equal(one.values, other.values)
    np.testing.assert_array_equal(one.bad, other.bad)
    assert (one.unit, one.notes) == (other.unit, other.notes)


@pytest.mark.parametrize("texts", [["A1", "", "A2", "A1"] * 9, ["a", "ä", "\0", "", "a\0"] * 9])
def test_short_texts_are_told_apart_without_hashing(
    texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cells, "_MANY", 1)
    one, other = both(texts)
    assert one.cells is not None and one.cells._short() is not None
    assert list(one.codes) == list(other.codes) and one.levels == other.levels
