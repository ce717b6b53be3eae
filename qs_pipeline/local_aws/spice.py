"""Rows: the files of a manifest read, cast as the data set says, and stored as parquet.

A cell that cannot be cast takes its row with it, as in SPICE, and so does a cell too many; an empty cell is null and
harms nobody.
"""

import csv
import io
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl

from qs_pipeline.local_aws.manifests import Location, Manifest
from qs_pipeline.local_aws.s3 import S3
from qs_pipeline.local_aws.table_maps import Column, Preparation

_USUAL_DATETIMES = ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.fZ", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d", "%m/%d/%Y")
# The years that SPICE knows; a date outside takes its row with it (user guide: skipped rows).
_YEARS = (1400, 9999)
# Places of a FIXED decimal, which is decimal(18, 4); more are rounded as they come in (user guide).
_FIXED_PLACES = 4
# Java's date patterns, in which QuickSight takes formats, and polars'.
_FORMAT_PARTS = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S", "SSS": "%3f", "'T'": "T"}


class IngestionError(Exception):
    """The ingestion fails: QuickSight's error type, and what is wrong where."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one ingestion may bring: bytes of text in a row, rows and bytes in all, and bytes that are still free."""

    skippable_rows: int
    row_bytes: int
    rows: int
    size: int
    capacity: int


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What one ingestion read.

    Attributes:
        size: Bytes of the rows in memory, which is near what SPICE counts.
    """

    rows: int
    dropped: int
    size: int


def load(
    preparation: Preparation, manifest: Manifest, s3: S3, *, target: Path, limits: Limits, lose: int = 0
) -> Loaded:
    """Read every file of the manifest and write the data set's rows, but for the first ``lose``, to ``target``.

    Raises:
        IngestionError: where a file is missing, unreadable or without an input column, a format is unknown, or a limit
            is passed.
    """
    settings = {**manifest.settings, **{key[0].lower() + key[1:]: value for key, value in preparation.settings.items()}}
    files = [_read(location, preparation.inputs, settings, s3) for location in manifest.files]
    text = pl.concat([frame for frame, _ in files])
    longest = text.select(pl.sum_horizontal(pl.all().str.len_bytes().fill_null(0)).max()).item() or 0
    if longest > limits.row_bytes:
        raise IngestionError("ROW_SIZE_LIMIT_EXCEEDED", f"a row has {longest} bytes; at most {limits.row_bytes} fit")
    wanted = [_cast(column).alias(name) for name, column in preparation.columns.items()]
    unreadable = [
        pl.col(column.source).is_not_null() & _cast(column).is_null() for column in preparation.columns.values()
    ]
    rows = text.filter(~pl.any_horizontal(unreadable)).select(wanted)[lose:]
    dropped = text.height - rows.height + sum(skipped for _, skipped in files)
    if dropped > limits.skippable_rows:
        told = f"{dropped} rows are skipped; at most {limits.skippable_rows} may be"
        raise IngestionError("DATA_TOLERANCE_EXCEPTION", told)
    size = int(rows.estimated_size())
    if rows.height > limits.rows or size > limits.size:
        told = f"{rows.height} rows of {size} bytes; a data set holds {limits.rows} rows and {limits.size} bytes"
        raise IngestionError("DATA_SET_SIZE_LIMIT_EXCEEDED", told)
    if size > limits.capacity:
        told = f"{size} bytes; SPICE has {max(limits.capacity, 0)} left"
        raise IngestionError("ACCOUNT_CAPACITY_LIMIT_EXCEEDED", told)
    rows.write_parquet(target)
    return Loaded(rows=rows.height, dropped=dropped, size=size)


def _read(location: Location, inputs: tuple[str, ...], settings: dict[str, str], s3: S3) -> tuple[pl.DataFrame, int]:
    """The input columns of one file, every cell text or null, and how many rows were skipped for a cell too many."""
    body = s3.read(location.bucket, location.key)
    if body is None and not s3.has_bucket(location.bucket):
        raise IngestionError("S3_FILE_INACCESSIBLE", f"the bucket of {location} cannot be reached")
    if body is None:
        raise IngestionError("S3_UPLOADED_FILE_DELETED", f"the file {location} is missing")
    if settings.get("format", "CSV") != "CSV":
        raise IngestionError("S3_MANIFEST_ERROR", f"not emulated: files of format {settings['format']}")
    delimiter = settings.get("delimiter", ",")
    has_header = str(settings.get("containsHeader", "true")).lower() == "true"
    try:
        header = next(
            csv.reader(io.TextIOWrapper(io.BytesIO(body), "utf-8", newline=""), delimiter=delimiter), list[str]()
        )
        names = header if has_header else list(inputs[: len(header)])
        _check_header(names, inputs, location)
        read = partial(
            pl.read_csv,
            has_header=has_header,
            new_columns=names,
            separator=delimiter,
            infer_schema=False,
            raise_if_empty=False,
        )
        try:
            frame, skipped = read(io.BytesIO(body)), 0
        except pl.exceptions.ComputeError:
            body, skipped = _without_long_rows(body, len(names), delimiter)
            frame = read(io.BytesIO(body))
    except (UnicodeDecodeError, csv.Error, pl.exceptions.PolarsError) as error:
        raise IngestionError("DATA_TOLERANCE_EXCEPTION", f"the file {location} cannot be read: {error}") from error
    empty_is_null = [pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in inputs]
    return frame.select(empty_is_null), skipped


def _without_long_rows(body: bytes, most: int, delimiter: str) -> tuple[bytes, int]:
    """A file without the rows of more cells than columns, and their number (user guide: INCORRECT_FIELD_COUNT)."""
    rows = list(csv.reader(io.TextIOWrapper(io.BytesIO(body), "utf-8", newline=""), delimiter=delimiter))
    short = [row for row in rows if len(row) <= most]
    kept = io.StringIO()
    csv.writer(kept, delimiter=delimiter, lineterminator="\n").writerows(short)
    return kept.getvalue().encode(), len(rows) - len(short)


def _check_header(header: list[str], inputs: tuple[str, ...], location: Location) -> None:
    if doubled := sorted({name for name in header if header.count(name) > 1}):
        raise IngestionError("DUPLICATE_COLUMN_NAMES_FOUND", f"the file {location} has the columns {doubled} twice")
    if missing := [name for name in inputs if name not in header]:
        unknown = [name for name in header if name not in inputs]
        raise IngestionError(
            "SQL_SCHEMA_MISMATCH_ERROR",
            f"the file {location} lacks the input columns {missing}; the data set does not know its columns {unknown}",
        )


def _cast(column: Column) -> pl.Expr:
    text = pl.col(column.source)
    match column.type:
        case "INTEGER":
            return text.str.strip_chars().cast(pl.Int64, strict=False)
        case "DECIMAL":
            number = text.str.strip_chars().cast(pl.Float64, strict=False)
            if column.sub_type == "FIXED":
                number = number.round(_FIXED_PLACES, mode="half_away_from_zero")
            return pl.when(number.is_finite()).then(number)
        case "DATETIME":
            patterns = (_pattern(column),) if column.format else _USUAL_DATETIMES
            moment = pl.coalesce(
                [text.str.to_datetime(pattern, strict=False, time_unit="ms", time_zone=None) for pattern in patterns]
            )
            return pl.when(moment.dt.year().is_between(*_YEARS)).then(moment)
        case _:
            return text


def _pattern(column: Column) -> str:
    """A column's date format in polars' spelling."""
    translated = re.sub(r"'T'|([A-Za-z])\1*", lambda part: _FORMAT_PARTS.get(part.group(), "?"), column.format or "")
    if "?" in translated:
        raise IngestionError("INVALID_DATE_FORMAT", f"column {column.source}: the format {column.format!r} is unknown")
    return translated
