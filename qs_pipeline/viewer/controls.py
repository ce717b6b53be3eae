"""The controls of a sheet: for parameters and filters, with what they are set to and what may be chosen."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import polars as pl

from qs_pipeline.dashboards.grammar import Field as Name

from .scalars import NotDrawnError
from .scene import Scene
from .unchecked import JsonObject, dig, number_at, objects_at, only_object, text_at, texts_at

_MOST_OPTIONS = 1000


@dataclass(frozen=True, kw_only=True)
class Control:
    """One control. ``name`` is what it is called in an address: ``p.`` and a parameter, or ``f.`` and a filter.

    Attributes:
        kind: slider, select or text.
        note: What is wrong with it, if anything.
    """

    name: str
    kind: str
    title: str
    values: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    is_multiple: bool = False
    least: float = 0
    most: float = 100
    step: float = 1
    note: str = ""

    @property
    def summary(self) -> str:
        """Of many values: which are chosen, in a word."""
        chosen = [one for one in self.options if one in self.values]
        if len(chosen) == len(self.options):
            return "All"
        return chosen[0] if len(chosen) == 1 else f"{len(chosen)} of {len(self.options)}"


def controls_of(scene: Scene, sheet: JsonObject) -> list[Control]:
    """The controls of a sheet: of its parameters, of its filters, and of filters of other sheets that it shows."""
    return [*_of_parameters(scene, sheet), *_of_filters(scene, sheet)]


def _of_parameters(scene: Scene, sheet: JsonObject) -> Iterator[Control]:
    multiple = {
        text_at(body, "Name"): text_at(body, "ParameterValueType") == "MULTI_VALUED"
        for _, body in map(only_object, objects_at(scene.definition, "ParameterDeclarations"))
    }
    for kind, body in map(only_object, objects_at(sheet, "ParameterControls")):
        parameter = text_at(body, "SourceParameterName")
        made = _of_parameter(scene, kind, body, is_multiple=multiple.get(parameter, False))
        yield replace(made, note=scene.misread.get(parameter, ""))


def _of_parameter(scene: Scene, kind: str, body: JsonObject, *, is_multiple: bool) -> Control:
    parameter = text_at(body, "SourceParameterName")
    name, title = f"p.{parameter}", text_at(body, "Title") or parameter
    values = tuple(_shown(each) for each in scene.parameters.get(parameter, ()))
    if kind == "Slider":
        return _slider(name, title, body, values)
    if kind in ("Dropdown", "List"):
        column = dig(body, "SelectableValues", "LinkToDataSetColumn")
        options = texts_at(body, "SelectableValues", "Values") or (_values(scene, column) if column else [])
        many = is_multiple and text_at(body, "Type") != "SINGLE_SELECT"
        return _select(name, title, values, options, is_multiple=many)
    return Control(name=name, kind="text", title=title, values=values)


def _of_filters(scene: Scene, sheet: JsonObject) -> Iterator[Control]:
    filters = {
        text_at(body, "FilterId"): (kind, body)
        for group in objects_at(scene.definition, "FilterGroups")
        for kind, body in map(only_object, objects_at(group, "Filters"))
    }
    for kind, body in map(only_object, objects_at(sheet, "FilterControls")):
        source = text_at(body, "SourceFilterId")
        if source not in filters:
            continue
        of, found = filters[source]
        default = dig(found, "DefaultFilterControlConfiguration")
        title = text_at(body, "Title") or text_at(default, "Title") or text_at(found, "Column", "ColumnName")
        looks, options = only_object(dig(default, "ControlOptions")) if kind == "CrossSheet" else (kind, body)
        yield _of_filter(scene, f"f.{source}", title, (of, found), (looks, options))


def _of_filter(
    scene: Scene, name: str, title: str, of: tuple[str, JsonObject], looks: tuple[str, JsonObject]
) -> Control:
    (kind, found), (look, options) = of, looks
    chosen = scene.choice.filters.get(name[2:])
    if kind == "CategoryFilter":
        _, details = only_object(found.get("Configuration"))
        listed = texts_at(options, "SelectableValues", "Values") or _values(scene, dig(found, "Column"))
        values = chosen if chosen is not None else tuple(texts_at(details, "CategoryValues"))
        if chosen is None and text_at(details, "SelectAllOptions") == "FILTER_ALL_VALUES":
            values = tuple(listed)
        elif chosen is None and text_at(details, "MatchOperator").startswith("DOES_NOT"):
            values = tuple(each for each in listed if each not in values)
        is_multiple = text_at(options, "Type", default="MULTI_SELECT") == "MULTI_SELECT"
        return _select(name, title, values, listed, is_multiple=is_multiple)
    if "Slider" in look and kind == "NumericEqualityFilter":
        return _slider(name, title, options, chosen or (_shown(dig(found, "Value")),))
    of_time = "Value" if kind == "TimeRangeFilter" else ""
    low, high = (dig(found, f"Range{side}{of_time}", "StaticValue") for side in ("Minimum", "Maximum"))
    static = f"{_shown(low)}..{_shown(high)}" if "Range" in kind else _shown(dig(found, "Value"))
    return Control(name=name, kind="text", title=title, values=chosen or (static,))


def _slider(name: str, title: str, body: JsonObject, values: tuple[str, ...]) -> Control:
    return Control(
        name=name,
        kind="slider",
        title=title,
        values=values,
        least=number_at(body, "MinimumValue", default=0),
        most=number_at(body, "MaximumValue", default=100),
        step=number_at(body, "StepSize", default=1),
    )


def _select(name: str, title: str, values: tuple[str, ...], options: list[str], *, is_multiple: bool) -> Control:
    listed = tuple(dict.fromkeys([*options, *values]))
    return Control(name=name, kind="select", title=title, values=values, options=listed, is_multiple=is_multiple)


def _values(scene: Scene, column: object) -> list[str]:
    """The values of a column, so far as they can be had; the visuals say what is wrong where they cannot."""
    data_set, name = text_at(column, "DataSetIdentifier"), text_at(column, "ColumnName")
    try:
        frame = scene.frame(data_set)
        value = scene.language(data_set, dict(frame.collect_schema()), {}).row(Name(name=name)).cast(pl.String)
        found = frame.select(value.alias("value")).unique().sort("value").head(_MOST_OPTIONS).collect()["value"]
    except (NotDrawnError, pl.exceptions.PolarsError):
        return []
    return [each for each in found if each is not None]


def _shown(value: object) -> str:
    return "" if value is None else str(value)
