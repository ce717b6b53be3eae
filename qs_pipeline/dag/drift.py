"""What somebody deleted in QuickSight behind our back, and what of ours is left over there.

Two listings of the account serve all assessments, whatever their number: a data set or dashboard that the event log
remembers and the listings do not hold was deleted by hand. What to do about it is for ``watch`` to say.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import dagster as dg

from qs_pipeline.catalog import Catalog
from qs_pipeline.dag.keys import DASHBOARD, PARTITION_TAG, SYNC, assessments, data_set_key, table_asset_key
from qs_pipeline.dag.memory import Memory
from qs_pipeline.dag.retire import UNDER_WAY
from qs_pipeline.model import AssessmentId
from qs_pipeline.quicksight.client import QuickSightClient
from qs_pipeline.quicksight.names import DashboardNames, NameRefusedError, TableNames

# The memory of an assessment; one that is asked for twice is the same.
Recall = Callable[[AssessmentId], Memory]


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


@dataclass(frozen=True, kw_only=True)
class Account:
    """The account at one moment: what it holds by its listings, and which assessments have a run under way."""

    data_sets: frozenset[str]
    dashboards: frozenset[str]
    known: frozenset[str]
    busy: frozenset[str]


def look(instance: dg.DagsterInstance, client: QuickSightClient) -> Account:
    """Two listings, read to their ends. What is under way is asked before: a run that began later made nothing yet."""
    runs = instance.get_runs(dg.RunsFilter(statuses=UNDER_WAY))
    return Account(
        busy=frozenset(run.tags.get(PARTITION_TAG, "") for run in runs),
        known=frozenset(instance.get_dynamic_partitions(assessments.name or "")),
        data_sets=client.data_set_ids(),
        dashboards=client.dashboard_ids(),
    )


def find_drift(recall: Recall, catalog: Catalog, account: Account) -> Iterator[Drift]:
    """The assessments at rest of which something is missing."""
    for name in sorted(account.known - account.busy):
        assessment = AssessmentId(name)
        memory = recall(assessment)
        receipt = memory.last(DASHBOARD)
        if receipt is None or not receipt.metadata.get("version"):
            continue
        lost = tuple(
            table.name
            for table in catalog.tables
            if (held := memory.last(data_set_key(table.name)))
            and held.metadata.get("content")
            and TableNames(table=table.name, assessment=name).data_set_id not in account.data_sets
        )
        gone = DashboardNames(assessment=name).dashboard_id not in account.dashboards
        if lost or gone:
            yield Drift(assessment=assessment, tables=lost, dashboard=gone)


def find_left_over(
    recall: Recall, catalog: Catalog, client: QuickSightClient, account: Account
) -> Iterator[TableNames]:
    """Data sets with our tags that have no assessment, or an assessment at rest and no file; each costs a call."""
    for data_set in sorted(account.data_sets):
        names = _names_of(catalog, data_set)
        if names is None or names.assessment in account.busy or _has_use(recall, names, account):
            continue
        if client.manages_data_set(names):
            yield names


def _names_of(catalog: Catalog, data_set: str) -> TableNames | None:
    """The table and the assessment that a data set of that id is of; None where it is of none."""
    for table in catalog.tables:
        _, found, assessment = data_set.partition(TableNames(table=table.name, assessment="-").data_set_id[:-1])
        try:
            names = TableNames(table=table.name, assessment=assessment) if found else None
        except NameRefusedError:
            continue
        if names is not None and names.data_set_id == data_set:
            return names
    return None


def _has_use(recall: Recall, names: TableNames, account: Account) -> bool:
    if names.assessment not in account.known:
        return False
    memory = recall(AssessmentId(names.assessment))
    held = memory.last(data_set_key(names.table))
    return (
        bool(held and (held.metadata.get("content") or held.metadata.get("pending_removal")))
        or memory.state(table_asset_key(names.table)).has_rows
        or memory.is_loading(data_set_key(names.table))
    )
