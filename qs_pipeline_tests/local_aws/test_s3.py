"""S3 does what the pipeline leans on, and forgets nothing when it stops."""

import io
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from botocore.exceptions import ClientError

from qs_pipeline.local_aws import LocalAws
from qs_pipeline_tests.local_aws.world import World

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ODD_KEYS = [
    "../../outside.csv",
    "/leading/slash",
    "a%2Fb",
    "a+b c&d=e?f#g",
    "grüße/日本.csv",
    "deep/" * 200 + "end",
    "con\\nul",
    "..",
]


def test_reading_with_a_stale_etag_is_refused(world: World) -> None:
    world.put("a.csv", b"old")
    etag = world.s3.head_object(Bucket="bucket", Key="a.csv")["ETag"]
    world.put("a.csv", b"new")
    with pytest.raises(ClientError) as refused:
        world.s3.get_object(Bucket="bucket", Key="a.csv", IfMatch=etag)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 412
    now = world.s3.head_object(Bucket="bucket", Key="a.csv")["ETag"]
    assert world.s3.get_object(Bucket="bucket", Key="a.csv", IfMatch=now)["Body"].read() == b"new"


def test_metadata_comes_back_as_it_was_spelled(world: World) -> None:
    world.put("a.csv", b"x", Metadata={"source_etag": "abc", "rows": "3"}, ContentType="text/csv")
    head = world.s3.head_object(Bucket="bucket", Key="a.csv")
    assert head["Metadata"] == {"source_etag": "abc", "rows": "3"}
    assert head["ContentType"] == "text/csv"


def test_a_listing_is_paged(world: World) -> None:
    for number in range(5):
        world.put(f"some/{number}", b"")
    pages = world.s3.get_paginator("list_objects_v2").paginate(
        Bucket="bucket", Prefix="some/", PaginationConfig={"PageSize": 2}
    )
    listed = [[entry["Key"] for entry in page["Contents"]] for page in pages]
    assert listed == [["some/0", "some/1"], ["some/2", "some/3"], ["some/4"]]
    after = world.s3.list_objects_v2(Bucket="bucket", StartAfter="some/2")["Contents"]
    assert [entry["Key"] for entry in after] == ["some/3", "some/4"]


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA256"])
def test_checksums_of_an_upload_are_kept(world: World, algorithm: str) -> None:
    world.put("a", b"body", ChecksumAlgorithm=algorithm)
    got = world.s3.get_object(Bucket="bucket", Key="a", ChecksumMode="ENABLED")
    assert got["Body"].read() == b"body"
    assert got[f"Checksum{algorithm}"]


def test_polars_scans_an_object_through_the_port(world: World, local: LocalAws) -> None:
    world.put("t.csv", b"a,b\n1,x\n2,y\n")
    options = {
        "aws_endpoint_url": local.url,
        "aws_access_key_id": "test",
        "aws_secret_access_key": "test",
        "aws_region": "us-east-1",
        "aws_allow_http": "true",
    }
    frame = pl.scan_csv("s3://bucket/t.csv", infer_schema=False, storage_options=options).collect()
    assert frame.rows() == [("1", "x"), ("2", "y")]


def test_objects_are_the_same_after_a_restart(start: Callable[[], LocalAws], connect: Callable[..., World]) -> None:
    with start() as first:
        world = connect(first.url)
        world.s3.create_bucket(Bucket="bucket")
        for key in ODD_KEYS:
            world.put(key, key.encode(), Metadata={"my_key": "v"}, ContentType="text/csv", ChecksumAlgorithm="CRC32")
        before = [_seen(world.s3, key) for key in ODD_KEYS]
        listed = _listed(world.s3)
    with start() as second:
        world = connect(second.url)
        assert [_seen(world.s3, key) for key in ODD_KEYS] == before
        assert _listed(world.s3) == listed
        assert [bucket["Name"] for bucket in world.s3.list_buckets()["Buckets"]] == ["bucket"]


def test_a_multipart_upload_keeps_its_etag_over_a_restart(
    start: Callable[[], LocalAws], connect: Callable[..., World]
) -> None:
    with start() as first:
        s3 = connect(first.url).s3
        s3.create_bucket(Bucket="bucket")
        upload = s3.create_multipart_upload(Bucket="bucket", Key="big")["UploadId"]
        parts = [
            s3.upload_part(Bucket="bucket", Key="big", UploadId=upload, PartNumber=number, Body=body)["ETag"]
            for number, body in ((1, b"x" * 5 * 1024 * 1024), (2, b"y"))
        ]
        done = {"Parts": [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(parts, start=1)]}
        s3.complete_multipart_upload(Bucket="bucket", Key="big", UploadId=upload, MultipartUpload=done)
        before = s3.head_object(Bucket="bucket", Key="big")
        assert before["ETag"].endswith('-2"')
    with start() as second:
        after = connect(second.url).s3.head_object(Bucket="bucket", Key="big")
        assert (after["ETag"], after["LastModified"]) == (before["ETag"], before["LastModified"])


def test_copies_overwrites_and_deletions_outlast_a_restart(
    start: Callable[[], LocalAws], connect: Callable[..., World], tmp_path: Path
) -> None:
    with start() as first:
        world = connect(first.url)
        world.s3.create_bucket(Bucket="bucket")
        world.s3.create_bucket(Bucket="emptied")
        for key in ("copied", "overwritten", "deleted", "batch-1", "batch-2"):
            world.put(key, b"old")
        world.s3.copy_object(Bucket="bucket", Key="copy", CopySource={"Bucket": "bucket", "Key": "copied"})
        world.put("overwritten", b"new")
        world.s3.delete_object(Bucket="bucket", Key="deleted")
        gone = {"Objects": [{"Key": "batch-1"}, {"Key": "batch-2"}]}
        world.s3.delete_objects(Bucket="bucket", Delete=gone)
        world.s3.delete_bucket(Bucket="emptied")
        assert len(list((tmp_path / "home" / "s3").iterdir())) == 3
    with start() as second:
        s3 = connect(second.url).s3
        bodies = {
            entry["Key"]: s3.get_object(Bucket="bucket", Key=entry["Key"])["Body"].read() for entry in _contents(s3)
        }
        assert bodies == {"copied": b"old", "copy": b"old", "overwritten": b"new"}
        assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["bucket"]


def test_a_file_object_of_some_megabytes_goes_through_the_transfer_manager(world: World) -> None:
    body = bytes(range(256)) * 4096 * 12  # 12 MiB: above the threshold from which boto3 sends parts at the same time
    world.s3.upload_fileobj(io.BytesIO(body), "bucket", "big")
    assert world.s3.get_object(Bucket="bucket", Key="big")["Body"].read() == body


def test_a_presigned_url_reads_the_object(world: World) -> None:
    world.put("a", b"x")
    url = world.s3.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "a"})
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == b"x"


def _seen(s3: "S3Client", key: str) -> tuple[Any, ...]:
    got = s3.get_object(Bucket="bucket", Key=key, ChecksumMode="ENABLED")
    described = (got["ETag"], got["LastModified"], got["Metadata"], got["ContentType"], got["ChecksumCRC32"])
    return (got["Body"].read(), *described)


def _contents(s3: "S3Client") -> list[dict[str, Any]]:
    return s3.list_objects_v2(Bucket="bucket")["Contents"]


def _listed(s3: "S3Client") -> list[tuple[Any, ...]]:
    return [(entry["Key"], entry["ETag"], entry["LastModified"], entry["Size"]) for entry in _contents(s3)]
