"""A publication that is killed at any moment and run again ends as one that nobody disturbed."""

import hashlib
import multiprocessing
import os
import random
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import dagster as dg
import pytest

from qs_pipeline.dag.keys import FINGERPRINT_TAG
from qs_pipeline.local_aws import LocalAws
from qs_pipeline_tests.dag.conftest import ACCOUNT, ASSESSMENT, Site, open_site

# Run by `make chaos` and not by `make test`: each process takes seconds to start.
KILLS = int(os.environ.get("QS_TESTS_KILLS", "3"))
ENVIRONMENT = {"QS_USER_RATE": "1000", "QS_ACCOUNT_RATE": "1000", "QS_POLL_SECONDS": "0.1", "AWS_REGION": "us-east-1"}


def _run(aws: LocalAws | None, folder: Path, environment: dict[str, str]) -> None:
    """What a run's worker does: a run like the sensor's, of everything, with the event log on disk."""
    os.environ.update(environment)
    (folder / "dagster").mkdir(exist_ok=True)
    with dg.DagsterInstance.local_temp(str(folder / "dagster")) as instance:
        site = Site(aws, instance, folder / "sample")  # pyright: ignore[reportArgumentType] - a child has no server
        instance.add_dynamic_partitions("assessment", [ASSESSMENT])
        request = dg.RunRequest(partition_key=ASSESSMENT, tags={FINGERPRINT_TAG: "any"})
        raise SystemExit(not site.run(request).success)


def publish(aws: LocalAws, folder: Path, *, calls: int | None) -> int | None:
    """A run in a process of its own, killed after so many more calls to QuickSight; tells how it ended."""
    names = ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    environment = ENVIRONMENT | {name: os.environ[name] for name in names} | {"QS_HOME": str(folder / "home")}
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["qs_pipeline_tests.dag.conftest"])  # its imports take longer than a run
    worker = context.Process(target=_run, args=(None, folder, environment))
    start = aws.stats()["calls"]
    worker.start()
    while worker.is_alive():
        if calls is not None and aws.stats()["calls"] - start >= calls:
            os.kill(worker.pid or 0, signal.SIGKILL)
        worker.join(0.002)
    return worker.exitcode


@dataclass(frozen=True, kw_only=True)
class Shown:
    """All that a publication leaves in QuickSight: data sources, rows of data sets, and the published definition."""

    sources: frozenset[str]
    rows: Mapping[str, str]
    definition: Mapping[str, Any]


def shown(site: Site) -> Shown:
    """What stands in QuickSight now; of the rows a hash each, in their order, with names and types of the columns."""
    sources = site.quicksight.list_data_sources(AwsAccountId=ACCOUNT)["DataSources"]
    published = site.quicksight.describe_dashboard_definition(
        AwsAccountId=ACCOUNT, DashboardId=f"RD-Assessment-{ASSESSMENT}"
    )
    assert published["ResourceStatus"] == "CREATION_SUCCESSFUL"
    assert not published.get("Errors")
    tables = {name: site.aws.rows(name) for name in site.data_sets()}
    return Shown(
        sources=frozenset(each.get("DataSourceId", "") for each in sources),
        rows={
            name: hashlib.sha256(repr(rows.schema).encode() + rows.write_csv().encode()).hexdigest()
            for name, rows in tables.items()
        },
        definition=published["Definition"],
    )


@pytest.mark.slow
def test_killed_at_random_moments_and_run_again_it_ends_as_if_undisturbed(
    aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (ENVIRONMENT | {"QS_HOME": str(tmp_path / "home")}).items():
        monkeypatch.setenv(name, value)
    boto3.client("s3").create_bucket(Bucket="qs-pipeline")
    (tmp_path / "dagster").mkdir()
    with dg.DagsterInstance.local_temp(str(tmp_path / "dagster")) as instance:
        site = Site(aws, instance, tmp_path / "sample")
        site.upload_sample()
        chance = random.Random(time.time_ns())  # noqa: S311 - moments, not secrets
        moments = [chance.randint(1, 30) for _ in range(KILLS)]
        ends = [publish(aws, tmp_path, calls=calls) for calls in moments]
        assert publish(aws, tmp_path, calls=None) == 0, (moments, ends)
        assert -signal.SIGKILL in ends, "somebody was killed"
        life = site.life()
        assert life.state == "published", (moments, life.reason)
        tables = [each.name for each in life.data_sets if each.state == "built" and each.rows]
        killed = shown(site)
    assert len(killed.rows) == len(tables) > 1
    aws.stop()  # a process has one
    with open_site(tmp_path / "undisturbed") as quiet:
        quiet.s3.create_bucket(Bucket="qs-pipeline")
        quiet.upload_sample()
        assert quiet.settle().success
        assert killed == shown(quiet), (moments, ends)
