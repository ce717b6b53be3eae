"""The filters of a definition: which of them hold for a visual, and what they leave of its rows."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import reduce
from typing import Any

import polars as pl

from qs_pipeline.dashboards.grammar import Field as Name

from . import dates
from .aggregates import aggregate
from .evaluate import Language
from .fields import aggregation_of
from .scalars import NotDrawnError
from .scene import Scene
from .unchecked import JsonObject, dig, object_at, objects_at, only_object, text_at, texts_at


def groups_for(scene: Scene, sheet: str, visual: str) -> Iterator[JsonObject]:
    """The enabled filter groups whose scope holds the visual."""
    for group in objects_at(scene.definition, "FilterGroups"):
        if text_at(group, "Status", default="ENABLED") != "ENABLED":
            continue
        scope = group.get("ScopeConfiguration")
        if dig(scope, "AllSheets") is not None or any(
            text_at(one, "SheetId") == sheet
            and (text_at(one, "Scope") == "ALL_VISUALS" or visual in texts_at(one, "VisualIds"))
            for one in objects_at(scope, "SelectedSheets", "SheetVisualScopingConfigurations")
        ):
            yield group


def predicates(
    scene: Scene, groups: Iterable[JsonObject], data_set: str, language: Language
) -> tuple[list[pl.Expr], list[pl.Expr]]:
    """What rows, and then groups, must meet. The filters of one group are alternatives, as in QuickSight.

    A filter reaches the data set of its column; one that crosses data sets reaches those with a column of that name.

    Raises:
        NotDrawnError: where a filter cannot be applied here.
    """
    rows: list[pl.Expr] = []
    having: list[pl.Expr] = []
    for group in groups:
        crosses = text_at(group, "CrossDataset") == "ALL_DATASETS"
        of_rows: list[pl.Expr] = []
        of_groups: list[pl.Expr] = []
        for kind, body in map(only_object, objects_at(group, "Filters")):
            column = text_at(body, "Column", "ColumnName")
            known = column in language.columns or column in language.calculated
            if text_at(body, "Column", "DataSetIdentifier") != data_set and not (crosses and known):
                continue
            chosen = scene.choice.filters.get(text_at(body, "FilterId"))
            aggregation = aggregation_of(dig(body, "AggregationFunction"))
            if aggregation or (known and language.is_aggregate(Name(name=column))):
                value, alternatives = language.measure(column, aggregation, 50), of_groups
            else:
                value, alternatives = language.row(Name(name=column)), of_rows
            alternatives.append(_predicate(scene, kind, body, chosen, value, language))
        for met, alternatives in ((rows, of_rows), (having, of_groups)):
            if alternatives:
                met.append(reduce(lambda one, other: one | other, alternatives))
    return rows, having


def _predicate(  # noqa: PLR0911 - one for each kind of filter
    scene: Scene, kind: str, body: JsonObject, chosen: tuple[str, ...] | None, value: pl.Expr, language: Language
) -> pl.Expr:
    match kind:
        case "CategoryFilter":
            return _category(scene, body, chosen, value.cast(pl.String))
        case "NumericEqualityFilter":
            wanted = _number(chosen[0]) if chosen else _static_or_parameter(scene, body, "Value")
            if wanted is None or (not chosen and "SelectAllOptions" in body):
                return _nulls(body, value, pl.lit(value=True))
            met = value != wanted if text_at(body, "MatchOperator") == "DOES_NOT_EQUAL" else value == wanted
            return _nulls(body, value, met)
        case "NumericRangeFilter":
            return _nulls(body, value, _range(body, value, *_numeric_bounds(scene, body, chosen)))
        case "TimeRangeFilter":
            return _nulls(body, value, dates.in_range(scene, body, chosen, value, language))
        case "TimeEqualityFilter":
            return dates.equal(scene, body, chosen, value, language)
        case "RelativeDatesFilter":
            return _nulls(body, value, dates.relative(scene, body, value))
        case "TopBottomFilter":
            return _top(scene, body, value, language)
        case "NestedFilter":
            return _nested(scene, body, value, language)
        case _:
            raise NotDrawnError(f"a filter of the kind {kind} is not applied here")


def _category(scene: Scene, body: JsonObject, chosen: tuple[str, ...] | None, value: pl.Expr) -> pl.Expr:
    name, details = only_object(body.get("Configuration"))
    values = texts_at(details, "CategoryValues")
    operator = text_at(details, "MatchOperator", default="EQUALS")
    if name == "CustomFilterConfiguration":
        parameter = text_at(details, "ParameterName")
        values = (
            [str(one) for one in scene.parameters.get(parameter, ())]
            if parameter
            else [text_at(details, "CategoryValue")]
        )
    if chosen is not None:
        values, operator = [one for one in chosen if one], "EQUALS"
    elif text_at(details, "SelectAllOptions") == "FILTER_ALL_VALUES":
        # No value is not one of all values: NullOption decides on it, as the API reference says.
        return _nulls(details, value, pl.lit(value=True))
    if name == "CustomFilterConfiguration" and operator in _TEXT_MATCHES and chosen is None:
        met = (
            pl.any_horizontal([_TEXT_MATCHES[operator](value, one) for one in values]) if values else pl.lit(value=True)
        )
    else:
        # In a list, "contains" means that the whole value is one of the list.
        met = value.is_in(values)
    if operator.startswith("DOES_NOT"):
        met = ~met
    return _nulls(details, value, met)


def _holds(value: pl.Expr, one: str) -> pl.Expr:
    return value.str.contains(one, literal=True)


_TEXT_MATCHES: Mapping[str, Callable[[pl.Expr, str], pl.Expr]] = {
    "CONTAINS": _holds,
    "DOES_NOT_CONTAIN": _holds,
    "STARTS_WITH": lambda value, one: value.str.starts_with(one),
    "ENDS_WITH": lambda value, one: value.str.ends_with(one),
}


def _nulls(details: JsonObject, value: pl.Expr, met: pl.Expr) -> pl.Expr:
    """What the filter's ``NullOption`` says of rows without a value."""
    match text_at(details, "NullOption"):
        case "ALL_VALUES":
            return met | value.is_null()
        case "NULLS_ONLY":
            return value.is_null()
        case "NON_NULLS_ONLY":
            return met.fill_null(value=False) & value.is_not_null()
        case _:
            return met.fill_null(value=False)


def _static_or_parameter(scene: Scene, value: JsonObject, key: str) -> Any:  # noqa: ANN401 - a number
    parameter = text_at(value, "ParameterName") or text_at(value, "Parameter")
    if parameter:
        return next(iter(scene.parameters.get(parameter, ())), None)
    return value.get(key)


def _numeric_bounds(scene: Scene, body: JsonObject, chosen: tuple[str, ...] | None) -> tuple[Any, Any]:
    if chosen:
        low, _, high = chosen[0].partition("..")
        return (_number(low) if low else None), (_number(high) if high else None)
    if "SelectAllOptions" in body:
        return None, None
    low, high = (
        _static_or_parameter(scene, object_at(body, key), "StaticValue") for key in ("RangeMinimum", "RangeMaximum")
    )
    return low, high


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise NotDrawnError(f"a filter is set to {text[:40]!r}, which is no number") from None


def _range(body: JsonObject, value: pl.Expr, low: Any, high: Any) -> pl.Expr:  # noqa: ANN401 - numbers
    met = pl.lit(value=True)
    if low is not None:
        met = met & (value >= low if dig(body, "IncludeMinimum") is not False else value > low)
    if high is not None:
        met = met & (value <= high if dig(body, "IncludeMaximum") is not False else value < high)
    return met


def _top(scene: Scene, body: JsonObject, value: pl.Expr, language: Language) -> pl.Expr:
    """The rows whose value is among the first by an aggregate over all rows that share it; equal ones all are."""
    sort = next(iter(objects_at(body, "AggregationSortConfigurations")), JsonObject())
    how = aggregate(aggregation_of(dig(sort, "AggregationFunction")) or "sum")
    limit = _static_or_parameter(scene, body, "Limit")
    if how is None or limit is None:
        raise NotDrawnError("a top or bottom filter without a limit or by an unknown aggregation is not applied here")
    key = how.of(language.row(Name(name=text_at(sort, "Column", "ColumnName")))).over(value)
    descending = text_at(sort, "SortDirection", default="DESC") == "DESC"
    return key.rank("dense", descending=descending) <= int(limit)


def _nested(scene: Scene, body: JsonObject, value: pl.Expr, language: Language) -> pl.Expr:
    """The rows whose value any row has that meets the inner filter, or those whose value none of them has."""
    inner = object_at(body, "InnerFilter", "CategoryInnerFilter")
    column = language.row(Name(name=text_at(inner, "Column", "ColumnName"))).cast(pl.String)
    met = _category(scene, inner, None, column).any().over(value)
    return ~met if dig(body, "IncludeInnerSet") is False else met
