"""Columns of chance, drawn at once: the same for the same key, and quick enough for hundreds of thousands of rows."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Chance:
    """Draws columns of ``rows`` cells; the order of the draws is part of what is drawn.

    Attributes:
        random: Where the draws come from.
        rows: Height of every column.
    """

    random: random.Random
    rows: int

    def between(self, low: float, high: float) -> pl.Series:
        """Numbers from ``low`` up to ``high``, evenly spread."""
        draw = self.random.random
        return pl.Series([draw() for _ in range(self.rows)], dtype=pl.Float64) * (high - low) + low

    def whole(self, low: int, high: int) -> pl.Series:
        """Whole numbers from ``low`` to ``high``, both included, evenly spread."""
        return self.between(low, high + 1).floor().cast(pl.Int64)

    def true(self, share: float) -> pl.Series:
        """Booleans, ``share`` of them true."""
        return self.between(0, 1) < share

    def choice(self, values: Sequence[str], weights: Sequence[float] | None = None) -> pl.Series:
        """Any of ``values``, as often as ``weights`` say."""
        return pl.Series(self.random.choices(values, weights, k=self.rows), dtype=pl.String)

    def log_normal(self, median: float, spread: float) -> pl.Series:
        """Numbers above 0, half of them below ``median``, their logarithms off by ``spread`` in the standard."""
        draw = self.random.gauss
        return (pl.Series([draw() for _ in range(self.rows)], dtype=pl.Float64) * spread + math.log(median)).exp()

    def rows_of(self, frame: pl.DataFrame, weights: Sequence[float] | None = None) -> pl.DataFrame:
        """Any rows of ``frame``, as often as ``weights`` say."""
        return frame[self.random.choices(range(frame.height), weights, k=self.rows)]
