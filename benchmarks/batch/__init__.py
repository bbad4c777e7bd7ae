"""How fast whole batches are, measured side by side with what a user would use instead."""
