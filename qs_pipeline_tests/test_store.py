"""What lies on S3 and how it is read: against the embedded AWS, and against a server that breaks off."""

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import boto3
import polars as pl
import pytest
from botocore.config import Config

from qs_pipeline.local_aws import LocalAws
from qs_pipeline.model import AssessmentId
from qs_pipeline.store import AcceptedCopy, AssessmentStore, StoreError, UploadedFile, UploadMovedError, fingerprint

A1 = AssessmentId("A1")
BUCKET = "files"


@pytest.fixture
def store(aws: LocalAws) -> AssessmentStore:
    """A store in an empty bucket."""
    s3 = boto3.client("s3", endpoint_url=aws.url)
    s3.create_bucket(Bucket=BUCKET)
    return AssessmentStore(s3, BUCKET)


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    """A file to upload."""
    path = tmp_path / "file.csv"
    path.write_text("a\n1\n")
    return path


def uploaded(store: AssessmentStore, csv: Path, key: str) -> UploadedFile:
    """The file as it is listed once it is on S3."""
    store.put_upload(key, csv)
    (file,) = [file for file in store.sweep() if file.key == key]
    return file


def test_a_listed_upload_is_downloaded_byte_by_byte(store: AssessmentStore, csv: Path, tmp_path: Path) -> None:
    store.download(uploaded(store, csv, "assessments/A1/x/file.csv"), tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == csv.read_bytes()


def test_an_upload_that_was_replaced_after_it_was_listed_is_not_read(
    store: AssessmentStore, csv: Path, tmp_path: Path
) -> None:
    file = uploaded(store, csv, "assessments/A1/file.csv")
    csv.write_text("a\n2\n")
    store.put_upload(file.key, csv)
    with pytest.raises(UploadMovedError, match=r"s3://files/assessments/A1/file\.csv"):
        store.download(file, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_an_upload_that_was_deleted_after_it_was_listed_is_told_apart_from_a_failure(
    store: AssessmentStore, csv: Path, tmp_path: Path
) -> None:
    file = uploaded(store, csv, "assessments/A1/file.csv")
    boto3.client("s3").delete_object(Bucket=BUCKET, Key=file.key)
    with pytest.raises(UploadMovedError):
        store.download(file, tmp_path / "copy")


def test_a_sweep_comes_in_key_order_and_goes_on_after_a_key(store: AssessmentStore, csv: Path) -> None:
    keys = ["assessments/A1/b.csv", "assessments/A1/a/c.csv", "assessments/A10/a.csv", "assessments/B/a.csv"]
    for key in [*keys, "published/A1/a.csv"]:
        store.put_upload(key, csv)
    assert [file.key for file in store.sweep()] == sorted(keys)
    # '0' follows '/', so this is where the folder A1 ends: all of it is passed over, and A10 is not.
    assert [file.key for file in store.sweep("assessments/A1" + "0")] == sorted(keys)[2:]
    assert [file.filename for file in store.uploads(A1)] == ["c.csv", "b.csv"]


def test_the_same_bytes_uploaded_anew_are_another_fingerprint() -> None:
    first = UploadedFile(key="assessments/A1/x.csv", etag='"e"', size=1, last_modified="2026-01-01T00:00:00+00:00")
    later = UploadedFile(key=first.key, etag=first.etag, size=1, last_modified="2026-01-01T00:00:01+00:00")
    other = UploadedFile(key="assessments/A1/y.csv", etag='"e"', size=1, last_modified=first.last_modified)
    assert fingerprint([first]) != fingerprint([later])
    assert fingerprint([first]) != fingerprint([first, other])
    assert fingerprint([first, other]) == fingerprint([other, first])


def test_an_accepted_copy_is_kept_with_what_it_was_read_from_until_it_is_dropped(
    store: AssessmentStore, tmp_path: Path
) -> None:
    frame = pl.DataFrame({"NIIN": ["000000001"]})
    copy = AcceptedCopy(etag='"e"', rows=1, assessment_number="Ü 7")
    assert store.accepted(A1, "x") is None
    store.write_accepted(A1, "x", frame, copy)
    assert store.accepted(A1, "x") == copy
    assert store.read_accepted(A1, "x", tmp_path / "x.parquet").collect().equals(frame)
    store.drop_accepted(A1, "x")
    assert store.accepted(A1, "x") is None


def test_a_dropped_table_leaves_neither_file_nor_manifest(store: AssessmentStore, csv: Path, tmp_path: Path) -> None:
    store.write_table(A1, "POS", csv, sha256="0" * 64)
    listed = boto3.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])
    assert [item.get("Key") for item in listed] == ["manifests/A1/POS.json", "published/A1/POS.csv"]
    store.drop_table(A1, "POS")
    assert boto3.client("s3").list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0
    with pytest.raises(StoreError, match="NoSuchKey"):
        store.read_table(A1, "POS", tmp_path / "POS.csv")


def test_a_missing_bucket_is_told_with_its_name_and_the_setting(store: AssessmentStore, csv: Path) -> None:
    elsewhere = AssessmentStore(boto3.client("s3"), "elsewhere")
    for act in (elsewhere.check, lambda: elsewhere.put_upload("assessments/A1/x.csv", csv)):
        with pytest.raises(StoreError, match=r"s3://elsewhere/.*NoSuchBucket.*QS_BUCKET"):
            act()
    store.check()


def test_a_missing_permission_is_told_with_the_action(store: AssessmentStore, csv: Path) -> None:
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
    boto3.client("s3").put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Statement": [deny]}))
    with pytest.raises(StoreError, match=r"assessments/A1/x\.csv failed: 403\. Allow s3:PutObject"):
        store.put_upload("assessments/A1/x.csv", csv)


@pytest.fixture
def broken_off() -> Iterator[AssessmentStore]:
    """The store of an S3 that promises more bytes than it sends."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                connection, _ = server.accept()
                with connection:
                    if not connection.recv(1 << 16):
                        return
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

        serving = threading.Thread(target=serve)
        serving.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        yield AssessmentStore(boto3.client("s3", endpoint_url=url, config=Config(proxies={})), BUCKET)
        socket.create_connection(server.getsockname()).close()
        serving.join()


def test_a_body_that_breaks_off_is_no_half_file_taken_for_a_whole_one(
    broken_off: AssessmentStore, tmp_path: Path
) -> None:
    file = UploadedFile(key="assessments/A1/x.csv", etag='"e"', size=100, last_modified="")
    with pytest.raises(StoreError, match=r"s3:GetObject on s3://files/assessments/A1/x\.csv failed"):
        broken_off.download(file, tmp_path / "copy")
    with pytest.raises(StoreError, match=r"published/A1/POS\.csv"):
        broken_off.read_table(A1, "POS", tmp_path / "copy")


def test_an_s3_that_cannot_be_reached_is_told(tmp_path: Path) -> None:
    nowhere = boto3.client("s3", endpoint_url="http://127.0.0.1:9", config=Config(retries={"total_max_attempts": 1}))
    with pytest.raises(StoreError, match=r"s3:ListBucket on s3://files/.*Could not connect"):
        list(AssessmentStore(nowhere, BUCKET).uploads(A1))
    with pytest.raises(StoreError, match="Could not connect"):
        AssessmentStore(nowhere, BUCKET).read_table(A1, "POS", tmp_path / "x")
