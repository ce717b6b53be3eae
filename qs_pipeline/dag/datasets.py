"""The data sets: one asset each, in one step that makes them all and then waits for them all.

A data set whose table has nothing to show is reported as absent; what the others should hold is found here, and made
so in ``publishing``. Nothing is deleted here; the dashboard does that after publication.
"""

import hashlib
import json
from collections.abc import Iterator

import dagster as dg

from qs_pipeline.catalog import Catalog
from qs_pipeline.dag.keys import POOL, assessments, data_set_key, table_asset_key
from qs_pipeline.dag.memory import DATA_VERSION_TAG, Memory, Result, State
from qs_pipeline.dag.publishing import Publishing, Wanted
from qs_pipeline.dag.resources import QuickSightWorkspace, StoreResource
from qs_pipeline.dag.retire import refuse_retired
from qs_pipeline.dag.runs import is_by_hand
from qs_pipeline.dag.translator import DagsterQuickSightTranslator
from qs_pipeline.model import AssessmentId, Table, parse_assessment_id
from qs_pipeline.quicksight.errors import CredentialsError, told_together
from qs_pipeline.quicksight.names import TableNames
from qs_pipeline.quicksight.table_map import TableMap


def data_sets_asset(catalog: Catalog, translator: DagsterQuickSightTranslator) -> dg.AssetsDefinition:
    """The assets ``quicksight/dataset/<name>``."""

    @dg.multi_asset(
        name="data_sets",
        description="Create or refresh data sets, then wait for their ingestions.",
        specs=[translator.data_set(table) for table in catalog.tables],
        partitions_def=assessments,
        can_subset=True,
        pool=POOL,
    )
    def data_sets(
        context: dg.AssetExecutionContext, store: StoreResource, quicksight: QuickSightWorkspace
    ) -> Iterator[Result]:
        assessment = parse_assessment_id(context.partition_key)
        refuse_retired(store.open(), assessment)
        memory = Memory(context.instance, assessment)
        by_hand = is_by_hand(context.run)
        wanted: list[Wanted] = []
        for table in catalog.tables:
            if data_set_key(table.name) in context.selected_asset_keys:
                found = _wanted(table, assessment, memory, quicksight)
                if isinstance(found, Wanted):
                    wanted.append(found)
                else:
                    yield found
        publishing = Publishing(store.open(), quicksight, memory, run_id=context.run.run_id, by_hand=by_hand)
        for announcement in publishing.decide(wanted):
            context.log_event(announcement)
        try:
            yield from publishing.results()
        except CredentialsError as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        if publishing.failures:
            raise dg.Failure(
                told_together(publishing.failures.values()),
                metadata={name: dg.MetadataValue.text(str(error)) for name, error in publishing.failures.items()},
                allow_retries=False,
            )

    return data_sets


def _wanted(table: Table, assessment: AssessmentId, memory: Memory, quicksight: QuickSightWorkspace) -> Wanted | Result:
    """What the data set should hold; a finished report where its table has nothing to show."""
    made = memory.last(table_asset_key(table.name))
    held = memory.last(data_set_key(table.name))
    state = made.state if made else State.ABSENT
    if made is None or not state.has_rows or made.rows == 0:
        left = memory.is_loading(data_set_key(table.name)) or (
            held is not None and (held.metadata.get("content") or held.metadata.get("pending_removal"))
        )
        why = "its table has no rows" if state.has_rows else (made.reason if made else "its table was never built")
        return dg.MaterializeResult(
            asset_key=data_set_key(table.name),
            metadata={
                "state": (State.REJECTED if state is State.REJECTED else State.ABSENT).value,
                "reason": why,
                "pending_removal": bool(left),
            },
            data_version=dg.DataVersion(State.ABSENT.value),
        )
    table_map = quicksight.table_map(table.name)
    return Wanted(
        names=TableNames(table=table.name, assessment=assessment),
        table_map=table_map,
        rows=made.rows,
        content=made.data_version,
        columns=columns_version(table_map),
        held=held,
        loading=memory.loading(data_set_key(table.name)),
    )


def columns_version(table_map: TableMap) -> str:
    """A hash that moves when the columns of the data set have to."""
    return hashlib.sha256(json.dumps(table_map.logical(), sort_keys=True).encode()).hexdigest()[:16]


def removal_report(table: str, assessment: AssessmentId, end: str) -> dg.AssetMaterialization:
    """The report of a data set that was to be deleted after publication; ``end`` says what became of it."""
    return dg.AssetMaterialization(
        data_set_key(table),
        partition=assessment,
        metadata={"state": State.ABSENT.value, "reason": end, "pending_removal": False},
        tags={DATA_VERSION_TAG: State.ABSENT.value},
    )
