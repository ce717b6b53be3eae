"""The services of ``deploy/compose.yaml`` on a real PostgreSQL, killed and started again while they publish."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import boto3
import dagster as dg
import pytest

from qs_pipeline.catalog import CATALOG
from qs_pipeline.cli.uploading import plan_folder, put
from qs_pipeline.dag.keys import PARTITION_TAG
from qs_pipeline.dag.lifecycle import assessment_life
from qs_pipeline.dag.resources import StoreResource
from qs_pipeline.local_aws import LocalAws
from qs_pipeline.model import AssessmentId
from qs_pipeline.sample import write_sample
from qs_pipeline.settings import working_in
from qs_pipeline_tests.chaos.world import wait
from qs_pipeline_tests.conftest import QUICK
from qs_pipeline_tests.dag.conftest import ACCOUNT, ALL, FEW
from qs_pipeline_tests.deploy.compose import Compose
from qs_pipeline_tests.quicksight.postgres import Postgres

pytestmark = pytest.mark.long
# Long enough that whoever is killed is killed while it loads.
SLOW = replace(QUICK, ingestion_seconds=4.0)
# Of a run whose server was killed: it ended with its container, or was asked to end when the next server started.
ENDED = ("The service was stopped while this run was under way.", "Execution was interrupted unexpectedly.")
SETTINGS = {
    "QS_BUCKET": "qs-pipeline",
    "QS_USER_RATE": "1000",
    "QS_ACCOUNT_RATE": "1000",
    "QS_POLL_SECONDS": "0.2",
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


@dataclass
class Host:
    """One host with all services, its account, and the eyes of who looks at them."""

    compose: Compose
    database: Postgres
    instance: dg.DagsterInstance
    folder: Path

    def upload(self, name: str) -> None:
        """A small assessment."""
        write_sample(self.folder, assessment=name, size="small", seed=7, without=ALL - FEW)
        put(StoreResource().open(), plan_folder(self.folder, CATALOG)[AssessmentId(name)])

    def runs(self, name: str) -> list[dg.RunRecord]:
        """Runs of an assessment, the newest first."""
        return list(self.instance.get_run_records(dg.RunsFilter(tags={PARTITION_TAG: name})))

    def words(self, run: dg.RunRecord) -> str:
        """What the event log says of a run, in one text."""
        return "\n".join(entry.message for entry in self.instance.all_logs(run.dagster_run.run_id))

    def loads(self, name: str) -> bool:
        """Whether a run of the assessment has begun to load data sets."""
        found = self.quicksight.list_data_sets(AwsAccountId=ACCOUNT)["DataSetSummaries"]
        return any(each["DataSetId"].endswith(f"-{name}") for each in found)

    def published(self, name: str) -> bool:
        """Whether its dashboard shows its uploads, and no run is under way; what has ended by itself is restarted."""
        self.compose.restart_ended()
        return assessment_life(self.instance, CATALOG, AssessmentId(name)).state == "published" and all(
            each.dagster_run.is_finished for each in self.runs(name)
        )

    @property
    def quicksight(self) -> Any:  # noqa: ANN401 - its stubs know each answer, and tests a few
        """The account's QuickSight."""
        return boto3.client("quicksight")


@contextmanager
def host_in(folder: Path, database: Postgres) -> Iterator[Host]:
    """A host with its services up."""
    database.create("dagster")
    with LocalAws(home=folder / "aws", settings=SLOW) as aws:
        compose = Compose(folder, database, {**SETTINGS, "AWS_ENDPOINT_URL": aws.url})
        with working_in(compose.environment()):
            boto3.client("s3").create_bucket(Bucket="qs-pipeline")
            try:
                compose.start()
                with dg.DagsterInstance.from_config(str(compose.home / "dagster")) as instance:
                    yield Host(compose, database, instance, folder / "sample")
            finally:
                compose.stop()


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory, server: Postgres) -> Iterator[Host]:
    """One host for all tests of this file: they build on each other as days do."""
    with host_in(tmp_path_factory.mktemp("host"), server) as up:
        yield up


def restart(host: Host, victim: str) -> None:
    """Kill a part of the host, and start it again."""
    match victim:
        case "database":
            host.database.stop()
            host.database.start()
        case "code server":  # without its container: its runs live on, as nobody's
            host.compose.programs["code"].kill()
            host.compose.start("code")
        case container:
            host.compose.programs[container].kill_container()
            host.compose.start(container)


@pytest.mark.parametrize("victim", ["code", "code server", "daemon", "webserver", "database"])
def test_whatever_is_killed_and_started_again_everything_is_published(host: Host, victim: str) -> None:
    name = victim.replace(" ", "-")
    host.upload(name)
    assert wait(lambda: host.loads(name), seconds=60, every=0.1), "no run began to publish"
    restart(host, victim)
    assert wait(lambda: host.published(name), seconds=150), [each.dagster_run.status for each in host.runs(name)]
    spans = sorted((each.start_time, each.end_time) for each in host.runs(name) if each.start_time and each.end_time)
    assert all(ended <= begun for (_, ended), (begun, _) in pairwise(spans)), spans
    if victim.startswith("code"):  # the newest run is the one that published
        words = host.words(host.runs(name)[1])
        assert any(each in words for each in ENDED), words
    dashboards = host.quicksight.list_dashboards(AwsAccountId=ACCOUNT)["DashboardSummaryList"]
    assert [each["DashboardId"] for each in dashboards].count(f"RD-Assessment-{name}") == 1
