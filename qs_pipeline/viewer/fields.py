"""The fields of a visual: what is in its wells, under which names, in which formats."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from .formats import Format, format_of
from .unchecked import JsonObject, dig, number_at, object_at, objects_at, only_object, text_at

_WORDS = {"DISTINCT_COUNT": "Distinct count", "STDEV": "Standard deviation", "VAR": "Variance"}


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of a visual.

    Attributes:
        id: Unique in its visual.
        column: A column or calculated field of ``data_set``.
        is_measure: Whether it is aggregated; otherwise rows are grouped by it or shown as they are.
        aggregation: ``SUM``, ``MAX`` ...; empty where the definition gives none.
        percentile: Of ``PERCENTILE``: which one.
        expression: Of a field calculated in the visual itself.
        granularity: Of dates: what they are cut to.
        hierarchy: The id of the drill-down hierarchy that it starts.
        is_custom: Whether its label was written by a person.
    """

    id: str
    data_set: str
    column: str
    is_measure: bool
    aggregation: str = ""
    percentile: float = 50
    expression: str = ""
    granularity: str = ""
    hierarchy: str = ""
    label: str = ""
    is_custom: bool = False
    is_hidden: bool = False
    format: Format


Wells = Mapping[str, tuple[Field, ...]]
"""The fields of a visual by the well they are in: ``Values``, ``Category``, ``Rows`` ..."""


def wells_of(configuration: JsonObject, formats: Mapping[tuple[str, str], Format]) -> Wells:
    """The wells of a visual.

    Args:
        configuration: Its ``ChartConfiguration``.
        formats: What the definition says of columns everywhere, by data set and column.
    """
    field_wells = object_at(configuration, "FieldWells")
    name, inner = only_object(field_wells)
    labels = _labels(configuration)
    options = {text_at(one, "FieldId"): one for one in _options(configuration)}
    return {
        well: tuple(_field(one, options, labels, formats) for one in objects_at(inner if name else field_wells, well))
        for well in (inner if name else field_wells)
    }


def _options(configuration: JsonObject) -> list[JsonObject]:
    return objects_at(configuration, "FieldOptions", "SelectedFieldOptions")


def _labels(configuration: JsonObject) -> dict[str, str]:
    """Labels of chart fields, which stand in the options of the axes."""
    found: dict[str, str] = {}
    for key, options in configuration.items():
        if key.endswith("LabelOptions"):
            for one in objects_at(options, "AxisLabelOptions"):
                target, label = text_at(one, "ApplyTo", "FieldId"), text_at(one, "CustomLabel")
                if target and label:
                    found[target] = label
    return found


def _field(
    wrapper: JsonObject,
    options: Mapping[str, JsonObject],
    labels: Mapping[str, str],
    formats: Mapping[tuple[str, str], Format],
) -> Field:
    kind, body = ("UnaggregatedField", wrapper) if "FieldId" in wrapper else only_object(wrapper)
    name = text_at(body, "FieldId")
    data_set = text_at(body, "Column", "DataSetIdentifier")
    column = text_at(body, "Column", "ColumnName") or name
    is_measure = kind.endswith("MeasureField")
    aggregation = aggregation_of(dig(body, "AggregationFunction"))
    granularity = text_at(body, "DateGranularity", default="DAY" if kind == "DateDimensionField" else "")
    own = options.get(name, {})
    label = text_at(own, "CustomLabel") or labels.get(name, "")
    base = formats.get((data_set, column))
    return Field(
        id=name,
        data_set=data_set,
        column=column,
        is_measure=is_measure,
        aggregation=aggregation,
        percentile=number_at(body, "AggregationFunction", "PercentileAggregation", "PercentileValue", default=50),
        expression=text_at(body, "Expression"),
        granularity=granularity,
        hierarchy=text_at(body, "HierarchyId"),
        label=label or _default_label(column, aggregation),
        is_custom=bool(label),
        is_hidden=text_at(own, "Visibility") == "HIDDEN",
        format=_with_granularity(format_of(body, base or Format(null="" if is_measure else "null")), granularity),
    )


def _with_granularity(made: Format, granularity: str) -> Format:
    return replace(made, granularity=granularity) if granularity else made


def aggregation_of(value: object) -> str:
    """The name of an aggregation, however it is wrapped."""
    if isinstance(value, str):
        return value
    if dig(value, "PercentileAggregation") is not None:
        return "PERCENTILE"
    for key in ("SimpleNumericalAggregation", "CategoricalAggregationFunction", "DateAggregationFunction"):
        if found := text_at(value, key):
            return found
    nested = dig(value, "NumericalAggregationFunction")
    return aggregation_of(nested) if nested is not None else ""


def _default_label(column: str, aggregation: str) -> str:
    if not aggregation:
        return column
    return f"{column} ({_WORDS.get(aggregation, aggregation.replace('_', ' ').capitalize())})"
