"""How ``deploy/dagster.yaml`` starts a run on ECS, against moto's."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import dagster as dg
import pytest
from dagster._core.code_pointer import ModuleCodePointer
from dagster._core.launcher.base import LaunchRunContext
from dagster._core.origin import JobPythonOrigin, RepositoryPythonOrigin

from qs_pipeline.definitions import defs
from qs_pipeline_tests.deploy.conftest import DEPLOY
from qs_pipeline_tests.deploy.ecs import STACK, inside_the_daemons_task
from qs_pipeline_tests.quicksight.postgres import Postgres

pytestmark = pytest.mark.long


@pytest.fixture
def daemon_task(account: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """This process, as if it were the daemon on ECS; the value is the task that it runs in."""
    with inside_the_daemons_task(account) as (task, environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield task


def test_a_run_becomes_a_task_with_its_command_in_the_daemons_network(
    daemon_task: Any,  # noqa: ANN401
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

    assert network(task) <= network(daemon_task)
