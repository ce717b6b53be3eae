"""How far each upload and each data set of an assessment is, from what the event log says of it.

A data set passes received -> table written -> data source created -> data set created -> ingested -> synced. The
first step that has not come is what it waits for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from qs_pipeline.catalog import Catalog
from qs_pipeline.dag.keys import data_set_key, table_asset_key
from qs_pipeline.dag.memory import Memory, Report, State
from qs_pipeline.model import Table


@dataclass(frozen=True, kw_only=True)
class UploadLife:
    """One upload: its state, when it was put on S3, and why it was rejected, if it was.

    Attributes:
        rivals: Which key was read and which were not, where several claimed the upload when it was read.
    """

    name: str
    state: str
    received: str
    rows: int
    reason: str
    rivals: str


@dataclass(frozen=True, kw_only=True)
class DataSetLife:
    """One data set: the times of its steps (ISO 8601, UTC; empty where a step has not come), and what comes next.

    Attributes:
        source_created: When its data source was made.
        created: When it was made itself.
        reason: Why it is in its state, where that needs a reason.
        waits_for: The next step, in words; empty where nothing is awaited.
    """

    name: str
    state: str
    rows: int
    received: str
    written: str
    source_created: str = ""
    created: str = ""
    ingested: str
    synced: str
    reason: str
    waits_for: str = ""


def upload_life(name: str, report: Report) -> UploadLife:
    """The life of one upload."""
    return UploadLife(
        name=name,
        state=report.state.value,
        received=str(report.metadata.get("uploaded", "")),
        rows=report.rows,
        reason=report.reason,
        rivals=str(report.metadata.get("rivals", "")),
    )


def data_set_life(
    catalog: Catalog, table: Table, memory: Memory, uploads: dict[str, Report | None], sync: Report | None
) -> DataSetLife | None:
    """The life of one data set; None where nothing was ever made for it."""
    written = memory.last(table_asset_key(table.name))
    if written is None:
        return None
    held = memory.last(data_set_key(table.name))
    received = [
        str(report.metadata.get("uploaded", "")) for name in catalog.uploads_behind(table) if (report := uploads[name])
    ]
    in_sync: Any = sync.metadata.get("synced", ()) if sync else ()
    known: Mapping[str, Any] = held.metadata if held and held.state.has_rows else {}
    synced = sync is not None and table.name in in_sync and _agree(written, held)
    return DataSetLife(
        name=table.name,
        state=written.state.value,
        rows=written.rows,
        received=max(received, default=""),
        written=utc(written.timestamp) if written.state.has_rows else "",
        source_created=str(known.get("data_source_created_at", "")),
        created=str(known.get("data_set_created_at", "")),
        ingested=str(known.get("ingested_at", "")),
        synced=utc(sync.timestamp) if sync and synced else "",
        reason=written.reason or (held.reason if held else ""),
        waits_for="" if synced else _awaited(written, held),
    )


def _agree(written: Report, held: Report | None) -> bool:
    return held is not None and held.metadata.get("content") == written.data_version


def _awaited(written: Report, held: Report | None) -> str:
    there = held is not None and (held.metadata.get("content") or held.metadata.get("pending_removal"))
    if there and (written.state is State.ABSENT or (written.state.has_rows and not written.rows)):
        return "its deletion, which follows the publication without it"
    if not written.state.has_rows or not written.rows:
        return ""
    if held is None or not held.metadata.get("content"):
        return "its data set"
    if not _agree(written, held):
        return str(held.metadata.get("waits", "")).removeprefix("waits for ") or "a refresh"
    return "quicksight/sync"


def utc(timestamp: float) -> str:
    """The moment (seconds since the epoch) as ISO 8601."""
    return datetime.fromtimestamp(timestamp, UTC).isoformat(timespec="seconds")
