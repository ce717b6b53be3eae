"""Settings that name other owners or viewers than before reach what exists with the next publication.

What is created is granted in the call that creates it, and its report remembers to whom. A dashboard's receipt
remembers the settings under which it, and all data sets below it, were last brought in line. So a publication under
unchanged settings makes no call for this.
"""

from collections.abc import Iterable

import dagster as dg

from qs_pipeline.dag.keys import DASHBOARD, data_set_key
from qs_pipeline.dag.memory import Memory, Report
from qs_pipeline.model import AssessmentId
from qs_pipeline.quicksight.client import QuickSightClient
from qs_pipeline.quicksight.grants import Grants
from qs_pipeline.quicksight.names import DashboardNames, TableNames

_GRANTS = "grants"


def told(grants: Grants) -> dict[str, dg.JsonMetadataValue]:
    """The metadata that remember to whom a thing is granted."""
    return {_GRANTS: dg.MetadataValue.json({"owners": [*grants.owners], "viewers": [*grants.viewers]})}


def remembered(held: Report | None, dashboard: Report | None) -> Grants:
    """To whom a thing is granted, by its own report or by the dashboard's where that is newer."""
    if dashboard is not None and _GRANTS in dashboard.metadata and (held is None or held.event < dashboard.event):
        held = dashboard
    known = held.metadata.get(_GRANTS) if held else None
    return Grants(owners=tuple(known["owners"]), viewers=tuple(known["viewers"])) if known else Grants()


def reapply(client: QuickSightClient, memory: Memory, assessment: AssessmentId, tables: Iterable[str]) -> list[str]:
    """Bring the data sources, data sets and the dashboard of an assessment in line with the settings.

    Returns:
        The names of the tables whose data source or data set differed, and ``dashboard`` where that did.

    Raises:
        QuickSightError: where a call fails; those that were made hold.
    """
    dashboard = memory.last(DASHBOARD)
    changed: list[str] = []
    for table in tables:
        before = remembered(memory.last(data_set_key(table)), dashboard)
        if before.owners != client.grants.owners:  # viewers of a dashboard need nothing below it
            names = TableNames(table=table, assessment=assessment)
            changes = [align(names, before.owners) for align in (client.align_data_source, client.align_data_set)]
            if any(changes):
                changed.append(table)
    before = remembered(None, dashboard)
    if (
        dashboard is not None
        and dashboard.metadata.get("version")
        and before != client.grants
        and client.align_dashboard(DashboardNames(assessment=assessment), before.principals)
    ):
        changed.append("dashboard")
    return changed
