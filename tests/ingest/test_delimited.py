"""The fast engine gives what the diagnosing one gives, or hands over to it."""

import csv
import io

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smf_helpers.ingest import cells, delimited
from smf_helpers.ingest.frames import text_array

anything = st.sampled_from(["", " ", "4", "A5", "N/A", "ä", "\u00a0x", "two\nlines", "ret\r\nurn", 'say "x"', "a,b", "x" * 300]) | st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), max_size=20
)  # fmt: skip
tables = st.integers(2, 5).flatmap(
    lambda width: st.lists(st.lists(anything, min_size=width, max_size=width), min_size=1, max_size=12)
)


@pytest.fixture(autouse=True, params=["small", "large"])
def size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every column for a short and for a long one: in these, short texts are told apart without hashing."""
    if request.param == "large":
        monkeypatch.setattr(cells, "_MANY", 1)
        monkeypatch.setattr(cells, "_SEEN", 3)


def both(text: str, mark: str = ",") -> None:
    """Hold both engines against each other, column by column."""
    found = delimited._fast(text.encode(), mark)
    if found is None:
        return
    columns, lines = found
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    rows, starts, begin = [], [], 1
    for row in reader:
        rows.append(row)
        starts.append(begin)
        begin = reader.line_num + 1
    while rows and not rows[-1]:
        rows.pop()
    rows = [row or [""] * len(columns) for row in rows]
    assert list(range(1, len(rows) + 1) if lines is None else lines) == starts[: len(rows)]
    assert [list(values) for values in zip(*rows, strict=True)] == [list(column.values) for column in columns]
    again, _ = delimited._fast(text.encode(), mark) or ([], None)
    for column, values in zip(again, zip(*rows, strict=True), strict=True):
        blank = [not value.strip() for value in values]
        assert list(column.blank()) == blank and column.at(len(column) - 1) == values[-1]
        assert list(column.like(0)) == [value == values[0] for value in values]
        assert list(column.take(slice(1, None)).values) == list(values[1:])
        assert not column.all_differ() or len(set(values)) == len(values)
        assert list(text_array(column)) == list(values)


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(tables, st.sampled_from(["\n", "\r\n"]), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_whatever_a_table_holds_both_engines_read_it_alike(
    rows: list[list[str]], end: str, quoting: int
) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=end, quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    both(out.getvalue())


@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.sampled_from(["a", '"', '""', ",", "\n", "\r", "\r\n", "ä", " "]), min_size=1, max_size=30)
)
def test_what_is_no_clean_table_is_handed_over_or_read_alike(pieces: list[str]) -> None:
    both("h,i\n" + "".join(pieces))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_clean_table_is_read_by_the_fast_engine(end: str) -> None:
    rng = np.random.default_rng(3)
    rows = ["a,b,c"] + [f'{i},"x, ""{rng.integers(9)}"" next",{rng.integers(3)}' for i in range(2000)]
    text = end.join(rows) + end
    assert delimited._fast(text.encode(), ",") is not None
    both(text)
