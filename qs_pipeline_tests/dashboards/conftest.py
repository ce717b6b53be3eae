"""Our own definition and the columns its data sets have; and a small definition in which every part is seen at once."""

import pytest

from qs_pipeline.dashboards.definition import Definition, JsonObject
from qs_pipeline.dashboards.folder import load
from qs_pipeline.definitions_dir import definitions_directory
from qs_pipeline.quicksight.table_map import TableMap, load_table_map

ColumnsBySet = dict[str, list[str]]


@pytest.fixture(scope="session")
def ours() -> Definition:
    return load(definitions_directory({}) / "dashboard")


@pytest.fixture(scope="session")
def maps(ours: Definition) -> dict[str, TableMap]:
    """The table maps of the data sets that our definition declares."""
    return {name: load_table_map(definitions_directory({}) / "datasets" / f"{name}.json") for name in ours.data_sets}


@pytest.fixture(scope="session")
def columns(maps: dict[str, TableMap]) -> ColumnsBySet:
    return {name: list(table_map.column_names) for name, table_map in maps.items()}


@pytest.fixture
def small() -> Definition:
    """Two sheets on two data sets. A table of ``fruit`` above a chart of ``crates``; neither needs the other."""
    return Definition(
        content={
            "DataSetIdentifierDeclarations": [{"Identifier": "fruit"}, {"Identifier": "crates"}],
            "CalculatedFields": [
                {"DataSetIdentifier": "fruit", "Name": "Price", "Expression": "{Cost} * ${markup}"},
                {"DataSetIdentifier": "fruit", "Name": "Twice", "Expression": "{Price} * 2"},
            ],
            "ParameterDeclarations": [
                {"IntegerParameterDeclaration": {"Name": "markup", "ParameterValueType": "SINGLE_VALUED"}}
            ],
            "FilterGroups": [_dear_fruit()],
            "ColumnConfigurations": [{"Column": _column("fruit", "Kind"), "Role": "DIMENSION"}],
            "Sheets": [_stock(), _sheet("prices", [_prices()], [])],
        },
        files={"stock": "sheets/01-stock.json", "prices": "sheets/02-prices.json"},
        file="dashboard.json",
    )


@pytest.fixture
def stalls() -> ColumnsBySet:
    """What the small definition needs to be shown as a whole."""
    return {"fruit": ["Kind", "Colour", "Cost", "Rank"], "crates": ["Place", "Count"]}


def _column(data_set: str, name: str) -> JsonObject:
    return {"DataSetIdentifier": data_set, "ColumnName": name}


def _dimension(field: str, data_set: str, name: str) -> JsonObject:
    return {"CategoricalDimensionField": {"FieldId": field, "Column": _column(data_set, name)}}


def _sheet(name: str, visuals: list[JsonObject], elements: list[JsonObject]) -> JsonObject:
    sheet: JsonObject = {"SheetId": name, "Name": name.title(), "Visuals": visuals}
    if elements:
        sheet["Layouts"] = [{"Configuration": {"GridLayout": {"Elements": elements}}}]
    return sheet


def _place(element: str, row: int, kind: str = "VISUAL") -> JsonObject:
    cells = {"ColumnIndex": 0, "ColumnSpan": 36, "RowIndex": row, "RowSpan": 10}
    return {"ElementId": element, "ElementType": kind, **cells}


def _stock() -> JsonObject:
    table: JsonObject = {
        "VisualId": "kinds",
        "Title": {"FormatText": {"PlainText": "Kinds"}},
        "ChartConfiguration": {
            "FieldWells": {
                "TableAggregatedFieldWells": {
                    "GroupBy": [
                        {"CategoricalDimensionField": {"FieldId": "kind", "Column": _column("fruit", "Kind")}},
                        _dimension("colour", "fruit", "Colour"),
                        _dimension("rank", "fruit", "Rank"),
                    ]
                }
            },
            "SortConfiguration": {"RowSort": [{"FieldSort": {"FieldId": "rank", "Direction": "ASC"}}]},
            "FieldOptions": {"SelectedFieldOptions": [{"FieldId": "rank", "Visibility": "HIDDEN"}]},
        },
    }
    chart: JsonObject = {
        "VisualId": "places",
        "Title": {"FormatText": {"PlainText": "Places"}},
        "ChartConfiguration": {
            "FieldWells": {
                "BarChartAggregatedFieldWells": {
                    "Category": [
                        {
                            "CategoricalDimensionField": {
                                "FieldId": "place",
                                "Column": _column("crates", "Place"),
                                "HierarchyId": "down",
                            }
                        }
                    ],
                    "Values": [{"NumericalMeasureField": {"FieldId": "count", "Column": _column("crates", "Count")}}],
                }
            }
        },
        "ColumnHierarchies": [
            {
                "ExplicitHierarchy": {
                    "HierarchyId": "down",
                    "Columns": [_column("crates", "Place"), _column("crates", "Count")],
                }
            }
        ],
        "Actions": [_highlight("kinds"), _go("prices")],
    }
    sheet = _sheet(
        "stock",
        [{"TableVisual": table}, {"BarChartVisual": chart}],
        [_place("kinds", 0), _place("places", 10), _place("note", 20, "TEXT_BOX")],
    )
    slider = {"SourceParameterName": "markup", "MinimumValue": 1, "MaximumValue": 9, "StepSize": 1}
    cells = {"Elements": [_place("markup-slider", 0, "PARAMETER_CONTROL")]}
    return sheet | {
        "TextBoxes": [{"SheetTextBoxId": "note", "Content": "<text-box>Fresh</text-box>"}],
        "ParameterControls": [{"Slider": {"ParameterControlId": "markup-slider", **slider}}],
        "SheetControlLayouts": [{"Configuration": {"GridLayout": cells}}],
    }


def _highlight(visual: str) -> JsonObject:
    targets = {"SameSheetTargetVisualConfiguration": {"TargetVisuals": [visual]}}
    operation = {
        "SelectedFieldsConfiguration": {"SelectedFieldOptions": "ALL_FIELDS"},
        "TargetVisualsConfiguration": targets,
    }
    return _action("highlight", {"FilterOperation": operation})


def _go(sheet: str) -> JsonObject:
    return _action("go", {"NavigationOperation": {"LocalNavigationConfiguration": {"TargetSheetId": sheet}}})


def _action(name: str, operation: JsonObject) -> JsonObject:
    return {"CustomActionId": name, "Name": name, "Trigger": "DATA_POINT_CLICK", "ActionOperations": [operation]}


def _prices() -> JsonObject:
    value = {"NumericalMeasureField": {"FieldId": "price", "Column": _column("fruit", "Twice")}}
    return {"KPIVisual": {"VisualId": "price", "ChartConfiguration": {"FieldWells": {"Values": [value]}}}}


def _dear_fruit() -> JsonObject:
    scope = [
        {"SheetId": "stock", "Scope": "SELECTED_VISUALS", "VisualIds": ["kinds"]},
        {"SheetId": "prices", "Scope": "ALL_VISUALS"},
    ]
    equality = {
        "FilterId": "dear-filter",
        "Column": _column("fruit", "Price"),
        "MatchOperator": "EQUALS",
        "Value": 1,
        "NullOption": "ALL_VALUES",
    }
    return {
        "FilterGroupId": "dear",
        "CrossDataset": "SINGLE_DATASET",
        "ScopeConfiguration": {"SelectedSheets": {"SheetVisualScopingConfigurations": scope}},
        "Filters": [{"NumericEqualityFilter": equality}],
    }
