"""``deploy/dagster.yaml`` at work: runs become tasks on two hosts that share nothing but PostgreSQL and AWS."""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import boto3
import dagster as dg
import pytest
from moto.moto_api import state_manager
from moto.server import ThreadedMotoServer

from qs_pipeline.catalog import CATALOG
from qs_pipeline.cli.uploading import plan_folder, put
from qs_pipeline.dag.keys import DASHBOARD, PARTITION_TAG
from qs_pipeline.dag.memory import data_versions
from qs_pipeline.dag.resources import StoreResource
from qs_pipeline.local_aws import LocalAws
from qs_pipeline.local_aws import Settings as AwsSettings
from qs_pipeline.sample import write_sample
from qs_pipeline.service.processes import HOST, free_port, listens
from qs_pipeline.settings import working_in
from qs_pipeline_tests.chaos.world import wait
from qs_pipeline_tests.dag.conftest import ALL, FEW
from qs_pipeline_tests.deploy.compose import BIN, Program
from qs_pipeline_tests.deploy.conftest import DEPLOY, network
from qs_pipeline_tests.deploy.ecs import Agents, inside_the_daemons_task
from qs_pipeline_tests.deploy.test_compose import SETTINGS
from qs_pipeline_tests.quicksight.postgres import Postgres

pytestmark = pytest.mark.long
ROLES = [f"arn:aws:iam::123456789012:role/publisher-{number}" for number in range(5)]
ASSESSMENTS = [f"many-{number}" for number in range(6)]
RATE = 25


@dataclass
class Site:
    """The account and the database, the hosts and who looks at them."""

    aws: LocalAws
    agents: Agents
    instance: dg.DagsterInstance
    folder: Path

    def upload(self, names: list[str]) -> None:
        """Small assessments, all at once."""
        for name in names:
            write_sample(self.folder, assessment=name, size="small", seed=7, without=ALL - FEW)
        for planned in plan_folder(self.folder, CATALOG).values():
            put(StoreResource().open(), planned)

    def published(self, names: list[str]) -> bool:
        """Whether all have a receipt and nothing is under way."""
        runs = self.instance.get_runs()
        return data_versions(self.instance, DASHBOARD).keys() >= set(names) and all(run.is_finished for run in runs)

    def spans(self, name: str) -> list[tuple[float, float]]:
        """When the runs of an assessment began and ended."""
        records = self.instance.get_run_records(dg.RunsFilter(tags={PARTITION_TAG: name}))
        return sorted((each.start_time, each.end_time) for each in records if each.start_time and each.end_time)


def host(folder: Path, environment: dict[str, str]) -> dict[str, str]:
    """A folder as the home of a container of the image, and the environment of its processes."""
    (folder / "dagster").mkdir(parents=True)
    (folder / "dagster" / "dagster.yaml").write_text((DEPLOY / "dagster.yaml").read_text())
    return environment | {"QS_HOME": str(folder), "DAGSTER_HOME": str(folder / "dagster")}


@contextmanager
def programs(home: Path, environment: dict[str, str]) -> Iterator[None]:
    """The code location and the daemon, with the workspace of the image."""
    port = free_port()
    (home / "workspace.yaml").write_text((DEPLOY / "workspace.yaml").read_text().replace("4000", str(port)))
    code = ["dagster", "api", "grpc", "-m", "qs_pipeline.definitions", "-h", HOST, "-p", str(port)]
    started: list[Program] = []
    try:
        for name, words in (("code", code), ("daemon", ["dagster-daemon", "run", "-w", "workspace.yaml"])):
            command = [str(BIN / words[0]), *words[1:]]
            log = home / f"{name}.log"
            started.append(Program(command, environment=environment, folder=home, log=log))
            started[-1].start()
            assert wait(lambda: listens(port), seconds=60, every=0.1), log.read_text()
        yield
    finally:
        for each in reversed(started):
            each.end()


@pytest.fixture
def site(tmp_path: Path, server: Postgres) -> Iterator[Site]:
    """A daemon and two hosts for its runs, on an account of 25 calls a second with five roles."""
    server.create("hosts")
    state_manager.set_transition("ecs::task", {"progression": "manual", "times": 10**9})  # tasks run until they end
    port = free_port()
    elsewhere = ThreadedMotoServer(HOST, port, verbose=False)
    elsewhere.start()
    with LocalAws(home=tmp_path / "aws", settings=replace(AwsSettings(), permission_rate=1000.0)) as aws:
        other = dict.fromkeys(("ECS", "EC2", "SECRETS_MANAGER", "CLOUDWATCH_LOGS"), f"http://{HOST}:{port}")
        environment = {
            **SETTINGS,
            **{f"AWS_ENDPOINT_URL_{service}": url for service, url in other.items()},
            "AWS_ENDPOINT_URL": aws.url,
            "AWS_DEFAULT_REGION": "us-east-1",
            "PATH": os.environ["PATH"],
            "QS_TARGET": "aws",
            "QS_USER_RATE": "5",
            "QS_ACCOUNT_RATE": str(RATE),
            "QS_PRINCIPALS": ",".join(ROLES),
            "QS_LOGS_BUCKET": "logs",
            "QS_CODE_HOST": HOST,
            "DAGSTER_POSTGRES_URL": server.url_of("hosts"),
            "QS_LIMITER_URL": server.url_of("hosts"),
        }
        with working_in(environment), inside_the_daemons_task(network()) as (_, told):
            for bucket in ("qs-pipeline", "logs"):
                boto3.client("s3").create_bucket(Bucket=bucket)
            home = tmp_path / "daemon"
            ours = host(home, environment | told)
            hosts = {tmp_path / name: host(tmp_path / name, environment | told) for name in ("north", "south")}
            with (
                working_in(ours),
                dg.DagsterInstance.from_config(str(home / "dagster")) as instance,
                Agents(hosts, home) as agents,
                programs(home, ours),
            ):
                yield Site(aws, agents, instance, tmp_path / "sample")
    elsewhere.stop()
    state_manager.unset_transition("ecs::task")


def test_two_hosts_share_the_limits_and_what_a_lost_task_left_is_published_by_another(site: Site) -> None:
    site.upload(ASSESSMENTS)
    assert wait(lambda: any(program.runs for _, program in site.agents.tasks.values()), seconds=60, every=0.1)
    assert wait(lambda: site.aws.stats()["calls"] > 0, seconds=60, every=0.1)
    site.agents.kill_one()
    assert wait(lambda: site.published(ASSESSMENTS), seconds=170), [
        (run.tags.get(PARTITION_TAG), run.status.value) for run in site.instance.get_runs()
    ]
    stats = site.aws.stats()
    assert stats["throttled"] == 0
    assert stats["busiest_second"]["account"] <= RATE
    assert set(Counter(host for host, _ in site.agents.tasks.values())) == {
        site.folder.parent / "north",
        site.folder.parent / "south",
    }
    for name in ASSESSMENTS:
        spans = site.spans(name)
        assert all(ended <= begun for (_, ended), (begun, _) in pairwise(spans)), spans
    called = {role.rpartition(":")[2] for role in ROLES}
    assert called <= stats["busiest_second"]["principals"].keys(), "each role takes its turn"
