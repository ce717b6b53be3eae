"""moto's ECS with what it lacks: agents, which start the tasks of ``EcsRunLauncher`` as processes of hosts."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from pathlib import Path
from threading import Event, Thread
from typing import Any, Self

import boto3
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ecs.models import ecs_backends

from qs_pipeline_tests.deploy.compose import BIN, Program

STACK = "qs"
_EVERY_SECONDS = 0.1


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


@contextmanager
def inside_the_daemons_task(account: dict[str, str]) -> Iterator[tuple[Any, dict[str, str]]]:
    """A task on ECS that the daemon may believe to be, and the environment that lets it."""
    ecs = boto3.client("ecs")
    ecs.create_cluster(clusterName=STACK)
    for name in ("daemon", "run"):
        ecs.register_task_definition(
            family=f"{STACK}-{name}",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="512",
            memory="2048",
            containerDefinitions=[{"name": name, "image": account["Image"], "memory": 2048}],
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
    uri = f"http://127.0.0.1:{server.server_port}"
    yield task, {"ECS_CONTAINER_METADATA_URI_V4": uri, "QS_RUN_TASK": f"{STACK}-run"}
    server.shutdown()
    server.server_close()


class Agents:
    """Start each task of a run on the next host, and tell ECS how it ended; a context manager."""

    def __init__(self, hosts: dict[Path, dict[str, str]], home: Path) -> None:
        """``hosts`` are folders with the environment of their processes; ``home`` is that of the daemon's container."""
        self._hosts = cycle(hosts.items())
        self._home = home
        self._ended = Event()
        self.tasks: dict[str, tuple[Path, Program]] = {}

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._work)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        for _, program in self.tasks.values():
            program.end()

    def kill_one(self) -> None:
        """Kill a run at work, as a host that fails does."""
        next(program for _, program in self.tasks.values() if program.runs).kill_container()

    def _work(self) -> None:
        while not self._ended.wait(_EVERY_SECONDS):
            for arn, task in list(ecs_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].tasks[STACK].items()):
                if arn in self.tasks:
                    _, program = self.tasks[arn]
                    if not program.runs and task.last_status != "STOPPED":
                        task.containers[0].exitCode = program.exit_code
                        task.last_status = task.desired_status = "STOPPED"
                elif task.overrides.get("containerOverrides"):
                    self.tasks[arn] = self._start(task.overrides["containerOverrides"][0])

    def _start(self, override: Any) -> tuple[Path, Program]:  # noqa: ANN401 - as the API gives it
        folder, environment = next(self._hosts)
        python, *words = override["command"]
        # The home has one path in every container, and a folder of its own here.
        command = [str(BIN / python), *(word.replace(str(self._home), str(folder)) for word in words)]
        told = {each["name"]: each["value"] for each in override.get("environment", ())}
        name = f"run-{len(self.tasks)}.log"
        program = Program(command, environment=environment | told, folder=folder, log=folder / name)
        program.start()
        return folder, program
