"""External channels: posts with lifetime figures and metrics by day, one module a vendor."""
