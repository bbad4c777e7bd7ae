"""Sample clients: a seeded generator with known truth, written in the real export formats."""
