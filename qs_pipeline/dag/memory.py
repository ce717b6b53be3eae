"""What earlier steps and runs reported, read from the Dagster event log: the only memory the pipeline has.

An asset never raises because its inputs are absent (a skipped step would skip all below it); it reports a state, and
what stands below reads that state here.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import dagster as dg

from qs_pipeline.dag.keys import PARTITION_TAG, REFERENCE
from qs_pipeline.model import AssessmentId
from qs_pipeline.quicksight.quota import DAY

DATA_VERSION_TAG = "dagster/data_version"

# The result of an asset without a value: steps exchange data through the store only.
Result = dg.MaterializeResult[Any]


REFRESHES = "refresh"
"""In the announcement of a load: whether it is one of the refreshes that QuickSight counts."""

LOADING = "loading"
"""In the announcement of a load: the label of the content."""

_MANY = 1000


UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
"""The states of a run that is in the queue or at work."""


class State(StrEnum):
    """What an asset is for one assessment.

    BUILT: made from accepted inputs (zero rows is built, too). KEPT: an input was rejected, the last good result
    stays. REJECTED: an input was rejected and there is no last good result. ABSENT: its inputs were never uploaded,
    or were deleted.
    """

    BUILT = "built"
    KEPT = "kept"
    REJECTED = "rejected"
    ABSENT = "absent"

    @property
    def has_rows(self) -> bool:
        """Whether there is a result to build on."""
        return self in (State.BUILT, State.KEPT)


@dataclass(frozen=True, kw_only=True)
class Report:
    """The latest materialization of one asset for one assessment.

    Attributes:
        timestamp: Seconds since the epoch, UTC.
        event: Its place in the event log; later events have higher ones.
    """

    state: State
    data_version: str
    metadata: Mapping[str, Any]
    run_id: str
    timestamp: float
    event: int

    @property
    def rows(self) -> int:
        """Rows of the result; zero where there is none."""
        return int(self.metadata.get("dagster/partition_row_count", 0))

    @property
    def reason(self) -> str:
        """Why the state is what it is, in words; empty where all is well."""
        return str(self.metadata.get("reason", ""))


class Memory:
    """The reports of one assessment, each read once: a step that goes on after it reported takes a new memory."""

    def __init__(self, instance: dg.DagsterInstance, assessment: AssessmentId) -> None:
        self._instance = instance
        self._assessment = assessment
        self._read: dict[dg.AssetKey, Report | None] = {}

    def last(self, key: dg.AssetKey) -> Report | None:
        """The latest report of the asset, or None where it never reported; a reference reports for all assessments."""
        if key not in self._read:
            self._read[key] = self._fetch(key)
        return self._read[key]

    def _fetch(self, key: dg.AssetKey) -> Report | None:
        partitions = None if key.path[0] == REFERENCE else [self._assessment]
        records = self._instance.fetch_materializations(
            dg.AssetRecordsFilter(asset_key=key, asset_partitions=partitions), limit=1
        ).records
        if not records or (materialization := records[0].asset_materialization) is None:
            return None
        metadata = {name: value.value for name, value in materialization.metadata.items()}
        return Report(
            state=State(metadata.get("state", State.BUILT)),
            data_version=(materialization.tags or {}).get(DATA_VERSION_TAG, ""),
            metadata=metadata,
            run_id=records[0].run_id,
            timestamp=records[0].timestamp,
            event=records[0].storage_id,
        )

    def is_loading(self, key: dg.AssetKey) -> bool:
        """Whether a load of the data set was announced and its end was never reported: what it holds is unknown."""
        return self.loading(key) is not None

    def loading(self, key: dg.AssetKey) -> str | None:
        """The label of the content whose load was announced, and its end never reported; None where there is none."""
        mine = dg.AssetRecordsFilter(asset_key=key, asset_partitions=[self._assessment])
        announced = self._instance.fetch_observations(mine, limit=1).records
        ended = self.last(key)
        if not announced or (ended is not None and ended.event > announced[0].storage_id):
            return None
        said = announced[0].event_log_entry.asset_observation
        label = said.metadata.get(LOADING) if said else None
        return str(label.value) if label else ""

    def refreshes(self, key: dg.AssetKey) -> list[float]:
        """When refreshes of the data set were asked for in the last 24 hours; seconds since the epoch."""
        recent = self._instance.fetch_observations(
            dg.AssetRecordsFilter(asset_key=key, asset_partitions=[self._assessment], after_timestamp=self.now() - DAY),
            limit=_MANY,
        ).records
        return [
            record.timestamp
            for record in recent
            if (said := record.event_log_entry.asset_observation)
            and (flag := said.metadata.get(REFRESHES))
            and flag.value
        ]

    def now(self) -> float:
        """Seconds since the epoch, by the clock that stamps the events."""
        return time.time()

    def state(self, key: dg.AssetKey) -> State:
        """The latest state of the asset; what never reported is absent."""
        report = self.last(key)
        return State.ABSENT if report is None else report.state


def data_versions(
    instance: dg.DagsterInstance, key: dg.AssetKey, *, among: Sequence[AssessmentId] | None = None
) -> dict[str, str]:
    """The latest data version of the asset for every assessment, or for some of them, in one query."""
    tags = instance.event_log_storage.get_latest_tags_by_partition(
        key, dg.DagsterEventType.ASSET_MATERIALIZATION, [DATA_VERSION_TAG], asset_partitions=among
    )
    return {partition: found[DATA_VERSION_TAG] for partition, found in tags.items() if DATA_VERSION_TAG in found}


def busy_assessments(instance: dg.DagsterInstance) -> frozenset[str]:
    """Assessments with a run in the queue or at work, whoever started it."""
    runs = instance.get_runs(dg.RunsFilter(statuses=UNDER_WAY))
    return frozenset(run.tags[PARTITION_TAG] for run in runs if PARTITION_TAG in run.tags)


def newest_run(instance: dg.DagsterInstance) -> str | None:
    """The run that was asked for last; None where there never was one."""
    return next((record.dagster_run.run_id for record in instance.get_run_records(limit=1)), None)


def asked_for_since(instance: dg.DagsterInstance, run: str | None) -> frozenset[str]:
    """Assessments for which a run was asked for after that one, whatever became of it."""
    later = instance.get_run_records(cursor=run, ascending=True)
    tags = [record.dagster_run.tags for record in later]
    return frozenset(each[PARTITION_TAG] for each in tags if PARTITION_TAG in each)
