"""The uploads: each CSV is read, held against its contract and kept as the accepted copy.

One asset a file, all in one step that can run any subset: a step costs more than the reading of a small file. The data
version of an upload is the ETag that was *seen*, also where the file was rejected, so that a bad file is not read
again and again.
"""

import dataclasses
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from qs_pipeline.catalog import Catalog
from qs_pipeline.dag.keys import CONTRACT, assessments, check_of, upload_key
from qs_pipeline.dag.memory import Memory, Result, State
from qs_pipeline.dag.metadata import preview, records_table
from qs_pipeline.dag.resources import StoreResource
from qs_pipeline.dag.translator import DagsterQuickSightTranslator
from qs_pipeline.frames.intake import read_upload
from qs_pipeline.frames.verdict import Accepted, BrokenRule, Rejected
from qs_pipeline.model import AssessmentId, Upload, parse_assessment_id
from qs_pipeline.store import AcceptedCopy, AssessmentStore, UploadedFile, UploadMovedError, newest

_LOOKS = 3


def wanted_uploads(catalog: Catalog, files: Iterable[UploadedFile]) -> dict[str, UploadedFile]:
    """The listed files that the catalog asks for, by upload name; of two with one basename the newest."""
    found = newest(files)
    return {upload.name: found[upload.filename] for upload in catalog.uploads if upload.filename in found}


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
        intake = _Intake(catalog, store.open(), assessment, selected, store.max_upload_bytes)
        for upload in selected:
            yield intake.take(upload)

    return uploads


class _Intake:
    """The intake of one run: the uploads as listed, and the assessment number on which the files agree."""

    def __init__(
        self,
        catalog: Catalog,
        store: AssessmentStore,
        assessment: AssessmentId,
        selected: Collection[Upload],
        max_bytes: int,
    ) -> None:
        self._catalog = catalog
        self._store = store
        self._assessment = assessment
        self._max_bytes = max_bytes
        self._listed = wanted_uploads(catalog, store.uploads(assessment))
        # Files that are read anew may bring a corrected number; those that stay hold the others to theirs.
        staying = (upload for upload in catalog.uploads if upload not in selected)
        copies = (store.accepted(assessment, upload.name) for upload in staying)
        self._number = next((copy.assessment_number for copy in copies if copy and copy.assessment_number), None)

    def take(self, upload: Upload) -> Result:
        """Read one upload and report what became of it."""
        if upload.name not in self._listed:
            self._store.drop_accepted(self._assessment, upload.name)
            return _result(upload, State.ABSENT, "absent", {}, passed=True)
        with tempfile.TemporaryDirectory(prefix="qs-upload-") as folder:
            path = Path(folder) / "upload.csv"
            file, refused = self._fetch(upload, path)
            if file is None:
                return _result(upload, State.ABSENT, "absent", {}, passed=True)
            outcome = refused or read_upload(
                path, upload.contract, filename=upload.filename, expected_number=self._number
            )
        about = {
            "file": dg.MetadataValue.json(dataclasses.asdict(file)),
            "dagster/uri": self._store.uri(file.key),
            "bytes": file.size,
            "uploaded": file.last_modified,
        }
        if isinstance(outcome, Rejected):
            return self._rejected(upload, file, outcome, about)
        return self._accepted(upload, file, outcome, about)

    def _fetch(self, upload: Upload, path: Path) -> tuple[UploadedFile | None, Rejected | None]:
        """Download the upload as it is now; it may be replaced while we look."""
        for _ in range(_LOOKS):
            file = self._listed.get(upload.name)
            if file is None:
                return None, None
            if file.size > self._max_bytes:
                return file, _too_large(upload, file, self._max_bytes)
            try:
                self._store.download(file, path)
            except UploadMovedError:
                self._listed = wanted_uploads(self._catalog, self._store.uploads(self._assessment))
            else:
                return file, None
        raise dg.Failure(
            f"{upload.filename} of {self._assessment} changes faster than it can be read; its next run reads it."
        )

    def _accepted(self, upload: Upload, file: UploadedFile, outcome: Accepted, about: Mapping[str, Any]) -> Result:
        self._number = self._number or outcome.assessment_number
        copy = AcceptedCopy(etag=file.etag, rows=outcome.rows, assessment_number=outcome.assessment_number)
        self._store.write_accepted(self._assessment, upload.name, outcome.frame, copy)
        metadata = {
            **about,
            "dagster/partition_row_count": outcome.rows,
            "unreadable_cells": sum(outcome.unreadable.values()),
            "preview": preview(outcome.frame),
        }
        notes = {"notes": "; ".join(outcome.notes)} if outcome.notes else {}
        return _result(upload, State.BUILT, file.etag.strip('"'), metadata, passed=True, findings=notes)

    def _rejected(self, upload: Upload, file: UploadedFile, outcome: Rejected, about: Mapping[str, Any]) -> Result:
        last_good = self._store.accepted(self._assessment, upload.name)
        metadata = {**about, "reason": outcome.reason}
        if last_good is not None:
            metadata["dagster/partition_row_count"] = last_good.rows
        findings = {
            "reason": outcome.reason,
            "broken_rules": dg.MetadataValue.md(records_table([dataclasses.asdict(rule) for rule in outcome.broken])),
            "sample_rows": dg.MetadataValue.md(records_table(outcome.sample_rows)),
        }
        state = State.REJECTED if last_good is None else State.KEPT
        return _result(upload, state, file.etag.strip('"'), metadata, passed=False, findings=findings)


def _too_large(upload: Upload, file: UploadedFile, limit: int) -> Rejected:
    detail = f"{file.size} bytes; at most {limit} are read (QS_MAX_UPLOAD_BYTES)"
    return Rejected(filename=upload.filename, broken=(BrokenRule(rule="size", detail=detail),))


def _result(
    upload: Upload,
    state: State,
    data_version: str,
    metadata: Mapping[str, Any],
    *,
    passed: bool,
    findings: Mapping[str, Any] | None = None,
) -> Result:
    key = upload_key(upload.name)
    return dg.MaterializeResult(
        asset_key=key,
        metadata={"state": state.value, **metadata},
        data_version=dg.DataVersion(data_version),
        check_results=[
            dg.AssetCheckResult(
                passed=passed, check_name=CONTRACT, asset_key=key, metadata=findings or {}, description=state.value
            )
        ],
    )
