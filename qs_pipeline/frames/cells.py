"""Text cells become typed cells; what cannot be read is null, and the caller counts it."""

from collections.abc import Callable

import polars as pl

from qs_pipeline.frames.columns import Kind

# Integers beyond this lose digits on their way through a float; only `3.0` and the like take that way.
_EXACT_IN_A_FLOAT = 2**53

LONGEST_CELL = 65_536
"""Bytes of a text cell; more is a broken file, and more than QuickSight would show."""


def emptied(cells: pl.Series, kind: Kind) -> pl.Series:
    """The cells with the empty ones null: blank ones too, except in identifiers and text, which are kept verbatim."""
    if kind not in (Kind.IDENTIFIER, Kind.TEXT):
        cells = cells.str.strip_chars()
    return cells.set(cells == "", None) if (cells == "").any() else cells


def typed(cells: pl.Series, kind: Kind) -> pl.Series:
    """The cells read as ``kind``, null where they cannot be."""
    return _READERS[kind](cells)


def spelled(cells: pl.Series, words: tuple[str, ...]) -> pl.Series:
    """The cells with those that are one of ``words``, but for case and outer blanks, spelled like it."""
    if cells.is_in(words).all():
        return cells
    folded = cells.str.strip_chars().str.to_uppercase()
    return folded.replace_strict({word.upper(): word for word in words}, default=cells, return_dtype=pl.String)


def _verbatim(cells: pl.Series) -> pl.Series:
    too_long = cells.str.len_bytes() > LONGEST_CELL
    return cells.set(too_long, None) if too_long.any() else cells


def _decimals(cells: pl.Series) -> pl.Series:
    numbers = cells.cast(pl.Float64, strict=False)
    infinite = numbers.is_finite().not_()
    return numbers.set(infinite, None) if infinite.any() else numbers


def _integers(cells: pl.Series) -> pl.Series:
    numbers = cells.cast(pl.Int64, strict=False)
    if numbers.null_count() == cells.null_count():
        return numbers
    decimals = _decimals(cells)
    whole = (decimals == decimals.floor()) & (decimals.abs() <= _EXACT_IN_A_FLOAT)
    return numbers.fill_null(decimals.set(whole.not_(), None).cast(pl.Int64))


def _days(cells: pl.Series) -> pl.Series:
    days = _integers(cells)
    return days.set(days < 1, None)


def _flags(cells: pl.Series) -> pl.Series:
    return cells.str.to_uppercase().replace_strict(
        {"TRUE": True, "FALSE": False}, default=None, return_dtype=pl.Boolean
    )


_READERS: dict[Kind, Callable[[pl.Series], pl.Series]] = {
    Kind.IDENTIFIER: _verbatim,
    Kind.TEXT: _verbatim,
    Kind.DECIMAL: _decimals,
    Kind.INTEGER: _integers,
    Kind.DAY: _days,
    Kind.FLAG: _flags,
}
