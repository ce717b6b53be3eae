"""A site without processes of its own: a real Dagster instance and the embedded AWS."""

import dataclasses
import shutil
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import dagster as dg
import pytest

from qs_pipeline.catalog import CATALOG
from qs_pipeline.cli.uploading import plan_folder, put
from qs_pipeline.dag.keys import assessments
from qs_pipeline.dag.lifecycle import AssessmentLife, assessment_life
from qs_pipeline.dag.memory import Memory, Report
from qs_pipeline.dag.resources import StoreResource
from qs_pipeline.dag.sensor import upload_sensor
from qs_pipeline.definitions import defs
from qs_pipeline.local_aws import LocalAws
from qs_pipeline.model import AssessmentId
from qs_pipeline.sample import write_sample
from qs_pipeline_tests.conftest import QUICK

ASSESSMENT = AssessmentId("2002")
ACCOUNT = "123456789012"
# Enough to have every kind of asset, and few enough to be quick.
FEW = frozenset({"assessment", "force_flow", "class_i"})
ALL = frozenset(each.key for each in CATALOG.classes if each.uploads)
WRITES = ("Create", "Update", "Delete")


class Site:
    """What a person and the daemon do, as methods."""

    def __init__(self, aws: LocalAws, instance: dg.DagsterInstance, folder: Path) -> None:
        self.aws = aws
        self.instance = instance
        self.folder = folder
        self.s3 = boto3.client("s3")
        self.quicksight = boto3.client("quicksight")
        self.cursor: str | None = None
        self.job = defs.resolve_job_def("assessment")
        self.sensor = upload_sensor(CATALOG, self.job.name, pause=lambda _: None)

    def upload_sample(self, *, classes: frozenset[str] = FEW, only: tuple[str, ...] = ()) -> None:
        """Write a small sample of some classes of supply and upload it, all of it or the uploads named."""
        without = frozenset(each.key for each in CATALOG.classes if each.uploads) - classes
        write_sample(self.folder, assessment=ASSESSMENT, size="small", seed=7, without=without)
        planned = plan_folder(self.folder, CATALOG)[ASSESSMENT]
        put(StoreResource().open(), [each for each in planned if not only or each.path.stem in only])

    def path(self, name: str) -> Path:
        """The sample's file of an upload."""
        return next(self.folder.rglob(f"{name}.csv"))

    def key(self, name: str) -> str:
        """The key of an upload."""
        return self.path(name).relative_to(self.folder).as_posix()

    def replace(self, name: str, text: str) -> None:
        """Upload another content under the key of the upload."""
        self.s3.put_object(Bucket="qs-pipeline", Key=self.key(name), Body=text.encode())

    def delete(self, name: str) -> None:
        """Take an upload away."""
        self.s3.delete_object(Bucket="qs-pipeline", Key=self.key(name))

    def tick(self) -> dg.SensorResult:
        """One tick of the sensor: what is new is looked at twice, without the pause in between."""
        context = dg.build_sensor_context(
            instance=self.instance, cursor=self.cursor, resources={"store": StoreResource()}, definitions=defs
        )
        result = self.sensor(context)
        assert isinstance(result, dg.SensorResult)
        for request in result.dynamic_partitions_requests or ():
            self.instance.add_dynamic_partitions(assessments.name, request.partition_keys)
        self.cursor = result.cursor
        return result

    def run(self, request: dg.RunRequest) -> dg.ExecuteInProcessResult:
        """Do what the sensor asked for."""
        return self.job.execute_in_process(
            instance=self.instance,
            partition_key=request.partition_key,
            asset_selection=request.asset_selection,
            tags=dict(request.tags),
            raise_on_error=False,
        )

    def settle(self) -> dg.ExecuteInProcessResult:
        """A tick, then the run that it asks for."""
        (request,) = self.tick().run_requests or ()
        return self.run(request)

    def by_hand(self, *selection: dg.AssetKey) -> dg.ExecuteInProcessResult:
        """Materialize assets as a person does in the UI."""
        return self.job.execute_in_process(
            instance=self.instance,
            partition_key=ASSESSMENT,
            asset_selection=list(selection) or None,
            raise_on_error=False,
        )

    def report(self, key: dg.AssetKey) -> Report:
        """The latest report of an asset."""
        report = Memory(self.instance, ASSESSMENT).last(key)
        assert report is not None, f"{key.to_user_string()} never reported"
        return report

    def life(self) -> AssessmentLife:
        """The lifecycle of the assessment."""
        return assessment_life(self.instance, CATALOG, ASSESSMENT)

    def sheets(self) -> list[str]:
        """The tabs of the dashboard as QuickSight publishes it."""
        definition = self.quicksight.describe_dashboard_definition(
            AwsAccountId=ACCOUNT, DashboardId=f"RD-Assessment-{ASSESSMENT}"
        )["Definition"]
        return [sheet["Name"] for sheet in definition["Sheets"]]

    def data_sets(self) -> set[str]:
        """The ids of the data sets in QuickSight."""
        found = self.quicksight.list_data_sets(AwsAccountId=ACCOUNT)["DataSetSummaries"]
        return {each["DataSetId"] for each in found}

    def calls(self) -> dict[str, int]:
        """How often each QuickSight operation was called."""
        return {name: each["calls"] for name, each in operations(self.aws.stats()).items()}

    def writes(self) -> int:
        """How many calls wrote to QuickSight."""
        return sum(count for name, count in self.calls().items() if name.startswith(WRITES))


def operations(stats: Mapping[str, Any]) -> dict[str, Any]:
    """The part of the emulator's statistics that counts operations."""
    return dict(stats["operations"])


@contextmanager
def open_site(folder: Path) -> Generator[Site]:
    """A site whose QuickSight has no limits, so that tests are quick; its state in S3 and QuickSight is kept there."""
    environment = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "QS_HOME": str(folder / "home"),
        "QS_USER_RATE": "1000",
        "QS_ACCOUNT_RATE": "1000",
        "QS_POLL_SECONDS": "0.1",
    }
    with (
        pytest.MonkeyPatch.context() as patch,
        LocalAws(home=folder / "aws", settings=QUICK) as aws,
        dg.DagsterInstance.ephemeral() as instance,
    ):
        for name, value in (environment | {"AWS_ENDPOINT_URL": aws.url}).items():
            patch.setenv(name, value)
        yield Site(aws, instance, folder / "sample")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """An empty site."""
    with open_site(tmp_path) as opened:
        opened.s3.create_bucket(Bucket="qs-pipeline")
        yield opened


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A site as it was left: its folder, its event log, the sensor's cursor, what it asked for and what that cost."""

    folder: Path
    instance: dg.DagsterInstance
    cursor: str | None
    request: dg.RunRequest
    calls: dict[str, int]

    def copy_events(self, to: dg.DagsterInstance) -> None:
        """Say to another instance all that was said to this one, in order."""
        for run in self.instance.get_runs(ascending=True):
            assert run.job_snapshot_id is not None
            assert run.execution_plan_snapshot_id is not None
            to.run_storage.add_job_snapshot(self.instance.get_job_snapshot(run.job_snapshot_id))
            plan = self.instance.get_execution_plan_snapshot(run.execution_plan_snapshot_id)
            to.run_storage.add_execution_plan_snapshot(plan)
            to.add_run(run)
            for entry in self.instance.all_logs(run.run_id):
                to.store_event(entry)
        to.add_dynamic_partitions("assessment", self.instance.get_dynamic_partitions("assessment"))


@pytest.fixture(scope="session")
def publication(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    """One publication of all uploads of ``FEW``, made once: it takes seconds, and a copy of it a tenth of that."""
    folder = tmp_path_factory.mktemp("published")
    with ExitStack() as kept:
        with open_site(folder) as made:
            made.s3.create_bucket(Bucket="qs-pipeline")
            made.upload_sample()
            (request,) = made.tick().run_requests or ()
            assert made.run(request).success
            instance = kept.enter_context(dg.DagsterInstance.ephemeral())
            left = Snapshot(
                folder=folder, instance=made.instance, cursor=made.cursor, request=request, calls=made.calls()
            )
            left.copy_events(instance)
        yield dataclasses.replace(left, instance=instance)


@pytest.fixture
def published(publication: Snapshot, tmp_path: Path) -> Iterator[Site]:
    """A site of its own whose assessment is published with all its uploads; its calls are counted from here."""
    for part in ("aws", "home", "sample"):
        shutil.copytree(publication.folder / part, tmp_path / part)
    with open_site(tmp_path) as opened:
        publication.copy_events(opened.instance)
        opened.cursor = publication.cursor
        yield opened
