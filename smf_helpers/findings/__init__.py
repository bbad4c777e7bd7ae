"""Published tables → claims in plain words, each with its evidence, grade and remedy."""
