"""A small dashboard over one data set, and the few calls that tests make about it."""

import copy
from typing import Any

from qs_pipeline_tests.local_aws.world import ACCOUNT as A
from qs_pipeline_tests.local_aws.world import World

DATA_SET = f"arn:aws:quicksight:us-east-1:{A}:dataset/t"


def column(name: str, data_set: str = "T") -> dict[str, str]:
    """A column as definitions name it."""
    return {"DataSetIdentifier": data_set, "ColumnName": name}


DEFINITION: dict[str, Any] = {
    "DataSetIdentifierDeclarations": [{"Identifier": "T", "DataSetArn": DATA_SET}],
    "CalculatedFields": [{"DataSetIdentifier": "T", "Name": "double", "Expression": "{n} * 2 + ${factor}"}],
    "ParameterDeclarations": [
        {"IntegerParameterDeclaration": {"ParameterValueType": "SINGLE_VALUED", "Name": "factor"}}
    ],
    "FilterGroups": [
        {
            "FilterGroupId": "group",
            "CrossDataset": "SINGLE_DATASET",
            "Filters": [
                {
                    "NumericRangeFilter": {
                        "FilterId": "range",
                        "Column": column("n"),
                        "NullOption": "ALL_VALUES",
                        "RangeMinimum": {"Parameter": "factor"},
                    }
                }
            ],
            "ScopeConfiguration": {
                "SelectedSheets": {
                    "SheetVisualScopingConfigurations": [
                        {"SheetId": "sheet", "Scope": "SELECTED_VISUALS", "VisualIds": ["bars"]}
                    ]
                }
            },
        }
    ],
    "Sheets": [
        {
            "SheetId": "sheet",
            "Name": "Sheet",
            "ParameterControls": [
                {
                    "Slider": {
                        "ParameterControlId": "slider",
                        "Title": "Factor",
                        "SourceParameterName": "factor",
                        "MinimumValue": 0,
                        "MaximumValue": 1,
                        "StepSize": 1,
                    }
                }
            ],
            "TextBoxes": [{"SheetTextBoxId": "title", "Content": "Title"}],
            "Visuals": [
                {
                    "BarChartVisual": {
                        "VisualId": "bars",
                        "ChartConfiguration": {
                            "FieldWells": {
                                "BarChartAggregatedFieldWells": {
                                    "Category": [
                                        {"CategoricalDimensionField": {"FieldId": "c", "Column": column("id")}}
                                    ],
                                    "Values": [
                                        {
                                            "NumericalMeasureField": {
                                                "FieldId": "v",
                                                "Column": column("double"),
                                                "AggregationFunction": {"SimpleNumericalAggregation": "SUM"},
                                            }
                                        }
                                    ],
                                }
                            }
                        },
                    }
                }
            ],
            "Layouts": [
                {
                    "Configuration": {
                        "GridLayout": {
                            "Elements": [
                                {"ElementId": name, "ElementType": kind, "ColumnSpan": 4, "RowSpan": 4}
                                for name, kind in (
                                    ("bars", "VISUAL"),
                                    ("title", "TEXT_BOX"),
                                    ("slider", "PARAMETER_CONTROL"),
                                )
                            ]
                        }
                    }
                }
            ],
        }
    ],
}


def create(world: World, definition: dict[str, Any], **more: object) -> dict[str, Any]:
    """Create the dashboard; the reply."""
    return world.qs.create_dashboard(AwsAccountId=A, DashboardId="d", Name="D", Definition=definition, **more)


def update(world: World, definition: dict[str, Any]) -> dict[str, Any]:
    """Make its next version; the reply."""
    return world.qs.update_dashboard(AwsAccountId=A, DashboardId="d", Name="D", Definition=definition)


def version_of(world: World, number: int | None = None) -> dict[str, Any]:
    """A version as described now: of this number, or the published one."""
    chosen = {} if number is None else {"VersionNumber": number}
    return world.qs.describe_dashboard(AwsAccountId=A, DashboardId="d", **chosen)["Dashboard"]["Version"]


def publish(world: World, number: int) -> None:
    """Publish a version."""
    world.qs.update_dashboard_published_version(AwsAccountId=A, DashboardId="d", VersionNumber=number)


def changed(*path: str | int, to: object) -> dict[str, Any]:
    """The definition with the value at ``path`` replaced."""
    definition = copy.deepcopy(DEFINITION)
    place: Any = definition
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return definition
