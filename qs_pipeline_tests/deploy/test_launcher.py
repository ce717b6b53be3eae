"""How ``deploy/dagster.yaml`` starts a run on ECS, against moto's."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
import dagster as dg
import pytest
from dagster._core.code_pointer import ModuleCodePointer
from dagster._core.launcher.base import LaunchRunContext
from dagster._core.origin import JobPythonOrigin, RepositoryPythonOrigin

from qs_pipeline.definitions import defs
from qs_pipeline_tests.deploy.conftest import DEPLOY
from qs_pipeline_tests.quicksight.postgres import Postgres

pytestmark = pytest.mark.long
STACK = "qs"


class _Metadata(BaseHTTPRequestHandler):
    """What ECS tells a task about itself."""

    task: str

    def do_GET(self) -> None:
        body = json.dumps({"Cluster": STACK, "TaskARN": self.task}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def inside_the_daemons_task(account: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """This process, as if it were the daemon on ECS; the value is the task that it runs in."""
    ecs = boto3.client("ecs")
    ecs.create_cluster(clusterName=STACK)
    for family, container in (("daemon", "daemon"), ("run", "run")):
        ecs.register_task_definition(
            family=f"{STACK}-{family}",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="512",
            memory="2048",
            containerDefinitions=[{"name": container, "image": account["Image"], "memory": 2048}],
        )
    network = {"subnets": account["SubnetIds"].split(","), "securityGroups": [account["WebClients"]]}
    task = ecs.run_task(
        cluster=STACK,
        taskDefinition=f"{STACK}-daemon",
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": network},  # pyright: ignore[reportArgumentType]
    )["tasks"][0]
    handler = type("Handler", (_Metadata,), {"task": task["taskArn"]})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("ECS_CONTAINER_METADATA_URI_V4", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("QS_RUN_TASK", f"{STACK}-run")
    yield task
    server.shutdown()
    server.server_close()


def test_a_run_becomes_a_task_with_its_command_in_the_daemons_network(
    inside_the_daemons_task: Any,  # noqa: ANN401
    server: Postgres,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DAGSTER_POSTGRES_URL", server.url)
    monkeypatch.setenv("QS_LOGS_BUCKET", "logs")
    (tmp_path / "dagster.yaml").write_text((DEPLOY / "dagster.yaml").read_text())
    pointer = ModuleCodePointer("qs_pipeline.definitions", "defs", None)
    code = RepositoryPythonOrigin(executable_path="python", code_pointer=pointer)
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        run = instance.create_run_for_job(defs.resolve_job_def("assessment"), tags={"dagster/partition": "2002"})
        with_code = run._replace(job_code_origin=JobPythonOrigin("assessment", code))
        instance.run_launcher.launch_run(LaunchRunContext(dagster_run=with_code, workspace=None))
        found = instance.get_run_by_id(run.run_id)
        assert found is not None
    ecs = boto3.client("ecs")
    (task,) = ecs.describe_tasks(cluster=STACK, tasks=[found.tags["ecs/task_arn"]], include=["TAGS"])["tasks"]
    assert task["taskDefinitionArn"].endswith(f"task-definition/{STACK}-run:1")
    assert task["launchType"] == "FARGATE"
    (override,) = task["overrides"]["containerOverrides"]
    assert override["name"] == "run"
    assert override["command"][:-1] == ["python", "-m", "dagster", "api", "execute_run"]
    assert json.loads(override["command"][-1])["pipeline_run_id"] == run.run_id
    assert "secret-word" not in repr(override)
    assert {"key": "dagster/run_id", "value": run.run_id} in task["tags"]

    def network(one: Any) -> set[str]:  # noqa: ANN401
        details = [detail for each in one["attachments"] for detail in each["details"]]
        return {detail["value"] for detail in details if detail["name"] == "subnetId"}

    assert network(task) <= network(inside_the_daemons_task)
