import io

import pytest
from rich.console import Console

from smf_helpers.batch import (
    BatchEvent,
    BatchOptions,
    BatchOutcome,
    ClientRow,
    ClientTask,
    Plan,
    PlannedClient,
)
from smf_helpers.batch.display import print_outcome, print_plan, show_progress

BAD = ClientRow(
    client="acme",
    state="failed",
    code="B301",
    seconds=2.0,
    reason="[red]E in code cell 3",
    remedy="Read the log.",
)


def make_plan() -> Plan:
    planned = PlannedClient(
        task=ClientTask(client="acme"),
        run=True,
        why="inputs changed",
        key="",
        parts={},
        inputs={},
        parameters={},
    )
    return Plan(clients=(planned,), options=BatchOptions(out="o", report=None))  # type: ignore[arg-type]


def screen() -> Console:
    return Console(file=io.StringIO(), width=160)


def test_the_closing_table_names_client_code_reason_and_remedy():
    console = screen()
    print_outcome(BatchOutcome(rows=(BAD,), exit_code=3, seconds=61), console)
    text = console.file.getvalue()
    assert all(word in text for word in ("acme", "failed", "B301", "[red]E in code cell 3", "Read the log."))
    assert "1 failed, in 1 min 1 s" in text


def test_a_locked_folder_is_told_in_one_line():
    console = screen()
    print_outcome(BatchOutcome(rows=(), exit_code=75, note="B175 reports: Another run"), console)
    assert console.file.getvalue() == "B175 reports: Another run\n"


def test_a_dry_run_says_what_would_run_and_why():
    console = screen()
    print_plan(make_plan(), console)
    assert (
        "1 of 1 clients would run" in console.file.getvalue() and "inputs changed" in console.file.getvalue()
    )


@pytest.mark.parametrize("watched", [True, False], ids=["terminal", "pipe"])
def test_progress_tells_rate_and_time_left(watched: bool) -> None:
    console = Console(file=io.StringIO(), width=100, force_terminal=watched)
    with show_progress(make_plan(), console) as on_event:
        event = {"client": "acme", "total": 5, "per_minute": 30.0}
        on_event(BatchEvent(kind="started", row=None, done=0, left=None, **event))
        on_event(BatchEvent(kind="ended", row=BAD, done=1, left=8.0, **event))
    assert "1 of 5 clients, 30 a minute, 8 s left" in console.file.getvalue()
    assert watched or console.file.getvalue().count("\n") == 1
