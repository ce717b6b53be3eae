"""Data sources read their manifest at once; data sets hold their table maps together and describe their columns."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from qs_pipeline.local_aws import LocalAws
from qs_pipeline_tests.local_aws.world import ACCOUNT as A
from qs_pipeline_tests.local_aws.world import BUCKET, World, table_maps

CSV = "id,n\nx,1\n"
COLUMNS = {"id": "STRING", "n": "INTEGER"}


def test_a_missing_manifest_is_told_as_missing_permission(world: World) -> None:
    with pytest.raises(ClientError, match="Insufficient permission to access the manifest file") as refused:
        world.data_source("s", "nowhere.json")
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 401


@pytest.mark.parametrize(
    "manifest",
    [
        {"fileLocations": [{"URIs": ["s3://bucket/t.csv"]}], "globalUploadSettings": {"format": "CSV"}},
        {"fileLocations": [{"URIPrefixes": ["s3://bucket/t."]}]},
        {"entries": [{"url": "s3://bucket/t.csv", "mandatory": True}]},
    ],
    ids=["URIs", "prefixes", "redshift"],
)
def test_every_form_of_the_manifest_is_read(world: World, local: LocalAws, manifest: dict[str, Any]) -> None:
    world.put("t.csv", CSV.encode())
    world.put("m.json", json.dumps(manifest).encode())
    source = world.data_source("s", "m.json")
    world.data_set_of("t", table_maps(source, COLUMNS))
    world.clock.now += 10
    assert local.rows("t").rows() == [("x", 1)]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"[" * 20_000,
        b"{}",
        b'{"fileLocations": 3}',
        b'{"entries": [{"url": "https://example.org/x"}]}',
        b'\xef\xbb\xbf{"entries": [{"url": "s3://bucket/t.csv"}]}',
    ],
    ids=["cut", "list", "deep", "empty", "number", "other place", "byte order mark"],
)
def test_a_malformed_manifest_is_refused_with_its_place(world: World, body: bytes) -> None:
    world.put("m.json", body)
    with pytest.raises(ClientError, match=r"s3://bucket/m\.json") as refused:
        world.data_source("s", "m.json")
    assert refused.value.response["Error"]["Code"] == "InvalidParameterValueException"
    assert "Error(" not in str(refused.value), "nothing of what it is written in"


def test_an_id_that_is_taken_is_refused(world: World) -> None:
    world.data_set("t", CSV, COLUMNS)
    with pytest.raises(world.qs.exceptions.ResourceExistsException):
        world.data_source("t-source", "t.json")
    source = world.qs.describe_data_source(AwsAccountId=A, DataSourceId="t-source")["DataSource"]
    assert source["Status"] == "CREATION_SUCCESSFUL"
    with pytest.raises(world.qs.exceptions.ResourceExistsException):
        world.data_set_of("t", table_maps(source["Arn"], COLUMNS))


def test_an_id_of_more_than_96_characters_is_refused(world: World) -> None:
    world.manifest("m.json", "t.csv")
    with pytest.raises(world.qs.exceptions.InvalidParameterValueException, match="97 characters"):
        world.data_source("x" * 97, "m.json")


def test_unknown_ids_are_not_found(world: World) -> None:
    for call in (
        lambda: world.qs.describe_data_source(AwsAccountId=A, DataSourceId="x"),
        lambda: world.qs.delete_data_source(AwsAccountId=A, DataSourceId="x"),
        lambda: world.qs.describe_data_set(AwsAccountId=A, DataSetId="x"),
        lambda: world.qs.delete_data_set(AwsAccountId=A, DataSetId="x"),
        lambda: world.qs.describe_data_set_permissions(AwsAccountId=A, DataSetId="x"),
        lambda: world.qs.list_ingestions(AwsAccountId=A, DataSetId="x"),
        lambda: world.qs.describe_dashboard(AwsAccountId=A, DashboardId="x"),
        lambda: world.qs.list_tags_for_resource(ResourceArn=f"arn:aws:quicksight:us-east-1:{A}:dataset/x"),
    ):
        with pytest.raises(world.qs.exceptions.ResourceNotFoundException):
            call()


def test_the_described_columns_are_those_after_casts_names_and_choice(world: World) -> None:
    source = world.table("t", "state,n,unused\nTX,1,\n")
    role = {"ColumnName": "state", "Tags": [{"ColumnGeographicRole": "STATE"}]}
    more = [
        {"TagColumnOperation": role},
        {"RenameColumnOperation": {"ColumnName": "n", "NewColumnName": "number"}},
        {"ProjectOperation": {"ProjectedColumns": ["number", "state"]}},
    ]
    columns = {"state": "STRING", "n": "DECIMAL", "unused": "STRING"}
    world.data_set_of("t", table_maps(source, columns, *more))
    described = world.qs.describe_data_set(AwsAccountId=A, DataSetId="t")["DataSet"]
    assert described["OutputColumns"] == [
        {"Name": "number", "Type": "DECIMAL", "SubType": "FIXED"},
        {"Name": "state", "Type": "STRING"},
    ]


def test_table_maps_that_do_not_hold_together_are_refused(world: World) -> None:
    source = world.table("t", CSV)
    typed = table_maps(source, COLUMNS)
    typed["PhysicalTableMap"]["physical"]["S3Source"]["InputColumns"][1]["Type"] = "INTEGER"
    elsewhere = table_maps(source, COLUMNS)
    elsewhere["LogicalTableMap"]["logical"]["Source"]["PhysicalTableId"] = "other"
    underscored = table_maps(source, COLUMNS)
    underscored["LogicalTableMap"] = {"a_b": underscored["LogicalTableMap"]["logical"]}
    unknown = table_maps(source, COLUMNS, {"ProjectOperation": {"ProjectedColumns": ["nowhere"]}})
    float_text = {"ColumnName": "id", "NewColumnType": "STRING", "SubType": "FLOAT"}
    floating = table_maps(source, COLUMNS, {"CastColumnTypeOperation": float_text})
    for broken, told in (
        (typed, "STRING"),
        (elsewhere, "other"),
        (unknown, "nowhere"),
        (floating, "sub type"),
    ):
        with pytest.raises(world.qs.exceptions.InvalidParameterValueException, match=told):
            world.data_set_of("t", broken)
    told = r"ValidationException.* LogicalTableMap\.a_b: 'a_b' does not match"
    with pytest.raises(ClientError, match=told):
        world.data_set_of("t", underscored)


def test_a_data_set_needs_its_data_source(world: World) -> None:
    nowhere = f"arn:aws:quicksight:us-east-1:{A}:datasource/nowhere"
    with pytest.raises(world.qs.exceptions.ResourceNotFoundException, match="nowhere"):
        world.data_set_of("t", table_maps(nowhere, COLUMNS))


def test_a_refused_creation_leaves_nothing_behind(world: World) -> None:
    tags = [{"Key": "a", "Value": "1"}]
    grants = [{"Principal": "arn:aws:iam::1:user/x", "Actions": ["s3:GetObject"]}]
    with pytest.raises(world.qs.exceptions.InvalidParameterValueException, match="s3:GetObject"):
        world.data_set("t", CSV, COLUMNS, Tags=tags, Permissions=grants)
    with pytest.raises(world.qs.exceptions.ResourceNotFoundException):
        world.qs.describe_data_set(AwsAccountId=A, DataSetId="t")


def test_lists_are_paged(world: World) -> None:
    for name in ("a", "b", "c"):
        world.data_set(name, CSV, COLUMNS)
    first = world.qs.list_data_sets(AwsAccountId=A, MaxResults=2)
    rest = world.qs.list_data_sets(AwsAccountId=A, MaxResults=2, NextToken=first["NextToken"])
    assert [one["DataSetId"] for one in first["DataSetSummaries"]] == ["a", "b"]
    assert [one["DataSetId"] for one in rest["DataSetSummaries"]] == ["c"]
    assert "NextToken" not in rest
    sources = world.qs.get_paginator("list_data_sources").paginate(AwsAccountId=A, PaginationConfig={"PageSize": 2})
    assert [one["DataSourceId"] for page in sources for one in page["DataSources"]] == [
        "a-source",
        "b-source",
        "c-source",
    ]
    with pytest.raises(world.qs.exceptions.InvalidNextTokenException):
        world.qs.list_data_sets(AwsAccountId=A, NextToken="made up")


def test_an_update_replaces_all_but_permissions_and_tags(world: World) -> None:
    grants = [
        {"Principal": f"arn:aws:quicksight:us-east-1:{A}:user/default/u", "Actions": ["quicksight:DescribeDataSet"]}
    ]
    arn = world.data_set("t", CSV, COLUMNS, Permissions=grants, Tags=[{"Key": "k", "Value": "v"}])["Arn"]
    created = world.qs.describe_data_set(AwsAccountId=A, DataSetId="t")["DataSet"]["CreatedTime"]
    world.clock.now += 60
    source = f"arn:aws:quicksight:us-east-1:{A}:datasource/t-source"
    world.qs.update_data_set(
        AwsAccountId=A, DataSetId="t", Name="new", ImportMode="SPICE", **table_maps(source, {"id": "STRING"})
    )
    described = world.qs.describe_data_set(AwsAccountId=A, DataSetId="t")["DataSet"]
    assert (described["Name"], described["CreatedTime"]) == ("new", created)
    assert [column["Name"] for column in described["OutputColumns"]] == ["id"]
    assert (described["LastUpdatedTime"] - created).total_seconds() == 60
    assert world.qs.describe_data_set_permissions(AwsAccountId=A, DataSetId="t")["Permissions"] == grants
    assert world.qs.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "k", "Value": "v"}]


def test_permissions_and_tags_are_given_taken_and_forgotten(world: World) -> None:
    arn = world.data_set("t", CSV, COLUMNS)["Arn"]
    grant = {
        "Principal": f"arn:aws:quicksight:us-east-1:{A}:user/default/u",
        "Actions": ["quicksight:A", "quicksight:B"],
    }
    take = {**grant, "Actions": ["quicksight:A"]}
    world.qs.update_data_set_permissions(AwsAccountId=A, DataSetId="t", GrantPermissions=[grant])
    world.qs.update_data_set_permissions(AwsAccountId=A, DataSetId="t", RevokePermissions=[take])
    held = world.qs.describe_data_set_permissions(AwsAccountId=A, DataSetId="t")["Permissions"]
    assert held == [{**grant, "Actions": ["quicksight:B"]}]
    world.qs.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    world.qs.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert world.qs.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    world.qs.delete_data_set(AwsAccountId=A, DataSetId="t")
    world.qs.delete_data_source(AwsAccountId=A, DataSourceId="t-source")
    world.data_set("t", CSV, COLUMNS)
    assert world.qs.list_tags_for_resource(ResourceArn=arn)["Tags"] == []
    assert world.qs.describe_data_set_permissions(AwsAccountId=A, DataSetId="t")["Permissions"] == []


@pytest.mark.parametrize(("kind", "name"), [("data_source", "t-source"), ("data_set", "t"), ("dashboard", "d")])
def test_every_kind_of_resource_is_granted_to_and_taken_from(world: World, kind: str, name: str) -> None:
    data_set = world.data_set("t", CSV, COLUMNS)["Arn"]
    definition = {"DataSetIdentifierDeclarations": [{"Identifier": "T", "DataSetArn": data_set}]}
    world.qs.create_dashboard(AwsAccountId=A, DashboardId="d", Name="d", Definition=definition)
    world.clock.now += 20
    id_key = {"data_source": "DataSourceId", "data_set": "DataSetId", "dashboard": "DashboardId"}[kind]
    known = {"AwsAccountId": A, id_key: name}
    update = getattr(world.qs, f"update_{kind}_permissions")
    describe = getattr(world.qs, f"describe_{kind}_permissions")
    grant = {"Principal": f"arn:aws:quicksight:us-east-1:{A}:user/default/u", "Actions": ["quicksight:A"]}
    update(**known, GrantPermissions=[grant])
    assert describe(**known)["Permissions"] == [grant]
    update(**known, RevokePermissions=[grant])
    assert describe(**known)["Permissions"] == []


def test_a_data_source_that_is_updated_leads_the_next_ingestion_to_other_rows(world: World, local: LocalAws) -> None:
    world.data_set("t", CSV, COLUMNS)
    world.clock.now += 10
    before = local.rows("t").height
    world.put("other.csv", b"id,n\n" + b"x,1\n" * (before + 3))
    world.manifest("other.json", "other.csv")
    place = {"S3Parameters": {"ManifestFileLocation": {"Bucket": BUCKET, "Key": "other.json"}}}
    known = {"AwsAccountId": A, "DataSourceId": "t-source"}
    answer = world.qs.update_data_source(**known, Name="renamed", DataSourceParameters=place)
    assert (answer["Status"], answer["UpdateStatus"]) == (202, "UPDATE_IN_PROGRESS")
    described = world.qs.describe_data_source(**known)["DataSource"]
    assert (described["Name"], described["Status"]) == ("renamed", "UPDATE_SUCCESSFUL")
    assert described["DataSourceParameters"] == place
    assert local.rows("t").height == before
    world.qs.create_ingestion(AwsAccountId=A, DataSetId="t", IngestionId="again")
    world.clock.now += 10
    assert local.rows("t").height == before + 3
    gone = {"S3Parameters": {"ManifestFileLocation": {"Bucket": BUCKET, "Key": "nowhere.json"}}}
    with pytest.raises(world.qs.exceptions.AccessDeniedException, match="manifest file"):
        world.qs.update_data_source(**known, Name="renamed", DataSourceParameters=gone)
