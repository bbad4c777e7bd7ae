"""Live controls for Lab: a widget is one observable value.

A figure in a widget is finished before it becomes live and then changes only inside ``batch_update``; what the
browser can compute, the browser computes. Nothing here captures output.
"""

from importlib import import_module
from typing import Any

_HELD = {
    "client_chooser": "smf_helpers.widgets.choosers",
    "FactorView": "smf_helpers.widgets.factor_view",
    "LearnerView": "smf_helpers.widgets.learner_view",
    "WorkshopSteps": "smf_helpers.widgets.workshop",
    "WhatIfView": "smf_helpers.widgets.what_if_view",
    "what_if": "smf_helpers.widgets.what_if_view",
    "lab_command": "smf_helpers.widgets.lab",
}

__all__ = [
    "FactorView",
    "LearnerView",
    "WhatIfView",
    "WorkshopSteps",
    "client_chooser",
    "lab_command",
    "what_if",
]


def __getattr__(name: str) -> Any:
    if name in _HELD:
        return getattr(import_module(_HELD[name]), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
