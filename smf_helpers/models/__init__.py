"""Series → fits, forecasts, scenarios: the numerical core."""
