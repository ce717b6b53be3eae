"""Where an assessment stands, derived from the Dagster event log alone: what ``qs-pipeline status`` prints.

Each data set passes received -> table written -> ingested -> synced, the assessment ends with a published dashboard.
A failed run that is newer than the dashboard ranks above it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from qs_pipeline.catalog import Catalog
from qs_pipeline.dag.dashboard import shown_before
from qs_pipeline.dag.keys import DASHBOARD, PARTITION_TAG, SYNC, assessments, data_set_key, table_asset_key, upload_key
from qs_pipeline.dag.memory import Memory, Report, State, data_versions
from qs_pipeline.dag.orders import last_order
from qs_pipeline.dag.retire import retired_since
from qs_pipeline.model import AssessmentId, Table


@dataclass(frozen=True, kw_only=True)
class UploadLife:
    """One upload: its state, when it was put on S3, and why it was rejected, if it was."""

    name: str
    state: str
    received: str
    rows: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class DataSetLife:
    """One data set: the times of its steps (ISO 8601, UTC; empty where a step has not come)."""

    name: str
    state: str
    rows: int
    received: str
    written: str
    ingested: str
    synced: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class AssessmentLife:
    """One assessment.

    Attributes:
        state: published, published in part (without what was rejected, or with what was last good), running,
            failed, waiting or empty.
        fingerprint: What the dashboard shows.
        version: Of the dashboard, as QuickSight counts.
        warnings: What was published and may still be wrong, in words.
        definition: The digest under which the published definition is kept on S3.
    """

    assessment: AssessmentId
    state: str
    reason: str
    published: str
    fingerprint: str
    version: int
    definition: str
    sheets: tuple[str, ...]
    link: str
    warnings: tuple[str, ...]
    uploads: tuple[UploadLife, ...]
    data_sets: tuple[DataSetLife, ...]


def known_assessments(instance: dg.DagsterInstance) -> tuple[AssessmentId, ...]:
    """Every assessment that a run was ever asked for."""
    retired = {name for name, version in data_versions(instance, DASHBOARD).items() if retired_since(version)}
    names = retired.union(instance.get_dynamic_partitions(assessments.name or ""))
    return tuple(AssessmentId(name) for name in sorted(names))


def assessment_life(instance: dg.DagsterInstance, catalog: Catalog, assessment: AssessmentId) -> AssessmentLife:
    """The lifecycle of one assessment."""
    memory = Memory(instance, assessment)
    uploads = {upload.name: memory.last(upload_key(upload.name)) for upload in catalog.uploads}
    dashboard = memory.last(DASHBOARD)
    order = last_order(instance, assessment)
    metadata: Mapping[str, Any] = shown_before(dashboard, order)
    faults = [report.reason for report in uploads.values() if report and report.state in _REFUSED]
    tables = [memory.last(table_asset_key(table.name)) for table in catalog.tables]
    faults += [str(fault) for report in tables if report and (fault := report.metadata.get("fault"))]
    state, reason = _state(instance, assessment, dashboard, faults)
    pinned = order.pinned or int(metadata.get("pinned", 0)) * (not order.event)
    if pinned and state in ("published", IN_PART, "empty"):
        state, reason = "pinned", f"pinned at version {pinned}"
    sync = memory.last(SYNC)
    return AssessmentLife(
        assessment=assessment,
        state=state,
        reason=reason,
        published=_published(metadata, dashboard),
        fingerprint=dashboard.data_version if dashboard else "",
        version=int(metadata.get("version", 0)),
        definition=str(metadata.get("definition", "")),
        sheets=tuple(metadata.get("sheets", ())),
        link=str(metadata.get("link", "")),
        warnings=tuple(str(said) for report in uploads.values() if report and (said := report.metadata.get("warning"))),
        uploads=tuple(_upload_life(name, report) for name, report in uploads.items() if report),
        data_sets=tuple(
            life for table in catalog.tables if (life := _data_set_life(catalog, table, memory, uploads, sync))
        ),
    )


IN_PART = "published in part"
_REFUSED = (State.REJECTED, State.KEPT)


def _state(
    instance: dg.DagsterInstance, assessment: AssessmentId, dashboard: Report | None, faults: list[str]
) -> tuple[str, str]:
    runs = instance.get_run_records(dg.RunsFilter(tags={PARTITION_TAG: assessment}), limit=1)
    latest = runs[0] if runs else None
    if latest is not None and not latest.dagster_run.is_finished:
        return "running", f"run {latest.dagster_run.run_id[:8]} is {latest.dagster_run.status.value.lower()}"
    ended = latest.end_time or 0 if latest else 0
    if latest is not None and not latest.dagster_run.is_success and (not dashboard or ended > dashboard.timestamp):
        return "failed", failure_of(instance, latest.dagster_run.run_id)
    if dashboard is None:
        return "waiting", "no run has ended yet"
    if since := retired_since(dashboard.data_version):
        return "retired", f"since {since}, until a newer upload"
    if dashboard.state is State.ABSENT:
        return "empty", dashboard.reason
    return (IN_PART, "; ".join(dict.fromkeys(faults))) if faults else ("published", "")


def failure_of(instance: dg.DagsterInstance, run_id: str) -> str:
    """Why a run failed: the failed checks and the messages of the steps, each once."""
    checks = instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    reasons = [
        f"{evaluation.check_name}: {evaluation.description}"
        for entry in checks
        if (event := entry.dagster_event)
        and not (evaluation := event.asset_check_evaluation_data).passed
        and evaluation.blocking
    ]
    steps = instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
    for entry in steps:
        data = entry.dagster_event.step_failure_data if entry.dagster_event else None
        if data is None or (reasons and data.error and "AssetCheck" in (data.error.cls_name or "")):
            continue
        described = data.user_failure_data.description if data.user_failure_data else None
        error = data.error
        cause = error.cause if error and error.cause else error
        reasons.append(described or (cause.message.strip() if cause else "a step failed without a message"))
    if not reasons:
        failures = instance.all_logs(run_id, of_type=dg.DagsterEventType.RUN_FAILURE)
        reasons = [entry.dagster_event.message or "" for entry in failures if entry.dagster_event]
    return "; ".join(dict.fromkeys(" ".join(reason.split()) for reason in reasons)) or f"run {run_id} did not succeed"


def _upload_life(name: str, report: Report) -> UploadLife:
    return UploadLife(
        name=name,
        state=report.state.value,
        received=str(report.metadata.get("uploaded", "")),
        rows=report.rows,
        reason=report.reason,
    )


def _data_set_life(
    catalog: Catalog, table: Table, memory: Memory, uploads: dict[str, Report | None], sync: Report | None
) -> DataSetLife | None:
    written = memory.last(table_asset_key(table.name))
    if written is None:
        return None
    held = memory.last(data_set_key(table.name))
    received = [
        str(report.metadata.get("uploaded", "")) for name in catalog.uploads_behind(table) if (report := uploads[name])
    ]
    in_sync: Any = sync.metadata.get("synced", ()) if sync else ()
    ingested = held is not None and held.state.has_rows
    return DataSetLife(
        name=table.name,
        state=written.state.value,
        rows=written.rows,
        received=max(received, default=""),
        written=_utc(written.timestamp) if written.state.has_rows else "",
        ingested=str(held.metadata.get("ingested_at", "")) if held and ingested else "",
        synced=_utc(sync.timestamp) if sync and table.name in in_sync else "",
        reason=written.reason or (held.reason if held else ""),
    )


def _published(metadata: Any, dashboard: Report | None) -> str:  # noqa: ANN401 - metadata is whatever was logged
    return str(metadata.get("published_at", "")) if dashboard and dashboard.state.has_rows else ""


def _utc(timestamp: float) -> str:
    return datetime.fromtimestamp(timestamp, UTC).isoformat(timespec="seconds")
