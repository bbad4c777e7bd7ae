"""An analytics workbook for the culture of social media in organisations.

``import smf_helpers as smf`` gives the verbs of the public face; each is imported when first used, so that
importing the package costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_FACE = {
    "load_params": "smf_helpers.params",
    "read_export": "smf_helpers.ingest",
    "suggest_mapping": "smf_helpers.ingest",
    "read_log": "smf_helpers.ingest",
    "open_workbook": "smf_helpers.workbook",
    "make_release": "smf_helpers.release",
    "open_release": "smf_helpers.release",
    "open_report": "smf_helpers.report",
    "open_portfolio": "smf_helpers.report",
    "fit_curve": "smf_helpers.models",
    "fit_learning": "smf_helpers.models",
    "fit_experience": "smf_helpers.models",
    "reach": "smf_helpers.models",
    "organisation_lag": "smf_helpers.models",
    "view_pilot": "smf_helpers.models",
    "fit_adoption": "smf_helpers.models",
    "fit_hazard": "smf_helpers.models",
    "fit_path": "smf_helpers.models",
    "estimate_effect": "smf_helpers.models",
    "project": "smf_helpers.models",
    "trace_exposure": "smf_helpers.measures",
    "score_factors": "smf_helpers.measures",
    "compare_waves": "smf_helpers.measures",
    "reliability": "smf_helpers.measures",
    "rake": "smf_helpers.measures",
    "attack": "smf_helpers.privacy",
    "client_chooser": "smf_helpers.widgets",
    "FactorView": "smf_helpers.widgets",
    "LearnerView": "smf_helpers.widgets",
    "WorkshopSteps": "smf_helpers.widgets",
    "what_if": "smf_helpers.widgets",
    "chapter": "smf_helpers.report.chapters",
    "blocks": "smf_helpers.report",
    "SMFError": "smf_helpers.errors",
}

__all__ = ["__version__", *_FACE]


def __getattr__(name: str) -> Any:
    if name in _FACE:
        return getattr(import_module(_FACE[name]), name)
    raise AttributeError(f"module 'smf_helpers' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)


if TYPE_CHECKING:
    from smf_helpers.errors import SMFError as SMFError
