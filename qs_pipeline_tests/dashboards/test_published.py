"""The embedded AWS, which judges definitions by itself, takes ours and every kind of it that pruning makes."""

import json
import time
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from qs_pipeline.dashboards.bind import bind
from qs_pipeline.dashboards.definition import Definition
from qs_pipeline.dashboards.exported import unbind, unwrap
from qs_pipeline.dashboards.prune import prune
from qs_pipeline.local_aws import LocalAws
from qs_pipeline.quicksight.table_map import TableMap

if TYPE_CHECKING:
    from mypy_boto3_quicksight import QuickSightClient

ACCOUNT = "123456789012"
BUCKET = "published"
Columns = dict[str, list[str]]


@pytest.fixture
def quicksight(aws: LocalAws) -> "QuickSightClient":
    return boto3.client("quicksight", region_name="us-east-1", endpoint_url=aws.url)


@pytest.fixture
def arns(aws: LocalAws, quicksight: "QuickSightClient", maps: dict[str, TableMap]) -> dict[str, str]:
    """Our data sets, without a row each, by identifier."""
    s3: Any = boto3.client("s3", region_name="us-east-1", endpoint_url=aws.url)
    s3.create_bucket(Bucket=BUCKET)
    made: dict[str, str] = {}
    for name, table_map in maps.items():
        s3.put_object(Bucket=BUCKET, Key=f"{name}.csv", Body=(",".join(table_map.column_names) + "\n").encode())
        files = {"fileLocations": [{"URIs": [f"s3://{BUCKET}/{name}.csv"]}]}
        s3.put_object(Bucket=BUCKET, Key=f"{name}.json", Body=json.dumps(files).encode())
        place = {"S3Parameters": {"ManifestFileLocation": {"Bucket": BUCKET, "Key": f"{name}.json"}}}
        source = quicksight.create_data_source(
            AwsAccountId=ACCOUNT, DataSourceId=name, Name=name, Type="S3", DataSourceParameters=place
        )["Arn"]
        made[name] = quicksight.create_data_set(
            AwsAccountId=ACCOUNT,
            DataSetId=name,
            Name=name,
            ImportMode="SPICE",
            PhysicalTableMap=table_map.physical(source),
            LogicalTableMap=table_map.logical(),
        )["Arn"]
    return made


def _built(quicksight: "QuickSightClient", name: str, content: dict[str, Any]) -> dict[str, Any]:
    quicksight.create_dashboard(AwsAccountId=ACCOUNT, DashboardId=name, Name=name, Definition=content)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        version = quicksight.describe_dashboard(AwsAccountId=ACCOUNT, DashboardId=name)["Dashboard"]["Version"]
        if not version["Status"].endswith("IN_PROGRESS"):
            return version
    raise TimeoutError(name)


def test_the_whole_and_what_is_left_of_it_build_without_errors(
    quicksight: "QuickSightClient", arns: dict[str, str], ours: Definition, columns: Columns
) -> None:
    subsets = {
        "whole": set(columns),
        "summary": {"AssessmentTable", "POS"},
        "force": {"AssessmentTable", "ForceFlow_joined"},
        "class-i": {"RD_I_Ration_Costs_joined", "cosi_embark", "aggregated_embark"},
    }
    for name, present in subsets.items():
        pruned = prune(ours, {one: columns[one] for one in present}).definition
        version = _built(quicksight, name, bind(pruned, arns))
        assert (version["Status"], version.get("Errors", [])) == ("CREATION_SUCCESSFUL", []), name
        shown = quicksight.describe_dashboard_definition(AwsAccountId=ACCOUNT, DashboardId=name)
        pulled = unbind(Definition(content=unwrap(dict(shown), name)), list(columns))
        assert pulled.content == pruned.content, name


def test_a_definition_that_was_not_pruned_fails_where_a_data_set_lacks(
    quicksight: "QuickSightClient", arns: dict[str, str], ours: Definition
) -> None:
    lost = {**arns, "cosi_embark": arns["cosi_embark"] + "-lost"}
    version = _built(quicksight, "dangling", bind(ours, lost))
    assert version["Status"] == "CREATION_FAILED"
    assert {error["Type"] for error in version["Errors"]} == {"DATA_SET_NOT_FOUND"}
