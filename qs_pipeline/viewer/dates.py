"""Filters on dates: ranges, equality, and periods relative to now, each at the precision that the filter names.

What the periods mean is from the user guide, "Adding date filters": last n and next n count the period of now as one.
"""

import polars as pl

from qs_pipeline.dashboards.grammar import Literal

from .evaluate import Language, parsed
from .scalars import NotDrawnError, truncated
from .scene import Scene
from .unchecked import JsonObject, dig, moment_of, object_at, text_at

_UNITS = {
    "YEAR": "1y", "QUARTER": "1q", "MONTH": "1mo", "WEEK": "1w",
    "DAY": "1d", "HOUR": "1h", "MINUTE": "1m", "SECOND": "1s",
}  # fmt: skip
_PRECISE = "MILLISECOND"

Chosen = tuple[str, ...] | None


def in_range(scene: Scene, body: JsonObject, chosen: Chosen, value: pl.Expr, language: Language) -> pl.Expr:
    """What a ``TimeRangeFilter`` leaves; ``chosen`` is ``first..last``, either of which may be lacking."""
    if chosen:
        first, _, last = chosen[0].partition("..")
        low, high = _constant(first), _constant(last)
    else:
        low, high = (_bound(scene, object_at(body, f"Range{side}Value"), language) for side in ("Minimum", "Maximum"))
    at, met = _cut(body, value), pl.lit(value=True)
    if low is not None:
        met = met & (at >= _cut(body, low) if dig(body, "IncludeMinimum") is not False else at > _cut(body, low))
    if high is not None:
        met = met & (at <= _cut(body, high) if dig(body, "IncludeMaximum") is not False else at < _cut(body, high))
    return met


def equal(scene: Scene, body: JsonObject, chosen: Chosen, value: pl.Expr, language: Language) -> pl.Expr:
    """What a ``TimeEqualityFilter`` leaves: all where it names no date."""
    wanted = _constant(chosen[0]) if chosen else _bound(scene, body, language)
    return _cut(body, value) == _cut(body, wanted) if wanted is not None else pl.lit(value=True)


def relative(scene: Scene, body: JsonObject, value: pl.Expr) -> pl.Expr:
    """What a ``RelativeDatesFilter`` leaves.

    Raises:
        NotDrawnError: where it leaves out a period, or is of a kind that is not known.
    """
    if text_at(body, "ExcludePeriodConfiguration", "Status", default="ENABLED") == "ENABLED" and dig(
        body, "ExcludePeriodConfiguration"
    ):
        raise NotDrawnError("a relative filter that excludes a period is not applied here")
    anchor = _anchor(scene, body)
    many = _many(scene, body)
    granularity = text_at(body, "TimeGranularity", default="DAY")
    start, step = _cut(body, anchor), _UNITS.get(granularity, "1s")
    kind = text_at(body, "RelativeDateType", default="LAST")
    first, end = {"PREVIOUS": (-1, 0), "LAST": (1 - many, 1), "NEXT": (0, many)}.get(kind, (0, 1))
    if kind == "NOW":
        return (value >= start) & (value <= anchor)
    if kind not in ("PREVIOUS", "THIS", "LAST", "NEXT"):
        raise NotDrawnError(f"a relative filter of the kind {kind} is not applied here")
    return (value >= _moved(start, first, step)) & (value < _moved(start, end, step))


def _anchor(scene: Scene, body: JsonObject) -> pl.Expr:
    name = text_at(body, "AnchorDateConfiguration", "ParameterName")
    found = next(iter(scene.parameters.get(name, ())), None) if name else scene.today
    return pl.lit(moment_of(found) or scene.today)


def _many(scene: Scene, body: JsonObject) -> int:
    name = text_at(body, "ParameterName")
    wanted = next(iter(scene.parameters.get(name, ())), None) if name else dig(body, "RelativeDateValue")
    return int(str(wanted)) if wanted is not None else 1


def _moved(start: pl.Expr, periods: int, step: str) -> pl.Expr:
    return start.dt.offset_by(f"{periods * int(step[0])}{step[1:]}")


def _cut(body: JsonObject, value: pl.Expr) -> pl.Expr:
    """A date at the precision of the filter."""
    granularity = text_at(body, "TimeGranularity", default=_PRECISE)
    exact = value.cast(pl.Datetime("us"))
    return truncated(exact, Literal(value=granularity)) if granularity in _UNITS else exact


def _bound(scene: Scene, body: JsonObject, language: Language) -> pl.Expr | None:
    """A date that is written out, a parameter's, or one that an expression gives."""
    if expression := text_at(body, "RollingDate", "Expression"):
        return language.row(parsed(expression))
    name = text_at(body, "Parameter") or text_at(body, "ParameterName")
    if name:
        return _constant(next(iter(scene.parameters.get(name, ())), None))
    return _constant(dig(body, "StaticValue") or dig(body, "Value"))


def _constant(value: object) -> pl.Expr | None:
    try:
        found = moment_of(value)
    except ValueError:
        raise NotDrawnError(f"a filter is set to {str(value)[:40]!r}, which is no date") from None
    return None if found is None else pl.lit(found)
