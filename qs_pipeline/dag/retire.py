"""Retiring an assessment: everything made for it goes, and it stays away until somebody uploads anew.

Each step finds what is left of its own work, so that a retirement that was killed is finished by another. The tombstone
comes first: from then on the sensor holds off. Then the event log forgets what was made, before any of it goes: an
upload that wakes a half retired assessment makes everything anew. Nothing without our tags is touched, and the uploads
only when asked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import dagster as dg

from qs_pipeline.catalog import Catalog
from qs_pipeline.dag.keys import (
    DASHBOARD,
    PARTITION_TAG,
    SYNC,
    assessments,
    data_set_key,
    table_asset_key,
    upload_key,
)
from qs_pipeline.dag.memory import DATA_VERSION_TAG, UNDER_WAY, Memory, State
from qs_pipeline.dag.orders import release
from qs_pipeline.model import AssessmentId
from qs_pipeline.quicksight.client import QuickSightClient
from qs_pipeline.quicksight.errors import NotManagedError, QuickSightError
from qs_pipeline.quicksight.names import DashboardNames, TableNames
from qs_pipeline.store import AssessmentStore

RETIRED = "retired:"
"""Before the time of the tombstone, the data version of a retired dashboard."""

RETIRING = "retiring"
"""In the report of a dashboard: whether its retirement has begun and not ended."""


class RetirementRefusedError(RuntimeError):
    """The assessment cannot be retired now; the message says why and what to do. Nothing was deleted."""


@dataclass(frozen=True, kw_only=True)
class Retirement:
    """What goes.

    Attributes:
        dashboard: The id of the dashboard.
        tables: The tables whose data set or data source exists.
        data_sets: The ids of the data sets that exist.
        objects: Keys below ``accepted/``, ``published/``, ``manifests/`` and ``expanded/``.
        uploads: Keys of uploads; empty where they stay.
        retired: When all was done already and nothing was uploaded since (ISO 8601); empty where it was not.
    """

    assessment: AssessmentId
    dashboard: str
    tables: tuple[str, ...]
    data_sets: tuple[str, ...]
    objects: tuple[str, ...]
    uploads: tuple[str, ...]
    retired: str

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever made, or nothing is left."""
        return not (self.dashboard or self.tables or self.objects or self.uploads)


def plan_retirement(
    instance: dg.DagsterInstance,
    client: QuickSightClient,
    store: AssessmentStore,
    catalog: Catalog,
    assessment: AssessmentId,
    *,
    uploads: bool,
) -> Retirement:
    """What there is to delete now.

    Raises:
        RetirementRefusedError: where a run of the assessment is under way, or its dashboard does not bear our tags.
    """
    _refuse_while_running(instance, assessment)
    there, sources = client.data_set_ids(), client.data_source_ids()
    names = [TableNames(table=table.name, assessment=assessment) for table in catalog.tables]
    board = DashboardNames(assessment=assessment)
    dashboard = board.dashboard_id if client.dashboard(board) else ""
    if dashboard and not client.manages_dashboard(board):
        raise RetirementRefusedError(
            f"assessment {assessment}: the dashboard {dashboard} does not bear our tags, so it was not made here; "
            "delete it by hand, or tag it if it is ours after all, then retire again"
        )
    return Retirement(
        assessment=assessment,
        dashboard=dashboard,
        tables=tuple(each.table for each in names if each.data_set_id in there or each.data_source_id in sources),
        data_sets=tuple(each.data_set_id for each in names if each.data_set_id in there),
        objects=store.made_of(assessment),
        uploads=tuple(file.key for file in store.uploads(assessment)) if uploads else (),
        retired=_ended(instance, store, assessment),
    )


def retire(
    instance: dg.DagsterInstance,
    client: QuickSightClient,
    store: AssessmentStore,
    catalog: Catalog,
    plan: Retirement,
) -> Iterator[str]:
    """Carry out the plan; tells each step in words when it is done.

    Raises:
        RetirementRefusedError: as ``plan_retirement`` does, where that has come to be so since.
        QuickSightError: where QuickSight refuses or fails. Before the first step that is told nothing was changed.
    """
    assessment = plan.assessment
    _refuse_while_running(instance, assessment)
    before = assessment in store.tombstones(assessment)
    since = store.bury(assessment)
    try:  # a run may just have ended, or have been asked for just before the tombstone stood
        plan = plan_retirement(instance, client, store, catalog, assessment, uploads=bool(plan.uploads))
    except (RetirementRefusedError, QuickSightError):
        if not before:
            store.exhume(assessment)
        raise
    _report_absent(instance, catalog, assessment, since)
    yield f"tombstone written, the sensor holds off ({since}); assets reported absent"
    if plan.dashboard:
        client.delete_dashboard(DashboardNames(assessment=assessment))
        yield "dashboard deleted"
    deleted = 0
    for table in plan.tables:
        names = TableNames(table=table, assessment=assessment)
        try:
            client.delete_data_set(names)
            client.delete_data_source(names)
            deleted += names.data_set_id in plan.data_sets
        except NotManagedError as error:
            yield str(error)
    yield f"{deleted} data sets and their data sources deleted"
    gone = store.delete_made(assessment)
    yield f"{gone} objects deleted"
    if plan.uploads:
        yield f"{store.delete_uploads(assessment)} uploads deleted"
    instance.delete_dynamic_partition(assessments.name or "", assessment)
    # The receipt last: it is what says that all is done.
    _report(instance, DASHBOARD, assessment, since)
    yield "partition deleted"


def refuse_retired(store: AssessmentStore, assessment: AssessmentId) -> None:
    """Nothing is made for an assessment that is retired, or is just being retired, whoever asks for it.

    Raises:
        dagster.Failure: where the tombstone is newer than every upload.
    """
    if since := _stays_away(store, assessment):
        raise dg.Failure(
            f"assessment {assessment} was retired {since}. Upload a file for it, and it is made anew.",
            allow_retries=False,
        )


def retired_since(data_version: str) -> str:
    """When the dashboard of that data version was retired (ISO 8601); empty where it is not."""
    return data_version.removeprefix(RETIRED) if data_version.startswith(RETIRED) else ""


def _stays_away(store: AssessmentStore, assessment: AssessmentId) -> str:
    """When the assessment was retired, or that began (ISO 8601); empty where it was not, or is uploaded anew since."""
    since = store.tombstones(assessment).get(assessment, "")
    return since if all(file.last_modified < since for file in store.uploads(assessment)) else ""


def _ended(instance: dg.DagsterInstance, store: AssessmentStore, assessment: AssessmentId) -> str:
    receipt = Memory(instance, assessment).last(DASHBOARD)
    if receipt is None or receipt.metadata.get(RETIRING) or not retired_since(receipt.data_version):
        return ""
    return _stays_away(store, assessment)


def _refuse_while_running(instance: dg.DagsterInstance, assessment: AssessmentId) -> None:
    mine = dg.RunsFilter(tags={PARTITION_TAG: assessment}, statuses=UNDER_WAY)
    if runs := instance.get_runs(mine, limit=1):
        raise RetirementRefusedError(
            f"assessment {assessment}: run {runs[0].run_id[:8]} is {runs[0].status.value.lower()}; "
            "wait until it has ended, or end it in the Dagster UI, then retire again"
        )


def _report_absent(instance: dg.DagsterInstance, catalog: Catalog, assessment: AssessmentId, since: str) -> None:
    """Forget what was made; first of all the dashboard, so that a retirement that dies from here on is told of."""
    memory = Memory(instance, assessment)
    keys = [upload_key(each.name) for each in catalog.uploads]
    keys += [table_asset_key(each.name) for each in catalog.tables]
    keys += [data_set_key(each.name) for each in catalog.tables]
    _report(instance, DASHBOARD, assessment, since, {RETIRING: True})
    release(instance, assessment)
    for key in [key for key in [*keys, SYNC] if memory.last(key)]:
        _report(instance, key, assessment, since)


def _report(
    instance: dg.DagsterInstance,
    key: dg.AssetKey,
    assessment: AssessmentId,
    since: str,
    told: Mapping[str, bool] | None = None,
) -> None:
    metadata = {"state": State.ABSENT.value, "reason": f"retired {since}", "dagster/partition_row_count": 0}
    version = f"{RETIRED}{since}" if key == DASHBOARD else State.ABSENT.value
    instance.report_runless_asset_event(
        dg.AssetMaterialization(
            key, partition=assessment, metadata={**metadata, **(told or {})}, tags={DATA_VERSION_TAG: version}
        )
    )
