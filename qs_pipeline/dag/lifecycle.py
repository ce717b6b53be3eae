"""Where an assessment stands, derived from the Dagster event log alone: what ``qs-pipeline status`` prints.

When its data sets are made (``steps``), the assessment passes aggregated -> stable -> synced -> published. A failed
run that is newer than the dashboard ranks above it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import dagster as dg

from qs_pipeline.catalog import Catalog
from qs_pipeline.dag.dashboard import shown_before
from qs_pipeline.dag.keys import (
    DASHBOARD,
    ROW_COUNT_STABLE,
    SYNC,
    assessments,
    table_asset_key,
    upload_key,
)
from qs_pipeline.dag.memory import Memory, Report, State, data_versions
from qs_pipeline.dag.orders import last_order
from qs_pipeline.dag.retire import RETIRING, retired_since
from qs_pipeline.dag.runs import cause, latest_run, what_follows, why
from qs_pipeline.dag.steps import DataSetLife, UploadLife, data_set_life, upload_life, utc
from qs_pipeline.model import AssessmentId


@dataclass(frozen=True, kw_only=True)
class AssessmentLife:
    """One assessment.

    Attributes:
        state: published, published in part (without what was rejected, or with what was last good), pinned, running,
            failed, waiting, empty (no sheet has data), rejected (no sheet has data, since files were rejected), emptied
            (every upload was deleted), retired, or retired in part (that was cut short).
        waits_for: What has to come next, in words; empty where nothing is awaited.
        aggregated, stable, synced: When these steps last succeeded (ISO 8601, UTC); empty where they did not.
        fingerprint: What the dashboard shows.
        version: Of the dashboard, as QuickSight counts.
        warnings: What was published and may still be wrong, in words.
        definition: The digest under which the published definition is kept on S3.
    """

    assessment: AssessmentId
    state: str
    reason: str
    waits_for: str
    aggregated: str
    stable: str
    synced: str
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
    state, reason, follows = _state(instance, assessment, dashboard, faults)
    if order.pinned and state in ("published", IN_PART, "empty", "rejected"):
        state, reason = "pinned", f"pinned at version {order.pinned}"
    sync = memory.last(SYNC)
    problem = str(sync.metadata.get("problem", "")) if sync else ""
    aggregate = memory.last(table_asset_key(catalog.aggregate.name))
    stable, shrunk = _stable(instance, assessment, aggregate)
    warnings = [str(said) for report in uploads.values() if report and (said := report.metadata.get("warning"))]
    return AssessmentLife(
        assessment=assessment,
        state=state,
        reason=reason,
        waits_for=follows or _AWAITED.get(state, ""),
        aggregated=utc(aggregate.timestamp) if aggregate and aggregate.state.has_rows else "",
        stable=stable,
        synced=utc(sync.timestamp) if sync and not problem else "",
        published=_published(metadata, dashboard),
        fingerprint=dashboard.data_version if dashboard else "",
        version=int(metadata.get("version", 0)),
        definition=str(metadata.get("definition", "")),
        sheets=tuple(metadata.get("sheets", ())),
        link=str(metadata.get("link", "")),
        warnings=(*warnings, *([shrunk] if shrunk else [])),
        uploads=tuple(upload_life(name, report) for name, report in uploads.items() if report),
        data_sets=tuple(
            life for table in catalog.tables if (life := data_set_life(catalog, table, memory, uploads, sync))
        ),
    )


IN_PART = "published in part"
HALF_RETIRED = "retired in part"
EMPTIED = "emptied"
_REFUSED = (State.REJECTED, State.KEPT)
_AWAITED = {
    "running": "the end of its run",
    "waiting": "its first run",
    "empty": "uploads that a sheet can show",
    "rejected": "sound files",
    "emptied": "uploads, or 'qs-pipeline retire'",
    "pinned": "'qs-pipeline publish', or 'qs-pipeline dashboard rollback --unpin'",
    "retired": "a newer upload",
    HALF_RETIRED: "'qs-pipeline retire', which takes away the rest, or a newer upload, which makes it anew",
    IN_PART: "sound files",
}


def say_emptied(instance: dg.DagsterInstance, assessment: AssessmentId) -> None:
    """Put into the event log that no upload is left, once after each publication and each run that ended."""
    receipt, run = Memory(instance, assessment).last(DASHBOARD), latest_run(instance, assessment)
    if run is not None and not run.dagster_run.is_finished:
        return  # it will find nothing either, and what is said after it is what counts
    ended = run.end_time or 0.0 if run else 0.0
    if _emptied(instance, assessment) <= max(ended, receipt.timestamp if receipt else 0.0):
        instance.report_runless_asset_event(dg.AssetObservation(SYNC, partition=assessment, metadata={EMPTIED: True}))


def _emptied(instance: dg.DagsterInstance, assessment: AssessmentId) -> float:
    """When the last upload was found deleted (seconds since the epoch); zero where it was not."""
    mine = dg.AssetRecordsFilter(asset_key=SYNC, asset_partitions=[assessment])
    records = instance.fetch_observations(mine, limit=1).records
    said = records[0].asset_observation if records else None
    return records[0].timestamp if said and EMPTIED in said.metadata else 0


def _stable(instance: dg.DagsterInstance, assessment: AssessmentId, aggregate: Report | None) -> tuple[str, str]:
    """When the latest aggregate was found stable, and what the check warns of, which does not hold anything back."""
    if aggregate is None or not aggregate.run_id:
        return "", ""
    for entry in instance.all_logs(aggregate.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION):
        if entry.dagster_event is None:
            continue
        verdict = entry.dagster_event.asset_check_evaluation_data
        if (verdict.check_name, verdict.partition) != (ROW_COUNT_STABLE, assessment):
            continue
        if verdict.passed:
            return utc(entry.timestamp), ""
        warns = verdict.severity is dg.AssetCheckSeverity.WARN
        return (utc(entry.timestamp), f"{ROW_COUNT_STABLE}: {verdict.description}") if warns else ("", "")
    return "", ""


def _state(
    instance: dg.DagsterInstance, assessment: AssessmentId, dashboard: Report | None, faults: list[str]
) -> tuple[str, str, str]:
    """The state, its reason, and what follows where that depends on the run."""
    latest = latest_run(instance, assessment)
    if latest is not None and not latest.dagster_run.is_finished:
        run = latest.dagster_run
        return "running", f"run {run.run_id[:8]} is {run.status.value.lower()} ({cause(run)})", ""
    ended = latest.end_time or 0.0 if latest else 0.0
    if _emptied(instance, assessment) > max(ended, dashboard.timestamp if dashboard else 0.0):
        shown = "the dashboard stays" if dashboard and dashboard.metadata.get("version") else "nothing was published"
        return EMPTIED, f"every upload was deleted; {shown}", ""
    if latest is not None and not latest.dagster_run.is_success and (not dashboard or ended > dashboard.timestamp):
        return "failed", why(instance, latest.dagster_run), what_follows(instance, latest.dagster_run)
    if dashboard is None:
        return "waiting", "no run has ended yet", ""
    return *_at_rest(dashboard, "; ".join(dict.fromkeys(faults))), ""


def _at_rest(dashboard: Report, faults: str) -> tuple[str, str]:
    """The state that the last run left; ``faults`` tells what was rejected."""
    if since := retired_since(dashboard.data_version):
        if dashboard.metadata.get(RETIRING):
            return HALF_RETIRED, f"begun {since} and not ended"
        return "retired", f"since {since}, until a newer upload"
    if dashboard.state is State.ABSENT:
        return ("rejected", faults) if faults else ("empty", dashboard.reason)
    return (IN_PART, faults) if faults else ("published", "")


def _published(metadata: Any, dashboard: Report | None) -> str:  # noqa: ANN401 - metadata is whatever was logged
    return str(metadata.get("published_at", "")) if dashboard and dashboard.state.has_rows else ""
