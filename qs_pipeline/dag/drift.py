"""What somebody deleted in QuickSight behind our back, and what of ours is left over there.

Two listings of the account and one query for each table serve all assessments, whatever their number: only those of
which the two say different things are looked at one by one. A data set or dashboard that the event log remembers and
the listings do not hold was deleted by hand. What to do about it is for ``watch`` to say.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

import dagster as dg

from qs_pipeline.catalog import Catalog
from qs_pipeline.dag.keys import (
    CAUSE_TAG,
    DASHBOARD,
    REPAIR,
    SYNC,
    assessments,
    data_set_key,
    table_asset_key,
)
from qs_pipeline.dag.memory import (
    Memory,
    State,
    asked_for_since,
    busy_assessments,
    data_versions,
    newest_run,
)
from qs_pipeline.dag.runs import latest_run
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
        halfway: The data sets to look through again, because the last repair failed on its way.
    """

    assessment: AssessmentId
    tables: tuple[str, ...]
    dashboard: bool
    left: tuple[str, ...]
    halfway: tuple[str, ...]

    def __bool__(self) -> bool:
        """Whether there is anything to repair."""
        return bool(self.tables or self.dashboard or self.left or self.halfway)

    @property
    def words(self) -> str:
        """What was deleted and what was left, in one line."""
        what = [f"the data set of {table}" for table in self.tables] + ["the dashboard"] * self.dashboard
        gone = [f"{', '.join(what)} was deleted in QuickSight and is made again"] if what else []
        left = [f"the data set of {', '.join(self.left)} was left over and is removed"] if self.left else []
        halfway = ["the last repair failed on its way and is repeated"] if self.halfway else []
        return "; ".join(gone + left + halfway)

    @property
    def assets(self) -> tuple[dg.AssetKey, ...]:
        """What makes it again; the dashboard's publication removes what is left over."""
        tables = dict.fromkeys(self.tables + self.halfway)
        return (*(data_set_key(table) for table in tables), SYNC, DASHBOARD)


@dataclass(frozen=True, kw_only=True)
class Account:
    """The account at one moment: what it holds by its listings, and which assessments have a run under way.

    Attributes:
        newest_run: Asked for last before the listings began; a later one may have changed what they hold.
    """

    newest_run: str | None
    data_sets: frozenset[str]
    dashboards: frozenset[str]
    known: frozenset[str]
    busy: frozenset[str]


def look(instance: dg.DagsterInstance, client: QuickSightClient) -> Account:
    """Two listings, read to their ends, after the question what is under way."""
    return Account(
        newest_run=newest_run(instance),
        busy=busy_assessments(instance),
        known=frozenset(instance.get_dynamic_partitions(assessments.name or "")),
        data_sets=client.data_set_ids(),
        dashboards=client.dashboard_ids(),
    )


def find_drift(
    instance: dg.DagsterInstance, recall: Recall, catalog: Catalog, account: Account, *, tried: Collection[str]
) -> tuple[Drift, ...]:
    """The assessments at rest of which something is missing, or left over by a clean-up or a repair that failed.

    The event log is read after the listings: a run that began since may have made what they do not hold. So what had
    a run since is left for the next look.

    Args:
        instance: Whose runs are asked after.
        recall: The memory of an assessment.
        catalog: The tables there are.
        account: What the listings hold.
        tried: The assessments for which the last look ordered a repair.
    """
    failed = {name for name in tried if _failed(instance, name)}
    held = _held(instance, catalog, account)
    at_rest = map(AssessmentId, sorted(account.known - account.busy))
    differing = [name for name in at_rest if name in failed or not _agrees(catalog, account, name, held)]
    found = [_drift_of(recall(name), catalog, account, name, failed=name in failed) for name in differing]
    since = asked_for_since(instance, account.newest_run)
    return tuple(each for each in found if each and each.assessment not in since)


def _held(instance: dg.DagsterInstance, catalog: Catalog, account: Account) -> frozenset[str]:
    """The ids of all data sets of known assessments that hold something by the event log; one query a table."""
    return frozenset(
        TableNames(table=table.name, assessment=assessment).data_set_id
        for table in catalog.tables
        for assessment, version in data_versions(instance, data_set_key(table.name)).items()
        if assessment in account.known and version not in ("", State.ABSENT)
    )


def _agrees(catalog: Catalog, account: Account, assessment: AssessmentId, held: Collection[str]) -> bool:
    """Whether the account holds of the assessment what the event log remembers, and nothing else of its tables."""
    ids = (TableNames(table=table.name, assessment=assessment).data_set_id for table in catalog.tables)
    return DashboardNames(assessment=assessment).dashboard_id in account.dashboards and all(
        (each in account.data_sets) == (each in held) for each in ids
    )


def _drift_of(memory: Memory, catalog: Catalog, account: Account, assessment: AssessmentId, *, failed: bool) -> Drift:
    receipt = memory.last(DASHBOARD)
    if receipt is None or not receipt.metadata.get("version"):
        return Drift(assessment=assessment, tables=(), dashboard=False, left=(), halfway=())
    there = {
        table.name: TableNames(table=table.name, assessment=assessment).data_set_id in account.data_sets
        for table in catalog.tables
    }
    held = tuple(table for table in there if _says(memory, table, "content"))
    left = tuple(table for table in there if there[table] and _says(memory, table, "pending_removal"))
    if receipt.state is not State.BUILT or receipt.metadata.get("pinned"):
        left = ()  # the dashboard published before stays, and what it shows
    return Drift(
        assessment=assessment,
        tables=tuple(table for table in held if not there[table]),
        dashboard=DashboardNames(assessment=assessment).dashboard_id not in account.dashboards,
        left=left,
        halfway=held if failed else (),
    )


def _failed(instance: dg.DagsterInstance, assessment: str) -> bool:
    """Whether the latest run of the assessment is a repair that failed."""
    latest = latest_run(instance, assessment)
    run = latest.dagster_run if latest else None
    return run is not None and run.is_failure and run.tags.get(CAUSE_TAG, "").startswith(REPAIR)


def _says(memory: Memory, table: str, word: str) -> bool:
    held = memory.last(data_set_key(table))
    return held is not None and bool(held.metadata.get(word))


def find_left_over(
    instance: dg.DagsterInstance, recall: Recall, catalog: Catalog, client: QuickSightClient, account: Account
) -> Iterator[TableNames]:
    """Data sets with our tags that have no assessment, or an assessment at rest and no file; each costs a call."""
    for data_set in sorted(account.data_sets - _held(instance, catalog, account)):
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
