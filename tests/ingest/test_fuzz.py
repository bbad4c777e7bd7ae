"""Whatever the bytes, a reader gives an export or an `InputError`: nothing else, and soon."""

import os
import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smf_helpers.errors import InputError
from smf_helpers.ingest.grids import Column
from smf_helpers.ingest.reading import read_source
from smf_helpers.ingest.sources import ReadOptions, source_of
from smf_helpers.ingest.times import times
from smf_helpers.ingest.values import numbers
from tests.ingest.conftest import sample_of
from tests.ingest.lookalikes import CASES

FULL = "SMF_FULL" in os.environ
EXAMPLES = 4000 if FULL else 60
SEEDS = [(case.name, case.raw) for case in CASES if len(case.raw) < 40_000]
quick = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=not FULL, suppress_health_check=list(HealthCheck)
)


def survive(raw: bytes, name: str = "w1.csv") -> None:
    """Read; an `InputError` is the only exception, ten seconds the limit."""
    start = time.process_time()
    try:
        export, _ = read_source(source_of(raw, name, ReadOptions()))
        assert export.log is not None
    except InputError as problem:
        assert problem.faults
    assert time.process_time() - start < 10


@st.composite
def mutated(draw: Callable[..., object]) -> tuple[str, bytes]:
    """Take a seed file and flip, cut, splice or repeat parts of it."""
    name, raw = draw(st.sampled_from(SEEDS))  # type: ignore[misc]
    content = bytearray(raw)
    for _ in range(draw(st.integers(1, 4))):  # type: ignore[call-overload]
        size = max(len(content), 1)
        at, length = draw(st.integers(0, size - 1)), draw(st.integers(1, 40))  # type: ignore[misc]
        kind = draw(st.sampled_from(["flip", "cut", "splice", "repeat", "truncate"]))
        if kind == "flip" and content:
            content[at] ^= draw(st.integers(1, 255))
        elif kind == "cut":
            del content[at : at + length]
        elif kind == "splice":
            content[at:at] = draw(st.binary(max_size=20))
        elif kind == "repeat":
            content[at:at] = content[at : at + length] * draw(st.integers(1, 30))
        else:
            del content[at:]
    return name, bytes(content)


@quick
@given(mutated())
def test_mutations_of_real_layouts_never_crash_a_reader(case: tuple[str, bytes]) -> None:
    survive(case[1], case[0])


@quick
@given(st.binary(max_size=400))
def test_any_bytes_never_crash_a_reader(raw: bytes) -> None:
    survive(raw)


cell = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    ["", "4", "OBJ1", "Date", "2025-01-01", "-", "1e5"]
)


@quick
@given(st.lists(st.lists(cell, min_size=1, max_size=6), min_size=1, max_size=8), st.sampled_from(",;\t|"))
def test_any_table_never_crashes_a_reader(rows: list[list[str]], mark: str) -> None:
    survive("\n".join(mark.join(row) for row in rows).encode("utf-8", errors="ignore"))


@quick
@given(st.lists(st.text(max_size=30), min_size=1, max_size=8))
def test_any_texts_are_numbers_or_not(texts: list[str]) -> None:
    column = Column.of(texts)
    found, stamps = numbers(column), times(column)
    assert len(found.values) == len(texts) == len(stamps.values)
    assert not (found.bad & (found.values == found.values)).any()


@pytest.mark.parametrize(
    "trap",
    [
        "a" * 30_000,
        "<" * 30_000,
        "1," * 15_000,
        "[" * 30_000,
        "01/" * 10_000,
        "Jan " * 7_000,
        "- " * 15_000,
        "1 - " * 7_000,
    ],
)
def test_no_text_makes_a_pattern_slow(trap: str) -> None:
    start = time.process_time()
    survive(f"Respondent ID,OBJ1,OBJ2,COM\n1,4,5,{trap}\n2,{trap},4,x\n".encode())
    times(Column.of([trap]))
    numbers(Column.of([trap]))
    assert time.process_time() - start < 1.5


@pytest.mark.parametrize("name", ["slack-export.zip"])
def test_a_cut_archive_never_crashes_a_reader(name: str) -> None:
    raw = sample_of("kauppa").files[name]
    for share in range(1, 10 if FULL else 4):
        survive(raw[: len(raw) * share // 10], name)
