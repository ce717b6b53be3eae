"""What a run contains: the uploads that differ from what is shown, and all that stands below them.

Apart from ``decide``, which says when: here is the knowledge of assets, receipts and the event log.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import dagster as dg

from qs_pipeline.catalog import Catalog
from qs_pipeline.dag.decide import Request
from qs_pipeline.dag.keys import (
    ATTEMPT_TAG,
    CAUSE_TAG,
    DASHBOARD,
    FINGERPRINT_TAG,
    SYNC,
    data_set_key,
    source_key,
    table_asset_key,
    upload_key,
)
from qs_pipeline.dag.memory import Memory, State
from qs_pipeline.dag.references import stale_references
from qs_pipeline.dag.runs import latest_run
from qs_pipeline.dag.uploads import seen_uploads
from qs_pipeline.model import AssessmentId
from qs_pipeline.store import AssessmentStore, UploadedFile

Files = Mapping[str, UploadedFile]
_NAMED = 3


@dataclass(frozen=True, kw_only=True)
class Change:
    """What differs between the listing and a receipt: uploads to look at again, and those whose bytes differ."""

    uploads: frozenset[str]
    contents: frozenset[str]


def change(listed: Files, *earlier: Files) -> Change:
    """The uploads that were added, replaced or deleted since any of the ``earlier`` looks.

    The receipt alone would not do: a run that read newer uploads and then failed has moved the tables past it. The
    same bytes uploaded anew change no content.
    """
    pairs = [(name, look.get(name)) for look in earlier for name in listed.keys() | look.keys()]
    uploads = frozenset(name for name, before in pairs if listed.get(name) != before)
    contents = frozenset(name for name, before in pairs if _etag(listed.get(name)) != _etag(before))
    return Change(uploads=uploads, contents=contents)


def _etag(file: UploadedFile | None) -> str:
    return file.etag if file else ""


def change_in_words(listed: Files, shown: Files, *, named: bool = False) -> str:
    """What differs from what is shown: ``3 new files``, or where files are to be ``named`` and few, which they are."""
    differing = sorted(name for name in listed.keys() | shown.keys() if listed.get(name) != shown.get(name))
    kinds: dict[str, list[str]] = {}
    for name in differing:
        file = listed.get(name) or shown[name]
        kind = "new" if name not in shown else "changed" if name in listed else "deleted"
        kinds.setdefault(kind, []).append(file.filename)
    if not kinds:
        return "the same files"  # after a failed attempt, or a fingerprint of another version
    if named:
        return ", ".join(
            f"{', '.join(files) if len(files) <= _NAMED else f'{len(files)} files'} {kind}"
            for kind, files in kinds.items()
        )
    noun = "file" if len(differing) == 1 else "files"
    return f"{' and '.join(f'{len(files)} {kind}' for kind, files in kinds.items())} {noun}"


def shown_uploads(memory: Memory) -> dict[str, UploadedFile]:
    """The uploads that the published dashboard shows, by upload name, as its receipt says."""
    receipt = memory.last(DASHBOARD)
    stored: dict[str, Any] = receipt.metadata.get("uploads", {}) if receipt else {}
    return {name: UploadedFile(**file) for name, file in stored.items()}


def built_uploads(catalog: Catalog, memory: Memory) -> dict[str, UploadedFile]:
    """The uploads that a dashboard shows which is made now, by upload name, whatever runs led here.

    What was read last counts where every table below was built since. Where one was not (its run was killed, or only
    some steps were done once more), the dashboard still shows what it showed.
    """
    shown, seen = shown_uploads(memory), seen_uploads(catalog, memory)
    known = shown.keys() | seen.keys()
    built = {
        name: seen.get(name)
        if _etag(seen.get(name)) == _etag(shown.get(name)) or _is_built(catalog, memory, name, known)
        else shown.get(name)
        for name in sorted(known)
    }
    return {name: file for name, file in built.items() if file}


def _is_built(catalog: Catalog, memory: Memory, upload: str, known: Collection[str]) -> bool:
    """Whether every table below the upload was built after what it is made of."""
    read = memory.last(upload_key(upload))
    at = {upload_key(upload): read.event if read else 0}
    for name in touched_tables(catalog, changed={upload}, known=known):
        made = memory.last(table_asset_key(name))
        sources = map(source_key, catalog.sources(catalog.table(name)))
        newest = max((at[source] for source in sources if source in at), default=0)
        if made is None or made.event < newest:
            return False
        at[table_asset_key(name)] = made.event
    return True


def touched_tables(catalog: Catalog, *, changed: Collection[str], known: Collection[str]) -> tuple[str, ...]:
    """The tables below the ``changed`` uploads that the ``known`` ones (now or until now there) suffice to build."""
    below = {table.name for table in catalog.below(changed)}
    return tuple(table.name for table in catalog.buildable(known) if table.name in below)


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


def run_request(
    catalog: Catalog, store: AssessmentStore, instance: dg.DagsterInstance, request: Request, listed: Files
) -> dg.RunRequest:
    """The run that was decided on, with what has to be in it."""
    memory = Memory(instance, request.assessment)
    shown, seen = shown_uploads(memory), seen_uploads(catalog, memory)
    known = listed.keys() | shown.keys() | seen.keys()
    orphaned = _orphaned(catalog, memory, known)
    known |= orphaned
    if _last_run_succeeded(instance, request.assessment):
        differs = change(listed, shown, seen)
        # What was rejected for the company it kept may be right in the new one.
        refused = {name for name in seen if memory.state(upload_key(name)) in (State.KEPT, State.REJECTED)}
        more = refused | orphaned
        differs = Change(uploads=differs.uploads | more, contents=differs.contents | more)
    else:
        # Nobody knows how far it came: begin again. What did not change costs no call to QuickSight.
        differs = Change(uploads=frozenset(known), contents=frozenset(known))
    tables = touched_tables(catalog, changed=differs.contents, known=known)
    references = stale_references(catalog, store, instance, tables)
    return dg.RunRequest(
        run_key=request.run_key,
        partition_key=request.assessment,
        asset_selection=[*references, *selection(catalog, differs, tables)],
        tags={
            FINGERPRINT_TAG: request.fingerprint,
            ATTEMPT_TAG: str(request.attempt),
            CAUSE_TAG: change_in_words(listed, shown, named=True),
        },
    )


def _orphaned(catalog: Catalog, memory: Memory, known: Collection[str]) -> set[str]:
    """The uploads that are known no more, and of which a table or a data set still stands.

    A run read that they were deleted, and ended before it came that far.
    """
    buildable = {table.name for table in catalog.buildable(known)}
    standing = (
        table
        for table in catalog.tables
        if table.name not in buildable
        and any(memory.state(key(table.name)).has_rows for key in (table_asset_key, data_set_key))
    )
    return {name for table in standing for name in catalog.uploads_behind(table)}


def _last_run_succeeded(instance: dg.DagsterInstance, assessment: AssessmentId) -> bool:
    latest = latest_run(instance, assessment)
    return latest is not None and latest.dagster_run.is_success
