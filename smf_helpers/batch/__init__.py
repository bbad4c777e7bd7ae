"""Plan, kernels, run, resume: papermill over many clients, as fast as the machine, never torn.

>>> from smf_helpers.batch import BatchOptions, ClientTask, plan_batch, run_batch  # doctest: +SKIP
>>> plan = plan_batch([ClientTask(client="acme")], BatchOptions(out="reports", report="client_report.ipynb"))
... # doctest: +SKIP
>>> run_batch(plan).exit_code  # doctest: +SKIP
0
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from smf_helpers.results.batch import (
    BatchEvent,
    BatchOptions,
    BatchOutcome,
    ClientRow,
    ClientTask,
    Limits,
    Output,
    Plan,
    PlannedClient,
)

_LATE = {
    "plan_batch": "plan",
    "run_batch": "run",
    "show_progress": "display",
    "print_outcome": "display",
    "print_plan": "display",
}

__all__ = [
    "BatchEvent",
    "BatchOptions",
    "BatchOutcome",
    "ClientRow",
    "ClientTask",
    "Limits",
    "Output",
    "Plan",
    "PlannedClient",
    "plan_batch",
    "print_outcome",
    "print_plan",
    "run_batch",
    "show_progress",
]


def __getattr__(name: str) -> Any:
    if name in _LATE:
        return getattr(import_module(f"{__name__}.{_LATE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


if TYPE_CHECKING:
    from smf_helpers.batch.display import print_outcome as print_outcome
    from smf_helpers.batch.display import print_plan as print_plan
    from smf_helpers.batch.display import show_progress as show_progress
    from smf_helpers.batch.plan import plan_batch as plan_batch
    from smf_helpers.batch.run import run_batch as run_batch
