"""Series → fits, forecasts, scenarios: the numerical core."""

from smf_helpers.models.curves import fit_curve
from smf_helpers.models.path import fit_path
from smf_helpers.models.scenario_calibration import calibrate_what_if
from smf_helpers.models.scenarios import list_scenarios, project

__all__ = ["calibrate_what_if", "fit_curve", "fit_path", "list_scenarios", "project"]
