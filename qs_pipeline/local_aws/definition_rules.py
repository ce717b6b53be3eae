"""What a dashboard definition may not do: bear an id twice, or refer to what does not exist.

Bounds, types and names of members are the service model's and have been checked before. Twofold ids refuse the call;
dangling references make the version fail to build. Knows definitions only: the columns of a data set are asked for.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from qs_pipeline.local_aws.state import Doc
from qs_pipeline.service_model import Node, Path, render, walk

_SHAPE = "DashboardVersionDefinition"

ColumnsOf = Callable[[str], dict[str, str] | None]
"""A data set's column types by name from its ARN; None where there is no such data set."""

_ELEMENT_IDS = {
    "VISUAL": "VisualId",
    "FILTER_CONTROL": "FilterControlId",
    "PARAMETER_CONTROL": "ParameterControlId",
    "TEXT_BOX": "SheetTextBoxId",
    "IMAGE": "SheetImageId",
}
# Members that bear the id of what they stand in, by the shapes in which they do; elsewhere they refer.
_BEARERS = {
    "SheetId": re.compile("SheetDefinition"),
    "VisualId": re.compile(".*Visual"),
    "FilterId": re.compile(".*Filter"),
    "FilterGroupId": re.compile("FilterGroup"),
    "FilterControlId": re.compile("Filter.*Control"),
    "ParameterControlId": re.compile("Parameter.*Control"),
    "SheetTextBoxId": re.compile("SheetTextBox"),
    "SheetImageId": re.compile("SheetImage"),
}
_NUMBERS = frozenset({"INTEGER", "DECIMAL"})
_TYPED = {
    "NumericalDimensionField": _NUMBERS,
    "NumericalMeasureField": _NUMBERS,
    "NumericEqualityFilter": _NUMBERS,
    "NumericRangeFilter": _NUMBERS,
    "DateDimensionField": frozenset({"DATETIME"}),
    "DateMeasureField": frozenset({"DATETIME"}),
    "TimeEqualityFilter": frozenset({"DATETIME"}),
    "TimeRangeFilter": frozenset({"DATETIME"}),
    "RelativeDatesFilter": frozenset({"DATETIME"}),
}
_EXPRESSION_PARTS = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|(\$?)\{([^}]*)\}")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One error of a version, with the type, message and path that QuickSight would report."""

    type: str
    message: str
    path: Path

    def shown(self) -> Doc:
        """The error as the API answers it."""
        return {"Type": self.type, "Message": self.message, "ViolatedEntities": [{"Path": render(self.path)}]}


@dataclass(kw_only=True)
class _Inventory:
    """What a definition declares; ``on_sheet`` holds (sheet id, member, id), ``columns`` None for a lost data set."""

    columns: dict[str, dict[str, str] | None] = field(default_factory=dict[str, Any])
    parameters: set[str] = field(default_factory=set[str])
    ids: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    on_sheet: set[tuple[str, str, str]] = field(default_factory=set[tuple[str, str, str]])


def duplicates(definition: Doc) -> list[str]:
    """Every id, name or identifier that is borne twice, told in a few words; visuals count across all sheets."""
    borne = Counter((member, name) for _, member, name in _borne(definition))
    borne.update(("data set identifier", one["Identifier"]) for one in definition["DataSetIdentifierDeclarations"])
    borne.update(("parameter", name) for name in _parameter_names(definition))
    borne.update(
        (f"calculated field of {one['DataSetIdentifier']}", one["Name"])
        for one in definition.get("CalculatedFields", [])
    )
    return [f"{what} {name!r} is borne {times} times" for (what, name), times in borne.items() if times > 1]


def problems(definition: Doc, columns_of: ColumnsOf) -> list[Problem]:
    """Every dangling reference of the definition, in its order."""
    inventory = _Inventory(parameters=set(_parameter_names(definition)))
    found: list[Problem] = []
    for place, declared in enumerate(definition["DataSetIdentifierDeclarations"]):
        columns = columns_of(declared["DataSetArn"])
        inventory.columns[declared["Identifier"]] = columns and dict(columns)
        if columns is None:
            message = f"the data set {declared['DataSetArn']} of {declared['Identifier']!r} is not found"
            path = ("DataSetIdentifierDeclarations", place)
            found.append(Problem(type="DATA_SET_NOT_FOUND", message=message, path=path))
    for calculated in definition.get("CalculatedFields", []):
        of_set = inventory.columns.get(calculated["DataSetIdentifier"])
        if of_set is not None:
            of_set[calculated["Name"]] = ""  # its type is not worked out
    for path, member, name in _borne(definition):
        inventory.ids.add((member, name))
        if path[0] == "Sheets":
            inventory.on_sheet.add((_sheet(definition, path), member, name))
    for node in walk(_SHAPE, definition):
        found.extend(_problems_at(node, inventory, definition))
    return found


def _problems_at(node: Node, inventory: _Inventory, definition: Doc) -> Iterator[Problem]:
    value: Any = node.value
    if node.shape == "DataSetIdentifier" and value not in inventory.columns:
        yield Problem(
            type="DATA_SET_NOT_FOUND", message=f"the data set identifier {value!r} is not declared", path=node.path
        )
    elif node.shape == "ParameterName" and value not in inventory.parameters:
        yield Problem(type="PARAMETER_NOT_FOUND", message=f"the parameter {value!r} is not declared", path=node.path)
    elif node.shape == "ColumnIdentifier":
        yield from _column_problems(value["DataSetIdentifier"], value["ColumnName"], node.path, inventory)
    elif node.shape == "CalculatedField":
        yield from _expression_problems(value, node.path, inventory)
    elif node.shape in _TYPED and "Column" in value:
        yield from _type_problems(node, inventory)
    yield from _id_problems(node, inventory, definition)


def _column_problems(identifier: str, column: str, path: Path, inventory: _Inventory) -> Iterator[Problem]:
    columns = inventory.columns.get(identifier)
    if columns is not None and column not in columns:
        message = f"the data set {identifier!r} has neither a column nor a calculated field {column!r}"
        yield Problem(type="COLUMN_REPLACEMENT_MISSING", message=message, path=path)


def _expression_problems(calculated: Doc, path: Path, inventory: _Inventory) -> Iterator[Problem]:
    for dollar, name in _EXPRESSION_PARTS.findall(calculated["Expression"]):
        if dollar and name not in inventory.parameters:
            message = f"the calculated field {calculated['Name']!r} uses the parameter {name!r}, which is not declared"
            yield Problem(type="PARAMETER_NOT_FOUND", message=message, path=(*path, "Expression"))
        elif name and not dollar:
            yield from _column_problems(calculated["DataSetIdentifier"], name, (*path, "Expression"), inventory)


def _type_problems(node: Node, inventory: _Inventory) -> Iterator[Problem]:
    column: Doc = node.value["Column"]
    held = (inventory.columns.get(column["DataSetIdentifier"]) or {}).get(column["ColumnName"])
    if held and held not in _TYPED[node.shape]:
        wanted = " or ".join(sorted(_TYPED[node.shape]))
        message = f"{node.shape} wants {wanted}; {column['ColumnName']!r} of {column['DataSetIdentifier']!r} is {held}"
        yield Problem(type="COLUMN_TYPE_MISMATCH", message=message, path=(*node.path, "Column"))


def _id_problems(node: Node, inventory: _Inventory, definition: Doc) -> Iterator[Problem]:
    """References to sheets, and to visuals, controls and texts, which must be on the sheet that is meant."""
    if not isinstance(node.value, dict):
        return
    value = cast("Doc", node.value)
    wanted: list[tuple[str, str, str | None]] = []
    if "ElementId" in value:
        member = _ELEMENT_IDS[value["ElementType"]]
        wanted.append((member, value["ElementId"], _sheet(definition, node.path)))
    if node.shape == "SheetVisualScopingConfiguration":
        wanted.append(("SheetId", value["SheetId"], None))
        wanted.extend(("VisualId", name, value["SheetId"]) for name in value.get("VisualIds", []))
    if node.shape == "SameSheetTargetVisualConfiguration":
        wanted.extend(("VisualId", name, _sheet(definition, node.path)) for name in value.get("TargetVisuals", []))
    for key, member in (("SourceFilterId", "FilterId"), ("TargetSheetId", "SheetId")):
        if key in value:
            wanted.append((member, value[key], None))
    if node.shape == "SheetTooltip" and "SheetId" in value:
        wanted.append(("SheetId", value["SheetId"], None))
    for member, name, sheet in wanted:
        known = (member, name) in inventory.ids if sheet is None else (sheet, member, name) in inventory.on_sheet
        if not known:
            where = f" on sheet {sheet!r}" if sheet else ""
            yield Problem(type="SOURCE_NOT_FOUND", message=f"there is no {member} {name!r}{where}", path=node.path)


def _borne(definition: Doc) -> Iterator[tuple[Path, str, str]]:
    """Every id that something bears: where, in which member, which id."""
    for node in walk(_SHAPE, definition):
        if isinstance(node.value, dict):
            value = cast("Doc", node.value)
            for member, shapes in _BEARERS.items():
                if member in value and shapes.fullmatch(node.shape):
                    yield node.path, member, value[member]


def _parameter_names(definition: Doc) -> Iterator[str]:
    for declaration in definition.get("ParameterDeclarations", []):
        yield from (declared["Name"] for declared in declaration.values())


def _sheet(definition: Doc, path: Path) -> str:
    """The id of the sheet on which ``path`` lies."""
    return definition["Sheets"][path[1]]["SheetId"]
