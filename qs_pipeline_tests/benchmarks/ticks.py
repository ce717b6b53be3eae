"""What a tick of the sensor costs beside 1,000 assessments of 20 files: listing all of them, and told by a queue.

Run it as a script. A listing tick may take 1.5 s beyond the bare listing calls; a tick with a queue costs in proportion
to what it is told.
"""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import boto3
import dagster as dg
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends

from qs_pipeline.catalog import CATALOG
from qs_pipeline.dag.keys import DASHBOARD, assessments
from qs_pipeline.dag.listing import look_at
from qs_pipeline.dag.memory import DATA_VERSION_TAG
from qs_pipeline.dag.resources import StoreResource
from qs_pipeline.dag.sensor import upload_sensor
from qs_pipeline.definitions import defs
from qs_pipeline.local_aws import LocalAws
from qs_pipeline.model import AssessmentId
from qs_pipeline.settings import Settings, local_environment, working_in
from qs_pipeline.setup_aws import carry_out, plan_setup
from qs_pipeline.store import UPLOADS, fingerprint

ASSESSMENTS = 1000
FILES = 20
BUCKET = "qs-pipeline"
REPEATS = 5


def seconds(act: Callable[[], object]) -> float:
    """The fastest of some repetitions."""
    taken: list[float] = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        act()
        taken.append(time.perf_counter() - start)
    return min(taken)


def fill() -> None:
    """Put the uploads into moto's memory; by requests it would take minutes."""
    backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    names = [upload.filename for upload in CATALOG.uploads]
    names += [f"notes-{number}.txt" for number in range(FILES - len(names))]
    for number in range(ASSESSMENTS):
        for name in names:
            backend.put_object(BUCKET, f"{UPLOADS}A{number:04}/{name}", b"x")


def publish(instance: dg.DagsterInstance) -> None:
    """Receipts for all of it."""
    names = [AssessmentId(f"A{number:04}") for number in range(ASSESSMENTS)]
    instance.add_dynamic_partitions(assessments.name or "", names)
    listed = look_at(CATALOG, StoreResource().open(), names, time_up=lambda: False).seen
    for name in names:
        tags = {DATA_VERSION_TAG: fingerprint(listed[name].values())}
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


def measure(instance: dg.DagsterInstance) -> None:
    """Measure and print."""
    fill()
    first = seconds(lambda: tick(instance))
    publish(instance)
    bare, steady = seconds(bare_listing), seconds(lambda: tick(instance))
    print(f"{bare_listing()} objects: bare listing {bare:.2f} s, a tick that finds nothing new {steady:.2f} s")
    print(f"    {steady - bare:.2f} s beyond the listing calls; at most 1.50")
    print(f"    {first - bare:.2f} s beyond them where all of it is new")
    plan = plan_setup(Settings.from_environment(os.environ), CATALOG)
    list(carry_out(plan))
    os.environ["QS_QUEUE_URL"] = plan.queue_url()
    cursor = tick(instance).cursor
    for changed in (0, 1, 10, 100):
        for number in range(changed):
            boto3.client("s3").put_object(Bucket=BUCKET, Key=f"{UPLOADS}A{number:04}/Locations.csv", Body=b"y")
        start = time.perf_counter()
        result = tick(instance, cursor)
        took = time.perf_counter() - start
        print(f"told of {changed} changed assessments: {took:.3f} s, {len(result.run_requests or ())} runs requested")
        cursor = tick(instance).cursor if changed else result.cursor


def main() -> None:
    """Measure on an embedded AWS and an instance on disk."""
    with tempfile.TemporaryDirectory() as folder, LocalAws(home=Path(folder) / "aws") as aws:
        environment = local_environment(os.environ, endpoint=aws.url, home=Path(folder))
        with working_in(environment), dg.DagsterInstance.local_temp(str(Path(folder))) as instance:
            boto3.client("s3").create_bucket(Bucket=BUCKET)
            measure(instance)


if __name__ == "__main__":
    main()
