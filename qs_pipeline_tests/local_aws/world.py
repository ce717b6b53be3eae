"""Clients of an embedded AWS, and the shortest ways to a table, a data source and a data set."""

import json
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from qs_pipeline import service_model

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from botocore.model import OperationModel
    from mypy_boto3_quicksight import QuickSightClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sts import STSClient

ACCOUNT = "123456789012"
BUCKET = "bucket"


class Clock:
    """Time that passes when told to (seconds since the epoch)."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        """The time."""
        return self.now


class World:
    """One access key's view of an embedded AWS; every reply of QuickSight is held against its shape if asked for."""

    def __init__(
        self, url: str, clock: Clock, access_key: str, *, check: bool = True, region: str = "us-east-1"
    ) -> None:
        self.clock = clock
        self._url = url
        self._access_key = access_key
        self._region = region
        self._check = check

    @cached_property
    def s3(self) -> "S3Client":
        """S3."""
        return self._client("s3")

    @cached_property
    def sts(self) -> "STSClient":
        """STS."""
        return self._client("sts")

    @cached_property
    def qs(self) -> "QuickSightClient":
        """QuickSight."""
        client = self._client("quicksight")
        if self._check:
            client.meta.events.register("before-parse.quicksight", _check_reply)
        return client

    def put(self, key: str, body: bytes, **more: object) -> None:
        """Put an object."""
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body, **more)

    def manifest(self, key: str, *files: str) -> None:
        """Put a manifest of these files."""
        settings = {"format": "CSV", "delimiter": ",", "textqualifier": '"', "containsHeader": "true"}
        uris = [f"s3://{BUCKET}/{file}" for file in files]
        form = {"fileLocations": [{"URIs": uris}], "globalUploadSettings": settings}
        self.put(key, json.dumps(form).encode())

    def data_source(self, name: str, manifest: str) -> str:
        """Create a data source over a manifest; its ARN."""
        place = {"S3Parameters": {"ManifestFileLocation": {"Bucket": BUCKET, "Key": manifest}}}
        return self.qs.create_data_source(
            AwsAccountId=ACCOUNT, DataSourceId=name, Name=name, Type="S3", DataSourceParameters=place
        )["Arn"]

    def table(self, name: str, csv: str) -> str:
        """Put a CSV and its manifest, and create its data source; the ARN of the latter."""
        self.put(f"{name}.csv", csv.encode())
        self.manifest(f"{name}.json", f"{name}.csv")
        return self.data_source(f"{name}-source", f"{name}.json")

    def data_set(self, name: str, csv: str, columns: dict[str, str], **more: object) -> dict[str, Any]:
        """Create a data set over a new table, its columns cast as ``columns`` says; the reply."""
        maps = table_maps(self.table(name, csv), columns)
        return self.data_set_of(name, maps, **more)

    def data_set_of(self, name: str, maps: dict[str, Any], **more: object) -> dict[str, Any]:
        """Create a data set of these table maps; the reply."""
        return self.qs.create_data_set(
            AwsAccountId=ACCOUNT, DataSetId=name, Name=name, ImportMode="SPICE", **maps, **more
        )

    def ingestion(self, data_set: str, name: str) -> dict[str, Any]:
        """An ingestion as described now."""
        return self.qs.describe_ingestion(AwsAccountId=ACCOUNT, DataSetId=data_set, IngestionId=name)["Ingestion"]

    def _client(self, service: str) -> "BaseClient":
        # One attempt, and no validation on this side: what is refused is refused by the embedded AWS.
        config = Config(retries={"total_max_attempts": 1, "mode": "standard"}, parameter_validation=False)
        return _session(self._access_key, self._region).client(service, endpoint_url=self._url, config=config)


def table_maps(source: str, columns: dict[str, str], *more: dict[str, Any]) -> dict[str, Any]:
    """``PhysicalTableMap`` and ``LogicalTableMap`` over a data source ARN: casts as ``columns`` says, then ``more``."""
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


@cache
def _session(access_key: str, region: str) -> boto3.Session:
    """One for all clients of a key in a region: it keeps the service models, most of what a client costs."""
    return boto3.Session(access_key, "test", region_name=region)


def _check_reply(operation_model: "OperationModel", response_dict: dict[str, Any], **_: object) -> None:
    if response_dict["status_code"] < 300:
        found = service_model.violations(operation_model.output_shape.name, json.loads(response_dict["body"]))
        # Least lengths bind requests only: QuickSight itself answers empty lists of tags.
        assert [violation for violation in found if not violation.message.endswith("items, not 0")] == []
