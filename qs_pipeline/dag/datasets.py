"""The data sets: one asset each, in one step that makes them all and then waits for them all.

Every ingestion is started before any is waited for, so that waiting for SPICE costs the slowest ingestion and not
their sum. A data set is refreshed when the bytes of its table or the table map differ from what was last ingested, and
never otherwise: refreshes are scarce. Nothing is deleted here; the dashboard does that after publication.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from qs_pipeline.catalog import Catalog
from qs_pipeline.dag.keys import FINGERPRINT_TAG, POOL, assessments, data_set_key, table_asset_key
from qs_pipeline.dag.memory import DATA_VERSION_TAG, Memory, Report, Result, State
from qs_pipeline.dag.metadata import link_to
from qs_pipeline.dag.resources import QuickSightWorkspace, StoreResource
from qs_pipeline.dag.translator import DagsterQuickSightTranslator
from qs_pipeline.model import AssessmentId, Table, parse_assessment_id
from qs_pipeline.quicksight.client import QuickSightClient
from qs_pipeline.quicksight.errors import NotFoundError, QuickSightError
from qs_pipeline.quicksight.models import Ingestion, IngestionHandle
from qs_pipeline.quicksight.names import TableNames
from qs_pipeline.quicksight.table_map import TableMap
from qs_pipeline.store import AssessmentStore, manifest_key

# One limiter paces all calls; threads only keep a slow reply from holding up the others.
_THREADS = 4


@dataclass(frozen=True, kw_only=True, eq=False)
class Wanted:
    """What a data set should hold, and what it holds as far as we remember.

    Attributes:
        content: The data version of the table.
        columns: A hash of the table map.
        held: The last report of the data set; None before the first.
        loading: Whether a load was started whose end was not seen.
    """

    names: TableNames
    table_map: TableMap
    rows: int
    content: str
    columns: str
    held: Report | None
    loading: bool

    @property
    def is_held(self) -> bool:
        """Whether QuickSight holds exactly this, as far as we remember."""
        return not self.loading and self._remembered("content") == self.content and self.same_columns

    @property
    def same_columns(self) -> bool:
        """Whether only rows differ, so that a refresh suffices."""
        return self._remembered("content") is not None and self._remembered("columns") == self.columns

    @property
    def exists(self) -> bool:
        """Whether there is a data set, as far as we remember."""
        return self.loading or self._remembered("content") is not None

    def _remembered(self, name: str) -> Any:  # noqa: ANN401 - metadata is whatever was logged
        return self.held.metadata.get(name) if self.held else None


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
        memory = Memory(context.instance, assessment)
        by_hand = FINGERPRINT_TAG not in context.run.tags
        wanted: list[Wanted] = []
        for table in catalog.tables:
            if data_set_key(table.name) in context.selected_asset_keys:
                found = _wanted(table, assessment, memory, quicksight)
                if isinstance(found, Wanted):
                    wanted.append(found)
                else:
                    yield found
        publishing = _Publishing(store.open(), quicksight, run_id=context.run.run_id, by_hand=by_hand)
        for each in publishing.decide(wanted):
            context.log_event(_announcement(each))
        yield from publishing.results()
        if publishing.failures:
            raise dg.Failure(
                "; ".join(publishing.failures.values()),
                metadata={name: dg.MetadataValue.text(message) for name, message in publishing.failures.items()},
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
        loading=memory.is_loading(data_set_key(table.name)),
    )


def columns_version(table_map: TableMap) -> str:
    """A hash that moves when the columns of the data set have to."""
    return hashlib.sha256(json.dumps(table_map.logical(), sort_keys=True).encode()).hexdigest()[:16]


def _announcement(each: Wanted) -> dg.AssetObservation:
    """Said before QuickSight is asked to load: a run that is killed now leaves no wrong memory behind."""
    return dg.AssetObservation(
        data_set_key(each.names.table), partition=each.names.assessment, metadata={"loading": each.content}
    )


def removal_report(table: str, assessment: AssessmentId) -> dg.AssetMaterialization:
    """The report of a data set that was deleted after publication."""
    return dg.AssetMaterialization(
        data_set_key(table),
        partition=assessment,
        metadata={"state": State.ABSENT.value, "reason": "deleted after publication", "pending_removal": False},
        tags={DATA_VERSION_TAG: State.ABSENT.value},
    )


class _Publishing:
    """The publication of some data sets of one assessment in one run."""

    def __init__(self, store: AssessmentStore, quicksight: QuickSightWorkspace, *, run_id: str, by_hand: bool) -> None:
        self.failures: dict[str, str] = {}
        self._store = store
        self._quicksight = quicksight
        self._run_id = run_id
        self._by_hand = by_hand
        self._held: list[Wanted] = []
        self._changed: dict[Wanted, bool] = {}

    def decide(self, wanted: Sequence[Wanted]) -> Iterator[Wanted]:
        """The data sets that have to be loaded.

        A sensor's run trusts what we remember; a person's run looks at each data set first.
        """
        for each in wanted:
            exists, held = each.exists, each.is_held
            if self._by_hand:
                found = self._quicksight.get_client().data_set(each.names)
                exists = found is not None
                held = held and found is not None and found.columns == each.table_map.column_names
            if held:
                self._held.append(each)
            else:
                self._changed[each] = exists
                yield each

    def results(self) -> Iterator[Result]:
        """A report for each data set as it is complete; what fails is in ``failures`` afterwards."""
        yield from (_unchanged(each) for each in self._held)
        if not self._changed:
            return
        client = self._quicksight.get_client()
        started: dict[IngestionHandle, Wanted] = {}
        with ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="data-sets") as threads:
            starting = {
                threads.submit(self._start, client, each, exists=exists): each for each, exists in self._changed.items()
            }
            for future in as_completed(starting):
                each = starting[future]
                try:
                    started[future.result()] = each
                except QuickSightError as error:
                    self.failures[each.names.table] = str(error)
        ends = client.wait_for_ingestions(
            started,
            deadline_seconds=self._quicksight.deadline_seconds,
            poll_seconds=self._quicksight.poll_seconds,
        )
        for handle, end in ends:
            each = started[handle]
            if isinstance(end, QuickSightError):
                self.failures[each.names.table] = str(end)
            elif end.rows != each.rows:
                self.failures[each.names.table] = (
                    f"data set {each.names.data_set_id}: the file has {each.rows} rows and {end.rows} were ingested. "
                    "Materialize the data set again."
                )
            else:
                yield self._ingested(client, each, end)

    def _start(self, client: QuickSightClient, each: Wanted, *, exists: bool) -> IngestionHandle:
        """Start the load of the wanted content."""
        if exists and each.same_columns:
            try:
                return client.refresh_data_set(each.names, f"{each.content[:16]}-{self._run_id[:8]}")
            except NotFoundError:
                exists = False  # somebody deleted it by hand
        key = manifest_key(parse_assessment_id(each.names.assessment), each.names.table)
        client.put_data_source(each.names, self._store.bucket, key, exists=exists)
        return client.put_data_set(each.names, each.table_map, exists=exists)

    def _ingested(self, client: QuickSightClient, each: Wanted, end: Ingestion) -> Result:
        return dg.MaterializeResult(
            asset_key=data_set_key(each.names.table),
            metadata={
                "state": State.BUILT.value,
                "content": each.content,
                "columns": each.columns,
                "dagster/partition_row_count": each.rows,
                "ingested_rows": end.rows or 0,
                "dropped_rows": end.dropped,
                "ingestion_seconds": end.seconds or 0,
                "ingestion_id": end.ingestion_id,
                "ingested_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "data_set_id": each.names.data_set_id,
                **link_to(client.account.data_set_link(each.names) if self._quicksight.has_console else ""),
            },
            data_version=dg.DataVersion(f"{each.content[:16]}-{each.columns}"),
        )


def _unchanged(each: Wanted) -> Result:
    """The report of a data set that holds what it should: what was known of it, said again."""
    held = each.held
    metadata = dict(held.metadata) if held else {}
    metadata.update(link_to(metadata.get("link", "")))
    return dg.MaterializeResult(
        asset_key=data_set_key(each.names.table),
        metadata={**metadata, "unchanged": True},
        data_version=dg.DataVersion(held.data_version if held else ""),
    )
