"""Files → canonical tables: surveys, external channels, internal platforms, plain lists, databases."""

from importlib import import_module
from typing import Any

_FACE = {
    "read_export": "smf_helpers.ingest.reading",
    "load_client_tables": "smf_helpers.ingest.client",
    "read_log": "smf_helpers.ingest.large",
    "suggest_mapping": "smf_helpers.ingest.wizard",
    "READERS": "smf_helpers.ingest.formats",
}
__all__ = ["READERS", "load_client_tables", "read_export", "read_log", "suggest_mapping"]


def __getattr__(name: str) -> Any:
    if name in _FACE:
        if name == "READERS":
            import_module(_FACE[name])
            return import_module("smf_helpers.ingest.readers").READERS
        return getattr(import_module(_FACE[name]), name)
    raise AttributeError(f"module 'smf_helpers.ingest' has no attribute '{name}'")
