"""Executed notebook → page, slides, tables, print; from the release and nothing else."""
