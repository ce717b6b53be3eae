"""What a definition may not do: refer to what does not exist, bear an id twice, pass QuickSight's limits."""

import pytest
from botocore.exceptions import ClientError

from qs_pipeline_tests.local_aws.board import DATA_SET, DEFINITION, changed, column, create, version_of
from qs_pipeline_tests.local_aws.world import ACCOUNT as A
from qs_pipeline_tests.local_aws.world import World

VISUAL = ("Sheets", 0, "Visuals", 0, "BarChartVisual")
WELLS = (*VISUAL, "ChartConfiguration", "FieldWells", "BarChartAggregatedFieldWells")
SCOPE = ("FilterGroups", 0, "ScopeConfiguration", "SelectedSheets", "SheetVisualScopingConfigurations", 0)
ELEMENT = ("Sheets", 0, "Layouts", 0, "Configuration", "GridLayout", "Elements")
DANGLING = {
    "data set": (("DataSetIdentifierDeclarations", 0, "DataSetArn"), f"{DATA_SET}x", "DATA_SET_NOT_FOUND"),
    "identifier": (
        (*WELLS, "Category", 0, "CategoricalDimensionField", "Column"),
        column("id", "U"),
        "DATA_SET_NOT_FOUND",
    ),
    "column": (
        (*WELLS, "Category", 0, "CategoricalDimensionField", "Column"),
        column("gone"),
        "COLUMN_REPLACEMENT_MISSING",
    ),
    "column in an expression": (("CalculatedFields", 0, "Expression"), "{gone}", "COLUMN_REPLACEMENT_MISSING"),
    "parameter in an expression": (("CalculatedFields", 0, "Expression"), "${gone}", "PARAMETER_NOT_FOUND"),
    "parameter of a filter": (
        ("FilterGroups", 0, "Filters", 0, "NumericRangeFilter", "RangeMinimum", "Parameter"),
        "gone",
        "PARAMETER_NOT_FOUND",
    ),
    "parameter of a control": (
        ("Sheets", 0, "ParameterControls", 0, "Slider", "SourceParameterName"),
        "gone",
        "PARAMETER_NOT_FOUND",
    ),
    "sheet of a scope": ((*SCOPE, "SheetId"), "gone", "SOURCE_NOT_FOUND"),
    "visual of a scope": ((*SCOPE, "VisualIds"), ["gone"], "SOURCE_NOT_FOUND"),
    "visual of a layout": ((*ELEMENT, 0, "ElementId"), "gone", "SOURCE_NOT_FOUND"),
    "text of a layout": ((*ELEMENT, 1, "ElementId"), "gone", "SOURCE_NOT_FOUND"),
    "control of a layout": ((*ELEMENT, 2, "ElementId"), "gone", "SOURCE_NOT_FOUND"),
    "type": (
        (*WELLS, "Values", 0, "NumericalMeasureField", "Column"),
        column("day"),
        "COLUMN_TYPE_MISMATCH",
    ),
}


@pytest.mark.parametrize("what", DANGLING)
def test_a_dangling_reference_fails_the_version_with_its_place(ready: World, what: str) -> None:
    path, value, kind = DANGLING[what]
    create(ready, changed(*path, to=value))
    ready.clock.now += 20
    version = version_of(ready)
    assert version["Status"] == "CREATION_FAILED"
    places = [(error["Type"], error["ViolatedEntities"][0]["Path"]) for error in version["Errors"]]
    start = f"{path[0]}[{path[1]}]"
    assert any(found == kind and place.startswith(start) for found, place in places), places


def test_quoted_braces_in_an_expression_are_no_columns(ready: World) -> None:
    create(ready, changed("CalculatedFields", 0, "Expression", to="concat({id}, '{no column}')"))
    ready.clock.now += 20
    assert version_of(ready)["Status"] == "CREATION_SUCCESSFUL"


def test_a_lenient_version_succeeds_with_its_errors(ready: World) -> None:
    create(ready, changed("CalculatedFields", 0, "Expression", to="{gone}"), ValidationStrategy={"Mode": "LENIENT"})
    ready.clock.now += 20
    described = ready.qs.describe_dashboard_definition(AwsAccountId=A, DashboardId="d")
    assert described["ResourceStatus"] == "CREATION_SUCCESSFUL"
    assert [error["Type"] for error in described["Errors"]] == ["COLUMN_REPLACEMENT_MISSING"]


def test_ids_that_are_borne_twice_are_refused(ready: World) -> None:
    sheet = DEFINITION["Sheets"][0]
    bars = sheet["Visuals"][0]
    for broken, told in (
        (changed("Sheets", to=[sheet, {"SheetId": "sheet"}]), "SheetId 'sheet'"),
        (changed("Sheets", 0, "Visuals", to=[bars, bars]), "VisualId 'bars'"),
        (changed("ParameterDeclarations", to=DEFINITION["ParameterDeclarations"] * 2), "parameter 'factor'"),
        (changed("CalculatedFields", to=DEFINITION["CalculatedFields"] * 2), "'double'"),
        (changed("FilterGroups", to=DEFINITION["FilterGroups"] * 2), "FilterId 'range'"),
    ):
        with pytest.raises(ready.qs.exceptions.InvalidParameterValueException, match=told):
            create(ready, broken)


def test_definitions_beyond_the_limits_are_refused(ready: World) -> None:
    declared = [{"Identifier": f"T{number}", "DataSetArn": DATA_SET} for number in range(51)]
    sheets = [{"SheetId": f"s{number}"} for number in range(21)]
    visuals = [{"EmptyVisual": {"VisualId": f"v{number}", "DataSetIdentifier": "T"}} for number in range(76)]
    for broken, told in (
        (changed("DataSetIdentifierDeclarations", to=declared), "at most 50"),
        (changed("Sheets", to=sheets), "at most 20"),
        (changed("Sheets", 0, "Visuals", to=visuals), "at most 75"),
        (changed(*SCOPE[:-1], to=[]), "at least 1"),
        (changed(*VISUAL, "VisualId", to="no spaces"), "does not match"),
    ):
        with pytest.raises(ClientError, match=f"ValidationException.*{told}"):
            create(ready, broken)
