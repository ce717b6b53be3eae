"""The gate on the aggregate: nothing is published from an assessment that moves.

Uploads trickle in over minutes. Two looks of the sensor precede a run; this check is the third, after aggregation.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from qs_pipeline.catalog import Catalog
from qs_pipeline.dag.dashboard import AGGREGATED_ROWS
from qs_pipeline.dag.intake import wanted_uploads
from qs_pipeline.dag.keys import DASHBOARD, ROW_COUNT_STABLE, check_of, table_asset_key, upload_key
from qs_pipeline.dag.memory import Memory, Report, State
from qs_pipeline.dag.resources import StoreResource
from qs_pipeline.dag.uploads import seen_uploads
from qs_pipeline.model import AssessmentId, Table, parse_assessment_id
from qs_pipeline.store import AssessmentStore


def row_count_stable_check(catalog: Catalog) -> dg.AssetChecksDefinition:
    """The blocking check ``row_count_stable`` on the aggregate."""
    aggregate = catalog.aggregate
    key = table_asset_key(aggregate.name)

    @dg.multi_asset_check(
        name=ROW_COUNT_STABLE,
        specs=[
            check_of(
                key,
                ROW_COUNT_STABLE,
                "The aggregate holds as many rows as its parts, and no upload moved since it was read.",
                blocking=True,
            )
        ],
    )
    def row_count_stable(context: dg.AssetCheckExecutionContext, store: StoreResource) -> Iterator[dg.AssetCheckResult]:
        assessment = parse_assessment_id(context.partition_key)
        opened = store.open()
        memory = Memory(context.instance, assessment)
        present = _present(catalog, memory)
        moved = _moved(catalog, opened, assessment, memory)
        stored = _stored_rows(opened, assessment, aggregate) if memory.state(key).has_rows else 0
        parts = {table.name: _stored_rows(opened, assessment, table) for table in present}
        stable = stored == sum(parts.values())
        receipt = memory.last(DASHBOARD)
        before = receipt.metadata.get(AGGREGATED_ROWS, 0) if receipt else 0
        shrunk = stored < before * (1 - store.shrink_warning) and not _deleted(memory, receipt)
        yield dg.AssetCheckResult(
            asset_key=key,
            check_name=ROW_COUNT_STABLE,
            passed=stable and not moved and not shrunk,
            severity=dg.AssetCheckSeverity.ERROR if not stable or moved else dg.AssetCheckSeverity.WARN,
            metadata={
                "rows": stored,
                "rows_before": before,
                # Zero where a class is absent: only numbers that every run has under one name can be plotted.
                **{f"rows_{table.name}": parts.get(table.name, 0) for table in catalog.embark_tables},
                "moved_uploads": list(moved),
                "large_fall": shrunk,
            },
            description=_words(stored, parts, moved, before=before if shrunk else None),
        )

    return row_count_stable


def _deleted(memory: Memory, receipt: Report | None) -> bool:
    """Whether an upload that the dashboard shows is gone: then there have to be fewer rows."""
    shown: dict[str, Any] = receipt.metadata.get("uploads", {}) if receipt else {}
    return any(memory.state(upload_key(name)) is State.ABSENT for name in shown)


def _present(catalog: Catalog, memory: Memory) -> list[Table]:
    return [table for table in catalog.embark_tables if memory.state(table_asset_key(table.name)).has_rows]


def _moved(catalog: Catalog, store: AssessmentStore, assessment: AssessmentId, memory: Memory) -> tuple[str, ...]:
    """Wanted uploads whose ETag now is another than the one this run read."""
    listed = wanted_uploads(catalog, store.uploads(assessment))
    seen = seen_uploads(catalog, memory)
    return tuple(
        sorted(
            name
            for name in listed.keys() | seen.keys()
            if name not in listed or name not in seen or listed[name].etag != seen[name].etag
        )
    )


def _stored_rows(store: AssessmentStore, assessment: AssessmentId, table: Table) -> int:
    """Rows of the CSV as it lies on S3."""
    with tempfile.TemporaryDirectory(prefix="qs-count-") as folder:
        path = Path(folder) / "table.csv"
        store.read_table(assessment, table.name, path)
        return pl.scan_csv(path, infer_schema=False).select(pl.len()).collect().item()


def _words(stored: int, parts: dict[str, int], moved: tuple[str, ...], *, before: int | None) -> str:
    if moved:
        return f"{', '.join(moved)} changed since this run read it; publication waits for the run that follows"
    if stored != sum(parts.values()):
        return f"the aggregate has {stored} rows, its parts {sum(parts.values())}; run the assessment again"
    if before is not None:
        return f"stable at {stored} rows, but the dashboard shows {before}: were files cut short?"
    return f"stable at {stored} rows"
