"""A fault plan strikes calls, S3 requests and outcomes, as often and as likely as it says, and the same each time."""

import json
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from qs_pipeline.local_aws import Fault, FaultPlanError, Faults, LocalAws, read_plan
from qs_pipeline.local_aws.faults import DASHBOARD_VERSION, INGESTION
from qs_pipeline_tests.local_aws.world import ACCOUNT as A
from qs_pipeline_tests.local_aws.world import World

CSV = "id,n\nx,1\ny,2\nz,3\n"
COLUMNS = {"id": "STRING", "n": "INTEGER"}


def _plan(tmp_path: Path, value: object) -> Path:
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(value))
    return file


def test_a_plan_is_read_from_a_file_and_drawn_from_its_seed(tmp_path: Path) -> None:
    value = {
        "seed": 7,
        "faults": [{"operation": "*", "times": None, "probability": 0.5, "error": "ThrottlingException"}],
    }
    drawn = [
        [bool(plan.take("ListDataSets")) for _ in range(40)] for plan in map(read_plan, [_plan(tmp_path, value)] * 2)
    ]
    assert drawn[0] == drawn[1]
    assert 8 < sum(drawn[0]) < 32
    assert read_plan(_plan(tmp_path, value["faults"])).shown() == read_plan(_plan(tmp_path, value)).shown()


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"seed": 7}, "must be a list of faults"),
        ("faults", "must be a list of faults"),
        ([{"operation": "CreateDataSets"}], "fault 0 .*did you mean 'CreateDataSet'"),
        ([{"operation": "s3:put"}], "no operation 's3:put'"),
        ([{"error": "ThrottlingException"}], "needs an operation"),
        ([{"operation": "*", "chance": 1}], "has no chance"),
        ([{"operation": "*", "times": "2"}], "times cannot be '2'"),
        ([{"operation": "*", "times": True}], "times cannot be True"),
        ([{"operation": "*", "times": 0}], "at least 1"),
        ([{"operation": "*", "probability": 2}], "from 0 to 1"),
        (["*"], "is an object"),
    ],
)
def test_what_is_no_plan_is_refused_with_its_place(tmp_path: Path, value: object, told: str) -> None:
    with pytest.raises(FaultPlanError, match=told):
        read_plan(_plan(tmp_path, value))


def test_a_plan_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FaultPlanError, match=r"nowhere\.json"):
        read_plan(tmp_path / "nowhere.json")


def test_a_star_stays_within_its_family() -> None:
    faults = Faults()
    faults.add(Fault(operation="*"), Fault(operation="s3:*", times=None), Fault(operation="Describe*"))
    assert faults.take(INGESTION) is None
    assert faults.take("s3:GET") == faults.take("s3:PUT") == Fault(operation="s3:*", times=None)
    assert faults.take("ListDataSets") == Fault(operation="*")
    assert faults.take("ListDataSets") is None
    assert faults.take("DescribeDashboard") == Fault(operation="Describe*")


def test_a_fault_may_be_meant_for_one_resource_only(world: World, local: LocalAws) -> None:
    local.faults.add(Fault(operation="CreateDataSet", resource="b*", error="ConflictException"))
    world.data_set("a", CSV, COLUMNS)
    with pytest.raises(world.qs.exceptions.ConflictException):
        world.data_set("b", CSV, COLUMNS)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ("ThrottlingException", 429),
        ("InternalFailureException", 500),
        ("AccessDeniedException", 401),
        ("ExpiredTokenException", 403),
        ("ConflictException", 409),
        ("LimitExceededException", 409),
    ],
)
def test_a_planned_error_has_the_status_of_the_real_one(world: World, local: LocalAws, error: str, status: int) -> None:
    local.faults.add(Fault(operation="DescribeDataSet", error=error, message="planned"))
    with pytest.raises(ClientError, match="planned") as refused:
        world.qs.describe_data_set(AwsAccountId=A, DataSetId="t")
    assert refused.value.response["Error"]["Code"] == error
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_a_long_delay_is_a_time_out_to_the_client(tmp_path: Path) -> None:
    config = Config(read_timeout=0.2, retries={"total_max_attempts": 1})
    with LocalAws(home=tmp_path) as local:
        local.faults.add(Fault(operation="ListDataSets", delay_seconds=60))
        session = boto3.Session("key", "secret", region_name="us-east-1")
        client = session.client("quicksight", endpoint_url=local.url, config=config)
        with pytest.raises(ReadTimeoutError):
            client.list_data_sets(AwsAccountId=A)
        assert client.list_data_sets(AwsAccountId=A)["DataSetSummaries"] == []


def test_an_invalid_call_uses_up_no_fault(world: World, local: LocalAws) -> None:
    local.faults.add(Fault(operation="DescribeDataSet", error="InternalFailureException"))
    with pytest.raises(ClientError, match="ValidationException"):
        world.qs.describe_data_set(AwsAccountId="twelve", DataSetId="a")
    assert len(local.faults.shown()) == 1


def test_planned_ingestions_fail_or_lose_rows(world: World, local: LocalAws) -> None:
    local.faults.add(
        Fault(operation=INGESTION, error="PERMISSION_DENIED", message="no"), Fault(operation=INGESTION, dropped_rows=2)
    )
    first = world.data_set("t", CSV, COLUMNS)["IngestionId"]
    world.clock.now += 10
    failed = world.ingestion("t", first)
    assert (failed["IngestionStatus"], failed["ErrorInfo"]) == (
        "FAILED",
        {"Type": "PERMISSION_DENIED", "Message": "no"},
    )
    world.qs.create_ingestion(AwsAccountId=A, DataSetId="t", IngestionId="again")
    world.clock.now += 10
    assert world.ingestion("t", "again")["RowInfo"] == {"RowsIngested": 1, "RowsDropped": 2, "TotalRowsInDataset": 1}
    assert local.rows("t").rows() == [("z", 3)]


def test_a_planned_version_fails_and_the_next_does_not(world: World, local: LocalAws) -> None:
    arn = world.data_set("t", CSV, COLUMNS)["Arn"]
    local.faults.add(Fault(operation=DASHBOARD_VERSION, resource="d", error="INTERNAL_FAILURE"))
    call = {
        "AwsAccountId": A,
        "DashboardId": "d",
        "Name": "D",
        "Definition": {"DataSetIdentifierDeclarations": [{"Identifier": "T", "DataSetArn": arn}]},
    }
    world.qs.create_dashboard(**call)
    world.clock.now += 20
    version = world.qs.describe_dashboard(AwsAccountId=A, DashboardId="d")["Dashboard"]["Version"]
    assert (version["Status"], version["Errors"][0]["Type"]) == ("CREATION_FAILED", "INTERNAL_FAILURE")
    world.qs.update_dashboard(**call)
    world.clock.now += 20
    second = world.qs.describe_dashboard(AwsAccountId=A, DashboardId="d", AliasName="$LATEST")["Dashboard"]["Version"]
    assert (second["VersionNumber"], second["Status"]) == (2, "CREATION_SUCCESSFUL")


def test_requests_to_s3_are_struck_too(world: World, local: LocalAws, waited: list[float]) -> None:
    local.faults.add(Fault(operation="s3:PUT", resource="bucket/a*", error="SlowDown", delay_seconds=3))
    world.put("other", b"1")
    with pytest.raises(ClientError, match="injected by the fault plan") as refused:
        world.put("a", b"1")
    assert refused.value.response["Error"]["Code"] == "SlowDown"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert waited == [3]
    local.faults.add(Fault(operation="s3:PUT", reset=True, applied=True))
    with pytest.raises(ConnectionClosedError):
        world.put("a", b"2")
    assert world.s3.get_object(Bucket="bucket", Key="a")["Body"].read() == b"2"
    local.faults.add(Fault(operation="s3:DELETE", reset=True))
    with pytest.raises(ConnectionClosedError):
        world.s3.delete_object(Bucket="bucket", Key="a")
    assert world.s3.head_object(Bucket="bucket", Key="a")["ContentLength"] == 1
