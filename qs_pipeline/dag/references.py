"""What all assessments share: one asset a reference, without partitions.

A new reference republishes nothing by itself: it is read by the next run that builds a table of it.
"""

import tempfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from qs_pipeline.catalog import Catalog
from qs_pipeline.dag.keys import CONTRACT, reference_key
from qs_pipeline.dag.memory import DATA_VERSION_TAG, Result, State
from qs_pipeline.dag.metadata import preview
from qs_pipeline.dag.resources import StoreResource
from qs_pipeline.dag.translator import DagsterQuickSightTranslator
from qs_pipeline.frames.intake import read_upload
from qs_pipeline.frames.verdict import Accepted
from qs_pipeline.model import Reference
from qs_pipeline.store import SHARED, AcceptedCopy, AssessmentStore


def reference_asset(reference: Reference, translator: DagsterQuickSightTranslator) -> dg.AssetsDefinition:
    """The asset ``reference/<name>``, with its check ``contract``."""
    key = reference_key(reference.name)

    @dg.multi_asset(
        name=f"reference__{reference.name}",
        specs=[translator.reference(reference)],
        check_specs=[dg.AssetCheckSpec(CONTRACT, asset=key, description="The file is there and keeps its contract.")],
    )
    def read(store: StoreResource) -> Iterator[Result]:
        yield _read(reference, key, store.open())

    return read


def stale_references(
    catalog: Catalog, store: AssessmentStore, instance: dg.DagsterInstance, tables: Collection[str]
) -> list[dg.AssetKey]:
    """The references that the tables take in and that changed on S3 since they were read."""
    taken = {source for name in tables for source in catalog.sources(catalog.table(name))}
    return [
        reference_key(reference.name)
        for reference in catalog.references
        if reference in taken and _version(reference, store) != _read_version(reference, instance)
    ]


def _version(reference: Reference, store: AssessmentStore) -> str:
    file = store.reference(reference.key)
    return file.etag.strip('"') if file else State.ABSENT.value


def _read_version(reference: Reference, instance: dg.DagsterInstance) -> str:
    event = instance.get_latest_materialization_event(reference_key(reference.name))
    materialization = event.asset_materialization if event else None
    tags = (materialization.tags if materialization else None) or {}
    return tags.get(DATA_VERSION_TAG, State.ABSENT.value)


def _read(reference: Reference, key: dg.AssetKey, store: AssessmentStore) -> Result:
    file = store.reference(reference.key)
    if file is None:
        store.drop_accepted(SHARED, reference.name)
        where = f"{store.uri(reference.key)} is not there; what is looked up in it stays empty"
        return _result(key, State.ABSENT, State.ABSENT.value, {"reason": where})
    with tempfile.TemporaryDirectory(prefix="qs-reference-") as folder:
        path = Path(folder) / "reference.csv"
        store.download(file, path)
        verdict = read_upload(path, reference.contract, filename=reference.filename, expected_number=None)
    version = file.etag.strip('"')
    about = {"dagster/uri": store.uri(file.key), "bytes": file.size, "uploaded": file.last_modified}
    if not isinstance(verdict, Accepted):
        last_good = store.accepted(SHARED, reference.name)
        return _result(key, State.KEPT if last_good else State.REJECTED, version, {**about, "reason": verdict.reason})
    copy = AcceptedCopy(etag=file.etag, rows=verdict.rows, assessment_number=None)
    store.write_accepted(SHARED, reference.name, verdict.frame, copy)
    metadata = {**about, "dagster/row_count": verdict.rows, "preview": preview(verdict.frame)}
    return _result(key, State.BUILT, version, metadata)


def _result(key: dg.AssetKey, state: State, version: str, metadata: Mapping[str, Any]) -> Result:
    reason = str(metadata.get("reason", ""))
    return dg.MaterializeResult(
        asset_key=key,
        metadata={"state": state.value, **metadata},
        data_version=dg.DataVersion(version),
        check_results=[
            dg.AssetCheckResult(
                passed=state is State.BUILT,
                severity=dg.AssetCheckSeverity.WARN if state is State.ABSENT else dg.AssetCheckSeverity.ERROR,
                check_name=CONTRACT,
                asset_key=key,
                description=reason or state.value,
            )
        ],
    )
