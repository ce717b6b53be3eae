"""The aggregate functions in polars, and how the aggregate of groups follows from those of their parts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl


def _sum(value: pl.Expr) -> pl.Expr:
    # The sum of nothing is nothing in QuickSight, and 0 in polars.
    return pl.when(value.count() > 0).then(value.sum())


def _first_mode(value: pl.Expr) -> pl.Expr:
    return value.drop_nulls().mode().sort().first()


@dataclass(frozen=True, kw_only=True)
class Aggregate:
    """One aggregate function.

    Attributes:
        of: From the value of each row to the value of the group.
        merged: From the values of parts to that of the whole; None where it does not follow from them.
    """

    of: Callable[[pl.Expr], pl.Expr]
    merged: Callable[[pl.Expr], pl.Expr] | None = None


AGGREGATES: Mapping[str, Aggregate] = {
    "sum": Aggregate(of=_sum, merged=_sum),
    "min": Aggregate(of=lambda of: of.min(), merged=lambda of: of.min()),
    "max": Aggregate(of=lambda of: of.max(), merged=lambda of: of.max()),
    "count": Aggregate(of=lambda of: of.count().cast(pl.Int64), merged=lambda of: of.sum()),
    "avg": Aggregate(of=lambda of: of.mean()),
    "distinct_count": Aggregate(of=lambda of: of.drop_nulls().n_unique().cast(pl.Int64)),
    "median": Aggregate(of=lambda of: of.median()),
    "mode": Aggregate(of=_first_mode),
    "stdev": Aggregate(of=lambda of: of.std()),
    "stdevp": Aggregate(of=lambda of: of.std(ddof=0)),
    "var": Aggregate(of=lambda of: of.var()),
    "varp": Aggregate(of=lambda of: of.var(ddof=0)),
}
"""By name in lower case."""

_SAME = {
    "distinctcount": "distinct_count",
    "average": "avg",
}


def aggregate(name: str, percentile: float | None = None) -> Aggregate | None:
    """The aggregate function of this name, whether an expression or a field spells it; None where there is none."""
    lower = name.lower()
    if lower.startswith("percentile") and percentile is not None:
        how = "nearest" if lower == "percentiledisc" else "linear"
        share = min(max(percentile, 0), 100) / 100
        return Aggregate(of=lambda of: of.quantile(share, interpolation=how))
    return AGGREGATES.get(_SAME.get(lower, lower))
