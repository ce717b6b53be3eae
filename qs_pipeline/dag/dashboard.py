"""The dashboard: the definition cut down to what the assessment has, published, and then what is left over removed.

It verifies sync itself before it publishes anything, which is what makes materializing it by hand safe. Its data
version is the fingerprint of the uploads that it shows, its metadata names them: the receipt that tells the sensor
what is done.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from qs_pipeline.catalog import Catalog
from qs_pipeline.dag import grants
from qs_pipeline.dag.datasets import removal_report
from qs_pipeline.dag.keys import DASHBOARD, POOL, data_set_key, table_asset_key
from qs_pipeline.dag.memory import Memory, Report, Result, State
from qs_pipeline.dag.metadata import link_to, picture_at, safe
from qs_pipeline.dag.orders import Order, last_order, pin
from qs_pipeline.dag.resources import QuickSightWorkspace, StoreResource
from qs_pipeline.dag.retire import refuse_retired
from qs_pipeline.dag.runs import is_by_hand
from qs_pipeline.dag.selection import built_uploads
from qs_pipeline.dag.sync import problems as unsynced
from qs_pipeline.dag.sync import verdicts
from qs_pipeline.dag.translator import DagsterQuickSightTranslator
from qs_pipeline.dashboards.bind import bind
from qs_pipeline.dashboards.definition import Definition, sheet_title
from qs_pipeline.dashboards.definition import fingerprint as digest_of
from qs_pipeline.dashboards.guard import losses
from qs_pipeline.dashboards.prune import Pruned, prune
from qs_pipeline.dashboards.report import markdown
from qs_pipeline.dashboards.validate import problems as faults
from qs_pipeline.model import AssessmentId, parse_assessment_id
from qs_pipeline.quicksight.errors import NotManagedError, QuickSightError
from qs_pipeline.quicksight.models import DashboardState
from qs_pipeline.quicksight.names import DashboardNames, TableNames
from qs_pipeline.store import AssessmentStore, UploadedFile, fingerprint

# The pin, on the dashboard itself: for the day that the event log is lost.
PINNED_TAG = "qs-pipeline-pinned"
# In the receipt: how many rows the aggregate had, for the next check to compare with.
AGGREGATED_ROWS = "aggregated_rows"
_DESCRIBED = "definition "
_SHOWN = 10
_CARRIED = (
    "definition",
    "version",
    "published_at",
    "link",
    "sheets",
    "visuals",
    "report",
    "expanded",
    "dashboard_id",
    "source",
)


def dashboard_asset(catalog: Catalog, translator: DagsterQuickSightTranslator) -> dg.AssetsDefinition:
    """The asset ``quicksight/dashboard/requirements``."""

    @dg.multi_asset(name="dashboard", specs=[translator.dashboard()], pool=POOL)
    def dashboard(
        context: dg.AssetExecutionContext, store: StoreResource, quicksight: QuickSightWorkspace
    ) -> Iterator[Result]:
        assessment = parse_assessment_id(context.partition_key)
        refuse_retired(store.open(), assessment)
        memory = Memory(context.instance, assessment)
        publication = _Publication(
            catalog,
            assessment,
            memory,
            store.open(),
            quicksight,
            instance=context.instance,
            files=built_uploads(catalog, memory),
        )
        try:
            # The receipt first: what is published is published, even if the clean-up after it fails.
            yield publication.result(by_hand=is_by_hand(context.run))
            for table, end in publication.remove_left_over():
                context.log_event(removal_report(table, assessment, end))
        except QuickSightError as error:
            raise dg.Failure(str(error), allow_retries=False) from error

    return dashboard


class _Publication:
    """The publication of the dashboard of one assessment in one run."""

    def __init__(
        self,
        catalog: Catalog,
        assessment: AssessmentId,
        memory: Memory,
        store: AssessmentStore,
        quicksight: QuickSightWorkspace,
        *,
        instance: dg.DagsterInstance,
        files: Mapping[str, UploadedFile],
    ) -> None:
        self._catalog = catalog
        self._files = files
        self._instance = instance
        self._order = order = last_order(instance, assessment)
        self._memory = memory
        self._store = store
        self._quicksight = quicksight
        self._assessment = assessment
        self._names = DashboardNames(assessment=assessment)
        self._before = memory.last(DASHBOARD)
        self._remembered = shown_before(self._before, order)
        self._granted = grants.remembered(None, self._before)
        self._keep_all = False  # where the dashboard published before stays, what it shows stays as well

    def result(self, *, by_hand: bool) -> Result:
        """Publish what differs from what is published; by hand, publish in any case."""
        forgotten = self._forgotten()
        if version := self._order.pinned or (self._pinned_by_tag(forgotten) if forgotten else 0):
            return self._stays({"version": version, "pinned": version, "reason": f"pinned at version {version}"})
        tables = self._tables_in_sync()
        pruned = self._sound(tables)
        self._hold_what_was_rejected()
        if pruned.is_empty:
            reason = "no sheet has data; the dashboard published before, if any, stays"
            return self._stays({"reason": reason, "report": self._report(pruned)}, state=State.ABSENT)
        # Before anything new is shown: whom the settings do not name any more is not to see it.
        client = self._quicksight.get_client()
        grants.reapply(client, self._memory, self._assessment, tables)
        self._granted = client.grants
        bound = bind(pruned.definition, self._quicksight.data_set_arns(self._assessment, tables))
        digest = digest_of(bound)[:16]
        known = bool(self._remembered.get("version"))
        if known and self._remembered.get("definition") == digest and not by_hand:
            return self._receipt(State.BUILT, {**self._carried(), "unchanged": True, "report": self._report(pruned)})
        if forgotten and not by_hand and (shown := self._shown(forgotten, digest)):
            return self._found(pruned, bound, digest, shown)
        gone = self._gone(pruned, tables, exists=known or forgotten is not None)
        return self._publish(pruned, bound, digest, exists=known, resume=not by_hand, gone=gone)

    def _carried(self) -> dict[str, Any]:
        """What the receipt before says of the published dashboard, to be said again."""
        carried = {name: self._remembered[name] for name in _CARRIED if name in self._remembered}
        # The port of the embedded AWS may be another than it was.
        return carried | self._links() if "dashboard_id" in carried else carried

    def _stays(self, told: Mapping[str, Any], *, state: State = State.BUILT) -> Result:
        """The receipt where the dashboard published before stays, with all that it shows."""
        self._keep_all = True
        return self._receipt(state, {**self._carried(), **told})

    def _forgotten(self) -> DashboardState | None:
        """The dashboard as QuickSight has it, where the event log knows nothing of one; it may have been lost."""
        if self._before is not None or self._order.event:
            return None
        return self._quicksight.get_client().dashboard(self._names)

    def _found(self, pruned: Pruned, bound: dict[str, Any], digest: str, shown: DashboardState) -> Result:
        """The receipt of a dashboard that we did not remember and that shows this definition."""
        self._quicksight.get_client().align_dashboard(self._names, ())
        since = shown.published.isoformat(timespec="seconds") if shown.published else ""
        expanded = self._store.write_definition(self._assessment, digest, bound)
        facts = self._facts(pruned, digest, shown.version.number)
        return self._receipt(State.BUILT, {**facts, "published_at": since, "expanded": expanded, "unchanged": True})

    def _gone(self, pruned: Pruned, tables: list[str], *, exists: bool) -> dict[str, list[str]]:
        """What viewers see now and would no longer see."""
        titles = _titles(pruned.definition)
        return {
            "sheets_gone": [title for title in self._remembered.get("sheets", ()) if title not in titles],
            "visuals_gone": self._lost(pruned, tables) if exists else [],
        }

    def _shown(self, found: DashboardState, digest: str) -> DashboardState | None:
        """The dashboard, of which we remember nothing, where it shows this very definition without an error.

        It may still build, where the run that made it was killed.
        """
        client = self._quicksight.get_client()
        if found.version.description != _described(digest):
            return None
        if not found.version.ended:
            found = client.wait_for_version(
                self._names,
                found.version.number,
                deadline_seconds=self._quicksight.deadline_seconds,
                poll_seconds=self._quicksight.poll_seconds,
            )
        if not found.version.sound or client.version_errors(self._names, found.version.number):
            return None
        return found

    def _pinned_by_tag(self, found: DashboardState) -> int:
        """The pinned version as the tag has it, from now on in the event log as well; zero where it is not shown."""
        version = found.version.number
        if self._quicksight.get_client().dashboard_tags(self._names).get(PINNED_TAG) != str(version):
            return 0
        pin(self._instance, self._assessment, version, definition=described_digest(found.version.description))
        return version

    def _hold_what_was_rejected(self) -> None:
        """A dashboard shrinks where data went, and not because a file that it shows was replaced by a broken one."""
        shown = {
            name: reason
            for name, reason in self._rejected().items()
            if (held := self._memory.last(data_set_key(name))) and held.metadata.get("pending_removal")
        }
        if shown:
            raise dg.Failure(
                f"the dashboard of {self._assessment} was not published: it would lose what it shows of "
                + "; ".join(f"{name} ({reason})" for name, reason in shown.items())
                + ". Upload what is sound, or delete the upload so that its sheets may go.",
                allow_retries=False,
            )

    def _lost(self, pruned: Pruned, tables: list[str]) -> list[str]:
        """The visuals that go, in words; where the data of one is all there, nothing is published."""
        digest = str(self._remembered.get("definition", ""))
        published: Any = self._store.definition(self._assessment, digest) if digest else None
        if published is None:
            client = self._quicksight.get_client()
            published = client.describe_definition(self._names.dashboard_id).get("Definition", {})
        lost = losses(published, self._quicksight.definition(), pruned, tables)
        if unexplained := [str(each) for each in lost if not each.explained]:
            raise dg.Failure(
                f"the dashboard of {self._assessment} was not published: it would lose what it shows though the data "
                f"is there: {'; '.join(unexplained[:_SHOWN])}. Mend the definition or the table maps, or take these "
                "visuals out of the definition.",
                allow_retries=False,
            )
        return [str(each) for each in lost]

    def _tables_in_sync(self) -> list[str]:
        found = verdicts(self._catalog, self._memory, self._quicksight)
        if wrong := unsynced(found):
            raise dg.Failure(
                f"the dashboard of {self._assessment} was not published, its data sets and files disagree: {wrong}. "
                "Materialize these data sets and the dashboard together.",
                allow_retries=False,
            )
        return [each.table for each in found if each.published]

    def _sound(self, tables: list[str]) -> Pruned:
        """The definition for these tables; nothing is sent to QuickSight that is known to be wrong.

        It is checked before it is cut down, too: pruning would silently take out what a misspelt column needs.
        """
        every = {table.name: self._quicksight.table_map(table.name).column_names for table in self._catalog.tables}
        here = {table: every[table] for table in tables}
        definition = self._quicksight.definition()
        wrong = faults(definition, every)
        pruned = prune(definition, here)
        if not wrong and not pruned.is_empty:
            wrong = faults(pruned.definition, here)
        if wrong:
            raise dg.Failure(
                f"the dashboard definition has {len(wrong)} faults and was not published: "
                + "; ".join(str(each) for each in wrong[:_SHOWN]),
                allow_retries=False,
            )
        return pruned

    def _publish(
        self,
        pruned: Pruned,
        bound: dict[str, Any],
        digest: str,
        *,
        exists: bool,
        resume: bool,
        gone: Mapping[str, list[str]],
    ) -> Result:
        client = self._quicksight.get_client()
        expanded = self._store.write_definition(self._assessment, digest, bound)
        shown = client.publish_dashboard(
            self._names,
            bound,
            exists=exists,
            version_description=_described(digest),
            resume=resume,
            deadline_seconds=self._quicksight.deadline_seconds,
            poll_seconds=self._quicksight.poll_seconds,
        )
        return self._receipt(
            State.BUILT,
            {
                **self._facts(pruned, digest, shown.version.number),
                "expanded": expanded,
                "published_at": datetime.now(UTC).isoformat(timespec="seconds"),
                **gone,
            },
        )

    def _facts(self, pruned: Pruned, digest: str, version: int) -> dict[str, Any]:
        """What is known of a version, whenever it was made."""
        return {
            "definition": digest,
            "version": version,
            "sheets": _titles(pruned.definition),
            "source": digest_of(self._quicksight.definition().content)[:16],
            "visuals": _visuals(pruned.definition),
            "dashboard_id": self._names.dashboard_id,
            **self._links(),
            "report": self._report(pruned),
        }

    def _links(self) -> dict[str, dg.MetadataValue[Any]]:
        """Where the dashboard is seen; the viewer of the embedded AWS draws a small picture when it is looked at."""
        link = self._quicksight.dashboard_link(self._names)
        picture = {} if self._quicksight.has_console else {"picture": picture_at(f"{link}/picture.png")}
        return {**link_to(link), **picture}

    def _receipt(self, state: State, metadata: Mapping[str, Any]) -> Result:
        uploads = {name: dataclasses.asdict(file) for name, file in self._files.items()}
        aggregate = self._memory.last(table_asset_key(self._catalog.aggregate.name))
        return dg.MaterializeResult(
            metadata={
                "state": state.value,
                # What people look for stands first; a key keeps its place.
                **{name: metadata[name] for name in ("link", "picture") if name in metadata},
                "uploads": dg.MetadataValue.json(uploads),
                AGGREGATED_ROWS: aggregate.rows if aggregate else 0,
                **grants.told(self._granted),
                **metadata,
            },
            data_version=dg.DataVersion(fingerprint(self._files.values())),
        )

    def _report(self, pruned: Pruned) -> dg.MarkdownMetadataValue:
        """What is not shown and why; what was rejected is named besides: its absence is nobody's intention."""
        lines = [f"- **{table}** {safe(reason)}" for table, reason in self._rejected().items()]
        return dg.MetadataValue.md("\n".join([*lines, "", markdown(pruned.report)]))

    def _rejected(self) -> dict[str, str]:
        """Why tables were rejected, by table."""
        reports = ((table.name, self._memory.last(table_asset_key(table.name))) for table in self._catalog.tables)
        return {name: report.reason for name, report in reports if report and report.state is State.REJECTED}

    def remove_left_over(self) -> Iterator[tuple[str, str]]:
        """Delete the data sets whose tables are gone, now that no published sheet uses them.

        Yields:
            Each table, and what became of its data set in words. One without our tags stays.
        """
        if self._keep_all:
            return
        for table in self._catalog.tables:
            report = self._memory.last(data_set_key(table.name))
            if report is not None and report.metadata.get("pending_removal"):
                names = TableNames(table=table.name, assessment=self._assessment)
                client = self._quicksight.get_client()
                try:
                    client.delete_data_set(names)
                    client.delete_data_source(names)
                except NotManagedError as error:
                    yield table.name, f"left as it is: {error}"
                else:
                    yield table.name, "deleted after publication"


def _described(digest: str) -> str:
    """What a version says of itself in QuickSight: which definition it shows, for the day the event log is lost."""
    return f"{_DESCRIBED}{digest}"


def described_digest(description: str) -> str:
    """The digest in the description of a version; empty where it was not made here."""
    return description.removeprefix(_DESCRIBED) if description.startswith(_DESCRIBED) else ""


def shown_before(receipt: Report | None, order: Order) -> dict[str, Any]:
    """What is known of the published dashboard: as the receipt says, but for the version that an order put on show."""
    known = dict(receipt.metadata) if receipt else {}
    if order.shown and (receipt is None or order.event > receipt.event):
        known |= {"version": order.shown, "definition": order.definition}
    return known


def _titles(definition: Definition) -> list[str]:
    return [sheet_title(sheet) for sheet in definition.sheets]


def _visuals(definition: Definition) -> int:
    return sum(len(sheet.get("Visuals", ())) for sheet in definition.sheets)
