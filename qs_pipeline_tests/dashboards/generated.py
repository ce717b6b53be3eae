"""Definitions made from the shapes of the service model, of any visual, filter, layout and control there is.

They are valid and mean nothing: what names a thing gets a name of its own or one of a few, and what refers to one gets
one of those few, or one that nobody bears.
"""

import random
from collections import Counter
from functools import cache

from qs_pipeline.dashboards.definition import ROOT, JsonObject
from qs_pipeline.dashboards.references import reference_kind
from qs_pipeline.service_model import Shape, shape

DATA_SETS = ("apples", "pears", "plums")
COLUMNS = ("Kind", "Cost", "Place", "Day")
PARAMETERS = ("limit", "start")
FIELDS = ("f1", "f2", "f3")
_KNOWN: dict[str, tuple[str, ...]] = {
    "data set": (*DATA_SETS, "ghosts"),
    "parameter": (*PARAMETERS, "nothing"),
    "field": (*FIELDS, "f9"),
    "hierarchy": ("h1", "h2"),
    "sheet": ("sheet-1", "sheet-2", "sheet-9"),
    "tooltip sheet": ("tip-1", "tip-9"),
    "filter": ("filter-1", "filter-2", "filter-9"),
}
_EXPRESSIONS = (
    "{Kind}",
    "sum({Cost}) / ${limit}",
    "ifelse({Day} > ${start}, {Cost}, NULL)",
    "{Total} * 2",
    "{Ghost}",
)
_TEXTS = ("x", "1px", "10px", "#112233", "12:00", "1", "https://example.org", "<<$limit>>", "${start}", "USD", "★")
_DEEP = 11


class Maker:
    """Makes one definition; equal seeds make equal ones."""

    def __init__(self, seed: int, *, dense: float = 0.6) -> None:
        self._random = random.Random(seed)  # noqa: S311 - definitions are no secrets
        self._dense = dense
        self._ids = Counter[str]()

    def definition(self) -> JsonObject:
        """Two or three sheets with some of everything."""
        content: JsonObject = {
            "DataSetIdentifierDeclarations": [{"Identifier": name, "DataSetArn": f"arn:{name}"} for name in DATA_SETS],
            "CalculatedFields": [
                {"DataSetIdentifier": name, "Name": made, "Expression": self._random.choice(_EXPRESSIONS)}
                for name in DATA_SETS
                for made in ("Total", "Ratio")
            ],
            "ParameterDeclarations": [
                {"IntegerParameterDeclaration": {"Name": name, "ParameterValueType": "SINGLE_VALUED"}}
                for name in PARAMETERS
            ],
            "Sheets": [self._sheet("SheetDefinition", f"sheet-{number}") for number in (1, 2)],
        }
        for member in ("FilterGroups", "ColumnConfigurations", "StaticFiles", "Options"):
            content[member] = self._make(shape(shape(ROOT).members[member]), 1)
        content["TooltipSheets"] = [self._sheet("TooltipSheetDefinition", "tip-1")]
        return content

    def _sheet(self, name: str, sheet_id: str) -> JsonObject:
        made = self._structure(shape(name), 1)
        visuals = [self._make(shape("Visual"), 2) for _ in range(self._random.randint(1, 3))]
        made |= {"SheetId": sheet_id, "Visuals": visuals}
        return made

    def _make(self, known: Shape, depth: int) -> object:
        if known.kind == "structure":
            return self._structure(known, depth)
        if known.kind == "list":
            least = int(known.minimum or 0)
            most = least + (1 if depth < _DEEP else 0)
            count = min(max(least, self._random.randint(least, most + 1)), int(known.maximum or 9))
            return [self._member(known.name, "[]", known.element or "", depth) for _ in range(count)]
        if known.kind == "map":
            return {}
        if known.kind == "boolean":
            return self._random.random() < 0.5
        if known.kind == "timestamp":
            return 0
        return self._text(known) if known.kind in {"string", "blob"} else max(int(known.minimum or 0), 1)

    def _structure(self, known: Shape, depth: int) -> JsonObject:
        members = [name for name in known.members if name in known.required]
        others = [name for name in known.members if name not in known.required]
        if not members and others and _is_choice(known.name):
            members = [self._random.choice(others)]
        elif depth < _DEEP:
            wanted = {"FieldWells", "ChartConfiguration", "Layouts", "ParameterControls", "FilterControls", "Actions"}
            members += [one for one in others if self._random.random() < (0.9 if one in wanted else self._dense)]
        return {name: self._member(known.name, name, known.members[name], depth + 1) for name in members}

    def _member(self, owner: str, member: str, target: str, depth: int) -> object:
        kind = reference_kind(owner, member)
        if kind:
            return self._random.choice(_KNOWN.get(kind, ("visual-1", "element-1", "nobody")))
        if target == "ColumnName" or member == "ColumnName":
            return self._random.choice((*COLUMNS, "Total", "Ghost"))
        if target in {"Expression", "CalculatedFieldExpression"}:
            return self._random.choice(_EXPRESSIONS)
        if target == "FieldId":
            return self._random.choice(FIELDS)
        if member in {"VisualId", "FilterId", "FilterGroupId"}:
            self._ids[member] += 1
            return f"{member[:-2].lower()}-{self._ids[member]}"
        return self._make(shape(target), depth)

    def _text(self, known: Shape) -> str:
        if known.enum:
            return self._random.choice(known.enum)
        least, most = int(known.minimum or 0), int(known.maximum or 99)
        fits = [text for text in _TEXTS if least <= len(text) <= most]
        fits = [text for text in fits if not known.pattern or known.pattern.fullmatch(text)]
        return self._random.choice(fits) if fits else "x" * least


@cache
def _is_choice(name: str) -> bool:
    """Whether a structure is a choice of one member: ``Visual``, ``Filter``, a control, a layout's configuration."""
    known = shape(name)
    targets = [shape(target) for target in known.members.values()]
    wrapped = len(targets) > 1 and all(one.kind == "structure" and one.required for one in targets)
    return known.is_union or name in {"Visual", "Filter", "Computation"} or (not known.required and wrapped)
