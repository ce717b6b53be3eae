"""A small world on an embedded AWS whose clock the test moves, and clients that hold every reply against its shape."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from qs_pipeline import service_model
from qs_pipeline.local_aws import LocalAws, Settings

ACCOUNT = "123456789012"
BUCKET = "bucket"


@cache
def _session(access_key: str) -> boto3.Session:
    """One for all clients of a key: it keeps the service models, whose reading is most of what a client costs."""
    return boto3.Session(access_key, "test", region_name="us-east-1")


class Clock:
    """Time that passes when told to (seconds since the epoch)."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


class World:
    """Clients, and the shortest ways to a data source, a data set and a dashboard."""

    def __init__(self, url: str, clock: Clock, access_key: str = "test") -> None:
        session = _session(access_key)
        config = Config(retries={"total_max_attempts": 1, "mode": "standard"})
        self.clock = clock
        self.s3: Any = session.client("s3", endpoint_url=url, config=config)
        self.qs: Any = session.client("quicksight", endpoint_url=url, config=config)
        self.sts: Any = session.client("sts", endpoint_url=url, config=config)
        self.qs.meta.events.register("before-parse.quicksight", _check_reply)

    def put(self, key: str, body: bytes, **more: Any) -> None:
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body, **more)

    def manifest(self, key: str, *files: str) -> None:
        settings = {"format": "CSV", "delimiter": ",", "textqualifier": '"', "containsHeader": "true"}
        uris = [f"s3://{BUCKET}/{file}" for file in files]
        form = {"fileLocations": [{"URIs": uris}], "globalUploadSettings": settings}
        self.put(key, json.dumps(form).encode())

    def data_source(self, name: str, manifest: str, **more: Any) -> str:
        place = {"S3Parameters": {"ManifestFileLocation": {"Bucket": BUCKET, "Key": manifest}}}
        return self.qs.create_data_source(
            AwsAccountId=ACCOUNT, DataSourceId=name, Name=name, Type="S3", DataSourceParameters=place, **more
        )["Arn"]

    def table(self, name: str, csv: str) -> str:
        """A CSV, its manifest and its data source; the ARN of the latter."""
        self.put(f"{name}.csv", csv.encode())
        self.manifest(f"{name}.json", f"{name}.csv")
        return self.data_source(f"{name}-source", f"{name}.json")

    def data_set(self, name: str, csv: str, columns: dict[str, str], **more: Any) -> dict[str, Any]:
        """``create_data_set`` over a new table, its columns cast as ``columns`` says."""
        maps = table_maps(self.table(name, csv), columns)
        return self.qs.create_data_set(
            AwsAccountId=ACCOUNT, DataSetId=name, Name=name, ImportMode="SPICE", **maps, **more
        )

    def ingestion(self, data_set: str, name: str) -> dict[str, Any]:
        return self.qs.describe_ingestion(AwsAccountId=ACCOUNT, DataSetId=data_set, IngestionId=name)["Ingestion"]


def table_maps(source: str, columns: dict[str, str], *more: dict[str, Any]) -> dict[str, Any]:
    casts = [
        {"CastColumnTypeOperation": {"ColumnName": name, "NewColumnType": kind}}
        for name, kind in columns.items()
        if kind != "STRING"
    ]
    inputs = [{"Name": name, "Type": "STRING"} for name in columns]
    settings = {"Format": "CSV", "ContainsHeader": True, "Delimiter": ",", "TextQualifier": "DOUBLE_QUOTE"}
    s3_source = {"DataSourceArn": source, "InputColumns": inputs, "UploadSettings": settings}
    logical: dict[str, Any] = {"Alias": "table", "Source": {"PhysicalTableId": "physical"}}
    if casts or more:
        logical["DataTransforms"] = [*casts, *more]
    return {"PhysicalTableMap": {"physical": {"S3Source": s3_source}}, "LogicalTableMap": {"logical": logical}}


def _check_reply(operation_model: Any, response_dict: dict[str, Any], **_: object) -> None:
    if response_dict["status_code"] < 300:
        shape = operation_model.output_shape.name
        found = service_model.violations(shape, json.loads(response_dict["body"]))
        # Least lengths bind requests only: QuickSight itself answers empty lists of tags.
        assert [violation for violation in found if not violation.message.endswith("items, not 0")] == []


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings() -> Settings:
    """Ingestions take 10 s and builds 20 s of the test's own clock; a module may say otherwise."""
    return Settings(
        user_rate=1e6, account_rate=1e6, permission_rate=1e6, ingestion_seconds=10, build_seconds=20, refreshes_a_day=3
    )


@pytest.fixture
def start(tmp_path: Path, clock: Clock, settings: Settings) -> Callable[[], LocalAws]:
    """Makes an embedded AWS on the test's one home; a second one, after the first has stopped, is a restart."""
    return lambda: LocalAws(home=tmp_path / "home", settings=settings, clock=clock, sleep=lambda _: None)


@pytest.fixture
def local(start: Callable[[], LocalAws]) -> Iterator[LocalAws]:
    with start() as running:
        yield running


@pytest.fixture
def world(local: LocalAws, clock: Clock) -> World:
    made = World(local.url, clock)
    made.s3.create_bucket(Bucket=BUCKET)
    return made


@pytest.fixture
def connect(clock: Clock) -> Callable[..., World]:
    """Further clients: of a restarted AWS, or with another access key."""
    return lambda url, access_key="test": World(url, clock, access_key)


@pytest.fixture
def maps() -> Callable[..., dict[str, Any]]:
    """``PhysicalTableMap`` and ``LogicalTableMap`` of a data source ARN and its columns."""
    return table_maps
