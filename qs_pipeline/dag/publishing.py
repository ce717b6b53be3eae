"""What data sets should hold, and the loads that make them hold it.

Every ingestion is started before any is waited for, so that waiting for SPICE costs the slowest ingestion and not
their sum. A data set is refreshed when the bytes of its table or the table map differ from what was last ingested, and
never otherwise: refreshes are scarce. When a day's are nearly used up, a data set waits, and so does what stands on
it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from qs_pipeline.dag import grants
from qs_pipeline.dag.keys import DASHBOARD, data_set_key
from qs_pipeline.dag.memory import LOADING, REFRESHES, Memory, Report, Result, State
from qs_pipeline.dag.metadata import link_to
from qs_pipeline.dag.resources import QuickSightWorkspace
from qs_pipeline.model import parse_assessment_id
from qs_pipeline.quicksight.client import QuickSightClient
from qs_pipeline.quicksight.errors import IngestionFailedError, LimitExceededError, QuickSightError
from qs_pipeline.quicksight.grants import Grants
from qs_pipeline.quicksight.loading import Load
from qs_pipeline.quicksight.models import Ingestion
from qs_pipeline.quicksight.names import TableNames
from qs_pipeline.quicksight.quota import next_refresh
from qs_pipeline.quicksight.table_map import TableMap
from qs_pipeline.store import AssessmentStore, manifest_key

# What a report says of its moment only.
_PASSING = frozenset({"waits", "refused_at"})


@dataclass(frozen=True, kw_only=True, eq=False)
class Wanted:
    """What a data set should hold, and what it holds as far as we remember.

    Attributes:
        content: The data version of the table.
        columns: A hash of the table map.
        held: The last report of the data set; None before the first.
        loading: What was asked to load without its end being seen, as a label; None where there is nothing such.
    """

    names: TableNames
    table_map: TableMap
    rows: int
    content: str
    columns: str
    held: Report | None
    loading: str | None

    @property
    def label(self) -> str:
        """Names the rows and columns that are wanted, in QuickSight and as the data version."""
        return f"{self.content[:16]}-{self.columns}"

    @property
    def is_held(self) -> bool:
        """Whether QuickSight holds exactly this, as far as we remember."""
        return self.loading is None and self._remembered("content") == self.content and self.same_columns

    @property
    def same_columns(self) -> bool:
        """Whether only rows differ, so that a refresh suffices."""
        return self._remembered("content") is not None and self._remembered("columns") == self.columns

    @property
    def exists(self) -> bool:
        """Whether there is a data set, as far as we remember."""
        return self.loading is not None or self._remembered("content") is not None

    @property
    def asked_before(self) -> bool:
        """Whether exactly this was asked to load, and how that ended is not known."""
        return self.loading == self.label

    def _remembered(self, name: str) -> Any:  # noqa: ANN401 - metadata is whatever was logged
        return self.held.metadata.get(name) if self.held else None


class Publishing:
    """The publication of some data sets of one assessment in one run."""

    def __init__(
        self, store: AssessmentStore, quicksight: QuickSightWorkspace, memory: Memory, *, run_id: str, by_hand: bool
    ) -> None:
        self.failures: dict[str, QuickSightError] = {}
        self._store = store
        self._quicksight = quicksight
        self._memory = memory
        self._run_id = run_id
        self._by_hand = by_hand
        self._held: list[Wanted] = []
        self._waiting: dict[Wanted, float] = {}
        self._loads: dict[Load, Wanted] = {}

    def decide(self, wanted: Sequence[Wanted]) -> Iterator[dg.AssetObservation]:
        """Sort out what has to be loaded, and announce each load before QuickSight is asked for it.

        A sensor's run trusts what we remember; a person's run looks at each data set first.
        """
        for each in wanted:
            exists, held = each.exists, each.is_held
            if self._by_hand:
                found = self._quicksight.get_client().data_set(each.names)
                exists = exists and found is not None  # what we do not remember is adopted, not just written over
                held = held and found is not None and found.columns == each.table_map.column_names
            refreshes = exists and each.same_columns
            if held:
                self._held.append(each)
            elif refreshes and not each.asked_before and (until := self._refresh_from(each)) > self._memory.now():
                self._waiting[each] = until
            else:
                load = self._load(each, exists=exists, refreshes=refreshes)
                self._loads[load] = each
                yield _announcement(each, refreshes=refreshes)

    def results(self) -> Iterator[Result]:
        """A report for each data set as it is complete; what fails is in ``failures`` afterwards.

        Raises:
            CredentialsError: at once, since it would befall all the others too.
        """
        yield from (_unchanged(each, self._granted(each)) for each in self._held)
        for each, until in self._waiting.items():
            yield self._waits(each, until, "the refreshes that QuickSight allows in 24 hours run out")
        if not self._loads:
            return
        client = self._quicksight.get_client()
        for loaded in client.load(
            self._loads,
            deadline_seconds=self._quicksight.deadline_seconds,
            poll_seconds=self._quicksight.poll_seconds,
        ):
            each, end = self._loads[loaded.load], loaded.end
            if isinstance(end, LimitExceededError) and loaded.load.refreshes:
                now = self._memory.now()
                until = next_refresh((), now, per_day=self._quicksight.refreshes_per_day, refused=now)
                yield self._waits(each, until, "QuickSight allows no more refreshes now", refused=now)
            elif isinstance(end, QuickSightError):
                self.failures[each.names.table] = end
            elif end.rows != each.rows:
                self.failures[each.names.table] = IngestionFailedError(
                    resource=f"data set {each.names.data_set_id}", ingestion=end, expected=each.rows
                )
            else:
                yield self._ingested(client, each, end, created=loaded.created)

    def _refresh_from(self, each: Wanted) -> float:
        """When the data set may be refreshed next."""
        return next_refresh(
            self._memory.refreshes(data_set_key(each.names.table)),
            self._memory.now(),
            per_day=self._quicksight.refreshes_per_day,
            refused=each.held.metadata.get("refused_at") if each.held else None,
            urgent=self._by_hand,
        )

    def _granted(self, each: Wanted) -> Grants:
        """To whom the data set is granted, which a new report must not forget."""
        return grants.remembered(each.held, self._memory.last(DASHBOARD))

    def _load(self, each: Wanted, *, exists: bool, refreshes: bool) -> Load:
        key = manifest_key(parse_assessment_id(each.names.assessment), each.names.table)
        return Load(
            names=each.names,
            table_map=each.table_map,
            manifest=(self._store.bucket, key),
            rows=each.rows,
            label=each.label,
            exists=exists,
            refreshes=refreshes,
            asked_before=each.asked_before,
            asked_by=self._run_id[:8],
        )

    def _waits(self, each: Wanted, until: float, why: str, *, refused: float | None = None) -> Result:
        """The report of a data set that keeps what it holds until it may be refreshed; sync then says so."""
        moment = datetime.fromtimestamp(until, UTC).isoformat(timespec="minutes")
        held = each.held
        metadata: dict[str, Any] = {**held.metadata} if held else {"state": State.BUILT.value}
        metadata |= {"waits": f"waits for a refresh until {moment}: {why}", **link_to(metadata.get("link", ""))}
        metadata |= grants.told(self._granted(each))
        if refused is not None:
            metadata["refused_at"] = refused
        if each.loading is not None:
            metadata["content"] = ""  # what it holds is still unknown: this report must not hide that
        return dg.MaterializeResult(
            asset_key=data_set_key(each.names.table),
            metadata=metadata,
            data_version=dg.DataVersion(held.data_version if held else ""),
        )

    def _ingested(self, client: QuickSightClient, each: Wanted, end: Ingestion, *, created: bool) -> Result:
        granted = client.grants if created else self._granted(each)
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
                **_made_at(each, end),
                "data_set_id": each.names.data_set_id,
                "refreshes_24h": len(self._memory.refreshes(data_set_key(each.names.table))),
                **grants.told(granted),
                **link_to(client.account.data_set_link(each.names) if self._quicksight.has_console else ""),
            },
            data_version=dg.DataVersion(each.label),
        )


def _made_at(each: Wanted, end: Ingestion) -> dict[str, str]:
    """When data source and data set were made; the data source is made one call earlier, and no clock is read then."""
    names = ("data_source_created_at", "data_set_created_at")
    if end.request_type == "INITIAL_INGESTION" and end.asked_at:
        return dict.fromkeys(names, end.asked_at.astimezone(UTC).isoformat(timespec="seconds"))
    return {name: said for name in names if each.held and (said := each.held.metadata.get(name))}


def _announcement(each: Wanted, *, refreshes: bool) -> dg.AssetObservation:
    """Said before QuickSight is asked to load: a run that is killed now leaves no wrong memory behind."""
    return dg.AssetObservation(
        data_set_key(each.names.table),
        partition=each.names.assessment,
        metadata={LOADING: each.label, REFRESHES: refreshes},
    )


def _unchanged(each: Wanted, granted: Grants) -> Result:
    """The report of a data set that holds what it should: what was known of it, said again."""
    held = each.held
    metadata = {name: value for name, value in held.metadata.items() if name not in _PASSING} if held else {}
    metadata.update(link_to(metadata.get("link", "")) | grants.told(granted))
    return dg.MaterializeResult(
        asset_key=data_set_key(each.names.table),
        metadata={**metadata, "unchanged": True},
        data_version=dg.DataVersion(held.data_version if held else ""),
    )
