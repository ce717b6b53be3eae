"""Embark: what each class of supply weighs and fills when it is shipped, and the union over all classes."""

from collections.abc import Sequence

import dataframely as dy
import polars as pl

from qs_pipeline.frames.columns import published
from qs_pipeline.model import ClassOfSupply, Table
from qs_pipeline.supply.table import union

PALLETS_PER_TEU = 16
"""Pallets that a twenty-foot equivalent unit takes, as the calculators load it."""

POUNDS_PER_SHORT_TON = 2000
"""Avoirdupois pounds in a short ton, by definition."""

UNKNOWN = "UNKNOWN"
"""Stands for an empty name in the aggregate, where rows are grouped by it."""

NOT_IN_EVERY_CLASS = frozenset({"SQFT", "TEUS"})
"""Figures that some classes do not compute: empty in the aggregate, never 0, so that a sum does not pretend."""


class EmbarkRow(dy.Schema):
    """What every embark table has in common."""

    CLASS_OF_SUPPLY = published.text(filled=True)
    REGION = published.text(filled=True)
    LOCATION_NAME = published.text(filled=True)
    POS = published.text(filled=True)
    CUFT = published.decimal(unit="ft3")
    SQFT = published.decimal(unit="ft2")
    TEUS = published.decimal(unit="TEU")
    WEIGHT_LBS = published.decimal(unit="lb")
    TOTAL_COST = published.decimal(unit="USD")


def total(column: str) -> pl.Expr:
    """The sum of a column within a group; null, not 0, where the group has no figure at all.

    It adds row by row: ``sum`` adds partial sums in the order in which threads finish, and so moves the last digit, and
    with it the hash of the table, from run to run, even in memory and with ``maintain_order``.
    """
    return pl.col(column).drop_nulls().cum_sum().last()


def all_classes(*parts: pl.LazyFrame | None) -> pl.LazyFrame:
    """The rows of all parts, one below the other: as many rows as the parts have together."""
    return pl.concat([_common(part) for part in parts if part is not None])


def embark_of_all(classes: Sequence[ClassOfSupply]) -> ClassOfSupply:
    """The class that holds ``aggregated_embark``, made of the embark tables of ``classes`` in their order."""
    parts: list[Table] = [each.embark for each in classes if each.embark is not None]
    aggregate = union(
        "aggregated_embark",
        EmbarkRow,
        parts,
        all_classes,
        "One row of each row of the embark tables: volume, area, TEUs, weight and cost by class, region and period.",
    )
    return ClassOfSupply(key="embark", title="Embark, all classes", tables=(aggregate,))


def _common(part: pl.LazyFrame) -> pl.LazyFrame:
    present = part.collect_schema()
    columns: list[pl.Expr] = []
    for name, column in EmbarkRow.columns().items():
        if name not in present:
            columns.append(pl.lit(None, dtype=column.dtype).alias(name))
        elif column.dtype == pl.String:
            columns.append(pl.col(name).fill_null(UNKNOWN))
        else:
            columns.append(pl.col(name))
    return part.select(columns)
