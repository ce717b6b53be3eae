"""What the port serves beside the operations: readiness, tally, fault plan, and refusals of what it is not."""

import http.client
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from qs_pipeline import service_model
from qs_pipeline.local_aws import Fault, LocalAws, PortInUseError
from qs_pipeline.local_aws.wire import match
from qs_pipeline_tests.local_aws.world import ACCOUNT as A
from qs_pipeline_tests.local_aws.world import World


def _ask(local: LocalAws, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", local.port)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    told = answer.status, answer.read().decode()
    connection.close()
    return told


def test_health_and_tally_are_open_to_this_machine(local: LocalAws) -> None:
    assert _ask(local, "GET", "/_qs/health") == (200, json.dumps({"status": "ok"}, indent=1))
    status, told = _ask(local, "GET", "/_qs/stats")
    assert (status, json.loads(told)) == (200, local.stats())
    assert _ask(local, "GET", "/_qs/nothing")[0] == 404


@pytest.mark.parametrize("path", ["/_qs/health", "/bucket/key"])
def test_other_host_names_and_pages_of_other_sites_are_refused(local: LocalAws, path: str) -> None:
    assert _ask(local, "GET", path, Host="attacker.example")[0] == 403
    assert _ask(local, "GET", path, Origin="https://attacker.example")[0] == 403
    assert _ask(local, "GET", path, Host=f"localhost:{local.port}", Origin=local.url)[0] != 403


def test_the_fault_plan_wants_the_token_from_the_file(local: LocalAws, tmp_path: Path) -> None:
    file = tmp_path / "home" / "admin-token"
    assert file.stat().st_mode & 0o777 == 0o600
    plan = json.dumps({"operation": "ListDataSets", "error": "InternalFailureException"})
    assert _ask(local, "POST", "/_qs/faults", plan)[0] == 403
    assert _ask(local, "POST", "/_qs/faults", plan, **{"X-QS-Admin-Token": "guessed"})[0] == 403
    status, told = _ask(local, "POST", "/_qs/faults", plan, X_QS_Admin_Token=file.read_text())
    assert (status, json.loads(told)[0]["operation"]) == (200, "ListDataSets")
    assert _ask(local, "POST", "/_qs/faults", "{}", X_QS_Admin_Token=local.admin_token)[0] == 400
    assert _ask(local, "DELETE", "/_qs/faults", X_QS_Admin_Token=local.admin_token) == (200, "[]")


@pytest.mark.parametrize("body", ["[" * 20_000, '{"Name":' * 20_000], ids=["lists", "objects"])
def test_bodies_nested_beyond_reason_are_refused_and_nothing_fails(local: LocalAws, body: str) -> None:
    scope = "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/quicksight/aws4_request"
    for path, header in (
        ("/_qs/faults", {"X_QS_Admin_Token": local.admin_token}),
        (f"/accounts/{A}/data-sets", {"Authorization": scope}),
    ):
        status, told = _ask(local, "POST", path, body, **header)
        assert status == 400
        assert "nested too deeply" in told


def test_planned_errors_befall_the_next_calls_of_the_operation(world: World, local: LocalAws) -> None:
    local.faults.add(Fault(operation="ListDataSets", times=2, error="InternalFailureException"))
    world.qs.list_data_sources(AwsAccountId=A)
    for _ in range(2):
        with pytest.raises(world.qs.exceptions.InternalFailureException, match="fault plan"):
            world.qs.list_data_sets(AwsAccountId=A)
    world.qs.list_data_sets(AwsAccountId=A)


def test_a_planned_reset_can_hide_that_the_call_took_effect(world: World, local: LocalAws) -> None:
    world.put("t.csv", b"a\n1\n")
    world.manifest("m.json", "t.csv")
    local.faults.add(Fault(operation="CreateDataSource", reset=True))
    with pytest.raises(ConnectionClosedError):
        world.data_source("s", "m.json")
    assert world.qs.list_data_sources(AwsAccountId=A)["DataSources"] == []
    local.faults.add(Fault(operation="CreateDataSource", reset=True, applied=True))
    with pytest.raises(ConnectionClosedError):
        world.data_source("s", "m.json")
    assert len(world.qs.list_data_sources(AwsAccountId=A)["DataSources"]) == 1


def test_resets_cost_no_thread_of_the_server_and_no_other_connection(
    world: World, local: LocalAws, connect: Callable[..., World]
) -> None:
    other = connect(local.url, "other")
    other.qs.list_data_sets(AwsAccountId=A)  # its connection stays open
    local.faults.add(Fault(operation="ListDataSources", times=40, reset=True))
    for _ in range(40):  # more than the server has threads
        with pytest.raises(ConnectionClosedError):
            world.qs.list_data_sources(AwsAccountId=A)
    assert world.qs.list_data_sources(AwsAccountId=A)["DataSources"] == []
    assert other.qs.list_data_sets(AwsAccountId=A)["DataSetSummaries"] == []


def test_planned_delays_are_waited(world: World, local: LocalAws, waited: list[float]) -> None:
    local.faults.add(Fault(operation="*", delay_seconds=3))
    world.qs.list_data_sets(AwsAccountId=A)
    world.qs.list_data_sets(AwsAccountId=A)
    assert waited == [3]


def test_what_is_not_emulated_says_so(world: World, local: LocalAws) -> None:
    with pytest.raises(ClientError, match="not emulated: ListFolders"):
        world.qs.list_folders(AwsAccountId=A)
    other = boto3.Session("key", "secret", region_name="us-east-1").client("dynamodb", endpoint_url=local.url)
    with pytest.raises(ClientError) as refused:
        other.list_tables()
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_calls_for_another_account_are_refused(world: World) -> None:
    with pytest.raises(world.qs.exceptions.AccessDeniedException, match="210987654321"):
        world.qs.list_data_sets(AwsAccountId="210987654321")


def test_the_user_of_the_account_can_be_looked_up(world: World) -> None:
    listed = world.qs.list_users(AwsAccountId=A, Namespace="default")["UserList"]
    assert world.qs.describe_user(AwsAccountId=A, Namespace="default", UserName="local")["User"] == listed[0]


def test_every_operation_of_the_model_is_found_by_its_own_path() -> None:
    for name, operation in service_model.model()["operations"].items():
        template = operation["http"]["requestUri"].split("?")[0]
        uri = "/".join("x%2Fy" if part.startswith("{") else part for part in template.split("/"))
        found, labels = match(operation["http"]["method"], uri)
        assert found == name
        assert set(labels.values()) <= {"x/y"}


def test_a_port_in_use_is_told_with_its_number(local: LocalAws, tmp_path: Path) -> None:
    second = LocalAws(home=tmp_path / "second", port=local.port)
    with pytest.raises(RuntimeError, match="runs in this process already"):
        second.start()
    local.stop()
    blocker = http.client.socket.create_server(("127.0.0.1", 0))
    port = blocker.getsockname()[1]
    with blocker, pytest.raises(PortInUseError, match=f"port {port} .* in use"):
        LocalAws(home=tmp_path / "third", port=port).start()
    local.start()


def test_requests_after_a_restart_go_on_with_the_same_resources(
    start: Callable[[], LocalAws], connect: Callable[..., World]
) -> None:
    with start() as first:
        world = connect(first.url)
        world.s3.create_bucket(Bucket="bucket")
        grant = {
            "Principal": f"arn:aws:quicksight:us-east-1:{A}:user/default/u",
            "Actions": ["quicksight:DescribeDataSet"],
        }
        more = {"Tags": [{"Key": "a", "Value": "1"}], "Permissions": [grant]}
        arn = world.data_set("t", "a\n1\n", {"a": "INTEGER"}, **more)["Arn"]
        before = world.qs.describe_data_set(AwsAccountId=A, DataSetId="t")["DataSet"]
    with start() as second:
        world = connect(second.url)
        assert world.qs.describe_data_set(AwsAccountId=A, DataSetId="t")["DataSet"] == before
        assert world.qs.list_tags_for_resource(ResourceArn=arn)["Tags"] == more["Tags"]
        assert world.qs.describe_data_set_permissions(AwsAccountId=A, DataSetId="t")["Permissions"] == [grant]


def test_many_clients_at_once_are_all_served(world: World, connect: Callable[..., World], local: LocalAws) -> None:
    others = [connect(local.url, f"KEY{number}") for number in range(6)]
    for other in others:
        assert other.s3
        assert other.qs

    def start(number: int) -> str:
        other = others[number % len(others)]
        started = other.data_set(f"t{number}", "a\n1\n", {"a": "INTEGER"})
        other.s3.list_objects_v2(Bucket="bucket")
        other.qs.list_data_sets(AwsAccountId=A)
        return started["IngestionId"]

    with ThreadPoolExecutor(len(others)) as pool:
        first, *_ = pool.map(start, range(18), timeout=30)
        world.clock.now += 10
        # One of these reads the rows; those that come meanwhile are told that the ingestion runs.
        seen = pool.map(lambda other: other.ingestion("t0", first)["IngestionStatus"], others, timeout=30)
        assert set(seen) <= {"RUNNING", "COMPLETED"}
    assert world.ingestion("t0", first)["IngestionStatus"] == "COMPLETED"
    assert len(world.qs.list_data_sets(AwsAccountId=A)["DataSetSummaries"]) == 18
