"""Dashboard versions build, succeed or fail, are published, and found again."""

from collections.abc import Callable

import pytest

from qs_pipeline.local_aws import LocalAws
from qs_pipeline_tests.local_aws.board import DATA_SET, DEFINITION, changed, create, publish, update, version_of
from qs_pipeline_tests.local_aws.world import ACCOUNT as A
from qs_pipeline_tests.local_aws.world import World


def test_a_created_dashboard_builds_and_its_first_version_is_published(ready: World) -> None:
    created = create(ready, DEFINITION, Tags=[{"Key": "k", "Value": "v"}])
    assert created["Status"] == 202
    assert created["VersionArn"].endswith(":dashboard/d/version/1")
    assert version_of(ready)["Status"] == "CREATION_IN_PROGRESS"
    assert "PublishedVersionNumber" not in ready.qs.list_dashboards(AwsAccountId=A)["DashboardSummaryList"][0]
    ready.clock.now += 20
    version = version_of(ready)
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
    create(ready, DEFINITION)
    ready.clock.now += 20
    updated = update(ready, DEFINITION)
    assert updated["Status"] == 200
    assert updated["VersionArn"].endswith("/version/2")
    ready.clock.now += 20
    assert version_of(ready)["VersionNumber"] == 1
    assert version_of(ready, 2)["Status"] == "CREATION_SUCCESSFUL"
    publish(ready, 2)
    assert version_of(ready)["VersionNumber"] == 2
    publish(ready, 1)
    assert version_of(ready)["VersionNumber"] == 1


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
    create(ready, DEFINITION)
    ready.clock.now += 20
    update(ready, DEFINITION)
    with pytest.raises(ready.qs.exceptions.ConflictException):
        publish(ready, 2)
    with pytest.raises(ready.qs.exceptions.ConflictException):
        ready.qs.update_dashboard_permissions(AwsAccountId=A, DashboardId="d", GrantPermissions=[grant])
    ready.clock.now += 20
    publish(ready, 2)
    granted = ready.qs.update_dashboard_permissions(AwsAccountId=A, DashboardId="d", GrantPermissions=[grant])
    assert granted["Permissions"] == [grant]


def test_a_failed_version_leaves_the_published_one_and_cannot_be_published(ready: World) -> None:
    create(ready, DEFINITION)
    ready.clock.now += 20
    version_of(ready)
    update(ready, changed("CalculatedFields", 0, "Expression", to="{gone}"))
    ready.clock.now += 20
    failed = version_of(ready, 2)
    assert failed["Status"] == "CREATION_FAILED"
    with pytest.raises(ready.qs.exceptions.InvalidParameterValueException, match="failed to build"):
        publish(ready, 2)
    assert version_of(ready)["VersionNumber"] == 1


def test_a_failed_first_version_stays_described_and_listed_and_a_good_second_is_published(ready: World) -> None:
    create(ready, changed("DataSetIdentifierDeclarations", 0, "DataSetArn", to=f"{DATA_SET}-gone"))
    ready.clock.now += 20
    assert version_of(ready)["Status"] == "CREATION_FAILED"
    assert version_of(ready)["Errors"][0]["Type"] == "DATA_SET_NOT_FOUND"
    assert len(ready.qs.list_dashboards(AwsAccountId=A)["DashboardSummaryList"]) == 1
    with pytest.raises(ready.qs.exceptions.ResourceExistsException):
        create(ready, DEFINITION)
    update(ready, DEFINITION)
    ready.clock.now += 20
    publish(ready, 2)
    versions = ready.qs.list_dashboard_versions(AwsAccountId=A, DashboardId="d")["DashboardVersionSummaryList"]
    assert [(one["VersionNumber"], one["Status"]) for one in versions] == [
        (1, "CREATION_FAILED"),
        (2, "CREATION_SUCCESSFUL"),
    ]


def test_a_deleted_dashboard_is_gone_and_its_id_is_free(ready: World) -> None:
    create(ready, DEFINITION)
    ready.qs.delete_dashboard(AwsAccountId=A, DashboardId="d")
    with pytest.raises(ready.qs.exceptions.ResourceNotFoundException):
        version_of(ready)
    assert create(ready, DEFINITION)["VersionArn"].endswith("/version/1")


def test_the_published_version_cannot_be_deleted_but_others_can(ready: World) -> None:
    create(ready, DEFINITION)
    update(ready, DEFINITION)
    ready.clock.now += 20
    with pytest.raises(ready.qs.exceptions.ConflictException):
        ready.qs.delete_dashboard(AwsAccountId=A, DashboardId="d", VersionNumber=1)
    ready.qs.delete_dashboard(AwsAccountId=A, DashboardId="d", VersionNumber=2)
    with pytest.raises(ready.qs.exceptions.ResourceNotFoundException, match="version/2"):
        version_of(ready, 2)
    assert update(ready, DEFINITION)["VersionArn"].endswith("/version/3")


def test_a_version_that_was_building_gets_its_verdict_after_a_restart(
    start: Callable[[], LocalAws], connect: Callable[..., World]
) -> None:
    with start() as first:
        world = connect(first.url)
        world.s3.create_bucket(Bucket="bucket")
        world.data_set("t", "id,n\nx,1\n", {"id": "STRING", "n": "INTEGER"})
        create(world, DEFINITION)
    with start() as second:
        world = connect(second.url)
        assert version_of(world)["Status"] == "CREATION_IN_PROGRESS"
        world.clock.now += 20
        assert version_of(world)["Status"] == "CREATION_SUCCESSFUL"


def test_a_version_is_found_by_its_alias(ready: World) -> None:
    create(ready, DEFINITION)
    ready.clock.now += 20
    update(ready, DEFINITION)

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
        version_of(ready)


def test_dashboards_are_searched_and_tell_their_published_version(ready: World) -> None:
    create(ready, DEFINITION)
    ready.clock.now += 20
    filters = [{"Name": "DASHBOARD_NAME", "Operator": "StringLike", "Value": "d"}]
    found = ready.qs.search_dashboards(AwsAccountId=A, Filters=filters)["DashboardSummaryList"]
    assert [(one["DashboardId"], one["PublishedVersionNumber"]) for one in found] == [("d", 1)]
