"""The dashboard definition: read from files, cut down to the data at hand, checked, bound to data sets.

Plain values in, plain values out: no Dagster, no polars, no calls to AWS.
"""
