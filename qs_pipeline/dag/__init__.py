"""The only Dagster code: assets, checks, the sensor, and what they remember between runs."""
