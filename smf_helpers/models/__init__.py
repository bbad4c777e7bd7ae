"""Series → fits, forecasts, scenarios: the numerical core."""

from smf_helpers.models.curves import fit_curve
from smf_helpers.models.diffusion import fit_adoption
from smf_helpers.models.diffusion_selection import fit_bass_ols, select_family
from smf_helpers.models.diffusion_units import fit_adoption_units
from smf_helpers.models.effects import estimate_effect
from smf_helpers.models.effects_ledger import estimate_ledger
from smf_helpers.models.experience import fit_experience
from smf_helpers.models.hazard import fit_hazard
from smf_helpers.models.lapse import estimate_sustain
from smf_helpers.models.learning import fit_learning, people_over_time, reach
from smf_helpers.models.learning_pilot import view_pilot
from smf_helpers.models.organisation import organisation_lag
from smf_helpers.models.path import fit_path
from smf_helpers.models.path_observed import observe_stages
from smf_helpers.models.readiness import estimate_readiness
from smf_helpers.models.scenario_calibration import calibrate_what_if
from smf_helpers.models.scenarios import list_scenarios, project
from smf_helpers.models.tipping import find_change, find_equilibria, find_normal_equilibria

__all__ = [
    "calibrate_what_if",
    "estimate_effect",
    "estimate_ledger",
    "estimate_readiness",
    "estimate_sustain",
    "find_change",
    "find_equilibria",
    "find_normal_equilibria",
    "fit_adoption",
    "fit_adoption_units",
    "fit_bass_ols",
    "fit_curve",
    "fit_experience",
    "fit_hazard",
    "fit_learning",
    "fit_path",
    "list_scenarios",
    "observe_stages",
    "organisation_lag",
    "people_over_time",
    "project",
    "reach",
    "select_family",
    "view_pilot",
]
