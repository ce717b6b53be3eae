"""The scalar functions of the expression language in polars: one entry each, from operands to an expression."""

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

import polars as pl

from qs_pipeline.dashboards.grammar import Expression, Literal, Word

_UNITS = {
    "YYYY": "1y", "YEAR": "1y", "Q": "1q", "QUARTER": "1q", "MM": "1mo", "MONTH": "1mo", "WK": "1w", "WEEK": "1w",
    "DD": "1d", "DAY": "1d", "HH": "1h", "HOUR": "1h", "MI": "1m", "MINUTE": "1m", "SS": "1s", "SECOND": "1s",
    "MS": "1ms", "MILLISECOND": "1ms",
}  # fmt: skip
_MILLISECONDS = {"1w": 604_800_000, "1d": 86_400_000, "1h": 3_600_000, "1m": 60_000, "1s": 1_000, "1ms": 1}
_MONTHS = {"1y": 12, "1q": 3, "1mo": 1}

Operands = Sequence[pl.Expr]


class NotDrawnError(ValueError):
    """Something of a visual cannot be drawn here; the message is shown in its box."""


def constant(tree: Expression) -> Any:  # noqa: ANN401 - a literal of any type
    """The value of an argument that must be written out."""
    match tree:
        case Literal(value=value):
            return value
        case Word(name=name):
            return name
        case _:
            raise NotDrawnError("an argument that must be written out is computed")


def unit(tree: Expression) -> str:
    """The polars duration of one period such as ``'MM'``."""
    name = str(constant(tree)).upper()
    if name not in _UNITS:
        raise NotDrawnError(f"the period {name} is not known")
    return _UNITS[name]


def truncated(value: pl.Expr, tree: Expression) -> pl.Expr:
    """A date cut to its period; weeks begin on Sunday, as QuickSight's do."""
    every = unit(tree)
    if every == "1w":
        return (value + pl.duration(days=1)).dt.truncate("1w") - pl.duration(days=1)
    return value.dt.truncate(every)


def date_difference(first: pl.Expr, last: pl.Expr, tree: Expression | None) -> pl.Expr:
    """Whole periods from ``first`` to ``last``; days where no period is given."""
    every = unit(tree) if tree else "1d"
    if every in _MONTHS:
        months = (last.dt.year() - first.dt.year()) * 12 + last.dt.month() - first.dt.month()
        return months // _MONTHS[every]
    return (last.dt.truncate(every) - first.dt.truncate(every)).dt.total_milliseconds() // _MILLISECONDS[every]


def extracted(value: pl.Expr, tree: Expression) -> pl.Expr:
    """One part of a date, as a number; Sunday is 1."""
    part = str(constant(tree)).upper()
    parts: Mapping[str, Callable[[], pl.Expr]] = {
        "YYYY": value.dt.year, "Q": value.dt.quarter, "MM": value.dt.month, "DD": value.dt.day,
        "WK": value.dt.week, "HH": value.dt.hour, "MI": value.dt.minute, "SS": value.dt.second,
        "WD": lambda: value.dt.weekday() % 7 + 1,
    }  # fmt: skip
    if part not in parts:
        raise NotDrawnError(f"extract knows no part {part}")
    return parts[part]().cast(pl.Int64)


def ifelse(operands: Operands) -> pl.Expr:
    """The value behind the first condition that is true; a condition without a value is not."""
    pairs = zip(operands[:-1:2], operands[1::2], strict=True)
    return reduce(
        lambda rest, pair: pl.when(pair[0].fill_null(value=False)).then(pair[1]).otherwise(rest),
        reversed(list(pairs)),
        operands[-1],
    )


def switch(operands: Operands) -> pl.Expr:
    """The value behind the first case that equals the subject; the last operand, or null, where none does."""
    subject, rest = operands[0], list(operands[1:])
    last = rest.pop() if len(rest) % 2 else pl.lit(None)
    conditions = [subject == one if index % 2 == 0 else one for index, one in enumerate(rest)]
    return ifelse([*conditions, last])


def _caseless(operands: Operands) -> tuple[pl.Expr, pl.Expr]:
    """Subject and text sought; a third operand tells that case does not matter."""
    first, second = operands[0].cast(pl.String), operands[1].cast(pl.String)
    if len(operands) > 2:  # noqa: PLR2004 - the comparison mode is the third
        return first.str.to_lowercase(), second.str.to_lowercase()
    return first, second


def _decimal(value: pl.Expr) -> pl.Expr:
    return value.cast(pl.String).str.strip_chars().cast(pl.Float64, strict=False)


def _substring(operands: Operands) -> pl.Expr:
    return operands[0].cast(pl.String).str.slice(operands[1] - 1, operands[2])


def _locate(operands: Operands) -> pl.Expr:
    subject = operands[0].cast(pl.String)
    return (subject.str.find(operands[1], literal=True).cast(pl.Int64) + 1).fill_null(
        pl.when(subject.is_not_null()).then(0)
    )


def _round(operands: Operands) -> pl.Expr:
    # polars wants a plain number of places; 10**n keeps the expression lazy and rounds half away from zero.
    power = pl.lit(10.0).pow(operands[1]) if len(operands) > 1 else pl.lit(1.0)
    scaled = operands[0] * power
    return scaled.round(0, mode="half_away_from_zero") / power


def _split(operands: Operands) -> pl.Expr:
    return operands[0].cast(pl.String).str.split(operands[1]).list.get(operands[2] - 1, null_on_oob=True)


def _replace(operands: Operands) -> pl.Expr:
    return operands[0].cast(pl.String).str.replace_all(operands[1], operands[2], literal=True)


def _text(value: pl.Expr) -> pl.Expr:
    return value.cast(pl.String)


SCALARS: Mapping[str, Callable[[Operands], pl.Expr]] = {
    "ifelse": ifelse,
    "switch": switch,
    "coalesce": lambda of: pl.coalesce(list(of)),
    "isnull": lambda of: of[0].is_null(),
    "isnotnull": lambda of: of[0].is_not_null(),
    "nullif": lambda of: pl.when((of[0] != of[1]).fill_null(value=True)).then(of[0]),
    "abs": lambda of: of[0].abs(),
    "ceil": lambda of: of[0].ceil(),
    "floor": lambda of: of[0].floor(),
    "round": _round,
    "exp": lambda of: of[0].exp(),
    "ln": lambda of: of[0].log(),
    "log": lambda of: of[0].log10(),
    "sqrt": lambda of: of[0].sqrt(),
    "mod": lambda of: of[0] % of[1],
    "decimaltoint": lambda of: of[0].cast(pl.Float64).cast(pl.Int64),
    "inttodecimal": lambda of: of[0].cast(pl.Float64),
    "concat": lambda of: pl.concat_str([_text(one) for one in of]),
    "contains": lambda of: _caseless(of)[0].str.contains(_caseless(of)[1], literal=True),
    "startswith": lambda of: _caseless(of)[0].str.starts_with(_caseless(of)[1]),
    "endswith": lambda of: _caseless(of)[0].str.ends_with(_caseless(of)[1]),
    "left": lambda of: _text(of[0]).str.head(of[1]),
    "right": lambda of: _text(of[0]).str.tail(of[1]),
    "substring": _substring,
    "strlen": lambda of: _text(of[0]).str.len_chars().cast(pl.Int64),
    "tolower": lambda of: _text(of[0]).str.to_lowercase(),
    "toupper": lambda of: _text(of[0]).str.to_uppercase(),
    "trim": lambda of: _text(of[0]).str.strip_chars(),
    "ltrim": lambda of: _text(of[0]).str.strip_chars_start(),
    "rtrim": lambda of: _text(of[0]).str.strip_chars_end(),
    "replace": _replace,
    "locate": _locate,
    "split": _split,
    "tostring": lambda of: _text(of[0]),
    "parseint": lambda of: _decimal(of[0]).cast(pl.Int64),
    "parsedecimal": lambda of: _decimal(of[0]),
    "epochdate": lambda of: pl.from_epoch(of[0].cast(pl.Int64), time_unit="s"),
}
"""By name in lower case; those that look at how an argument is written stand in ``operations``."""
