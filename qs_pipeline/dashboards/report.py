"""What pruning took out of a definition, and why."""

from dataclasses import dataclass

from .definition import JsonObject, objects, sheet_title, visual_title

# The shapes whose loss a reader wants to hear of; the rest (layout elements, formats) goes with them silently.
KINDS = {
    "DataSetIdentifierDeclaration": "data set",
    "SheetDefinition": "sheet",
    "TooltipSheetDefinition": "tooltip sheet",
    "Visual": "visual",
    "CalculatedField": "calculated field",
    "ParameterDeclaration": "parameter",
    "FilterGroup": "filter group",
    "Filter": "filter",
    "ParameterControl": "control",
    "FilterControl": "control",
    "VisualCustomAction": "action",
    "ColumnConfiguration": "column configuration",
    "ColumnHierarchy": "drill-down",
    "DimensionField": "field",
    "MeasureField": "field",
    "UnaggregatedField": "field",
    "FieldSortOptions": "sort order",
    "PivotFieldSortOptions": "sort order",
}
_NAMING = (
    *("Name", "Identifier", "Title", "ParameterControlId", "FilterControlId"),
    *("FilterGroupId", "FilterId", "HierarchyId", "FieldId", "ColumnName"),
)


@dataclass(frozen=True, kw_only=True)
class Removed:
    """One thing that pruning removed.

    Attributes:
        kind: ``sheet``, ``visual``, ``calculated field`` and so on.
        name: Its title or name; parts of a visual are led by the visual's title.
        sheet: The title of its sheet; empty for what belongs to the whole definition.
        because: What it needed and is not there.
    """

    kind: str
    name: str
    sheet: str
    because: str


def markdown(report: tuple[Removed, ...]) -> str:
    """``report`` as a markdown table, or a line that says that nothing was removed."""
    if not report:
        return "Nothing was removed."
    rows = ["| removed | name | sheet | because |", "|---|---|---|---|"]
    for one in report:
        cells = (one.kind, one.name, one.sheet, one.because)
        rows.append("| " + " | ".join(cell.replace("|", r"\|").replace("\n", " ") for cell in cells) + " |")
    return "\n".join(rows)


def name_of(shape_name: str, value: JsonObject) -> str:
    """How people call ``value``, a structure of one of ``KINDS``."""
    if shape_name == "Visual":
        return visual_title(value)
    if shape_name.endswith("SheetDefinition"):
        return sheet_title(value)
    if shape_name == "CalculatedField":
        return f"{value.get('DataSetIdentifier')}.{value.get('Name')}"
    inner = objects(list(value.values()))
    for candidate in (value, *inner, *(deep for one in inner for deep in objects(list(one.values())))):
        for key in _NAMING:
            if isinstance(name := candidate.get(key), str):
                return name
    return "(without a name)"
