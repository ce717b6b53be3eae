"""What is killed at any call and done again ends as what nobody disturbed: publications, rollbacks and retirements.

The embedded AWS counts the calls to QuickSight and to S3, and kills the caller at one of them: it then either was
carried out or was not. Not in `make test`: each process takes seconds. `make test-long` and `make chaos` draw a few
moments; ``QS_TESTS_KILLS=1000`` takes all there are, ``QS_TESTS_KILLS_OF='Create*'`` those at some calls.
"""

import hashlib
import multiprocessing
import os
import random
import re
import shutil
import signal
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from qs_pipeline.catalog import CATALOG
from qs_pipeline.cli.publish import roll_back
from qs_pipeline.dag.keys import FINGERPRINT_TAG
from qs_pipeline.dag.memory import Memory
from qs_pipeline.dag.resources import QuickSightWorkspace, StoreResource
from qs_pipeline.dag.retire import plan_retirement, retire
from qs_pipeline.definitions import defs
from qs_pipeline.local_aws import Fault, LocalAws
from qs_pipeline.local_aws.faults import Faults
from qs_pipeline_tests.conftest import QUICK
from qs_pipeline_tests.dag.conftest import ACCOUNT, ASSESSMENT, Site

pytestmark = [pytest.mark.slow, pytest.mark.long]

KILLS = int(os.environ.get("QS_TESTS_KILLS", "3"))
KILLS_OF = os.environ.get("QS_TESTS_KILLS_OF", "*")
ENVIRONMENT = {
    "QS_USER_RATE": "1000",
    "QS_ACCOUNT_RATE": "1000",
    "QS_POLL_SECONDS": "0.1",
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
}
CHANCE = random.Random(time.time_ns())  # noqa: S311 - moments, not secrets
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?(\+00:00)?")

Verb = Callable[[Site], None]


@dataclass(frozen=True, kw_only=True)
class Death:
    """When a process dies: at its so many-th call, which is carried out or is not."""

    call: int
    applied: bool


class Reaper(Faults):
    """A fault plan that lists the calls and kills the one who makes them at one of them."""

    def __init__(self, dies: Death | None = None) -> None:
        super().__init__()
        self.victim: BaseProcess | None = None
        self.calls: list[str] = []
        self.struck = False
        self._dies = dies

    def take(self, name: str, resources: Sequence[str] = ()) -> Fault | None:  # noqa: ARG002 - as the plan has it
        """Nothing befalls a call but the death of its caller, who hears no answer to what it still has asked."""
        if self.victim is None or name.startswith("outcome:"):
            return None
        self.calls.append(name)
        if self._dies is None or len(self.calls) != self._dies.call:
            return None
        os.kill(self.victim.pid or 0, signal.SIGKILL)
        self.struck = True
        return Fault(operation=name, reset=True, applied=self._dies.applied)


@contextmanager
def on_disk(folder: Path, reaper: Reaper | None = None) -> Generator[Site]:
    """A site with its event log on disk, so that several processes share it; the environment leads to it."""
    (folder / "dagster").mkdir(parents=True, exist_ok=True)
    with (
        pytest.MonkeyPatch.context() as patch,
        LocalAws(home=folder / "aws", settings=QUICK, faults=reaper) as aws,
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
    """The assessment taken away with its uploads."""
    client, store = QuickSightWorkspace().get_client(), StoreResource().open()
    plan = plan_retirement(site.instance, client, store, CATALOG, ASSESSMENT, uploads=True)
    if not (plan.retired and plan.is_empty):
        assert list(retire(site.instance, client, store, CATALOG, plan))


def rolled_back(site: Site) -> None:
    """The first version of the dashboard on show again, and pinned."""
    roll_back(site.instance, QuickSightWorkspace().get_client(), ASSESSMENT, 1)


def _work(verb: Verb, folder: Path, variables: dict[str, str]) -> None:
    os.environ.update(variables)
    with dg.DagsterInstance.local_temp(str(folder / "dagster")) as instance:
        verb(Site(None, instance, folder / "sample"))  # pyright: ignore[reportArgumentType] - a child has no server


def in_process(verb: Verb, site: Site, reaper: Reaper | None = None) -> int | None:
    """Do it in a process of its own, which the reaper may kill; tells how the process ended."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["qs_pipeline_tests.dag.conftest"])  # its imports take longer than a run
    folder = site.folder.parent
    worker = context.Process(target=_work, args=(verb, folder, environment(folder, site.aws)))
    if reaper:
        reaper.victim = worker
    worker.start()
    worker.join()
    if reaper:
        reaper.victim = None
    return worker.exitcode


def left(site: Site) -> Mapping[str, Any]:
    """All that stands in QuickSight, in the bucket and in the event log; of rows a hash, of moments that there are."""
    memory = Memory(site.instance, ASSESSMENT)
    reports = {key: memory.last(key) for key in defs.resolve_asset_graph().get_all_asset_keys()}
    objects = site.s3.list_objects_v2(Bucket="qs-pipeline").get("Contents", [])
    boards = _pages(site, "list_dashboards", "DashboardSummaryList", "DashboardId")
    sources = _pages(site, "list_data_sources", "DataSources", "DataSourceId")
    tables = {name: site.aws.rows(name) for name in site.data_sets()}
    return {
        "status": MOMENT.sub("then", repr(site.life())).replace(site.aws.url, ""),
        "partitions": site.instance.get_dynamic_partitions("assessment"),
        "reports": {key: report and report.state for key, report in reports.items()},
        "objects": {each.get("Key"): each.get("ETag") for each in objects},
        "dashboards": {name: _board(site, name) for name in boards},
        "data sets": {name: _granted(site, "dataset", name) for name in tables},
        "ingestions": {name: _ingestions(site, name) for name in tables},
        "data sources": {name: _granted(site, "datasource", name) for name in sources},
        "rows": {
            name: hashlib.sha256(repr(rows.schema).encode() + rows.write_csv().encode()).hexdigest()
            for name, rows in tables.items()
        },
    }


def _pages(site: Site, operation: str, member: str, identifier: str) -> list[str]:
    pages: Any = site.quicksight.get_paginator(operation).paginate(AwsAccountId=ACCOUNT)  # pyright: ignore[reportArgumentType, reportCallIssue, reportUnknownMemberType, reportUnknownVariableType] - one of three names
    return [each[identifier] for page in pages for each in page[member]]


def _board(site: Site, name: str) -> Mapping[str, Any]:
    shown = site.quicksight.describe_dashboard_definition(AwsAccountId=ACCOUNT, DashboardId=name)
    assert shown["ResourceStatus"] == "CREATION_SUCCESSFUL"
    assert not shown.get("Errors")
    described = site.quicksight.describe_dashboard(AwsAccountId=ACCOUNT, DashboardId=name)["Dashboard"]
    versions = site.quicksight.list_dashboard_versions(AwsAccountId=ACCOUNT, DashboardId=name)
    return {
        "definition": shown["Definition"],
        "published": described["Version"]["VersionNumber"],
        "versions": [each.get("VersionNumber") for each in versions["DashboardVersionSummaryList"]],
        **_granted(site, "dashboard", name),
    }


def _granted(site: Site, kind: str, name: str) -> Mapping[str, Any]:
    """To whom it is granted, and its tags."""
    api: Any = site.quicksight
    asked = {
        "dataset": lambda: api.describe_data_set_permissions(AwsAccountId=ACCOUNT, DataSetId=name),
        "datasource": lambda: api.describe_data_source_permissions(AwsAccountId=ACCOUNT, DataSourceId=name),
        "dashboard": lambda: api.describe_dashboard_permissions(AwsAccountId=ACCOUNT, DashboardId=name),
    }
    arn = f"arn:aws:quicksight:us-east-1:{ACCOUNT}:{kind}/{name}"
    granted = {each["Principal"]: sorted(each["Actions"]) for each in asked[kind]()["Permissions"]}
    tags = {each["Key"]: each["Value"] for each in api.list_tags_for_resource(ResourceArn=arn)["Tags"]}
    return {"permissions": granted, "tags": tags}


def _ingestions(site: Site, name: str) -> list[Any]:
    """How each load of a data set ended, and of how many rows: what is loaded twice is here twice."""
    found = site.quicksight.list_ingestions(AwsAccountId=ACCOUNT, DataSetId=name)["Ingestions"]
    return [(each["IngestionStatus"], each.get("RowInfo")) for each in found]


def killed(verb: Verb, before: Path, to: Path, *, check: Verb = lambda _: None) -> None:
    """Kill the verb at calls drawn from all that it makes, each time in a copy of the site before it; do it again.

    ``check`` looks at what the killed one left.
    """
    watching = Reaper()
    with on_disk(shutil.copytree(before, to / "undisturbed"), watching) as site:
        assert in_process(verb, site, watching) == 0
        undisturbed = left(site)
    deaths = [
        Death(call=number, applied=applied)
        for number, name in enumerate(watching.calls, start=1)
        for applied in (False, True)
        if fnmatchcase(name, KILLS_OF)
    ]
    for number, dies in enumerate(CHANCE.sample(deaths, min(KILLS, len(deaths)))):
        reaper = Reaper(dies)
        folder = shutil.copytree(before, to / str(number))
        with on_disk(folder, reaper) as site:
            assert in_process(verb, site, reaper) == -signal.SIGKILL or not reaper.struck
            where = f"{dies} at {reaper.calls[-1]}"
            check(site)
            assert in_process(verb, site) == 0, where
            for what, stands in left(site).items():
                assert stands == undisturbed[what], f"{what} after {where}"
        shutil.rmtree(folder)


@pytest.fixture
def uploaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a site whose assessment is uploaded, and nothing is made; what will be is granted to somebody."""
    monkeypatch.setenv("QS_OWNERS", f"arn:aws:quicksight:us-east-1:{ACCOUNT}:user/default/local")
    monkeypatch.setenv("QS_VIEWERS", f"arn:aws:quicksight:us-east-1:{ACCOUNT}:group/default/readers")
    with on_disk(tmp_path / "uploaded") as site:
        site.s3.create_bucket(Bucket="qs-pipeline")
        site.upload_sample()
        return tmp_path / "uploaded"


@pytest.fixture
def made(uploaded: Path) -> Path:
    """The folder of a site that is published."""
    with on_disk(uploaded) as site:
        assert in_process(published, site) == 0
        assert left(site)["rows"]
    return uploaded


@pytest.fixture
def changed(made: Path) -> Path:
    """The folder of a published site, of which then one upload was replaced and one deleted."""
    with on_disk(made) as site:
        site.replace("Locations", site.path("Locations").read_text().replace("Arid", "Cold"))
        site.delete("RD_I_PaxLocationAll")
    return made


def test_a_first_publication_that_is_killed_and_run_again_ends_as_if_undisturbed(
    uploaded: Path, tmp_path: Path
) -> None:
    killed(published, uploaded, tmp_path)


def test_a_later_publication_that_is_killed_and_run_again_ends_as_if_undisturbed(changed: Path, tmp_path: Path) -> None:
    killed(published, changed, tmp_path)


def test_a_rollback_that_is_killed_and_done_again_ends_as_if_undisturbed(made: Path, tmp_path: Path) -> None:
    with on_disk(made) as site:
        again = site.by_hand()
        assert again.success
        assert site.life().version == 2
    killed(rolled_back, made, tmp_path)


def test_a_retirement_that_is_killed_and_done_again_ends_as_if_undisturbed(made: Path, tmp_path: Path) -> None:
    def told(site: Site) -> None:
        untouched = site.sheets() if site.life().state == "published" else None
        assert untouched or site.life().state in ("retired in part", "retired"), "status says how far it is"

    killed(retired, made, tmp_path, check=told)
