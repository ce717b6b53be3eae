"""Who is in the account and may be granted what, how resources are found, and that every region has its own."""

from collections.abc import Callable
from pathlib import Path

import boto3
import pytest

from qs_pipeline.local_aws import LocalAws
from qs_pipeline_tests.local_aws.world import ACCOUNT as A
from qs_pipeline_tests.local_aws.world import BUCKET, Clock, World, table_maps

CSV = "id,n\nx,1\n"
COLUMNS = {"id": "STRING", "n": "INTEGER"}
HERE = {"AwsAccountId": A, "Namespace": "default"}


def _arn(resource: str) -> str:
    return f"arn:aws:quicksight:us-east-1:{A}:{resource}"


def _grant(principal: str, *actions: str) -> dict[str, object]:
    return {"Principal": principal, "Actions": [f"quicksight:{action}" for action in actions]}


def _register(world: World, name: str, **more: object) -> dict[str, object]:
    person = {"Email": "a@example.org", "UserRole": "READER", "UserName": name, "IdentityType": "QUICKSIGHT"}
    return world.qs.register_user(**HERE, **(person | more))["User"]


def test_users_are_registered_changed_and_deleted(world: World) -> None:
    user = _register(world, "ann", Tags=[{"Key": "k", "Value": "v"}])
    assert (user["Arn"], user["Active"]) == (_arn("user/default/ann"), False)
    assert world.qs.list_tags_for_resource(ResourceArn=user["Arn"])["Tags"] == [{"Key": "k", "Value": "v"}]
    world.qs.update_user(**HERE, UserName="ann", Email="b@example.org", Role="AUTHOR")
    assert world.qs.describe_user(**HERE, UserName="ann")["User"]["Role"] == "AUTHOR"
    with pytest.raises(world.qs.exceptions.ResourceExistsException):
        _register(world, "ann")
    world.qs.delete_user(**HERE, UserName="ann")
    with pytest.raises(world.qs.exceptions.ResourceNotFoundException):
        world.qs.describe_user(**HERE, UserName="ann")


def test_a_user_of_a_role_is_named_by_role_and_session(world: World) -> None:
    user = world.qs.register_user(
        **HERE,
        Email="a@example.org",
        UserRole="AUTHOR",
        IdentityType="IAM",
        IamArn=f"arn:aws:iam::{A}:role/publisher",
        SessionName="one",
    )["User"]
    assert (user["UserName"], user["Active"]) == ("publisher/one", True)
    assert world.qs.describe_user(**HERE, UserName="publisher/one")["User"]["Arn"] == user["Arn"]
    with pytest.raises(world.qs.exceptions.InvalidParameterValueException, match="UserName is not applicable"):
        _register(world, "two", IdentityType="IAM", IamArn=f"arn:aws:iam::{A}:user/two")


def test_groups_have_members_and_are_searched_by_how_they_begin(world: World) -> None:
    for name in ("readers", "readers@north", "authors"):
        world.qs.create_group(**HERE, GroupName=name, Description=name)
    begin = [{"Operator": "StartsWith", "Name": "GROUP_NAME", "Value": "readers"}]
    found = world.qs.search_groups(**HERE, Filters=begin, MaxResults=1)
    more = world.qs.search_groups(**HERE, Filters=begin, NextToken=found["NextToken"])
    assert [group["GroupName"] for page in (found, more) for group in page["GroupList"]] == ["readers", "readers@north"]
    _register(world, "ann")
    world.qs.create_group_membership(**HERE, GroupName="readers", MemberName="ann")
    assert [group["GroupName"] for group in world.qs.list_user_groups(**HERE, UserName="ann")["GroupList"]] == [
        "readers"
    ]
    member = {"GroupName": "readers", "MemberName": "ann"}
    found = world.qs.describe_group_membership(**HERE, **member)["GroupMember"]
    assert found == {"Arn": _arn("group/default/readers/ann"), "MemberName": "ann"}
    world.qs.delete_group_membership(**HERE, **member)
    with pytest.raises(world.qs.exceptions.ResourceNotFoundException):
        world.qs.describe_group_membership(**HERE, **member)
    world.qs.create_group_membership(**HERE, **member)
    with pytest.raises(world.qs.exceptions.ResourceNotFoundException):
        world.qs.create_group_membership(**HERE, GroupName="readers", MemberName="nobody")
    world.qs.delete_user(**HERE, UserName="ann")
    assert world.qs.list_group_memberships(**HERE, GroupName="readers")["GroupMemberList"] == []
    world.qs.update_group(**HERE, GroupName="readers", Description="who reads")
    assert world.qs.describe_group(**HERE, GroupName="readers")["Group"]["Description"] == "who reads"
    world.qs.delete_group(**HERE, GroupName="readers")
    assert len(world.qs.list_groups(**HERE)["GroupList"]) == 2


@pytest.mark.parametrize(
    "principal", [f"arn:aws:iam::{A}:role/x", "somebody", "arn:aws:quicksight:us-east-1:210987654321:user/default/u"]
)
def test_what_is_no_principal_of_the_account_is_granted_nothing(world: World, principal: str) -> None:
    with pytest.raises(world.qs.exceptions.InvalidParameterValueException, match="the principal"):
        world.data_set("t", CSV, COLUMNS, Permissions=[_grant(principal, "DescribeDataSet")])


def test_searches_find_by_a_part_of_the_name_and_by_owner(world: World) -> None:
    owner, viewer = _arn("user/default/owner"), _arn("user/default/viewer")
    grants = [_grant(owner, "DescribeDataSet", "UpdateDataSet"), _grant(viewer, "DescribeDataSet")]
    world.data_set("one-apple", CSV, COLUMNS, Permissions=grants)
    world.data_set("two-apples", CSV, COLUMNS)
    world.data_set("pear", CSV, COLUMNS)

    def found(attribute: str, operator: str, value: str) -> list[str]:
        filters = [{"Name": attribute, "Operator": operator, "Value": value}]
        pages = world.qs.get_paginator("search_data_sets").paginate(
            AwsAccountId=A, Filters=filters, PaginationConfig={"PageSize": 1}
        )
        return [one["DataSetId"] for page in pages for one in page["DataSetSummaries"]]

    assert found("DATASET_NAME", "StringLike", "Apple") == ["one-apple", "two-apples"]
    maps = table_maps(_arn("datasource/pear-source"), COLUMNS)
    world.qs.update_data_set(AwsAccountId=A, DataSetId="pear", Name='Größe "100%_"', ImportMode="SPICE", **maps)
    for part in ("GRÖSSE", '"100%', "%_"):
        assert found("DATASET_NAME", "StringLike", part) == ["pear"]
    assert found("DATASET_NAME", "StringLike", "SPICE") == [], "the name is searched and nothing else"
    assert found("QUICKSIGHT_OWNER", "StringEquals", owner) == ["one-apple"]
    assert found("QUICKSIGHT_OWNER", "StringEquals", viewer) == []
    assert found("DIRECT_QUICKSIGHT_VIEWER_OR_OWNER", "StringEquals", viewer) == ["one-apple"]
    assert found("DIRECT_QUICKSIGHT_SOLE_OWNER", "StringEquals", owner) == ["one-apple"]
    with pytest.raises(world.qs.exceptions.InvalidParameterValueException, match="StringLike"):
        found("DATASET_NAME", "StringEquals", "pear")
    by_name = [{"Name": "DATASOURCE_NAME", "Operator": "StringLike", "Value": "pear"}]
    sources = world.qs.search_data_sources(AwsAccountId=A, Filters=by_name)["DataSourceSummaries"]
    assert [one["DataSourceId"] for one in sources] == ["pear-source"]


def test_a_listing_loses_nothing_when_something_is_deleted_between_its_pages(world: World) -> None:
    for name in ("a", "b", "c"):
        world.data_set(name, CSV, COLUMNS)
    first = world.qs.list_data_sets(AwsAccountId=A, MaxResults=1)
    world.qs.delete_data_set(AwsAccountId=A, DataSetId="a")
    rest = world.qs.list_data_sets(AwsAccountId=A, NextToken=first["NextToken"])
    assert [one["DataSetId"] for one in rest["DataSetSummaries"]] == ["b", "c"]


def test_every_region_has_resources_of_its_own(
    start: Callable[[], LocalAws], connect: Callable[..., World], tmp_path: Path
) -> None:
    with start() as first:
        world = connect(first.url)
        world.s3.create_bucket(Bucket=BUCKET)
        source = world.table("t", CSV)
        for region, partition in (("eu-west-1", "aws"), ("us-gov-west-1", "aws-us-gov")):
            there = boto3.Session("test", "test", region_name=region).client("quicksight", endpoint_url=first.url)
            assert there.list_data_sources(AwsAccountId=A)["DataSources"] == []
            place = {"S3Parameters": {"ManifestFileLocation": {"Bucket": BUCKET, "Key": "t.json"}}}
            made = there.create_data_source(
                AwsAccountId=A, DataSourceId="t-source", Name="t", Type="S3", DataSourceParameters=place
            )
            assert made["Arn"] == f"arn:{partition}:quicksight:{region}:{A}:datasource/t-source"
        assert source.startswith("arn:aws:quicksight:us-east-1:")
        set_there = table_maps(made["Arn"], COLUMNS)
        there.create_data_set(AwsAccountId=A, DataSetId="t", Name="t", ImportMode="SPICE", **set_there)
        world.clock.now += 10
        assert there.list_ingestions(AwsAccountId=A, DataSetId="t")["Ingestions"][0]["IngestionStatus"] == "COMPLETED"
    with start() as second:
        assert connect(second.url).qs.list_data_sets(AwsAccountId=A)["DataSetSummaries"] == []
        assert list((tmp_path / "home" / "spice").iterdir()) != []


def test_databases_are_remembered_but_not_read(world: World) -> None:
    source = world.qs.create_data_source(
        AwsAccountId=A,
        DataSourceId="athena",
        Name="athena",
        Type="ATHENA",
        DataSourceParameters={"AthenaParameters": {"WorkGroup": "primary"}},
    )["Arn"]
    columns = [{"Name": "a", "Type": "STRING"}, {"Name": "b", "Type": "BOOLEAN"}]
    table = {"table": {"RelationalTable": {"DataSourceArn": source, "Name": "t", "InputColumns": columns}}}
    call = {"AwsAccountId": A, "Name": "t", "PhysicalTableMap": table}
    direct = world.qs.create_data_set(DataSetId="direct", ImportMode="DIRECT_QUERY", **call)
    assert "IngestionId" not in direct
    described = world.qs.describe_data_set(AwsAccountId=A, DataSetId="direct")["DataSet"]
    assert [column["Type"] for column in described["OutputColumns"]] == ["STRING", "INTEGER"]
    with pytest.raises(world.qs.exceptions.InvalidParameterValueException, match="queried directly"):
        world.qs.create_ingestion(AwsAccountId=A, DataSetId="direct", IngestionId="i")
    imported = world.qs.create_data_set(DataSetId="imported", ImportMode="SPICE", **call)
    world.clock.now += 10
    assert "not emulated" in world.ingestion("imported", imported["IngestionId"])["ErrorInfo"]["Message"]


@pytest.mark.parametrize(("region", "partition"), [("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn")])
def test_buckets_and_roles_of_every_partition_are_known_to_quicksight(
    start: Callable[[], LocalAws], clock: Clock, region: str, partition: str
) -> None:
    with start() as first:
        world = World(first.url, clock, "test", region=region)
        world.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": region})
        world.data_set("t", CSV, COLUMNS)
        role = f"arn:{partition}:iam::{A}:role/publisher"
        key = world.sts.assume_role(RoleArn=role, RoleSessionName="one")["Credentials"]["AccessKeyId"]
        World(first.url, clock, key, region=region).qs.list_data_sets(AwsAccountId=A)
        assert "role/publisher" in first.stats()["busiest_second"]["principals"]
    with start() as second:
        world = World(second.url, clock, "test", region=region)
        world.qs.create_ingestion(AwsAccountId=A, DataSetId="t", IngestionId="again")
        clock.now += 30
        assert world.ingestion("t", "again")["RowInfo"]["RowsIngested"] == 1, "the bucket outlasts a restart"


def test_the_account_tells_what_it_has_subscribed_to(world: World) -> None:
    told = world.qs.describe_account_subscription(AwsAccountId=A)["AccountInfo"]
    assert (told["Edition"], told["AccountSubscriptionStatus"]) == ("ENTERPRISE", "ACCOUNT_CREATED")
