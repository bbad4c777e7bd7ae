"""What a person at a terminal sees: a live table while the batch runs, and the closing table."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from smf_helpers.results.batch import BatchEvent, BatchOutcome, ClientRow, Plan

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_COLOURS = {
    "ok": "green",
    "unchanged": "dim",
    "skipped": "dim",
    "failed": "bold red",
    "refused": "bold yellow",
    "interrupted": "yellow",
}
_LAST = 8
"""Ended clients shown in the live table."""


def print_plan(plan: Plan, console: "Console | None" = None) -> None:
    """Print what would run and why, as `--dry-run` does."""
    from rich.table import Table

    table = Table(
        title=f"{sum(client.run for client in plan.clients)} of {len(plan.clients)} clients would run"
    )
    for name in ("Client", "Runs", "Why"):
        table.add_column(name)
    for client in plan.clients:
        table.add_row(client.task.client, "yes" if client.run else "no", client.why)
    _console(console).print(table)


@contextmanager
def show_progress(plan: Plan, console: "Console | None" = None) -> Iterator[Callable[[BatchEvent], None]]:
    """Show a live table while a batch runs: who is at work, who ended how, the rate and the time left.

    Where nobody watches (a pipe, a log file) it is one line for each client that ended.

    Parameters
    ----------
    plan : the plan that runs.
    console : where to show it; the terminal when None.

    Returns
    -------
    A context manager that gives the function to hand to `run_batch` as ``on_event``.
    """
    from rich.live import Live

    total = sum(client.run for client in plan.clients)
    view = _View(total)
    screen = _console(console)
    if not screen.is_terminal:

        def on_ended(event: BatchEvent) -> None:
            view.take(event)
            if event.row is not None:
                screen.print(
                    f"{event.client}: {event.row.state} ({view.title()})", markup=False, highlight=False
                )

        yield on_ended
        return
    with Live(view.table(), console=screen, refresh_per_second=4, transient=True) as live:

        def on_event(event: BatchEvent) -> None:
            view.take(event)
            live.update(view.table())

        yield on_event


class _View:
    """What the live table shows."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._running: dict[str, None] = {}
        self._ended: list[ClientRow] = []
        self._event: BatchEvent | None = None

    def take(self, event: BatchEvent) -> None:
        self._event = event
        if event.row is None:
            self._running[event.client] = None
        else:
            self._running.pop(event.client, None)
            self._ended = [*self._ended, event.row][-_LAST:]

    def table(self) -> "Table":
        from rich.table import Table

        table = Table(title=self.title(), title_justify="left")
        for name in ("Client", "State", "Seconds", "Reason"):
            table.add_column(name)
        for row in self._ended:
            table.add_row(*_cells(row))
        for client in self._running:
            table.add_row(client, "running", "", "")
        return table

    def title(self) -> str:
        event = self._event
        if event is None or event.left is None:
            return f"0 of {self._total} clients"
        rate = (
            f"{event.per_minute:.0f} a minute"
            if event.per_minute >= 10
            else f"{event.per_minute:.1f} a minute"
        )
        return f"{event.done} of {event.total} clients, {rate}, {spell_time(event.left)} left"


def spell_time(seconds: float) -> str:
    """Spell a length of time as a person would.

    Examples
    --------
    >>> spell_time(42.3), spell_time(200), spell_time(7300)
    ('42 s', '3 min 20 s', '2 h 1 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def print_outcome(outcome: BatchOutcome, console: "Console | None" = None) -> None:
    """Print the closing table: every client with its state, seconds and page; where it failed, why and what to do."""
    from rich.markup import escape
    from rich.table import Table

    screen = _console(console)
    if outcome.note:
        screen.print(outcome.note, markup=False)
    if not outcome.rows:
        return
    table = Table()
    for name in ("Client", "State", "Seconds", "Way", "Page"):
        table.add_column(name, overflow="fold")
    failed = any(row.reason or row.remedy for row in outcome.rows)
    if failed:
        table.add_column("Why, and what to do", overflow="fold")
    for row in outcome.rows:
        client, state, seconds, reason = _cells(row)
        why = " ".join(part for part in (row.code, reason, escape(row.remedy)) if part)
        cells = (client, state, seconds, row.path.replace("_", " "), escape(row.page))
        table.add_row(*cells, *([why] if failed else []))
    screen.print(table)
    counts = {state: sum(row.state == state for row in outcome.rows) for state in _COLOURS}
    told = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    screen.print(f"{told}, in {spell_time(outcome.seconds)}", markup=False)


def _cells(row: ClientRow) -> tuple[str, str, str, str]:
    from rich.markup import escape

    state = f"[{_COLOURS[row.state]}]{row.state}[/]"
    return row.client, state, f"{row.seconds:.1f}" if row.seconds else "", escape(row.reason)


def _console(console: "Console | None") -> "Console":
    from rich.console import Console

    return console or Console()
