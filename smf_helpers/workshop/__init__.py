"""The projector's page and the small service behind it."""
