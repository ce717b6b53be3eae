"""Tables as CSV: the same rows give the same bytes, and read back as they were.

A data set is refreshed when the hash of its CSV moves, and refreshes are scarce, so bytes must not depend on thread
counts or on luck: frames are collected in memory, keyed tables are sorted by their key, floats are written in their
shortest round-trip form. Only tables whose rows are made one by one are written while they are computed, so that the
largest of them need not fit into memory; nothing is added up or sorted on that way.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from dataframely.exc import SchemaError, ValidationError

from qs_pipeline.frames.contract import Contract, dtypes
from qs_pipeline.frames.errors import BrokenTableError, DataError
from qs_pipeline.model import Table


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """A table's CSV on disk.

    Attributes:
        path: Where it was written: UTF-8, header, commas, minimal double quotes, LF, null as the empty field.
        rows: Number of rows.
        size: Bytes.
        sha256: Of the bytes; the table's data version.
    """

    path: Path
    rows: int
    size: int
    sha256: str


def render(table: Table, frame: pl.LazyFrame, path: Path) -> Rendered:
    """Runs ``frame``, holds it against the contract of ``table`` and writes it to ``path``.

    Raises:
        DataError: where the inputs do not go together (see ``frames.errors``).
        BrokenTableError: where the result breaks the table's contract or a join found more than it may.
    """
    key = table.contract.primary_key()
    write = _write_streaming if table.row_wise and not key else _write_whole
    try:
        rows = write(table.contract, frame, path)
    except DataError:
        raise
    except (SchemaError, ValidationError, pl.exceptions.PolarsError) as error:
        path.unlink(missing_ok=True)
        what = f"table {table.name}, made of {', '.join(table.inputs)}: {error}"
        raise BrokenTableError(what, table.name) from error
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Rendered(path=path, rows=rows, size=path.stat().st_size, sha256=digest)


def _write_whole(contract: Contract, frame: pl.LazyFrame, path: Path) -> int:
    rows = contract.validate(frame.collect(engine="in-memory"))
    if key := contract.primary_key():
        rows = rows.sort(key, maintain_order=True)
    rows.write_csv(path, line_terminator="\n", quote_style="necessary")
    return rows.height


def _write_streaming(contract: Contract, frame: pl.LazyFrame, path: Path) -> int:
    rows = contract.validate(frame)
    rows.sink_csv(path, line_terminator="\n", quote_style="necessary", maintain_order=True, engine="streaming")
    return pl.scan_csv(path, schema=dtypes(contract), glob=False).select(pl.len()).collect().item()


def read_published(source: str | Path, table: Table) -> pl.LazyFrame:
    """The rows of a table's CSV, typed by its contract.

    Args:
        source: A path, or a URL such as ``s3://...`` (credentials and endpoint from the environment).
        table: The table that ``render`` wrote.
    """
    return pl.scan_csv(source, schema=dtypes(table.contract), glob=False)
