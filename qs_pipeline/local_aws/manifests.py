"""The S3 manifest: which files a data source stands for, and how they are to be read."""

from dataclasses import dataclass
from typing import Any, cast

from qs_pipeline.local_aws.s3 import S3
from qs_pipeline.local_aws.state import Doc
from qs_pipeline.local_aws.wsgi import parse_json

_FORMS = '{"fileLocations": [{"URIs": ["s3://bucket/key"]}]} or {"entries": [{"url": "s3://bucket/key"}]}'


class ManifestError(ValueError):
    """The manifest cannot be read or does not say what it should."""


@dataclass(frozen=True, kw_only=True)
class Location:
    """One object of S3."""

    bucket: str
    key: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a data source stands for.

    Attributes:
        files: In the order of the manifest.
        settings: ``globalUploadSettings`` as written: every value is text.
    """

    files: tuple[Location, ...]
    settings: dict[str, str]


def manifest_location(data_source_parameters: Doc) -> Location:
    """Where the data source's manifest lies."""
    place = data_source_parameters["S3Parameters"]["ManifestFileLocation"]
    return Location(bucket=place["Bucket"], key=place["Key"])


def read_manifest(s3: S3, place: Location) -> Manifest:
    """The manifest at ``place``, in either of its two forms: ``fileLocations``, or Redshift's ``entries``.

    Raises:
        ManifestError: where it is missing, no JSON, of neither form, or names what is no S3 URI.
    """
    body = s3.read(place.bucket, place.key)
    if body is None:
        raise ManifestError(f"the manifest {place} is missing")
    try:
        manifest = cast("dict[str, Any]", parse_json(body))
    except ValueError as error:
        raise ManifestError(f"the manifest {place} is no JSON: {error}") from error
    try:
        files = [file for uri in _uris(manifest, s3) for file in [_location(uri)]]
        settings: dict[str, str] = manifest.get("globalUploadSettings", {})
    except ManifestError as error:
        raise ManifestError(f"the manifest {place}: {error}") from error
    except (TypeError, KeyError, AttributeError) as error:
        raise ManifestError(f"the manifest {place} has neither of its forms: {_FORMS}") from error
    if not files:
        raise ManifestError(f"the manifest {place} names no file under 'fileLocations' or 'entries'")
    if stray := sorted(key for key, value in settings.items() if not isinstance(value, str)):  # pyright: ignore[reportUnnecessaryIsInstance] - it came from outside
        raise ManifestError(f'the manifest {place}: globalUploadSettings {stray} must be text, as in "true"')
    return Manifest(files=tuple(files), settings=settings)


def _uris(manifest: dict[str, Any], s3: S3) -> list[str]:
    uris = [entry["url"] for entry in manifest.get("entries", [])]
    for group in manifest.get("fileLocations", []):
        uris.extend(group.get("URIs", []))
        for prefix in map(_location, group.get("URIPrefixes", [])):
            uris.extend(f"s3://{prefix.bucket}/{key}" for key in s3.keys(prefix.bucket, prefix.key))
    return uris


def _location(uri: str) -> Location:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    if not uri.startswith("s3://") or not bucket:
        raise ManifestError(f"{uri!r} is no URI of the form s3://bucket/key")
    return Location(bucket=bucket, key=key)
