"""How long an assessment takes from the bytes of its uploads to the bytes of its published tables, and in what memory.

Run it as a script, with a size (``medium`` or ``large``; both without one). Everything is counted: decode, contracts,
accepted copies, transforms, sorting, hashing, writing. Two floors stand beside it, polars without any transformation:
the uploads read and rewritten, and the uploads read and as many bytes written as the tables have. Each measurement is a
process of its own, so that its peak memory is its own. Last, the peak of the largest class alone stands beside that of
the whole assessment: memory should grow with the largest single table, not with the number of tables.
"""

import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl

from qs_pipeline.catalog import CATALOG
from qs_pipeline.frames.intake import read_upload
from qs_pipeline.frames.published import read_published, render
from qs_pipeline.frames.verdict import Accepted
from qs_pipeline.model import Table
from qs_pipeline.sample import Size, write_sample

ALLOWED: dict[str, float] = {"medium": 1.0, "large": 8.0}
ALLOWED_GB = 1.5
SIZES: tuple[Size, ...] = ("medium", "large")


def build(uploads: dict[str, Path], folder: Path) -> dict[str, float]:
    """Seconds of intake and of tables; the published CSVs are in ``folder`` afterwards."""
    start = time.perf_counter()
    for name, path in uploads.items():
        contract = CATALOG.upload(name).contract
        verdict = read_upload(path, contract, filename=path.name, expected_number=None)
        if not isinstance(verdict, Accepted):
            raise SystemExit(verdict.reason)
        verdict.frame.write_parquet(folder / f"{name}.parquet")
        del verdict
    middle = time.perf_counter()
    for table in CATALOG.buildable(uploads.keys()):
        frames = [_frame(source, folder) for source in CATALOG.sources(table)]
        render(table, table.transform(*frames), folder / f"{table.name}.csv")
    return {"intake": middle - start, "tables": time.perf_counter() - middle}


def rewrite(uploads: dict[str, Path], folder: Path) -> dict[str, float]:
    """Seconds of the parts of the floors, and MB of the tables: files read and written as text, nothing in between."""
    build(uploads, folder)
    tables = {path.stem: path for path in folder.glob("*.csv")}
    seconds = {"MB": sum(path.stat().st_size for path in tables.values()) / 1e6}
    for what, files in (("uploads", uploads), ("tables", tables)):
        start = time.perf_counter()
        frames = [pl.read_csv(path, infer_schema=False) for path in files.values()]
        seconds[f"{what} read"] = time.perf_counter() - start
        for frame in frames:
            frame.write_csv(folder / "rewritten")
        seconds[f"{what} written"] = time.perf_counter() - start - seconds[f"{what} read"]
    return seconds


def _frame(source: object, folder: Path) -> pl.LazyFrame | None:
    name = str(getattr(source, "name", ""))
    if isinstance(source, Table):
        written = folder / f"{name}.csv"
        return read_published(written, source) if written.exists() else None
    path = folder / f"{name}.parquet"
    return pl.scan_parquet(path) if path.exists() else None


Measured = tuple[dict[str, float], float]


def alone(what: Callable[[dict[str, Path], Path], dict[str, float]], uploads: dict[str, Path]) -> Measured:
    """What ``what`` measured in a new process, and the peak memory of that process in GB beyond its imports."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool, tempfile.TemporaryDirectory() as folder:
        before = pool.apply(_peak)
        seconds = pool.apply(what, (uploads, Path(folder)))
        return seconds, pool.apply(_peak) - before


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def main(sizes: tuple[Size, ...]) -> None:
    """Measure and print."""
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            # In a process of its own, too: a child begins with the peak memory of its parent.
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                files = pool.apply(write_sample, (Path(folder),), {"assessment": "2002", "size": size, "seed": 7})
            uploads = {path.stem: path for path in files if CATALOG.upload_for(path.name)}
            megabytes = sum(path.stat().st_size for path in uploads.values()) / 1e6
            best: Measured = min((alone(build, uploads) for _ in range(3)), key=lambda one: sum(one[0].values()))
            floors = [alone(rewrite, uploads)[0] for _ in range(3)]
            largest = max(uploads, key=lambda name: uploads[name].stat().st_size)
            of_largest = alone(build, {largest: uploads[largest]})[1]
        seconds, peak = sum(best[0].values()), best[1]
        parts = ", ".join(f"{name} {took:.2f} s" for name, took in best[0].items())
        print(f"{size}: {seconds:.2f} s ({parts}) for {megabytes:.0f} MB in; at most {ALLOWED[size]} s")
        print(f"    {peak:.2f} GB at the peak beyond imports; at most {ALLOWED_GB}")
        print(f"    {of_largest:.2f} GB with {largest} alone")
        for written in ("uploads", "tables"):
            floor = min(one["uploads read"] + one[f"{written} written"] for one in floors)
            print(f"    {seconds / floor:.2f} times the floor of {floor:.2f} s: uploads read, {written} written")
        print(f"    the tables have {floors[0]['MB']:.0f} MB")


if __name__ == "__main__":
    main(tuple(size for size in SIZES if size in sys.argv[1:]) or SIZES)
