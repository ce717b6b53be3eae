"""Invented assessments: seeded, complete and consistent, so that a dashboard has something to show."""

from qs_pipeline.sample.write import Size, write_sample

__all__ = ["Size", "write_sample"]
