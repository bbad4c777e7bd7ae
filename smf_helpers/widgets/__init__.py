"""Live controls for Lab: a widget is one observable value."""
