"""Tables → scores and series: survey scores, weights, waves, practice, adoption, engagement, network."""

from smf_helpers.measures.scores import score_factors

__all__ = ["score_factors"]
