"""Whether each name of a definition is given once in its circle: the definition, a sheet or a visual."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import cast

from qs_pipeline.service_model import Node, Path, shape

# How many steps of a path lead to the circle.
_DEFINITION, _SHEET, _VISUAL = 0, 2, 4
_CIRCLES = {
    "FilterGroupId": ("filter group id", _DEFINITION),
    "FilterId": ("filter id", _DEFINITION),
    "SheetTextBoxId": ("element id", _SHEET),
    "SheetImageId": ("element id", _SHEET),
    "ParameterControlId": ("element id", _SHEET),
    "FilterControlId": ("element id", _SHEET),
}
# Members that elsewhere only refer to what these shapes name.
_OWNERS = {
    ("SheetId", "SheetDefinition"): ("sheet id", _DEFINITION),
    ("Identifier", "DataSetIdentifierDeclaration"): ("data set identifier", _DEFINITION),
    ("VisualId", "Visual"): ("visual id", _DEFINITION),
    ("Name", "ParameterDeclaration"): ("parameter", _DEFINITION),
    ("StaticFileId", "StaticFile"): ("static file id", _DEFINITION),
    ("HierarchyId", "Hierarchy"): ("hierarchy id", _VISUAL),
    ("FieldId", "DimensionField"): ("field id", _VISUAL),
    ("FieldId", "MeasureField"): ("field id", _VISUAL),
    ("FieldId", "UnaggregatedField"): ("field id", _VISUAL),
}


def repeated(nodes: Iterable[Node]) -> Iterator[tuple[Path, str]]:
    """Each place of the visited definition that gives a name again, with what is wrong."""
    seen: set[tuple[str, Path, str]] = set()
    for node in nodes:
        if not isinstance(node.value, dict):
            continue
        value = cast("dict[str, object]", node.value)
        for member in value:
            circle = _circle(node.shape, member)
            if circle is None:
                continue
            what, depth = circle
            name = str(value[member])
            if what == "calculated field":
                name = f"{value.get('DataSetIdentifier')}.{name}"
            if (what, node.path[:depth], name) in seen:
                yield (*node.path, member), f"the {what} {name} is given before; give each once"
            seen.add((what, node.path[:depth], name))


def names(shape_name: str) -> bool:
    """Whether a structure of a shape gives a name by one of its members."""
    return any(_circle(shape_name, member) for member in shape(shape_name).members)


@cache
def _circle(owner: str, member: str) -> tuple[str, int] | None:
    if (owner, member) == ("CalculatedField", "Name"):
        return "calculated field", _DEFINITION
    for (named, ending), circle in _OWNERS.items():
        if member == named and owner.endswith(ending):
            return circle
    return _CIRCLES.get(member)
