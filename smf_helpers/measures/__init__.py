"""Tables → scores and series: survey scores, weights, waves, practice, adoption, engagement, network."""

from smf_helpers.measures.network import trace_exposure
from smf_helpers.measures.reliability import reliability
from smf_helpers.measures.scores import score_factors
from smf_helpers.measures.waves import compare_waves
from smf_helpers.measures.weights import rake

__all__ = ["compare_waves", "rake", "reliability", "score_factors", "trace_exposure"]
