"""QuickSight through boto3: names, limits, errors, and the verbs that make data sets and dashboards.

Nothing here knows Dagster, polars, the catalog or the environment; what a site decides comes in as arguments.
"""
