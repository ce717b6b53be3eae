"""What a tick of the sensor costs beside 20,000 uploads: listing all of them, and told by a queue.

A script, ``ticks.py [ASSESSMENTS [postgresql]]``: 1,000 assessments of 20 files and SQLite where nothing is said. A
listing tick may take 1.5 s beyond the bare listing calls; a tick with a queue costs in proportion to what it is told,
and may take 2 s beside 10,000 assessments. On PostgreSQL it is measured in a real daemon, too.

The embedded AWS goes through all of its keys, under one lock, for each listing, and answers at once; S3 does neither.
So what is told is measured beside a bare listing of the same prefixes, one after the other, and again with answers that
take as long as those of S3 may.
"""

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import dagster as dg
from dagster._core.scheduler.instigation import InstigatorTick
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends

from qs_pipeline.catalog import CATALOG
from qs_pipeline.dag.decide import Seen
from qs_pipeline.dag.keys import DASHBOARD, assessments
from qs_pipeline.dag.listing import look_at, sweep
from qs_pipeline.dag.memory import DATA_VERSION_TAG
from qs_pipeline.dag.resources import StoreResource
from qs_pipeline.dag.sensor import upload_sensor
from qs_pipeline.definitions import defs
from qs_pipeline.local_aws import Fault, LocalAws
from qs_pipeline.model import AssessmentId
from qs_pipeline.service.processes import HOST
from qs_pipeline.settings import Settings, local_environment, working_in
from qs_pipeline.setup_aws import carry_out, plan_setup
from qs_pipeline.store import UPLOADS, fingerprint
from qs_pipeline_tests.chaos.world import wait
from qs_pipeline_tests.deploy.conftest import DEPLOY
from qs_pipeline_tests.deploy.test_hosts import programs
from qs_pipeline_tests.quicksight.postgres import running

OBJECTS = 20_000
BUCKET = "qs-pipeline"
REPEATS = 3
FEW = 1000
QUIET = 5
FAR_AWAY = 0.03  # seconds that an answer takes from S3


def seconds(act: Callable[[], object], times: int) -> float:
    """The fastest of some repetitions."""
    taken: list[float] = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        taken.append(time.perf_counter() - start)
    return min(taken)


def named(how_many: int) -> list[AssessmentId]:
    """The assessments there are."""
    return [AssessmentId(f"A{number:05}") for number in range(how_many)]


def fill(names: list[AssessmentId]) -> None:
    """Put the uploads into moto's memory; by requests it would take minutes."""
    backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    each = OBJECTS // len(names)
    files = [upload.filename for upload in CATALOG.uploads][:each]
    files += [f"notes-{number}.txt" for number in range(each - len(files))]
    for name in names:
        for file in files:
            backend.put_object(BUCKET, f"{UPLOADS}{name}/{file}", b"x")


def publish(instance: dg.DagsterInstance, listed: Seen) -> None:
    """Receipts for what is listed."""
    instance.add_dynamic_partitions(assessments.name or "", list(listed))
    for name, files in listed.items():
        tags = {DATA_VERSION_TAG: fingerprint(files.values())}
        instance.report_runless_asset_event(dg.AssetMaterialization(DASHBOARD, partition=name, tags=tags))


def tick(instance: dg.DagsterInstance, cursor: str | None = None) -> dg.SensorResult:
    """One tick; without a cursor it lists everything."""
    sensor = upload_sensor(CATALOG, "assessment", pause=lambda _: None)
    context = dg.build_sensor_context(
        instance=instance, cursor=cursor, resources={"store": StoreResource()}, definitions=defs
    )
    result = sensor(context)
    assert isinstance(result, dg.SensorResult)
    return result


def bare_listing() -> int:
    """The listing calls and nothing else."""
    pages = boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=UPLOADS)
    return sum(len(page.get("Contents", [])) for page in pages)


def change(names: list[AssessmentId]) -> None:
    """Upload a file of each anew."""
    for name in names:
        boto3.client("s3").put_object(
            Bucket=BUCKET, Key=f"{UPLOADS}{name}/{CATALOG.uploads[0].filename}", Body=str(time.time_ns())
        )


def measure(instance: dg.DagsterInstance, names: list[AssessmentId]) -> None:
    """Measure and print."""
    times = REPEATS if len(names) <= FEW else 1  # else it takes longer than three minutes
    fill(names)
    first = seconds(lambda: tick(instance), times)
    publish(instance, sweep(CATALOG, StoreResource().open(), start_after="", time_up=lambda: False).seen)
    bare, steady = seconds(bare_listing, times), seconds(lambda: tick(instance), times)
    print(f"{bare_listing()} objects: bare listing {bare:.2f} s, a tick that finds nothing new {steady:.2f} s")
    print(f"    {steady - bare:.2f} s beyond the listing calls; at most 1.50 beside 1,000 assessments")
    print(f"    {first - bare:.2f} s beyond them where all of it is new", flush=True)
    plan = plan_setup(Settings.from_environment(os.environ), CATALOG)
    list(carry_out(plan))
    os.environ["QS_QUEUE_URL"] = plan.queue_url()


def measure_what_is_told(instance: dg.DagsterInstance, names: list[AssessmentId]) -> None:
    """The same for ticks that ask a queue."""
    store = StoreResource().open()
    cursor = tick(instance).cursor
    for changed in (0, 1, 10, 100):
        change(names[:changed])
        start = time.perf_counter()
        result = tick(instance, cursor)
        took = time.perf_counter() - start
        bare = seconds(lambda some=names[:changed]: [store.uploads(name) for name in some], 1)
        print(f"told of {changed} changed assessments: {took:.3f} s, {len(result.run_requests or ())} runs requested")
        print(f"    listing those one after the other: {bare:.3f} s", flush=True)
        publish(instance, look_at(CATALOG, store, names[:changed], time_up=lambda: False).seen)


def ticks_of(instance: dg.DagsterInstance) -> list[InstigatorTick]:
    """The ticks of the sensor that have ended in a daemon, the newest first."""
    return [
        each
        for state in instance.all_instigator_state()
        if state.instigator_name == "uploads"
        for each in instance.get_ticks(state.instigator_origin_id, state.selector_id)
        if each.end_timestamp
    ]


def measure_in_a_daemon(instance: dg.DagsterInstance, home: Path, names: list[AssessmentId]) -> None:
    """Ticks of a code server and a daemon: the first sweeps, the last asks for a run."""
    with programs(home, dict(os.environ)):
        assert wait(lambda: len(ticks_of(instance)) > QUIET, seconds=90, every=1)
        quiet = [(each.end_timestamp or 0) - each.timestamp for each in ticks_of(instance)]
        change(names[-1:])
        assert wait(lambda: any(each.run_ids for each in ticks_of(instance)), seconds=60, every=1)
        (asked,) = ((each.end_timestamp or 0) - each.timestamp for each in ticks_of(instance) if each.run_ids)
    print(
        f"in the daemon: {quiet[-1]:.2f} s with a sweep, {min(quiet):.2f} to {max(quiet[:-1]):.2f} s told of nothing, "
    )
    print(f"    {asked:.2f} s told of 1, two looks of it 2 s apart included")


@contextlib.contextmanager
def instance_in(home: Path, storage: str) -> Iterator[dg.DagsterInstance]:
    """An instance on disk, or as several hosts share it."""
    if storage == "sqlite":
        with dg.DagsterInstance.local_temp(str(home)) as instance:
            yield instance
        return
    (home / "dagster.yaml").write_text((DEPLOY / "dagster.one-host.yaml").read_text())
    told = {"DAGSTER_HOME": str(home), "QS_CODE_HOST": HOST}
    with (
        running() as server,
        working_in({**os.environ, **told, "DAGSTER_POSTGRES_URL": server.url}),
        dg.DagsterInstance.from_config(str(home)) as instance,
    ):
        yield instance


def main(how_many: str = "1000", storage: str = "sqlite") -> None:
    """Measure on an embedded AWS."""
    names = named(int(how_many))
    with tempfile.TemporaryDirectory() as folder, LocalAws(home=Path(folder) / "aws") as aws:
        home = Path(folder)
        with working_in(local_environment(os.environ, endpoint=aws.url, home=home)):
            boto3.client("s3").create_bucket(Bucket=BUCKET)
            with instance_in(home, storage) as instance:
                measure(instance, names)
                if storage != "sqlite":
                    measure_in_a_daemon(instance, home, names)
                measure_what_is_told(instance, names)
                aws.faults.add(Fault(operation="s3:GET", times=None, delay_seconds=FAR_AWAY))
                print(f"with answers of S3 that take {FAR_AWAY} s:")
                measure_what_is_told(instance, names)


if __name__ == "__main__":
    main(*sys.argv[1:])
