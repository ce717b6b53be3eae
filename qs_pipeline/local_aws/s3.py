"""S3: moto's, with every bucket and object mirrored to disk before a write is answered.

moto keeps objects in memory only. After each request that may have changed something the named object is compared with
what was mirrored of it, by identity; where that did not change, its whole bucket is. So any way of writing (put, copy,
multipart, batch deletion) is seen without patching moto, and a put costs the same in a full bucket. Bodies are files
with invented names, for keys come from strangers; all else about an object stands in the state. Only the newest
version of an object is kept, and neither unfinished multipart uploads nor bucket settings.
"""

import io
import threading
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast
from urllib.parse import unquote, urlsplit

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import create_backend_app
from moto.s3.models import FakeBucket, FakeKey, s3_backends
from moto.utilities.utils import PARTITION_NAMES

from qs_pipeline.local_aws.state import Doc, State
from qs_pipeline.local_aws.wsgi import Environ, StartResponse, read_body

_READ_ONLY = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, kw_only=True)
class _Mirrored:
    """An object that stands on disk, and the very moto object it was written from."""

    key: FakeKey
    file: str


class S3:
    """A WSGI application; one a process, since moto's backends are the process's own.

    One lock serves one request at a time: moto's dictionaries are not safe to change while another thread lists them.
    """

    def __init__(self, state: State, folder: Path) -> None:
        self._state = state
        self._folder = folder
        self._lock = threading.Lock()
        self._app = create_backend_app("s3")
        self._backends = [s3_backends[DEFAULT_ACCOUNT_ID][partition] for partition in PARTITION_NAMES]
        self._mirrored: dict[str, dict[str, _Mirrored]] = {}
        self._load()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request; what it wrote is on disk when the answer starts."""
        environ["wsgi.input"] = io.BytesIO(read_body(environ))
        with self._lock:
            # The answer is taken whole, so that moto has done its work before the mirror looks.
            answer = self._app(environ, start_response)
            body = b"".join(answer)
            if environ["REQUEST_METHOD"] not in _READ_ONLY:
                uri: str = environ["RAW_URI"]
                bucket, _, key = unquote(urlsplit(uri).path).lstrip("/").partition("/")
                if not self._mirror_object(bucket, key):
                    self._mirror(bucket)
        return [body]

    def read(self, bucket: str, key: str) -> bytes | None:
        """The object's bytes; None where there is no such bucket or object."""
        with self._lock:
            current = self._newest(bucket, key)
            return current.value if current else None

    def has_bucket(self, bucket: str) -> bool:
        """Whether there is such a bucket."""
        with self._lock:
            return self._bucket(bucket) is not None

    def keys(self, bucket: str, prefix: str) -> list[str]:
        """The keys below the prefix, in S3's order."""
        with self._lock:
            return sorted(key for key in self._current(bucket) if key.startswith(prefix))

    def close(self) -> None:
        """Empty moto's memory, so that the next instance in this process starts from its own disk."""
        with self._lock:
            self._reset()

    def _reset(self) -> None:
        for backend in self._backends:
            backend.reset()

    def _bucket(self, name: str) -> FakeBucket | None:
        """The bucket, which moto keeps in the partition of the region that called for it."""
        return next((each.buckets[name] for each in self._backends if name in each.buckets), None)

    def _current(self, bucket: str) -> dict[str, FakeKey]:
        """The newest version of each object, without those whose newest version is a deletion marker."""
        found = self._bucket(bucket)
        if found is None:
            return {}
        # moto's own items() shows newest versions too, but as copies of the whole dictionary.
        versions = dict[str, list[object]].items(cast("dict[str, list[object]]", found.keys))
        newest = ((name, those[-1]) for name, those in versions)
        return {name: key for name, key in newest if isinstance(key, FakeKey)}

    def _newest(self, bucket: str, name: str) -> FakeKey | None:
        """The newest version of one object."""
        found = self._bucket(bucket)
        if found is None:
            return None
        versions = dict[str, list[object]].get(cast("dict[str, list[object]]", found.keys), name)
        return versions[-1] if versions and isinstance(versions[-1], FakeKey) else None

    def _mirror_object(self, bucket: str, name: str) -> bool:
        """Write or forget one object; whether it had changed."""
        key, known = self._newest(bucket, name), self._mirrored.get(bucket, {}).get(name)
        if bucket not in self._mirrored or key is (known.key if known else None):
            return False
        if key:
            self._write(bucket, name, key)
        else:
            self._forget(bucket, name)
        return True

    def _forget(self, bucket: str, name: str) -> None:
        self._state.delete("s3_object", name, parent=bucket)
        self._drop_file(self._mirrored[bucket].pop(name).file)

    def _mirror(self, bucket: str) -> None:
        here = self._current(bucket)
        mirrored = self._mirrored.setdefault(bucket, {})
        known = self._bucket(bucket)
        if known and self._state.get("s3_bucket", bucket) is None:
            doc = {"name": bucket, "region": known.region_name, "created": known.creation_date.isoformat()}
            self._state.put("s3_bucket", bucket, doc)
        for name, key in here.items():
            if name not in mirrored or mirrored[name].key is not key:
                self._write(bucket, name, key)
        for name in mirrored.keys() - here.keys():
            self._forget(bucket, name)
        if known is None:
            self._state.delete("s3_bucket", bucket)

    def _write(self, bucket: str, name: str, key: FakeKey) -> None:
        file = uuid.uuid4().hex
        (self._folder / file).write_bytes(key.value)
        self._state.put("s3_object", name, {"name": name, "file": file, **_described(key)}, parent=bucket)
        old = self._mirrored[bucket].get(name)
        self._mirrored[bucket][name] = _Mirrored(key=key, file=file)
        if old:
            self._drop_file(old.file)

    def _load(self) -> None:
        self._reset()
        self._folder.mkdir(parents=True, exist_ok=True)
        for doc in self._state.all("s3_bucket"):
            made = FakeBucket(name=doc["name"], account_id=DEFAULT_ACCOUNT_ID, region_name=doc["region"])
            bucket = cast("FakeBucket", made)
            bucket.creation_date = datetime.fromisoformat(doc["created"])
            s3_backends[DEFAULT_ACCOUNT_ID][bucket.partition].buckets[bucket.name] = bucket
            self._mirrored[bucket.name] = {}
            for stored in self._state.all("s3_object", parent=bucket.name):
                key = _restored(stored, bucket, (self._folder / stored["file"]).read_bytes())
                bucket.keys.setlist(key.name, [key])
                self._mirrored[bucket.name][key.name] = _Mirrored(key=key, file=stored["file"])
        # A kill between writing a body and its document, or between the document and dropping the old body.
        wanted = {mirrored.file for objects in self._mirrored.values() for mirrored in objects.values()}
        for file in self._folder.iterdir():
            if file.name not in wanted:
                file.unlink()

    def _drop_file(self, file: str) -> None:
        (self._folder / file).unlink(missing_ok=True)


def _described(key: FakeKey) -> Doc:
    return {
        "etag": key.etag.strip('"'),
        "last_modified": key.last_modified.isoformat(),
        "metadata": dict(key.metadata),
        "storage_class": key.storage_class,
        "checksum_algorithm": key.checksum_algorithm,
        "checksum_value": key.checksum_value,
        "checksum_type": key.checksum_type,
        "checksum_parts": key.checksum_parts,
    }


def _restored(doc: Doc, bucket: FakeBucket, body: bytes) -> FakeKey:
    made = FakeKey(
        name=doc["name"],
        value=body,
        account_id=DEFAULT_ACCOUNT_ID,
        region_name=bucket.region_name,
        bucket_name=bucket.name,
        storage=doc["storage_class"],
        etag=doc["etag"],
        version_id="null",
        checksum_value=doc["checksum_value"],
        checksum_type=doc["checksum_type"],
        checksum_parts=doc["checksum_parts"],
    )
    key = cast("FakeKey", made)
    key.checksum_algorithm = doc["checksum_algorithm"]
    key.last_modified = datetime.fromisoformat(doc["last_modified"])
    key.set_metadata(doc["metadata"])
    return key
