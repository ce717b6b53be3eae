"""Draws a published dashboard from its definition and its rows, without QuickSight.

Pure: a definition, frames and what a person has chosen go in, what is drawn comes out, as values, as HTML or as a
picture. Knows the words of definitions (``dashboards``), polars, jinja2 and vl-convert; neither Dagster nor AWS.
"""
