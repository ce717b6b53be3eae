"""The instances of ``deploy/`` on a real PostgreSQL server."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from dagster_postgres import DagsterPostgresStorage

from qs_pipeline.local_aws import LocalAws
from qs_pipeline_tests.conftest import ask
from qs_pipeline_tests.dag.conftest import Site
from qs_pipeline_tests.deploy.conftest import DEPLOY, instance_of
from qs_pipeline_tests.quicksight.postgres import Postgres

pytestmark = pytest.mark.long
DEPLOYED = ("deploy/dagster.yaml", "deploy/dagster.one-host.yaml")


@pytest.fixture(autouse=True)
def _environment(server: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the files take from the environment, but for AWS."""
    monkeypatch.setenv("DAGSTER_POSTGRES_URL", server.url)
    monkeypatch.setenv("QS_LOGS_BUCKET", "logs")


@pytest.mark.parametrize("file", DEPLOYED)
def test_all_queries_of_a_process_go_through_one_connection(
    file: str, tmp_path: Path, connections: list[object]
) -> None:
    with instance_of(file, tmp_path / "home") as instance:
        ask(instance, 1)
        connections.clear()
        ask(instance, 10)
        assert len(connections) <= 1


def test_stock_storage_still_opens_one_for_every_query(server: Postgres, connections: list[object]) -> None:
    stock = DagsterPostgresStorage(server.url.replace("postgresql:", "postgresql+psycopg2:"))
    connections.clear()
    for _ in range(3):
        stock.run_storage.get_runs(limit=1)
    assert len(connections) == 3, "a pool of our own is no longer needed: drop qs_pipeline/postgres_storage.py"


def test_a_database_that_was_restarted_is_found_again(server: Postgres, tmp_path: Path) -> None:
    with instance_of(DEPLOYED[0], tmp_path / "home") as instance:
        instance.add_dynamic_partitions("restarted", ["2002"])
        server.stop()
        server.start()
        assert instance.get_dynamic_partitions("restarted") == ["2002"]


def test_the_password_stays_out_of_what_runs_are_handed(tmp_path: Path) -> None:
    with instance_of(DEPLOYED[0], tmp_path / "home") as instance:
        assert "secret-word" not in repr(instance.get_ref().to_dict())


def test_what_holds_of_one_host_holds_of_several() -> None:
    ours: dict[str, Any] = yaml.safe_load((DEPLOY.parent / "dagster.yaml").read_text())
    for file in DEPLOYED:
        theirs: dict[str, Any] = yaml.safe_load((DEPLOY.parent / file).read_text())
        for either in (ours, theirs):  # where all is kept is what differs; how many at once is a matter of size
            either.pop("storage", None)
            either["concurrency"]["runs"].pop("max_concurrent_runs", None)
            either["concurrency"]["pools"].pop("default_limit", None)
            either["run_monitoring"].pop("start_timeout_seconds", None)
        assert {name: theirs[name] for name in ours} == ours


@pytest.fixture
def site(aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Postgres) -> Iterator[Site]:
    """A site on the instance and the limiter of several hosts."""
    for name, value in {
        "QS_HOME": str(tmp_path / "home"),
        "QS_USER_RATE": "1000",
        "QS_ACCOUNT_RATE": "1000",
        "QS_POLL_SECONDS": "0.1",
        "QS_LIMITER_URL": server.url,
    }.items():
        monkeypatch.setenv(name, value)
    for bucket in ("qs-pipeline", "logs"):
        boto3.client("s3").create_bucket(Bucket=bucket)
    with instance_of(DEPLOYED[0], tmp_path / "home") as instance:
        yield Site(aws, instance, tmp_path / "sample")


def test_an_assessment_is_published_and_a_restored_backup_knows_it(
    site: Site, server: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.upload_sample()
    assert site.settle().success
    assert not site.tick().run_requests
    logs = boto3.client("s3").list_objects_v2(Bucket="logs", Prefix="compute-logs/").get("Contents", [])
    assert logs, "what the steps print is kept on S3"

    monkeypatch.setenv("DAGSTER_POSTGRES_URL", server.restored_copy("restored"))
    with instance_of(DEPLOYED[0], tmp_path / "restored") as restored:
        again = Site(site.aws, restored, tmp_path / "sample")
        assert again.life().state == "published"
        assert not again.tick().run_requests
