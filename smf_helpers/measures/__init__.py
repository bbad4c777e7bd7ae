"""Tables → scores and series: survey scores, weights, waves, practice, adoption, engagement, network."""
