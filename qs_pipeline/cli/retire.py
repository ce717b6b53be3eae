"""The command that takes an assessment away, after it has shown what goes and asked."""

from typing import Annotated

import typer
from rich.table import Table as Grid

from qs_pipeline.catalog import CATALOG
from qs_pipeline.cli import display
from qs_pipeline.cli.common import Aws, check_target, environment_of_running, read_settings
from qs_pipeline.dag.lifecycle import known_assessments
from qs_pipeline.dag.resources import QuickSightWorkspace, StoreResource
from qs_pipeline.dag.retire import Retirement, plan_retirement
from qs_pipeline.dag.retire import retire as carry_out
from qs_pipeline.model import parse_assessment_id
from qs_pipeline.quicksight.errors import QuickSightError
from qs_pipeline.service.supervisor import ServiceError, open_instance
from qs_pipeline.settings import working_in
from qs_pipeline.store import StoreError


def retire(
    assessment: Annotated[str, typer.Argument(help="The id of the assessment.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    uploads: Annotated[bool, typer.Option("--uploads", help="Delete the uploads as well.")] = False,
    aws: Aws = False,
) -> None:
    """Take an assessment away: dashboard, data sets, data sources, copies, tables; uploads only with --uploads."""
    settings = read_settings(aws=aws)
    name = parse_assessment_id(assessment)
    check_target(settings)
    with working_in(environment_of_running(settings)), open_instance(settings.home) as instance:
        client, store = QuickSightWorkspace().get_client(), StoreResource().open()
        plan = plan_retirement(instance, client, store, CATALOG, name, uploads=uploads)
        known = known_assessments(instance)
        if plan.is_empty and name not in known and not store.uploads(name):
            raise ServiceError(f"there is no assessment {name}; known are: {', '.join(known) or 'none'}")
        if plan.retired and plan.is_empty:
            display.out.print(f"{name} is retired already, since {plan.retired}: nothing is left, nothing was changed")
            return
        display.out.print(_listed(plan))
        if not yes:
            typer.confirm(f"Retire assessment {name}? This cannot be undone", abort=True)
        begun = False
        try:
            for step in carry_out(instance, client, store, CATALOG, plan):
                begun = True
                display.out.print(step, highlight=False)
        except (QuickSightError, StoreError):
            if begun:
                display.out.print(f"retired in part: the rest goes when 'qs-pipeline retire {name}' is run again")
            raise
    display.out.print(f"retired: {name} stays away until a newer upload")


def _listed(plan: Retirement) -> Grid:
    grid = Grid("what goes", "")
    grid.add_row("dashboard", plan.dashboard or "none")
    grid.add_row(f"{len(plan.data_sets)} data sets, and their data sources", "\n".join(plan.data_sets))
    grid.add_row("copies, tables, manifests, definitions", f"{len(plan.objects)} objects")
    grid.add_row("uploads", "\n".join(plan.uploads) if plan.uploads else "stay")
    return grid
