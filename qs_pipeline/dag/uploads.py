"""The uploads: each CSV is read, held against its contract and kept as the accepted copy.

One asset a file, all in one step that can run any subset: a step costs more than the reading of a small file. The data
version of an upload is the ETag that was *seen*, also where the file was rejected, so that a bad file is not read
again and again.
"""

import dataclasses
from collections.abc import Iterator
from typing import Any

import dagster as dg

from qs_pipeline.catalog import Catalog
from qs_pipeline.dag.intake import Intake, Look
from qs_pipeline.dag.keys import CONTRACT, assessments, check_of, upload_key
from qs_pipeline.dag.memory import Memory, Result, State
from qs_pipeline.dag.metadata import preview, records_table
from qs_pipeline.dag.resources import StoreResource
from qs_pipeline.dag.retire import refuse_retired
from qs_pipeline.dag.translator import DagsterQuickSightTranslator
from qs_pipeline.frames.verdict import Accepted, Rejected
from qs_pipeline.model import Upload, parse_assessment_id
from qs_pipeline.store import AcceptedCopy, UploadedFile


def seen_uploads(catalog: Catalog, memory: Memory) -> dict[str, UploadedFile]:
    """The uploads as the pipeline last read them, by upload name: what a dashboard made now would show."""
    seen: dict[str, UploadedFile] = {}
    for upload in catalog.uploads:
        report = memory.last(upload_key(upload.name))
        if report is not None and (file := report.metadata.get("file")):
            seen[upload.name] = UploadedFile(**file)
    return seen


def uploads_asset(catalog: Catalog, translator: DagsterQuickSightTranslator) -> dg.AssetsDefinition:
    """The assets ``uploads/<name>``, with the check ``contract`` on each."""

    @dg.multi_asset(
        name="uploads",
        description="Read uploads, hold them against their contracts and keep the accepted copies.",
        specs=[translator.upload(upload) for upload in catalog.uploads],
        check_specs=[
            check_of(
                upload_key(upload.name),
                CONTRACT,
                "The file can be read and keeps every required rule of its contract.",
                blocking=False,
            )
            for upload in catalog.uploads
        ],
        partitions_def=assessments,
        can_subset=True,
    )
    def uploads(context: dg.AssetExecutionContext, store: StoreResource) -> Iterator[Result]:
        assessment = parse_assessment_id(context.partition_key)
        selected = [upload for upload in catalog.uploads if upload_key(upload.name) in context.selected_asset_keys]
        opened = store.open()
        refuse_retired(opened, assessment)
        intake = Intake(catalog, opened, assessment, selected, store.max_upload_bytes)
        for upload in selected:
            look = intake.take(upload)
            if look is None:
                yield _result(upload, State.ABSENT, {}, {})
            elif isinstance(look.verdict, Accepted):
                yield _accepted(upload, look, look.verdict, opened.uri(look.file.key))
            else:
                last_good = opened.accepted(assessment, upload.name)
                yield _rejected(upload, look, look.verdict, opened.uri(look.file.key), last_good)

    return uploads


def _accepted(upload: Upload, look: Look, verdict: Accepted, uri: str) -> Result:
    metadata = {
        "dagster/partition_row_count": verdict.rows,
        "unreadable_cells": sum(verdict.unreadable.values()),
        "preview": preview(verdict.frame),
        "warning": look.warning,
    }
    return _result(upload, State.BUILT, {**_about(look, uri), **metadata}, _notes(look), look.file, look.warning)


def _rejected(upload: Upload, look: Look, verdict: Rejected, uri: str, last_good: AcceptedCopy | None) -> Result:
    metadata: dict[str, Any] = {"reason": verdict.reason}
    if last_good is not None:
        metadata["dagster/partition_row_count"] = last_good.rows
    findings = {
        "reason": verdict.reason,
        "broken_rules": dg.MetadataValue.md(records_table([dataclasses.asdict(rule) for rule in verdict.broken])),
        "sample_rows": dg.MetadataValue.md(records_table(verdict.sample_rows)),
    }
    state = State.REJECTED if last_good is None else State.KEPT
    return _result(upload, state, {**_about(look, uri), **metadata}, {**_notes(look), **findings}, look.file)


def _about(look: Look, uri: str) -> dict[str, Any]:
    return {
        "file": dg.MetadataValue.json(dataclasses.asdict(look.file)),
        "dagster/uri": uri,
        "bytes": look.file.size,
        "uploaded": look.file.last_modified,
        **({"rivals": look.rivals} if look.rivals else {}),
    }


def _notes(look: Look) -> dict[str, Any]:
    notes = [look.rivals, *look.notes] if look.rivals else look.notes
    return {"notes": "; ".join(notes)} if notes else {}


def _result(
    upload: Upload,
    state: State,
    metadata: dict[str, Any],
    findings: dict[str, Any],
    file: UploadedFile | None = None,
    warning: str = "",
) -> Result:
    key = upload_key(upload.name)
    return dg.MaterializeResult(
        asset_key=key,
        metadata={"state": state.value, **metadata},
        data_version=dg.DataVersion(file.etag.strip('"') if file else State.ABSENT.value),
        check_results=[
            dg.AssetCheckResult(
                passed=state in (State.BUILT, State.ABSENT) and not warning,
                severity=dg.AssetCheckSeverity.WARN if warning else dg.AssetCheckSeverity.ERROR,
                check_name=CONTRACT,
                asset_key=key,
                metadata=findings,
                description=warning or str(metadata.get("reason") or state.value),
            )
        ],
    )
