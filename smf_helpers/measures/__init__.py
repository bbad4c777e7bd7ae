"""Tables → scores and series: survey scores, weights, waves, practice, adoption, engagement, network."""

from smf_helpers.measures.scores import score_factors
from smf_helpers.measures.waves import compare_waves

__all__ = ["compare_waves", "score_factors"]
