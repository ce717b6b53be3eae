"""What somebody deleted in QuickSight behind our back, and what of ours is left over there.

Two listings of the account serve all assessments, whatever their number: a data set or dashboard that the event log
remembers and the listings do not hold was deleted by hand. What to do about it is for ``watch`` to say.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import dagster as dg

from qs_pipeline.catalog import Catalog
from qs_pipeline.dag.keys import DASHBOARD, SYNC, assessments, data_set_key, table_asset_key
from qs_pipeline.dag.memory import Memory, State, busy_assessments
from qs_pipeline.model import AssessmentId
from qs_pipeline.quicksight.client import QuickSightClient
from qs_pipeline.quicksight.names import DashboardNames, NameRefusedError, TableNames

# The memory of an assessment; one that is asked for twice is the same.
Recall = Callable[[AssessmentId], Memory]


@dataclass(frozen=True, kw_only=True)
class Drift:
    """What one assessment lacks or has too much of.

    Attributes:
        tables: Their data sets are gone.
        dashboard: Whether the dashboard is gone.
        left: Their data sets should have gone after the last publication: its clean-up failed, or died with its run.
    """

    assessment: AssessmentId
    tables: tuple[str, ...]
    dashboard: bool
    left: tuple[str, ...]

    @property
    def words(self) -> str:
        """What was deleted and what was left, in one line."""
        what = [f"the data set of {table}" for table in self.tables] + ["the dashboard"] * self.dashboard
        gone = [f"{', '.join(what)} was deleted in QuickSight and is made again"] if what else []
        left = [f"the data set of {', '.join(self.left)} was left over and is removed"] if self.left else []
        return "; ".join(gone + left)

    @property
    def assets(self) -> tuple[dg.AssetKey, ...]:
        """What makes it again; the dashboard's publication removes what is left over."""
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
    return Account(
        busy=busy_assessments(instance),
        known=frozenset(instance.get_dynamic_partitions(assessments.name or "")),
        data_sets=client.data_set_ids(),
        dashboards=client.dashboard_ids(),
    )


def find_drift(recall: Recall, catalog: Catalog, account: Account) -> Iterator[Drift]:
    """The assessments at rest of which something is missing, or left over by a clean-up that failed."""
    for name in sorted(account.known - account.busy):
        assessment = AssessmentId(name)
        memory = recall(assessment)
        receipt = memory.last(DASHBOARD)
        if receipt is None or not receipt.metadata.get("version"):
            continue
        there = {
            table.name: TableNames(table=table.name, assessment=name).data_set_id in account.data_sets
            for table in catalog.tables
        }
        lost = tuple(table for table in there if not there[table] and _says(memory, table, "content"))
        left = tuple(table for table in there if there[table] and _says(memory, table, "pending_removal"))
        if receipt.state is not State.BUILT or receipt.metadata.get("pinned"):
            left = ()  # the dashboard published before stays, and what it shows
        gone = DashboardNames(assessment=name).dashboard_id not in account.dashboards
        if lost or gone or left:
            yield Drift(assessment=assessment, tables=lost, dashboard=gone, left=left)


def _says(memory: Memory, table: str, word: str) -> bool:
    held = memory.last(data_set_key(table))
    return held is not None and bool(held.metadata.get(word))


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
