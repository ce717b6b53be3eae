"""Where everything of an assessment lies on S3, and the only code that reads or writes it.

Uploads belong to the people who put them there: they are listed and read, never written. What is made from them lies
beside them under prefixes of their own. Objects go through boto3 alone, so that one chain of credentials and one
endpoint setting serve every byte, and an upload is read with ``IfMatch`` of the ETag that was listed.
"""

import hashlib
import io
import json
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import polars as pl
from botocore.exceptions import BotoCoreError, ClientError

from qs_pipeline.model import AssessmentId, ModelError, parse_assessment_id

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client

UPLOADS = "assessments/"
_TOMBSTONES = "retired/"
_MADE = ("accepted", "published", "manifests", "expanded")

# S3 takes at most so much in one request; the ETag of an object put in parts would be no hash of its bytes.
MAX_PUT_BYTES = 5 * 1024**3

# Where copies lie that belong to no assessment: no assessment id has a dot.
SHARED = AssessmentId(".shared")


class UploadMovedError(RuntimeError):
    """The upload was replaced or removed after it was listed: list again, and read what is there now."""


class StoreError(RuntimeError):
    """S3 refused, or broke off; the message names the action, the object and the fix."""


class MissingObjectError(StoreError, LookupError):
    """There is no such object, whatever else S3 may hold."""


@dataclass(frozen=True, kw_only=True, order=True)
class UploadedFile:
    """One object below ``assessments/<id>/`` as it was listed. ``last_modified`` is ISO 8601 in UTC, ``size`` bytes."""

    key: str
    etag: str
    size: int
    last_modified: str

    @property
    def filename(self) -> str:
        """The last segment of the key: it alone decides what the file is."""
        return self.key.rsplit("/", 1)[-1]


@dataclass(frozen=True, kw_only=True)
class AcceptedCopy:
    """The last good copy of an upload: typed rows, the ETag they were read from, the assessment number they state."""

    etag: str
    rows: int
    assessment_number: str | None


def fingerprint(files: Iterable[UploadedFile]) -> str:
    """What a set of uploads is, in 16 hex digits: another upload of the same bytes changes it as well."""
    lines = sorted(f"{file.filename}\t{file.etag}\t{file.size}\t{file.last_modified}" for file in files)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


class AssessmentStore:
    """The objects of the assessments in one bucket."""

    def __init__(self, s3: "S3Client", bucket: str) -> None:
        self._s3 = s3
        self.bucket = bucket

    # Uploads

    def uploads(self, assessment: AssessmentId) -> tuple[UploadedFile, ...]:
        """Every object below the assessment's prefix, in key order."""
        return tuple(file for file in self._list(f"{UPLOADS}{assessment}/") if not file.key.endswith("/"))

    def reference(self, key: str) -> UploadedFile | None:
        """The object at ``key``, which all assessments share, or None."""
        return next((file for file in self._list(key) if file.key == key), None)

    def sweep(self, start_after: str = "") -> Iterator[UploadedFile]:
        """Every object below ``assessments/`` whose key follows ``start_after``, in key order, page by page."""
        return self._list(UPLOADS, start_after)

    def download(self, file: UploadedFile, target: Path) -> None:
        """Write the bytes of exactly the listed ``file`` to ``target``.

        Raises:
            UploadMovedError: where the object changed or went since it was listed.
            StoreError: where it cannot be read, or not to its end.
        """
        with self._asking("s3:GetObject", file.key):
            try:
                body = self._s3.get_object(Bucket=self.bucket, Key=file.key, IfMatch=file.etag)["Body"]
            except ClientError as error:
                if _code(error) in {"PreconditionFailed", "NoSuchKey"}:
                    raise UploadMovedError(f"{self.uri(file.key)} changed after it was listed") from error
                raise
            _save(body, target)

    # Accepted copies

    def write_accepted(self, assessment: AssessmentId, name: str, frame: pl.DataFrame, copy: AcceptedCopy) -> None:
        """Keep ``frame`` as the last good copy of the upload ``name``."""
        content = io.BytesIO()
        frame.write_parquet(content)
        metadata = {"source-etag": copy.etag, "rows": str(copy.rows)}
        if copy.assessment_number is not None:
            metadata["assessment-number"] = copy.assessment_number.encode().hex()
        content.seek(0)
        self._put(_accepted_key(assessment, name), content, "application/vnd.apache.parquet", metadata)

    def accepted(self, assessment: AssessmentId, name: str) -> AcceptedCopy | None:
        """What is known of the last good copy of the upload ``name``, or None where there is none."""
        key = _accepted_key(assessment, name)
        with self._asking("s3:GetObject", key):
            try:
                metadata = self._s3.head_object(Bucket=self.bucket, Key=key)["Metadata"]
            except ClientError as error:
                if _code(error) == "404":  # the answer to HEAD has no body, so no name of the error
                    return None
                raise
        number = metadata.get("assessment-number")
        return AcceptedCopy(
            etag=metadata["source-etag"],
            rows=int(metadata["rows"]),
            assessment_number=None if number is None else bytes.fromhex(number).decode(),
        )

    def read_accepted(self, assessment: AssessmentId, name: str, path: Path) -> pl.LazyFrame:
        """The typed rows of the last good copy of the upload ``name``, by way of a file at ``path``."""
        self._fetch(_accepted_key(assessment, name), path)
        return pl.scan_parquet(path)

    def drop_accepted(self, assessment: AssessmentId, name: str) -> None:
        """Forget the last good copy: its upload was deleted."""
        self._delete(_accepted_key(assessment, name))

    # Published tables

    def write_table(self, assessment: AssessmentId, table: str, path: Path, *, sha256: str) -> None:
        """Publish the CSV at ``path`` as the table's, and the QuickSight manifest that points at it."""
        key = table_key(assessment, table)
        with path.open("rb") as content:
            self._put(key, content, "text/csv; charset=utf-8", {"sha256": sha256})
        manifest = {
            "fileLocations": [{"URIs": [self.uri(key)]}],
            "globalUploadSettings": {
                "format": "CSV",
                "delimiter": ",",
                "textqualifier": '"',
                "containsHeader": "true",
            },
        }
        self._put_json(manifest_key(assessment, table), manifest)

    def read_table(self, assessment: AssessmentId, table: str, path: Path) -> None:
        """Write the table's published CSV to ``path``."""
        self._fetch(table_key(assessment, table), path)

    def drop_table(self, assessment: AssessmentId, table: str) -> None:
        """Take the table's CSV and manifest away: its inputs are gone."""
        self._delete(manifest_key(assessment, table))
        self._delete(table_key(assessment, table))

    # Dashboards

    def write_definition(self, assessment: AssessmentId, digest: str, definition: Mapping[str, Any]) -> str:
        """Keep the bound definition of one publication; returns its URI."""
        key = f"expanded/{assessment}/{digest}.json"
        self._put_json(key, definition)
        return self.uri(key)

    def read_definition(self, assessment: AssessmentId, digest: str, path: Path) -> None:
        """Write the bound definition of an earlier publication to ``path``."""
        self._fetch(f"expanded/{assessment}/{digest}.json", path)

    def definition(self, assessment: AssessmentId, digest: str) -> dict[str, Any] | None:
        """The bound definition of an earlier publication; None where it is not there any more."""
        key = f"expanded/{assessment}/{digest}.json"
        with self._asking("s3:GetObject", key):
            try:
                return json.loads(self._s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())
            except ClientError as error:
                if _code(error) == "NoSuchKey":
                    return None
                raise

    # Retirement

    def made_of(self, assessment: AssessmentId) -> tuple[str, ...]:
        """The keys of everything that was made for the assessment."""
        return tuple(file.key for prefix in _MADE for file in self._list(f"{prefix}/{assessment}/"))

    def delete_made(self, assessment: AssessmentId) -> int:
        """Delete everything that was made for the assessment; returns how many objects."""
        keys = self.made_of(assessment)
        for key in keys:
            self._delete(key)
        return len(keys)

    def delete_uploads(self, assessment: AssessmentId) -> int:
        """Delete what people uploaded for the assessment: for those who ask for it in so many words."""
        keys = [file.key for file in self._list(f"{UPLOADS}{assessment}/")]
        for key in keys:
            self._delete(key)
        return len(keys)

    def bury(self, assessment: AssessmentId) -> str:
        """Write the tombstone of the assessment; returns its time by the clock of S3, ISO 8601."""
        self._put_json(f"{_TOMBSTONES}{assessment}", {"retired": assessment})
        return self.tombstones(assessment)[assessment]

    def exhume(self, assessment: AssessmentId) -> None:
        """Take the tombstone away."""
        self._delete(f"{_TOMBSTONES}{assessment}")

    def tombstones(self, start: str = "") -> dict[str, str]:
        """When each retired assessment, or each whose id so starts, was retired (ISO 8601); a newer upload wakes it."""
        return {file.filename: file.last_modified for file in self._list(f"{_TOMBSTONES}{start}")}

    # S3

    def uri(self, key: str) -> str:
        """``s3://bucket/key``."""
        return f"s3://{self.bucket}/{key}"

    def check(self) -> None:
        """See that the bucket is there and can be listed.

        Raises:
            StoreError: where it is not.
        """
        with self._asking("s3:ListBucket", ""):
            self._s3.list_objects_v2(Bucket=self.bucket, MaxKeys=1)

    def put_upload(self, key: str, path: Path) -> None:
        """Put the file at ``path``, of up to ``MAX_PUT_BYTES``, where ``key`` says.

        For a person at the command line, below ``assessments/`` or ``reference/``; no asset and no sensor does it.

        Raises:
            StoreError: where S3 refuses it.
        """
        with path.open("rb") as content, self._asking("s3:PutObject", key):
            self._s3.put_object(Bucket=self.bucket, Key=key, Body=content)

    def _list(self, prefix: str, start_after: str = "") -> Iterator[UploadedFile]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=prefix, StartAfter=start_after
        )
        with self._asking("s3:ListBucket", prefix):
            for page in pages:
                for item in page.get("Contents", []):
                    yield UploadedFile(
                        key=item.get("Key", ""),
                        etag=item.get("ETag", ""),
                        size=item.get("Size", 0),
                        last_modified=_iso(item.get("LastModified")),
                    )

    def _fetch(self, key: str, path: Path) -> None:
        with self._asking("s3:GetObject", key):
            _save(self._s3.get_object(Bucket=self.bucket, Key=key)["Body"], path)

    def _put(self, key: str, content: IO[bytes], content_type: str, metadata: Mapping[str, str]) -> None:
        with self._asking("s3:PutObject", key):
            self._s3.put_object(
                Bucket=self.bucket, Key=key, Body=content, ContentType=content_type, Metadata=dict(metadata)
            )

    def _put_json(self, key: str, value: Mapping[str, Any]) -> None:
        text = json.dumps(value, indent=1, sort_keys=True).encode()
        self._put(key, io.BytesIO(text), "application/json", {})

    def _delete(self, key: str) -> None:
        with self._asking("s3:DeleteObject", key):
            self._s3.delete_object(Bucket=self.bucket, Key=key)

    @contextmanager
    def _asking(self, action: str, key: str) -> Generator[None]:
        """Ask S3 for something, so that whatever botocore raises leaves as a ``StoreError`` about ``key``."""
        try:
            yield
        except ClientError as error:
            code = _code(error)
            fix = _FIXES.get(code, "Try the run again.").format(action=action)
            kind = MissingObjectError if code == "NoSuchKey" else StoreError
            raise kind(f"{action} on {self.uri(key)} failed: {code}. {fix}") from error
        except BotoCoreError as error:
            fix = "Check the credentials, the region and the network, then try again."
            raise StoreError(f"{action} on {self.uri(key)} failed: {error} {fix}") from error


def table_key(assessment: AssessmentId, table: str) -> str:
    """The key of a published table's CSV."""
    return f"published/{assessment}/{table}.csv"


def manifest_key(assessment: AssessmentId, table: str) -> str:
    """The key of the QuickSight manifest of a published table."""
    return f"manifests/{assessment}/{table}.json"


def assessment_of(key: str) -> AssessmentId | None:
    """The assessment that an uploaded key belongs to; None where the key names no valid one."""
    parts = key.split("/")
    if len(parts) < 3 or parts[0] != "assessments":  # noqa: PLR2004 - assessments/<id>/<file>
        return None
    try:
        return parse_assessment_id(parts[1])
    except ModelError:
        return None


def _accepted_key(assessment: AssessmentId, name: str) -> str:
    return f"accepted/{assessment}/{name}.parquet"


_ALLOW = "Allow {action} on it to the role of this process."
_CREDENTIALS = "Sign in or refresh the credentials, then try again."
_FIXES = {
    "NoSuchBucket": "Create the bucket, or set QS_BUCKET to the one that holds the assessments.",
    "NoSuchKey": "It was there when this run began; run the assessment again.",
    "AccessDenied": _ALLOW,
    "403": _ALLOW,
    "ExpiredToken": _CREDENTIALS,
    "InvalidAccessKeyId": _CREDENTIALS,
    "SignatureDoesNotMatch": _CREDENTIALS,
}


def _save(body: "StreamingBody", path: Path) -> None:
    with path.open("wb") as out:
        for chunk in body.iter_chunks(1 << 20):
            out.write(chunk)


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "Unknown")


def _iso(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat()
