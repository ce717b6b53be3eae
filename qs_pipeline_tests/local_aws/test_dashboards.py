"""Dashboard versions build, succeed or fail, and are published; definitions may not refer to what does not exist."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from qs_pipeline.local_aws import LocalAws
from qs_pipeline_tests.local_aws.world import ACCOUNT as A
from qs_pipeline_tests.local_aws.world import World

DATA_SET = f"arn:aws:quicksight:us-east-1:{A}:dataset/t"


def _column(name: str, data_set: str = "T") -> dict[str, str]:
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
                        "Column": _column("n"),
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
                                        {"CategoricalDimensionField": {"FieldId": "c", "Column": _column("id")}}
                                    ],
                                    "Values": [
                                        {
                                            "NumericalMeasureField": {
                                                "FieldId": "v",
                                                "Column": _column("double"),
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


@pytest.fixture
def ready(world: World) -> World:
    """The world with the data set that the definition shows."""
    world.data_set("t", "id,n,day\nx,1,2024-01-02\n", {"id": "STRING", "n": "INTEGER", "day": "DATETIME"})
    return world


def _create(world: World, definition: dict[str, Any], **more: object) -> dict[str, Any]:
    return world.qs.create_dashboard(AwsAccountId=A, DashboardId="d", Name="D", Definition=definition, **more)


def _update(world: World, definition: dict[str, Any]) -> dict[str, Any]:
    return world.qs.update_dashboard(AwsAccountId=A, DashboardId="d", Name="D", Definition=definition)


def _version(world: World, number: int | None = None) -> dict[str, Any]:
    chosen = {} if number is None else {"VersionNumber": number}
    return world.qs.describe_dashboard(AwsAccountId=A, DashboardId="d", **chosen)["Dashboard"]["Version"]


def _publish(world: World, number: int) -> None:
    world.qs.update_dashboard_published_version(AwsAccountId=A, DashboardId="d", VersionNumber=number)


def _changed(*path: str | int, to: object) -> dict[str, Any]:
    """The definition with the value at ``path`` replaced."""
    definition = copy.deepcopy(DEFINITION)
    place: Any = definition
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return definition


def test_a_created_dashboard_builds_and_its_first_version_is_published(ready: World) -> None:
    created = _create(ready, DEFINITION, Tags=[{"Key": "k", "Value": "v"}])
    assert created["Status"] == 202
    assert created["VersionArn"].endswith(":dashboard/d/version/1")
    assert _version(ready)["Status"] == "CREATION_IN_PROGRESS"
    assert "PublishedVersionNumber" not in ready.qs.list_dashboards(AwsAccountId=A)["DashboardSummaryList"][0]
    ready.clock.now += 20
    version = _version(ready)
    assert (version["Status"], version["VersionNumber"]) == ("CREATION_SUCCESSFUL", 1)
    assert version["DataSetArns"] == [DATA_SET]
    assert version["Sheets"] == [{"SheetId": "sheet", "Name": "Sheet"}]
    summary = ready.qs.list_dashboards(AwsAccountId=A)["DashboardSummaryList"][0]
    assert summary["PublishedVersionNumber"] == 1
    described = ready.qs.describe_dashboard_definition(AwsAccountId=A, DashboardId="d")
    assert described["Definition"] == DEFINITION
    assert described["ResourceStatus"] == "CREATION_SUCCESSFUL"
    assert ready.qs.list_tags_for_resource(ResourceArn=created["Arn"])["Tags"] == [{"Key": "k", "Value": "v"}]


def test_an_update_makes_a_version_that_is_not_shown_until_published(ready: World) -> None:
    _create(ready, DEFINITION)
    ready.clock.now += 20
    updated = _update(ready, DEFINITION)
    assert updated["Status"] == 200
    assert updated["VersionArn"].endswith("/version/2")
    ready.clock.now += 20
    assert _version(ready)["VersionNumber"] == 1
    assert _version(ready, 2)["Status"] == "CREATION_SUCCESSFUL"
    _publish(ready, 2)
    assert _version(ready)["VersionNumber"] == 2
    _publish(ready, 1)
    assert _version(ready)["VersionNumber"] == 1


def test_a_dashboard_of_a_template_fails_since_there_is_no_template(ready: World) -> None:
    template = f"arn:aws:quicksight:us-east-1:{A}:template/x"
    source = {
        "SourceTemplate": {"Arn": template, "DataSetReferences": [{"DataSetPlaceholder": "T", "DataSetArn": DATA_SET}]}
    }
    ready.qs.create_dashboard(AwsAccountId=A, DashboardId="d", Name="D", SourceEntity=source)
    ready.clock.now += 60
    version = ready.qs.describe_dashboard(AwsAccountId=A, DashboardId="d")["Dashboard"]["Version"]
    assert (version["Status"], version["SourceEntityArn"]) == ("CREATION_FAILED", template)
    assert version["DataSetArns"] == [DATA_SET]
    assert version["Errors"][0]["Type"] == "SOURCE_NOT_FOUND"
    assert "not emulated" in version["Errors"][0]["Message"]
    assert "Definition" not in ready.qs.describe_dashboard_definition(AwsAccountId=A, DashboardId="d")
    with pytest.raises(ready.qs.exceptions.InvalidParameterValueException, match="there are both"):
        ready.qs.update_dashboard(AwsAccountId=A, DashboardId="d", Name="D", SourceEntity=source, Definition=DEFINITION)


def test_a_version_that_builds_can_be_neither_published_nor_granted(ready: World) -> None:
    grant = {
        "Principal": f"arn:aws:quicksight:us-east-1:{A}:user/default/u",
        "Actions": ["quicksight:DescribeDashboard"],
    }
    _create(ready, DEFINITION)
    ready.clock.now += 20
    _update(ready, DEFINITION)
    with pytest.raises(ready.qs.exceptions.ConflictException):
        _publish(ready, 2)
    with pytest.raises(ready.qs.exceptions.ConflictException):
        ready.qs.update_dashboard_permissions(AwsAccountId=A, DashboardId="d", GrantPermissions=[grant])
    ready.clock.now += 20
    _publish(ready, 2)
    granted = ready.qs.update_dashboard_permissions(AwsAccountId=A, DashboardId="d", GrantPermissions=[grant])
    assert granted["Permissions"] == [grant]


def test_a_failed_version_leaves_the_published_one_and_cannot_be_published(ready: World) -> None:
    _create(ready, DEFINITION)
    ready.clock.now += 20
    _version(ready)
    _update(ready, _changed("CalculatedFields", 0, "Expression", to="{gone}"))
    ready.clock.now += 20
    failed = _version(ready, 2)
    assert failed["Status"] == "CREATION_FAILED"
    with pytest.raises(ready.qs.exceptions.InvalidParameterValueException, match="failed to build"):
        _publish(ready, 2)
    assert _version(ready)["VersionNumber"] == 1


def test_a_failed_first_version_stays_described_and_listed_and_a_good_second_is_published(ready: World) -> None:
    _create(ready, _changed("DataSetIdentifierDeclarations", 0, "DataSetArn", to=f"{DATA_SET}-gone"))
    ready.clock.now += 20
    assert _version(ready)["Status"] == "CREATION_FAILED"
    assert _version(ready)["Errors"][0]["Type"] == "DATA_SET_NOT_FOUND"
    assert len(ready.qs.list_dashboards(AwsAccountId=A)["DashboardSummaryList"]) == 1
    with pytest.raises(ready.qs.exceptions.ResourceExistsException):
        _create(ready, DEFINITION)
    _update(ready, DEFINITION)
    ready.clock.now += 20
    _publish(ready, 2)
    versions = ready.qs.list_dashboard_versions(AwsAccountId=A, DashboardId="d")["DashboardVersionSummaryList"]
    assert [(one["VersionNumber"], one["Status"]) for one in versions] == [
        (1, "CREATION_FAILED"),
        (2, "CREATION_SUCCESSFUL"),
    ]


VISUAL = ("Sheets", 0, "Visuals", 0, "BarChartVisual")
WELLS = (*VISUAL, "ChartConfiguration", "FieldWells", "BarChartAggregatedFieldWells")
SCOPE = ("FilterGroups", 0, "ScopeConfiguration", "SelectedSheets", "SheetVisualScopingConfigurations", 0)
ELEMENT = ("Sheets", 0, "Layouts", 0, "Configuration", "GridLayout", "Elements")
DANGLING = {
    "data set": (("DataSetIdentifierDeclarations", 0, "DataSetArn"), f"{DATA_SET}x", "DATA_SET_NOT_FOUND"),
    "identifier": (
        (*WELLS, "Category", 0, "CategoricalDimensionField", "Column"),
        _column("id", "U"),
        "DATA_SET_NOT_FOUND",
    ),
    "column": (
        (*WELLS, "Category", 0, "CategoricalDimensionField", "Column"),
        _column("gone"),
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
        _column("day"),
        "COLUMN_TYPE_MISMATCH",
    ),
}


@pytest.mark.parametrize("what", DANGLING)
def test_a_dangling_reference_fails_the_version_with_its_place(ready: World, what: str) -> None:
    path, value, kind = DANGLING[what]
    _create(ready, _changed(*path, to=value))
    ready.clock.now += 20
    version = _version(ready)
    assert version["Status"] == "CREATION_FAILED"
    places = [(error["Type"], error["ViolatedEntities"][0]["Path"]) for error in version["Errors"]]
    start = f"{path[0]}[{path[1]}]"
    assert any(found == kind and place.startswith(start) for found, place in places), places


def test_quoted_braces_in_an_expression_are_no_columns(ready: World) -> None:
    _create(ready, _changed("CalculatedFields", 0, "Expression", to="concat({id}, '{no column}')"))
    ready.clock.now += 20
    assert _version(ready)["Status"] == "CREATION_SUCCESSFUL"


def test_a_lenient_version_succeeds_with_its_errors(ready: World) -> None:
    _create(ready, _changed("CalculatedFields", 0, "Expression", to="{gone}"), ValidationStrategy={"Mode": "LENIENT"})
    ready.clock.now += 20
    described = ready.qs.describe_dashboard_definition(AwsAccountId=A, DashboardId="d")
    assert described["ResourceStatus"] == "CREATION_SUCCESSFUL"
    assert [error["Type"] for error in described["Errors"]] == ["COLUMN_REPLACEMENT_MISSING"]


def test_ids_that_are_borne_twice_are_refused(ready: World) -> None:
    sheet = DEFINITION["Sheets"][0]
    bars = sheet["Visuals"][0]
    for broken, told in (
        (_changed("Sheets", to=[sheet, {"SheetId": "sheet"}]), "SheetId 'sheet'"),
        (_changed("Sheets", 0, "Visuals", to=[bars, bars]), "VisualId 'bars'"),
        (_changed("ParameterDeclarations", to=DEFINITION["ParameterDeclarations"] * 2), "parameter 'factor'"),
        (_changed("CalculatedFields", to=DEFINITION["CalculatedFields"] * 2), "'double'"),
        (_changed("FilterGroups", to=DEFINITION["FilterGroups"] * 2), "FilterId 'range'"),
    ):
        with pytest.raises(ready.qs.exceptions.InvalidParameterValueException, match=told):
            _create(ready, broken)


def test_definitions_beyond_the_limits_are_refused(ready: World) -> None:
    declared = [{"Identifier": f"T{number}", "DataSetArn": DATA_SET} for number in range(51)]
    sheets = [{"SheetId": f"s{number}"} for number in range(21)]
    visuals = [{"EmptyVisual": {"VisualId": f"v{number}", "DataSetIdentifier": "T"}} for number in range(76)]
    for broken, told in (
        (_changed("DataSetIdentifierDeclarations", to=declared), "at most 50"),
        (_changed("Sheets", to=sheets), "at most 20"),
        (_changed("Sheets", 0, "Visuals", to=visuals), "at most 75"),
        (_changed(*SCOPE[:-1], to=[]), "at least 1"),
        (_changed(*VISUAL, "VisualId", to="no spaces"), "does not match"),
    ):
        with pytest.raises(ClientError, match=f"ValidationException.*{told}"):
            _create(ready, broken)


def test_a_deleted_dashboard_is_gone_and_its_id_is_free(ready: World) -> None:
    _create(ready, DEFINITION)
    ready.qs.delete_dashboard(AwsAccountId=A, DashboardId="d")
    with pytest.raises(ready.qs.exceptions.ResourceNotFoundException):
        _version(ready)
    assert _create(ready, DEFINITION)["VersionArn"].endswith("/version/1")


def test_the_published_version_cannot_be_deleted_but_others_can(ready: World) -> None:
    _create(ready, DEFINITION)
    _update(ready, DEFINITION)
    ready.clock.now += 20
    with pytest.raises(ready.qs.exceptions.ConflictException):
        ready.qs.delete_dashboard(AwsAccountId=A, DashboardId="d", VersionNumber=1)
    ready.qs.delete_dashboard(AwsAccountId=A, DashboardId="d", VersionNumber=2)
    with pytest.raises(ready.qs.exceptions.ResourceNotFoundException, match="version/2"):
        _version(ready, 2)
    assert _update(ready, DEFINITION)["VersionArn"].endswith("/version/3")


def test_a_version_that_was_building_gets_its_verdict_after_a_restart(
    start: Callable[[], LocalAws], connect: Callable[..., World]
) -> None:
    with start() as first:
        world = connect(first.url)
        world.s3.create_bucket(Bucket="bucket")
        world.data_set("t", "id,n\nx,1\n", {"id": "STRING", "n": "INTEGER"})
        _create(world, DEFINITION)
    with start() as second:
        world = connect(second.url)
        assert _version(world)["Status"] == "CREATION_IN_PROGRESS"
        world.clock.now += 20
        assert _version(world)["Status"] == "CREATION_SUCCESSFUL"


def test_a_version_is_found_by_its_alias(ready: World) -> None:
    _create(ready, DEFINITION)
    ready.clock.now += 20
    _update(ready, DEFINITION)

    def number(alias: str) -> int:
        described = ready.qs.describe_dashboard(AwsAccountId=A, DashboardId="d", AliasName=alias)
        return described["Dashboard"]["Version"]["VersionNumber"]

    assert (number("$PUBLISHED"), number("$LATEST")) == (1, 2)
    with pytest.raises(ready.qs.exceptions.ResourceNotFoundException, match="alias/other"):
        number("other")


def test_a_dashboard_is_made_of_something(ready: World) -> None:
    with pytest.raises(ready.qs.exceptions.InvalidParameterValueException, match="there is neither"):
        ready.qs.create_dashboard(AwsAccountId=A, DashboardId="d", Name="D")
    with pytest.raises(ready.qs.exceptions.ResourceNotFoundException):
        _version(ready)


def test_dashboards_are_searched_and_tell_their_published_version(ready: World) -> None:
    _create(ready, DEFINITION)
    ready.clock.now += 20
    filters = [{"Name": "DASHBOARD_NAME", "Operator": "StringLike", "Value": "d"}]
    found = ready.qs.search_dashboards(AwsAccountId=A, Filters=filters)["DashboardSummaryList"]
    assert [(one["DashboardId"], one["PublishedVersionNumber"]) for one in found] == [("d", 1)]
