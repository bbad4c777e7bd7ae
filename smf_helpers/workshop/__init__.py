"""The projector's page and the small service behind it."""

from importlib import import_module
from typing import Any

_HELD = {"serve_workshop": "smf_helpers.workshop.serve", "make_service": "smf_helpers.workshop.service"}

__all__ = ["make_service", "serve_workshop"]


def __getattr__(name: str) -> Any:
    if name in _HELD:
        return getattr(import_module(_HELD[name]), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
