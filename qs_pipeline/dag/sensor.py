"""The upload sensor: a thin wrapper that lists, asks ``decide`` and hands Dagster what it answers."""

import time
from collections.abc import Collection, Iterable
from itertools import groupby
from typing import Any

import dagster as dg

from qs_pipeline.catalog import Catalog
from qs_pipeline.dag.decide import Change, Cursor, Patience, Request, change, decide, touched_tables
from qs_pipeline.dag.intake import wanted_uploads
from qs_pipeline.dag.keys import (
    ATTEMPT_TAG,
    DASHBOARD,
    FINGERPRINT_TAG,
    PARTITION_TAG,
    SYNC,
    assessments,
    data_set_key,
    table_asset_key,
    upload_key,
)
from qs_pipeline.dag.memory import Memory, State, data_versions
from qs_pipeline.dag.references import stale_references
from qs_pipeline.dag.resources import StoreResource
from qs_pipeline.dag.uploads import seen_uploads
from qs_pipeline.model import AssessmentId
from qs_pipeline.store import UPLOADS, AssessmentStore, UploadedFile, assessment_of

# The daemon looks at its sensors every five seconds. An interval of five would miss every other look by a hair.
TICK_SECONDS = 1
# A listing that takes longer goes on in the next tick.
SWEEP_SECONDS = 20.0
_NOTES = 20

UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def upload_sensor(catalog: Catalog, job_name: str) -> dg.SensorDefinition:
    """The sensor that runs what an upload touches, as runs of the job of that name."""

    @dg.sensor(
        name="uploads",
        job_name=job_name,
        minimum_interval_seconds=TICK_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Lists the uploads and runs what differs from the published dashboards.",
    )
    def uploads(context: dg.SensorEvaluationContext, store: StoreResource) -> dg.SensorResult:
        cursor = Cursor.from_json(context.cursor)
        opened = store.open()
        deadline = time.monotonic() + SWEEP_SECONDS
        sweep = _Sweep(catalog, opened, start_after=cursor.resume_after, deadline=deadline)
        receipts = data_versions(context.instance, DASHBOARD)
        decision = decide(
            seen=sweep.seen,
            receipts=receipts,
            busy=_busy(context.instance) if cursor.waiting else frozenset(),
            waiting={name: entry for name, entry in cursor.waiting.items() if not sweep.proves_gone(name)},
            now=time.time(),
            patience=Patience(),
        )
        known = set(context.instance.get_dynamic_partitions(assessments.name or ""))
        new = [request.assessment for request in decision.requests if request.assessment not in known]
        notes = [*decision.notes, *sweep.notes, *_emptied(sweep, receipts)]
        for note in notes if decision.requests else ():  # a tick that asks for runs has no reason to show them in
            context.log.info(note)
        return dg.SensorResult(
            run_requests=[
                _run_request(catalog, opened, context.instance, request, sweep.seen[request.assessment])
                for request in decision.requests
            ],
            skip_reason=None if decision.requests else _reason(notes),
            dynamic_partitions_requests=[assessments.build_add_request(new)] if new else [],
            cursor=Cursor(waiting=decision.waiting, resume_after=sweep.resume_after).to_json(),
        )

    return uploads


class _Sweep:
    """What one tick saw of the uploads."""

    def __init__(self, catalog: Catalog, store: AssessmentStore, *, start_after: str, deadline: float) -> None:
        self.seen: dict[AssessmentId, dict[str, UploadedFile]] = {}
        self.notes: list[str] = []
        self.resume_after = ""
        self._start_after = start_after
        for folder, files in groupby(store.sweep(start_after), key=lambda file: "/".join(file.key.split("/")[:2])):
            self._take(catalog, folder, files)
            if time.monotonic() > deadline:
                # '0' follows '/': every key of this folder precedes it, every later one follows.
                self.resume_after = f"{folder}0"
                break

    def _take(self, catalog: Catalog, folder: str, files: Iterable[UploadedFile]) -> None:
        listed = [file for file in files if not file.key.endswith("/")]
        assessment = assessment_of(f"{folder}/file")
        if assessment is None:
            if listed:
                self.notes.append(f"ignored {folder!r}: an assessment id has 1 to 52 letters, digits, '_' or '-'")
            return
        wanted = wanted_uploads(catalog, listed)
        stray = sorted({file.filename for file in listed} - {file.filename for file in wanted.values()})
        if stray:
            self.notes.append(f"{assessment}: ignored {', '.join(stray[:5])}: not the name of an upload")
        if wanted:
            self.seen[assessment] = wanted

    def proves_gone(self, assessment: str) -> bool:
        """Whether the listing covered where the assessment's uploads would be, and they are not there."""
        key = f"{UPLOADS}{assessment}/"
        covered = key > self._start_after and (not self.resume_after or key < self.resume_after)
        return covered and AssessmentId(assessment) not in self.seen


def selection(catalog: Catalog, differs: Change, tables: Collection[str]) -> list[dg.AssetKey]:
    """The assets to run for a change: its uploads, the tables below, their data sets, the gates and the dashboard.

    The aggregate is always among them: its check is the third look, and holds the publication of whatever changed.
    """
    touched = {*tables, catalog.aggregate.name}
    built = [table.name for table in catalog.tables if table.name in touched]
    return [
        *(upload_key(upload.name) for upload in catalog.uploads if upload.name in differs.uploads),
        *(table_asset_key(table) for table in built),
        *(data_set_key(table) for table in built),
        SYNC,
        DASHBOARD,
    ]


def _run_request(
    catalog: Catalog,
    store: AssessmentStore,
    instance: dg.DagsterInstance,
    request: Request,
    listed: dict[str, UploadedFile],
) -> dg.RunRequest:
    memory = Memory(instance, request.assessment)
    receipt = memory.last(DASHBOARD)
    stored: dict[str, Any] = receipt.metadata.get("uploads", {}) if receipt else {}
    shown = {name: UploadedFile(**file) for name, file in stored.items()}
    seen = seen_uploads(catalog, memory)
    known = listed.keys() | shown.keys() | seen.keys()
    if _last_run_succeeded(instance, request.assessment):
        differs = change(listed, shown, seen)
        # What was rejected for the company it kept may be right in the new one.
        refused = {name for name in seen if memory.state(upload_key(name)) in (State.KEPT, State.REJECTED)}
        differs = Change(uploads=differs.uploads | refused, contents=differs.contents | refused)
    else:
        # Nobody knows how far it came: begin again. What did not change costs no call to QuickSight.
        differs = Change(uploads=frozenset(known), contents=frozenset(known))
    tables = touched_tables(catalog, changed=differs.contents, known=known)
    references = stale_references(catalog, store, instance, tables)
    return dg.RunRequest(
        run_key=request.run_key,
        partition_key=request.assessment,
        asset_selection=[*references, *selection(catalog, differs, tables)],
        tags={FINGERPRINT_TAG: request.fingerprint, ATTEMPT_TAG: str(request.attempt)},
    )


def _last_run_succeeded(instance: dg.DagsterInstance, assessment: AssessmentId) -> bool:
    runs = instance.get_runs(dg.RunsFilter(tags={PARTITION_TAG: assessment}), limit=1)
    return bool(runs) and runs[0].is_success


def _busy(instance: dg.DagsterInstance) -> frozenset[str]:
    """Assessments with a run in the queue or at work, whoever started it."""
    runs = instance.get_runs(dg.RunsFilter(statuses=UNDER_WAY))
    return frozenset(run.tags[PARTITION_TAG] for run in runs if PARTITION_TAG in run.tags)


def _emptied(sweep: _Sweep, receipts: dict[str, str]) -> list[str]:
    return [f"{name}: emptied, its dashboard stays: retire it?" for name in receipts if sweep.proves_gone(name)]


def _reason(notes: list[str]) -> str:
    if not notes:
        return "every dashboard shows the uploads that are there"
    more = f"; and {len(notes) - _NOTES} more" if len(notes) > _NOTES else ""
    return "; ".join(notes[:_NOTES]) + more
