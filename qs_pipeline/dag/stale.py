"""What of the published dashboards was made by other code, another definition or another lookup than there is now.

None of that republishes by itself; ``qs-pipeline publish --stale`` asks here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import dagster as dg

from qs_pipeline.catalog import Catalog
from qs_pipeline.dag.keys import DASHBOARD, SYNC, data_set_key, reference_key, source_key, table_asset_key
from qs_pipeline.dag.memory import Memory
from qs_pipeline.dag.orders import last_order
from qs_pipeline.dag.resources import QuickSightWorkspace
from qs_pipeline.dashboards.definition import fingerprint
from qs_pipeline.model import AssessmentId, Reference, Table
from qs_pipeline.quicksight.quota import next_refresh
from qs_pipeline.store import AssessmentStore
from qs_pipeline.supply.table import code_version

_CODE_VERSION = "dagster/code_version"


@dataclass(frozen=True, kw_only=True)
class Stale:
    """What to run again for one assessment, and why in words.

    Attributes:
        published: When its dashboard was last reported; seconds since the epoch.
        ready: From when the day's refreshes of its data sets allow it; seconds since the epoch, 0 for at once.
    """

    assessment: AssessmentId
    assets: tuple[dg.AssetKey, ...]
    why: str
    published: float = 0.0
    ready: float = 0.0


def publication(instance: dg.DagsterInstance, catalog: Catalog, assessment: AssessmentId) -> Stale:
    """All that publishes an assessment anew from its tables as they are."""
    memory = Memory(instance, assessment)
    keys = [data_set_key(table.name) for table in catalog.tables]
    known = [key for key in keys if memory.last(key) is not None]
    return Stale(assessment=assessment, assets=(*known, SYNC, DASHBOARD), why="asked for by hand")


def stale_assessments(
    instance: dg.DagsterInstance,
    catalog: Catalog,
    store: AssessmentStore,
    quicksight: QuickSightWorkspace,
    known: Sequence[AssessmentId],
) -> list[Stale]:
    """The published assessments that something made stale, with the assets to run again; the oldest first."""
    lookups = {reference.name for reference in catalog.references if _differs(instance, store, reference)}
    source = fingerprint(quicksight.definition().content)[:16]
    found: list[Stale] = []
    for assessment in known:
        memory = Memory(instance, assessment)
        receipt = memory.last(DASHBOARD)
        if receipt is None or not receipt.metadata.get("version"):
            continue
        tables = [table for table in catalog.tables if memory.state(table_asset_key(table.name)).has_rows]
        built = {table.name for table in tables}
        code = {table.name for table in tables if _made_by(instance, assessment, table) != code_version(table)}
        looked_up = {table.name for table in tables if any(each.name in lookups for each in catalog.sources(table))}
        why = [f"new code of {', '.join(sorted(code))}"] if code else []
        why += [f"new lookup under {', '.join(sorted(looked_up))}"] if looked_up else []
        redefined = receipt.metadata.get("source", source) != source and not last_order(instance, assessment).pinned
        why += ["new definition"] if redefined else []
        if why:
            assets = _assets(catalog, code | looked_up, built, lookups if looked_up else set())
            ready = max(
                (
                    _refresh_from(memory, data_set_key(table.name), quicksight.refreshes_per_day)
                    for table in tables
                    if data_set_key(table.name) in assets
                ),
                default=0.0,
            )
            found.append(
                Stale(
                    assessment=assessment,
                    assets=assets,
                    why="; ".join(why),
                    published=receipt.timestamp,
                    ready=ready if ready > memory.now() else 0.0,
                )
            )
    return sorted(found, key=lambda each: each.published)


def _refresh_from(memory: Memory, key: dg.AssetKey, per_day: int) -> float:
    """When a data set may be refreshed next; the last refreshes of a day are left to uploads."""
    return next_refresh(memory.refreshes(key), memory.now(), per_day=per_day)


def _assets(catalog: Catalog, changed: set[str], built: set[str], lookups: set[str]) -> tuple[dg.AssetKey, ...]:
    """The changed tables and all that stands on them; a changed definition alone needs the dashboard only."""
    again = set(changed)
    for table in catalog.tables:  # a table precedes those made of it
        if table.name in built and any(each.name in again for each in catalog.sources(table)):
            again.add(table.name)
    names = [table.name for table in catalog.tables if table.name in again]
    return (
        *(reference_key(name) for name in sorted(lookups)),
        *(table_asset_key(name) for name in names),
        *(data_set_key(name) for name in names),
        *((SYNC,) if names else ()),
        DASHBOARD,
    )


def _made_by(instance: dg.DagsterInstance, assessment: AssessmentId, table: Table) -> str:
    """The code version of the table's latest result; the present one where it is not known."""
    mine = dg.AssetRecordsFilter(asset_key=table_asset_key(table.name), asset_partitions=[assessment])
    records = instance.fetch_materializations(mine, limit=1).records
    materialization = records[0].asset_materialization if records else None
    return ((materialization.tags if materialization else None) or {}).get(_CODE_VERSION) or code_version(table)


def _differs(instance: dg.DagsterInstance, store: AssessmentStore, reference: Reference) -> bool:
    """Whether the lookup on S3 is another than the one that was last read."""
    file = store.reference(reference.key)
    report = Memory(instance, AssessmentId("")).last(source_key(reference))
    seen = report.data_version if report else "absent"
    return (file.etag.strip('"') if file else "absent") != seen
