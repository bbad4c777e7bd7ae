"""Internal platforms: messages become weekly activity and interactions, one module a format."""
