"""Whether a part of a definition refers to something that is not there.

One answer for two askers: pruning removes what dangles, validation reports it, so that what one leaves the other
accepts. References are told by the shapes of the service model, never by the look of an id.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache

from qs_pipeline.service_model import below, nearest, shape

from .definition import ROOT, JsonObject
from .expressions import ExpressionError, references
from .names import FIELD_DEFINITIONS, Names, SheetNames, VisualNames


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Where a value stands: the definition's names, and those of the sheet and visual around it."""

    names: Names
    sheet: SheetNames | None = None
    visual: VisualNames | None = None


@dataclass(frozen=True, kw_only=True)
class Dangling:
    """Why a reference leads nowhere.

    Attributes:
        name: The name that is not known, among those in ``known`` that are.
    """

    because: str
    name: str = ""
    known: Collection[str] = ()

    @property
    def nearest(self) -> str | None:
        """The known name that was perhaps meant. Pruning never asks, and looking for it takes long."""
        return nearest(self.name, self.known)


# What a text at a place of the model refers to. Lists of ids are written as their list shape with "[]".
_KINDS: Mapping[tuple[str, str], str] = {
    ("LocalNavigationConfiguration", "TargetSheetId"): "sheet",
    ("SheetVisualScopingConfiguration", "SheetId"): "sheet",
    ("SheetTooltip", "SheetId"): "tooltip sheet",
    ("DataSetIdentifierDeclaration", "Identifier"): "data set",
    ("FilteredVisualsList", "[]"): "visual",
    ("TargetVisualList", "[]"): "visual",
    ("NonRepeatingVisualsList", "[]"): "visual",
    ("GridLayoutElement", "ElementId"): "element",
    ("FreeFormLayoutElement", "ElementId"): "element",
    ("SheetLayoutGroupMember", "Id"): "layout member",
    ("DestinationParameterValueConfiguration", "SourceParameterName"): "parameter",
    ("CascadingControlSource", "SourceSheetControlId"): "control",
    ("PivotTableFieldCollapseStateTarget", "FieldId"): "field",  # of a shape of its own, plain text
    ("GeospatialStaticFileSource", "StaticFileId"): "static file",
    ("SheetImageStaticFileSource", "StaticFileId"): "static file",
}
BELOW = "below"
_WHOLES = frozenset({"ColumnIdentifier", "Expression"})
_PARAMETER_DEFINITIONS = ("ParameterDeclaration", "MappedDataSetParameter")


def enter(shape_name: str, value: JsonObject, scope: Scope) -> Scope:
    """The scope inside ``value``, seen from ``scope`` around it: sheets, visuals and filter scopes have their own."""
    names = scope.names
    if shape_name == "Visual":
        return replace(scope, visual=VisualNames(value))
    if shape_name == "TooltipSheetDefinition":
        return replace(scope, sheet=names.tooltips.get(str(value.get("SheetId"))))
    if shape_name in {"SheetDefinition", "SheetVisualScopingConfiguration"}:
        return replace(scope, sheet=names.sheets.get(str(value.get("SheetId"))))
    return scope


@cache
def reference_kind(owner: str, member: str) -> str | None:
    """What the text at ``member`` of shape ``owner`` refers to; None where it refers to nothing."""
    if kind := _KINDS.get((owner, member)):
        return kind
    target = shape(owner).inside.get(member)
    if target == "FieldId" and not owner.endswith(FIELD_DEFINITIONS):
        return "field"
    if target == "ParameterName" and not owner.endswith(_PARAMETER_DEFINITIONS):
        return "parameter"
    if target == "HierarchyId" and owner.endswith(FIELD_DEFINITIONS):
        return "hierarchy"
    if target == "TopicIdentifier" and owner != "TopicIdentifierDeclaration":
        return "topic"
    return {"DataSetIdentifier": "data set", "SourceFilterId": "filter"}.get(member)


@cache
def ways(owner: str) -> Mapping[str, str | None]:
    """Of each member of ``owner``, and as ``[]`` of its items: the kind of reference that a text there is.

    ``BELOW`` where it is something below that refers, None where nothing does.
    """
    inside = shape(owner).inside
    return {
        member: reference_kind(owner, member) or (BELOW if refers(target) else None)
        for member, target in inside.items()
    }


@cache
def refers(shape_name: str) -> bool:
    """Whether anything in a value of a shape may dangle. Most of a definition is fonts and formats."""
    return not below(shape_name).isdisjoint(_referring())


@cache
def _referring() -> frozenset[str]:
    """The shapes that refer by a member or an item, and the two that do as a whole."""
    places = ((owner, member) for owner in below(ROOT) for member in shape(owner).inside)
    return _WHOLES | {owner for owner, member in places if reference_kind(owner, member)}


def dangling_name(kind: str, name: str, scope: Scope) -> Dangling | None:
    """Why ``name``, a reference of ``kind``, leads nowhere; None where it does lead somewhere."""
    known = _known(kind, scope)
    if known is None or name in known:
        return None
    if kind == "data set":
        return Dangling(because=f"data set {name} is absent", name=name, known=known)
    return Dangling(because=f"there is no {kind} {name}", name=name, known=known)


def dangling_structure(shape_name: str, value: JsonObject, scope: Scope) -> Dangling | None:
    """Why ``value``, of a shape that refers as a whole, leads nowhere: a column, a calculated field, an expression."""
    if shape_name == "ColumnIdentifier":
        return _column(value, scope.names)
    if shape_name == "CalculatedField":
        broken = scope.names.broken.get((str(value.get("DataSetIdentifier")), str(value.get("Name"))))
        return Dangling(because=broken) if broken else None
    if "Expression" in value and shape(shape_name).members.get("Expression") == "Expression":
        return _expression(value, scope)
    return None


def _known(kind: str, scope: Scope) -> Collection[str] | None:
    names, sheet, visual = scope.names, scope.sheet, scope.visual
    everywhere: Mapping[str, Collection[str]] = {
        "data set": names.columns,
        "parameter": names.parameters,
        "filter": names.filters,
        "sheet": names.sheets,
        "tooltip sheet": names.tooltips,
        "static file": names.static_files,
        "topic": names.topics,
    }
    if kind in everywhere:
        return everywhere[kind]
    if kind in {"field", "hierarchy"}:
        return visual and (visual.fields if kind == "field" else visual.hierarchies)
    if sheet is None:
        return None
    on_sheet: Mapping[str, Collection[str]] = {
        "visual": sheet.visual_ids,
        "element": sheet.elements,
        "control": sheet.controls,
        "layout member": sheet.elements | sheet.groups,
    }
    return on_sheet[kind]


def _column(value: JsonObject, names: Names) -> Dangling | None:
    data_set, column = value.get("DataSetIdentifier"), value.get("ColumnName")
    if isinstance(column, str) and "DataSetIdentifier" not in value and "TopicIdentifier" not in value:
        return Dangling(because=f"column {column} names no data set")
    if not isinstance(data_set, str) or not isinstance(column, str):
        return None
    if data_set not in names.columns:
        return Dangling(because=f"data set {data_set} is absent", name=data_set, known=names.columns)
    if column in names.columns[data_set]:
        return None
    if broken := names.broken.get((data_set, column)):
        return Dangling(because=f"calculated field {column} of {data_set} cannot be computed: {broken}")
    return Dangling(because=f"{data_set} has no column {column}", name=column, known=names.columns[data_set])


def _expression(value: JsonObject, scope: Scope) -> Dangling | None:
    """Expressions outside calculated fields: of the data set that stands beside them, else of those of the visual."""
    try:
        named = references(str(value["Expression"]))
    except ExpressionError as error:
        return Dangling(because=f"its expression cannot be read: {error}")
    names, visual = scope.names, scope.visual
    for parameter in named.parameters:
        if parameter not in names.parameters:
            return Dangling(because=f"parameter {parameter} is not declared", name=parameter, known=names.parameters)
    if isinstance(data_set := value.get("DataSetIdentifier"), str):
        lacking, sets, known = f"{data_set} has no", {data_set}, frozenset[str]()
    elif visual:
        lacking, sets, known = "no data set of the visual has a", visual.data_sets, visual.fields
    else:
        return None
    known = known.union(*(names.columns.get(one, ()) for one in sets))
    for field in named.fields:
        if field not in known:
            return Dangling(because=f"{lacking} column {field}", name=field, known=known)
    return None
