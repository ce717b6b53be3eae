"""What somebody deleted in QuickSight behind our back is found, told and made again.

Two listings of the account serve all assessments, whatever their number: a data set or dashboard that the event log
remembers and the listings do not hold was deleted by hand. The repair is an order like every other.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import dagster as dg

from qs_pipeline.catalog import Catalog
from qs_pipeline.dag.keys import DASHBOARD, DATASETS_SYNCED, PARTITION_TAG, SYNC, assessments, data_set_key
from qs_pipeline.dag.memory import Memory
from qs_pipeline.dag.orders import order_run
from qs_pipeline.dag.resources import QuickSightWorkspace
from qs_pipeline.dag.retire import UNDER_WAY
from qs_pipeline.model import AssessmentId
from qs_pipeline.quicksight.client import QuickSightClient
from qs_pipeline.quicksight.errors import QuickSightError
from qs_pipeline.quicksight.names import DashboardNames, TableNames
from qs_pipeline.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Drift:
    """What is missing of one assessment: tables whose data sets are gone, and whether the dashboard is."""

    assessment: AssessmentId
    tables: tuple[str, ...]
    dashboard: bool

    @property
    def words(self) -> str:
        """What was deleted, in one line."""
        what = [f"the data set of {table}" for table in self.tables] + ["the dashboard"] * self.dashboard
        return f"{', '.join(what)} was deleted in QuickSight and is made again"

    @property
    def assets(self) -> tuple[dg.AssetKey, ...]:
        """What makes it again."""
        return (*(data_set_key(table) for table in self.tables), SYNC, DASHBOARD)


def find_drift(instance: dg.DagsterInstance, catalog: Catalog, client: QuickSightClient) -> Iterator[Drift]:
    """The assessments at rest of which something is missing; two listings, read to their ends, in all."""
    runs = instance.get_runs(dg.RunsFilter(statuses=UNDER_WAY))
    busy = {run.tags.get(PARTITION_TAG) for run in runs}
    data_sets, dashboards = client.data_set_ids(), client.dashboard_ids()
    for name in sorted(instance.get_dynamic_partitions(assessments.name or "")):
        assessment = AssessmentId(name)
        memory = Memory(instance, assessment)
        receipt = memory.last(DASHBOARD)
        if name in busy or receipt is None or not receipt.metadata.get("version"):
            continue
        lost = tuple(
            table.name
            for table in catalog.tables
            if (held := memory.last(data_set_key(table.name)))
            and held.metadata.get("content")
            and TableNames(table=table.name, assessment=name).data_set_id not in data_sets
        )
        gone = DashboardNames(assessment=name).dashboard_id not in dashboards
        if lost or gone:
            yield Drift(assessment=assessment, tables=lost, dashboard=gone)


def drift_sensor(catalog: Catalog) -> dg.SensorDefinition:
    """The sensor that looks for drift every ``QS_DRIFT_SECONDS``."""

    @dg.sensor(
        name="drift",
        minimum_interval_seconds=int(Settings.from_environment(os.environ).drift_seconds),
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Finds data sets and dashboards that were deleted by hand, and orders them again.",
    )
    def drift(context: dg.SensorEvaluationContext, quicksight: QuickSightWorkspace) -> dg.SkipReason:
        if not context.instance.get_dynamic_partitions(assessments.name or ""):
            return dg.SkipReason("no assessment is published")
        try:
            found = list(find_drift(context.instance, catalog, quicksight.get_client()))
        except QuickSightError as error:
            return dg.SkipReason(f"QuickSight could not be looked at: {error}")
        for each in found:
            report(context.instance, each)
        return dg.SkipReason("; ".join(f"{each.assessment}: {each.words}" for each in found) or "nothing has drifted")

    return drift


def report(instance: dg.DagsterInstance, drift: Drift) -> None:
    """Turn the check red and order the repair; a pinned dashboard stays pinned."""
    instance.report_runless_asset_event(
        dg.AssetCheckEvaluation(
            asset_key=SYNC,
            check_name=DATASETS_SYNCED,
            passed=False,
            description=drift.words,
            partition=drift.assessment,
        )
    )
    order_run(instance, drift.assessment, drift.assets, cause=f"drift: {drift.words}", keep_pin=True)
