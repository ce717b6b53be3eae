"""What pruning leaves, held by a second reader that knows references by their names alone and shares nothing with it.

Botocore's own validator says whether lists of at least one and required members are kept.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, cast

import botocore.session
from botocore.validate import ParamValidator

from qs_pipeline.dashboards.definition import Definition
from qs_pipeline.dashboards.prune import prune
from qs_pipeline_tests.dashboards.generated import COLUMNS, DATA_SETS, Maker

Found = Iterator[tuple[str, str, set[str]]]
SEEDS = range(200)
# What refers by a name, and at least how often it must be seen in what is left of all the definitions.
SEEN = {
    "DataSetIdentifier": 1000,
    "ElementId": 10,
    "SourceFilterId": 1,
    "SourceParameterName": 20,
    "ParameterName": 5,
    "DestinationParameterName": 5,
    "TargetSheetId": 5,
    "SheetId of a scope": 5,
    "SheetId of a tooltip": 5,
    "VisualIds": 1,
    "TargetVisuals": 1,
    "ColumnName": 500,
    "${parameter}": 20,
    "{field}": 20,
}


ELEMENTS = ("FilterControlId", "ParameterControlId", "SheetTextBoxId", "SheetImageId")


def is_text(value: object) -> bool:
    """Whether there is a name at all."""
    return isinstance(value, str)


def walk(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:  # noqa: ANN401
    """Every object below a value, with the names that lead to it."""
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        yield path, members
        for name, inner in members.items():
            yield from walk(inner, (*path, name))
    elif isinstance(value, list):
        for inner in cast("list[Any]", value):
            yield from walk(inner, path)


def ids(value: Any, *names: str) -> set[str]:  # noqa: ANN401
    """What is named by these members anywhere below a value."""
    return {each[name] for _, each in walk(value) for name in names if isinstance(each.get(name), str)}


class Reader:
    """What a definition declares, and what it refers to: kind, name, and what there is of the kind."""

    def __init__(self, content: dict[str, Any], columns: Mapping[str, AbstractSet[str]]) -> None:
        self.content, self.sheets = content, content.get("Sheets", [])
        parameters = ids(content.get("ParameterDeclarations", []), "Name")
        self.visuals = {each["SheetId"]: ids(each.get("Visuals", []), "VisualId") for each in self.sheets}
        self.tooltips = ids(content.get("TooltipSheets", []), "SheetId")
        self.known = {
            "DataSetIdentifier": ids(content.get("DataSetIdentifierDeclarations", []), "Identifier"),
            "SourceFilterId": ids(content.get("FilterGroups", []), "FilterId"),
            "SourceParameterName": parameters,
            "ParameterName": parameters,
            "DestinationParameterName": parameters,
            "TargetSheetId": set(self.visuals),
        }
        self.fields = {name: set(kept) for name, kept in columns.items()}
        for each in content.get("CalculatedFields", []):
            self.fields.setdefault(each["DataSetIdentifier"], set()).add(each["Name"])

    def references(self) -> Found:
        """All of them."""
        for path, each in walk(self.content):
            yield from ((name, each[name], known) for name, known in self.known.items() if is_text(each.get(name)))
            yield from self._scopes(path[-1] if path else "", each)
            yield from self._columns(each)
        for sheet in self.sheets:
            elements = self.visuals[sheet["SheetId"]] | ids(sheet, *ELEMENTS)
            for _, each in walk(sheet):
                yield from (
                    ("TargetVisuals", one, self.visuals[sheet["SheetId"]]) for one in each.get("TargetVisuals", [])
                )
                if is_text(each.get("ElementId")):
                    yield "ElementId", each["ElementId"], elements

    def _scopes(self, inside: str, each: dict[str, Any]) -> Found:
        if inside == "SheetTooltip" and is_text(each.get("SheetId")):
            yield "SheetId of a tooltip", each["SheetId"], self.tooltips
        if inside == "SheetVisualScopingConfigurations":
            yield "SheetId of a scope", each["SheetId"], set(self.visuals)
            there = self.visuals.get(each["SheetId"], set())
            yield from (("VisualIds", visual, there) for visual in each.get("VisualIds", []))

    def _columns(self, each: dict[str, Any]) -> Found:
        text, known = str(each.get("Expression", "")), self.fields.get(each.get("DataSetIdentifier", ""), set())
        yield from (("${parameter}", one, self.known["ParameterName"]) for one in re.findall(r"\$\{(\w+)\}", text))
        if "DataSetIdentifier" in each:
            yield from (("{field}", one, known) for one in re.findall(r"(?<!\$)\{(\w+)\}", text))
            if "ColumnName" in each:
                yield "ColumnName", each["ColumnName"], known


def test_no_name_that_is_left_leads_to_what_is_gone() -> None:
    service: Any = botocore.session.get_session().get_service_model("quicksight")
    shape = service.operation_model("CreateDashboard").input_shape.members["Definition"]
    validator, seen = ParamValidator(), Counter[str]()
    for seed in SEEDS:
        definition = Definition(content=Maker(seed).definition())
        # Every third definition lacks a data set, every second a column.
        columns: dict[str, set[str]] = {name: set(COLUMNS) for at, name in enumerate(DATA_SETS) if seed % 3 or at}
        if seed % 2:
            columns["plums"].discard("Cost")
        pruned = prune(definition, {name: sorted(kept) for name, kept in columns.items()})
        if pruned.is_empty:
            continue
        content: Any = json.loads(json.dumps(pruned.definition.content))
        for kind, name, known in Reader(content, columns).references():
            assert name in known, f"seed {seed}: {kind} {name} leads nowhere"
            seen[kind] += 1
        wrong = validator.validate(content, shape)
        assert not wrong.has_errors(), f"seed {seed}: {wrong.generate_report()}"
    assert {kind: seen[kind] for kind, least in SEEN.items() if seen[kind] < least} == {}
