"""What is killed at any moment and done again ends as what nobody disturbed: publications and retirements.

Not in `make test`: each process takes seconds. `make test-long` and `make chaos` run a short form;
``QS_TESTS_KILLS=20`` makes it long.
"""

import hashlib
import multiprocessing
import os
import random
import shutil
import signal
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from qs_pipeline.catalog import CATALOG
from qs_pipeline.dag.keys import FINGERPRINT_TAG
from qs_pipeline.dag.memory import Memory
from qs_pipeline.dag.resources import QuickSightWorkspace, StoreResource
from qs_pipeline.dag.retire import plan_retirement, retire
from qs_pipeline.definitions import defs
from qs_pipeline.local_aws import LocalAws
from qs_pipeline_tests.conftest import QUICK
from qs_pipeline_tests.dag.conftest import ACCOUNT, ASSESSMENT, Site

pytestmark = [pytest.mark.slow, pytest.mark.long]

KILLS = int(os.environ.get("QS_TESTS_KILLS", "3"))
ENVIRONMENT = {
    "QS_USER_RATE": "1000",
    "QS_ACCOUNT_RATE": "1000",
    "QS_POLL_SECONDS": "0.1",
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
}
CHANCE = random.Random(time.time_ns())  # noqa: S311 - moments, not secrets


@dataclass(frozen=True, kw_only=True)
class Moment:
    """When a process dies: so many seconds after it has made so many calls to QuickSight."""

    calls: int
    seconds: float


@contextmanager
def on_disk(folder: Path) -> Generator[Site]:
    """A site with its event log on disk, so that several processes share it; the environment leads to it."""
    (folder / "dagster").mkdir(parents=True, exist_ok=True)
    with (
        pytest.MonkeyPatch.context() as patch,
        LocalAws(home=folder / "aws", settings=QUICK) as aws,
        dg.DagsterInstance.local_temp(str(folder / "dagster")) as instance,
    ):
        for name, value in environment(folder, aws).items():
            patch.setenv(name, value)
        yield Site(aws, instance, folder / "sample")


def environment(folder: Path, aws: LocalAws) -> dict[str, str]:
    """What leads a process to the site in the folder."""
    return ENVIRONMENT | {"QS_HOME": str(folder / "home"), "AWS_ENDPOINT_URL": aws.url}


def published(site: Site) -> None:
    """A run like the sensor's, of everything."""
    site.instance.add_dynamic_partitions("assessment", [ASSESSMENT])
    assert site.run(dg.RunRequest(partition_key=ASSESSMENT, tags={FINGERPRINT_TAG: "any"})).success


def retired(site: Site) -> None:
    """The assessment taken away."""
    client, store = QuickSightWorkspace().get_client(), StoreResource().open()
    plan = plan_retirement(site.instance, client, store, CATALOG, ASSESSMENT, uploads=False)
    assert list(retire(site.instance, client, store, CATALOG, plan))


def _work(verb: Callable[[Site], None], folder: Path, variables: dict[str, str]) -> None:
    os.environ.update(variables)
    with dg.DagsterInstance.local_temp(str(folder / "dagster")) as instance:
        verb(Site(None, instance, folder / "sample"))  # pyright: ignore[reportArgumentType] - a child has no server


def in_process(verb: Callable[[Site], None], site: Site, dies: Moment | None = None) -> int | None:
    """Do it in a process of its own, killed at the moment; tells how the process ended."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["qs_pipeline_tests.dag.conftest"])  # its imports take longer than a run
    folder = site.folder.parent
    worker = context.Process(target=_work, args=(verb, folder, environment(folder, site.aws)))
    start, since = site.aws.stats()["calls"], 0.0
    worker.start()
    while worker.is_alive():
        if dies and not since and site.aws.stats()["calls"] - start >= dies.calls:
            since = time.monotonic()
        if dies and since and time.monotonic() - since >= dies.seconds:
            os.kill(worker.pid or 0, signal.SIGKILL)
        worker.join(0.002)
    return worker.exitcode


def left(site: Site) -> Mapping[str, Any]:
    """All that stands in QuickSight, in the bucket and in the event log; of rows a hash, of reports the states."""
    quicksight: Any = site.quicksight
    boards = quicksight.list_dashboards(AwsAccountId=ACCOUNT)["DashboardSummaryList"]
    definitions: dict[str, Any] = {}
    for board in (each["DashboardId"] for each in boards):
        shown = quicksight.describe_dashboard_definition(AwsAccountId=ACCOUNT, DashboardId=board)
        assert shown["ResourceStatus"] == "CREATION_SUCCESSFUL"
        assert not shown.get("Errors")
        definitions[board] = shown["Definition"]
    sources = quicksight.list_data_sources(AwsAccountId=ACCOUNT)["DataSources"]
    tables = {name: site.aws.rows(name) for name in site.data_sets()}
    objects = site.s3.list_objects_v2(Bucket="qs-pipeline").get("Contents", [])
    memory = Memory(site.instance, ASSESSMENT)
    reports = {key: memory.last(key) for key in defs.resolve_asset_graph().get_all_asset_keys()}
    return {
        "life": site.life().state,
        "partitions": site.instance.get_dynamic_partitions("assessment"),
        "reports": {key: report and report.state for key, report in reports.items()},
        "objects": {each.get("Key") for each in objects},
        "sources": {each["DataSourceId"] for each in sources},
        "rows": {
            name: hashlib.sha256(repr(rows.schema).encode() + rows.write_csv().encode()).hexdigest()
            for name, rows in tables.items()
        },
        "definitions": definitions,
    }


def killed(verb: Callable[[Site], None], before: Path, to: Path, latest: Moment) -> None:
    """Kill the verb at random moments up to the latest, each time in a copy of the site before it, and do it again."""
    with on_disk(shutil.copytree(before, to / "undisturbed")) as site:
        assert in_process(verb, site) == 0
        undisturbed = left(site)
    deaths = 0
    for number in range(KILLS):
        dies = Moment(calls=CHANCE.randint(1, latest.calls), seconds=CHANCE.uniform(0, latest.seconds))
        with on_disk(shutil.copytree(before, to / str(number))) as site:
            deaths += in_process(verb, site, dies) == -signal.SIGKILL
            assert in_process(verb, site) == 0, dies
            assert left(site) == undisturbed, dies
    assert deaths, "somebody was killed"


@pytest.fixture
def uploaded(tmp_path: Path) -> Path:
    """The folder of a site whose assessment is uploaded, and nothing is made yet."""
    with on_disk(tmp_path / "uploaded") as site:
        site.s3.create_bucket(Bucket="qs-pipeline")
        site.upload_sample()
        return tmp_path / "uploaded"


def test_a_publication_that_is_killed_and_run_again_ends_as_if_undisturbed(uploaded: Path, tmp_path: Path) -> None:
    killed(published, uploaded, tmp_path, Moment(calls=25, seconds=0.1))


def test_a_retirement_that_is_killed_and_done_again_ends_as_if_undisturbed(uploaded: Path, tmp_path: Path) -> None:
    with on_disk(uploaded) as site:
        assert in_process(published, site) == 0
        assert left(site)["rows"]
    killed(retired, uploaded, tmp_path, Moment(calls=20, seconds=0.3))
