"""What a definition names: the things its parts may refer to.

Pruning and validation ask the same question, whether a reference leads somewhere; both ask it of these names.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, cached_property
from graphlib import CycleError, TopologicalSorter
from typing import cast

from qs_pipeline.service_model import below, shape

from .definition import JsonObject, objects, visual_body
from .expressions import ExpressionError, references

Columns = Mapping[str, Collection[str]]
"""The columns of every data set there is, by identifier: what its table map puts out."""


FIELD_DEFINITIONS = ("DimensionField", "MeasureField", "UnaggregatedField")
"""How the shapes end that define a field of a visual; elsewhere a field id is a reference."""
_PARAMETER_MEMBERS = frozenset({"ParameterName", "Parameter", "DestinationParameterName", "SourceParameterName"})
_PARAMETER_TEXT = re.compile(r"\$\{([^{}]+)\}|<<\$([^<>]+)>>")


@dataclass(frozen=True)
class VisualNames:
    """What one visual names; looked for when it is asked for, since most of what pruning removes is gone before."""

    visual: JsonObject

    @cached_property
    def fields(self) -> frozenset[str]:
        """The ids of its fields."""
        found: set[str] = set()
        for one in _objects_within(self.visual, without=_fieldless()):
            if isinstance(name := one.get("FieldId"), str) and ("Column" in one or "Expression" in one):
                found.add(name)
        return frozenset(found)

    @cached_property
    def hierarchies(self) -> frozenset[str]:
        """The ids of its drill-downs."""
        return _inner_values(visual_body(self.visual).get("ColumnHierarchies"), "HierarchyId")

    @cached_property
    def data_sets(self) -> frozenset[str]:
        """The identifiers of the data sets that it reads."""
        return _values(_objects_within(self.visual), "DataSetIdentifier")


@dataclass(frozen=True, kw_only=True)
class SheetNames:
    """What one sheet names; ``elements`` is all that a layout can place, ``groups`` the groups it makes of them."""

    visual_ids: frozenset[str]
    controls: frozenset[str]
    elements: frozenset[str]
    groups: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Names:
    """What a definition names, given the columns there are.

    Attributes:
        columns: Of each declared data set that exists: its columns and the calculated fields that can be computed.
        broken: The calculated fields that cannot, by data set and name, with the reason.
        sheets: By sheet id; ``tooltips`` likewise.
    """

    columns: Mapping[str, frozenset[str]]
    broken: Mapping[tuple[str, str], str]
    parameters: frozenset[str]
    filters: frozenset[str]
    static_files: frozenset[str]
    topics: frozenset[str]
    sheets: Mapping[str, SheetNames]
    tooltips: Mapping[str, SheetNames]
    content: JsonObject = field(repr=False)

    @cached_property
    def used(self) -> frozenset[str]:
        """The parameters that something other than their own declarations and controls refers to."""
        return _parameters_used(self.content)


def names_of(content: JsonObject, columns: Columns) -> Names:
    """The names of ``content`` where the data sets in ``columns`` exist; malformed parts name nothing."""
    declared = [one.get("Identifier") for one in objects(content.get("DataSetIdentifierDeclarations"))]
    known = {name: frozenset(columns[name]) for name in declared if isinstance(name, str) and name in columns}
    parameters = _inner_values(content.get("ParameterDeclarations"), "Name")
    computed, broken = _calculated(objects(content.get("CalculatedFields")), known, parameters)
    return Names(
        columns=computed,
        broken=broken,
        parameters=parameters,
        filters=frozenset(
            name
            for group in objects(content.get("FilterGroups"))
            for name in _inner_values(group.get("Filters"), "FilterId")
        ),
        static_files=_inner_values(content.get("StaticFiles"), "StaticFileId"),
        topics=_values(objects(content.get("TopicIdentifierDeclarations")), "Identifier"),
        sheets={str(sheet.get("SheetId")): sheet_names(sheet) for sheet in objects(content.get("Sheets"))},
        tooltips={str(sheet.get("SheetId")): sheet_names(sheet) for sheet in objects(content.get("TooltipSheets"))},
        content=content,
    )


def sheet_names(sheet: JsonObject) -> SheetNames:
    """What ``sheet`` names."""
    visual_ids = _inner_values(sheet.get("Visuals"), "VisualId")
    controls = _inner_values(sheet.get("ParameterControls"), "ParameterControlId") | _inner_values(
        sheet.get("FilterControls"), "FilterControlId"
    )
    boxes = _values(objects(sheet.get("TextBoxes")), "SheetTextBoxId")
    images = _values(objects(sheet.get("Images")), "SheetImageId")
    layouts = [one.get("FreeFormLayout") for one in _bodies(sheet.get("Layouts"))]
    groups = [group for layout in objects(layouts) for group in objects(layout.get("Groups"))]
    return SheetNames(
        visual_ids=visual_ids,
        controls=controls,
        elements=visual_ids | controls | boxes | images,
        groups=_values(groups, "Id"),
    )


@cache
def _fieldless() -> frozenset[str]:
    """The members of the service model below which no field is defined: sorts, formats, titles."""
    members = [pair for name in below("Visual") for pair in shape(name).members.items()]
    defining = {member for member, target in members if any(one.endswith(FIELD_DEFINITIONS) for one in below(target))}
    return frozenset(member for member, _ in members) - defining


def _objects_within(value: object, without: Collection[str] = ()) -> Iterator[JsonObject]:
    """Every object inside ``value``, but for what lies at the keys in ``without``."""
    waiting = [value]
    while waiting:  # not recursion, which takes twice as long
        one = waiting.pop()
        if isinstance(one, dict):
            found = cast("JsonObject", one)
            yield found
            waiting += [inner for key, inner in found.items() if key not in without]
        elif isinstance(one, list):
            waiting += cast("list[object]", one)


def _calculated(
    fields: list[JsonObject], columns: Mapping[str, frozenset[str]], parameters: frozenset[str]
) -> tuple[dict[str, frozenset[str]], dict[tuple[str, str], str]]:
    """The columns with the calculated fields that can be computed, and the others with the reason.

    Grows from the columns, so that fields that need each other in a circle stay out.
    """
    known = {data_set: set(names) for data_set, names in columns.items()}
    waiting = {
        (str(one.get("DataSetIdentifier")), str(one.get("Name"))): one.get("Expression")
        for one in fields
        if "TopicIdentifier" not in one  # what a topic knows is not told here
    }
    broken: dict[tuple[str, str], str] = {}
    grew = True
    while grew:
        grew = False
        for (data_set, name), expression in list(waiting.items()):
            broken[data_set, name] = why = _obstacle(data_set, expression, known, parameters)
            if not why:
                known[data_set].add(name)
                del waiting[data_set, name], broken[data_set, name]
                grew = True
    circle = _circle(waiting)
    for one in circle[1:]:
        broken[one] = f"it needs itself: {' needs '.join(name for _, name in circle)}"
    return {data_set: frozenset(names) for data_set, names in known.items()}, broken


def _circle(waiting: Mapping[tuple[str, str], object]) -> list[tuple[str, str]]:
    """Calculated fields of which each needs the next, the first again at the end; empty where there is no circle."""
    needs: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for (data_set, name), expression in waiting.items():
        with suppress(ExpressionError):  # told of by itself
            named = references(str(expression)).fields
            needs[data_set, name] = [(data_set, one) for one in named if (data_set, one) in waiting]
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        return cast("list[tuple[str, str]]", error.args[1])[::-1]
    return []


def _obstacle(data_set: str, expression: object, known: Mapping[str, set[str]], parameters: frozenset[str]) -> str:
    if data_set not in known:
        return f"data set {data_set} is absent"
    try:
        named = references(str(expression))
    except ExpressionError as error:
        return f"its expression cannot be read: {error}"
    if missing := [name for name in named.fields if name not in known[data_set]]:
        return f"{data_set} has no column {' or '.join(missing)} that can be computed"
    if missing := [name for name in named.parameters if name not in parameters]:
        return f"parameter {' and '.join(missing)} is not declared"
    return ""


def _parameters_used(content: JsonObject) -> frozenset[str]:
    used: set[str] = set()
    waiting: list[object] = [content]
    while waiting:  # not recursion, which takes twice as long
        value = waiting.pop()
        if isinstance(value, dict):
            one = cast("JsonObject", value)
            if one.get("MappedDataSetParameters"):
                used.add(str(one.get("Name")))
            for key, inner in one.items():
                if key in _PARAMETER_MEMBERS:
                    used.add(str(inner))
                elif isinstance(inner, str):
                    if "$" in inner:
                        used.update(braced or written for braced, written in _PARAMETER_TEXT.findall(inner))
                elif key != "ParameterControls":
                    waiting.append(inner)
        elif isinstance(value, list):
            waiting += cast("list[object]", value)
    return frozenset(used)


def _inner_values(wrappers: object, key: str) -> frozenset[str]:
    return _values(_bodies(wrappers), key)


def _bodies(wrappers: object) -> Iterator[JsonObject]:
    """The object inside each wrapper that says its kind: ``{"Slider": {...}}``."""
    return (body for wrapper in objects(wrappers) for body in objects(list(wrapper.values())))


def _values(bodies: Iterator[JsonObject] | list[JsonObject], key: str) -> frozenset[str]:
    return frozenset(value for body in bodies if isinstance(value := body.get(key), str))
