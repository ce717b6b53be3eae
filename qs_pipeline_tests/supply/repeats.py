"""Builds all tables of an assessment again and again, in a process of its own, and tells the hashes seen of each.

Run as a module with the folder of a sample and a number of times; thread count and hash seed come from the environment,
which polars and Python read once, at their start.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from qs_pipeline.catalog import CATALOG
from qs_pipeline.frames.intake import read_upload
from qs_pipeline.frames.published import read_published, render
from qs_pipeline.frames.verdict import Accepted
from qs_pipeline.model import Reference, Upload

Hashes = dict[str, set[str]]

THREADS = (1, 2, 7)
"""One, as many as the machine has, and more than it has."""


def hashes(sample: Path, *, threads: int, times: int) -> Hashes:
    """The sha256 of each table, by name, as a new process with so many threads makes it so many times."""
    environment = os.environ | {"POLARS_MAX_THREADS": str(threads), "PYTHONHASHSEED": str(threads)}
    command = [sys.executable, "-m", __name__, str(sample), str(times)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return {name: set(seen) for name, seen in json.loads(done.stdout).items()}


def _accepted(sample: Path) -> Iterator[tuple[str, pl.LazyFrame]]:
    paths: list[tuple[Upload | Reference, Path]] = [(each, sample / each.key) for each in CATALOG.references]
    uploads = ((CATALOG.upload_for(path.name), path) for path in sorted(sample.rglob("assessments/**/*.csv")))
    paths += [(upload, path) for upload, path in uploads if upload]
    for source, path in paths:
        verdict = read_upload(path, source.contract, filename=path.name, expected_number=None)
        assert isinstance(verdict, Accepted), verdict
        yield source.name, verdict.frame.lazy()


def _built(sample: Path, folder: Path) -> Iterator[tuple[str, str]]:
    frames = dict(_accepted(sample))
    for table in CATALOG.tables:
        rendered = render(table, table.transform(*map(frames.get, table.inputs)), folder / f"{table.name}.csv")
        frames.setdefault(table.name, read_published(rendered.path, table))
        yield table.name, rendered.sha256


def _main(sample: Path, times: int) -> None:
    seen: dict[str, set[str]] = defaultdict(set)
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(times):
            for name, sha256 in _built(sample, Path(folder)):
                seen[name].add(sha256)
    print(json.dumps({name: sorted(of_table) for name, of_table in seen.items()}))


if __name__ == "__main__":
    _main(Path(sys.argv[1]), int(sys.argv[2]))
