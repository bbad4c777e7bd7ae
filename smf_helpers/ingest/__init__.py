"""Files → canonical tables."""
