"""``qs-pipeline doctor``: looks at everything that the pipeline stands on, and says what it saw and what mends it.

Each look is a function of a ``Site`` that returns an ``Outcome``; ``examine`` puts them in order. Nothing is written,
unless the probe is asked for, and every call to QuickSight goes through the limiter. Nothing here knows Dagster.
"""
