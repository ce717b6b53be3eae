"""The commands that order a dashboard: publish it again, show an earlier version, pin and release it.

They order and wait; the service does it, through the same queue and the same job as every run.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated

import dagster as dg
import typer
from rich.markup import escape
from rich.table import Table as Grid

from qs_pipeline.catalog import CATALOG
from qs_pipeline.cli import display
from qs_pipeline.cli.common import FAILED, Aws, check_target, environment_of_running, read_settings
from qs_pipeline.cli.dashboard import dashboard
from qs_pipeline.cli.follow import stopped
from qs_pipeline.dag.dashboard import PINNED_TAG, described_digest
from qs_pipeline.dag.keys import ORDER_TAG, assessments
from qs_pipeline.dag.lifecycle import assessment_life, known_assessments
from qs_pipeline.dag.orders import ORDER_SENSOR, last_order, order_run, pin, release
from qs_pipeline.dag.resources import QuickSightWorkspace, StoreResource
from qs_pipeline.dag.runs import why, will_be_retried
from qs_pipeline.dag.stale import Stale, publication, stale_assessments
from qs_pipeline.model import AssessmentId, parse_assessment_id
from qs_pipeline.quicksight.client import QuickSightClient
from qs_pipeline.quicksight.errors import QuickSightError
from qs_pipeline.quicksight.models import DashboardVersion
from qs_pipeline.quicksight.names import DashboardNames
from qs_pipeline.service.running import running_service
from qs_pipeline.service.supervisor import ServiceError, open_instance
from qs_pipeline.settings import Settings, working_in

AT_ONCE = 3  # one less than runs at a time (dagster.yaml), so that uploads are not held up
_POLL_SECONDS = 0.5


def publish(
    names: Annotated[list[str] | None, typer.Argument(metavar="[ASSESSMENT]...", help="Their ids.")] = None,
    *,
    stale: Annotated[bool, typer.Option("--stale", help="What new code, definition or lookup made stale.")] = False,
    at_once: Annotated[int, typer.Option("--at-once", min=1, help="How many assessments at a time.")] = AT_ONCE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be published, and why.")] = False,
    aws: Aws = False,
) -> None:
    """Publish dashboards again, a few at a time, and wait for them; a pinned one that is named is released."""
    settings = read_settings(aws=aws)
    if bool(names) == stale:
        raise ServiceError("name the assessments to publish, or give --stale, and not both")
    check_target(settings)
    with working_in(environment_of_running(settings)), open_instance(settings.home) as instance:
        if stale:
            found = stale_assessments(
                instance, CATALOG, StoreResource().open(), QuickSightWorkspace(), _all_present(instance)
            )
        else:
            found = [publication(instance, CATALOG, _present(instance, name)) for name in dict.fromkeys(names or ())]
        display.out.print(_plan(found, at_once) if found else "nothing is stale")
        if dry_run or not found:
            return
        later, found = [each for each in found if each.ready], [each for each in found if not each.ready]

        def order(each: Stale) -> str:
            if not stale:
                _untag(instance, each.assessment)
            return order_run(instance, each.assessment, each.assets, cause=f"publish: {each.why}", keep_pin=stale)

        failures = carry_out(instance, found, order, at_once=at_once, alive=lambda: _check_running(settings))
        lives = [assessment_life(instance, CATALOG, each.assessment) for each in found]
    display.out.print(display.results(lives, {}))
    for name, reason in failures.items():
        display.complain(f"assessment {name}: {reason}")
    for each in later:
        display.complain(f"assessment {each.assessment}: left for later, the refreshes of its day run out")
    if failures or later:
        raise typer.Exit(FAILED)


@dashboard.command()
def versions(assessment: str, *, aws: Aws = False) -> None:
    """List the versions of a dashboard, the newest first."""
    settings = read_settings(aws=aws)
    with working_in(environment_of_running(settings)), open_instance(settings.home) as instance:
        name = _known(instance, assessment)
        client, names = QuickSightWorkspace().get_client(), DashboardNames(assessment=name)
        shown = client.dashboard(names)
        pinned = last_order(instance, name).pinned
        grid = Grid("version", "made", "status", "description", "shown")
        for version in _versions(client, names):
            here = shown is not None and shown.version.number == version.number
            said = "pinned" if here and pinned == version.number else "published" if here else ""
            made = version.created.isoformat(timespec="seconds") if version.created else ""
            grid.add_row(str(version.number), made, version.status, escape(version.description), said)
    display.out.print(grid)


@dashboard.command()
def rollback(
    assessment: str,
    version: Annotated[int | None, typer.Argument(min=1)] = None,
    *,
    unpin: Annotated[bool, typer.Option("--unpin", help="Let the dashboard follow its uploads again.")] = False,
    aws: Aws = False,
) -> None:
    """Show an earlier version of a dashboard, and keep it there until it is released."""
    settings = read_settings(aws=aws)
    if (version is None) is not unpin:
        raise ServiceError("name the version to go back to, or give --unpin, and not both")
    with working_in(environment_of_running(settings)), open_instance(settings.home) as instance:
        name = _known(instance, assessment)
        if version is None:
            if not last_order(instance, name).pinned:
                display.out.print(f"nothing to release: the dashboard of {name} is not pinned, it follows its uploads")
                return
            _untag(instance, name)
            release(instance, name)
            display.out.print(f"released: {name} is published again with its next upload, or by 'qs-pipeline publish'")
            return
        roll_back(instance, QuickSightWorkspace().get_client(), name, version)
    display.out.print(f"pinned: {name} shows version {version} until 'publish' or 'dashboard rollback --unpin'")


def roll_back(instance: dg.DagsterInstance, client: QuickSightClient, assessment: AssessmentId, version: int) -> None:
    """Show viewers an earlier version and pin it.

    Raises:
        ServiceError: where there is no such version, or something it needs is gone.
        QuickSightError: where QuickSight refuses; then all is as it was.
    """
    names = DashboardNames(assessment=assessment)
    there = {each.number: each for each in _versions(client, names)}
    if version not in there:
        known = ", ".join(map(str, there))
        raise ServiceError(f"dashboard {names.dashboard_id} has no version {version}; there are: {known}")
    wrong = [error.message for error in client.version_errors(names, version)]
    lost = client.version_data_sets(names, version) - client.data_set_ids()
    wrong += [f"data set {data_set} was deleted" for data_set in sorted(lost)]
    if wrong:
        raise ServiceError(
            f"version {version} of dashboard {names.dashboard_id} cannot be shown any more: "
            f"{'; '.join(wrong[:3])}. Choose another version."
        )
    client.tag_dashboard(names, {PINNED_TAG: str(version)})
    try:
        client.publish_version(names, version)
    except QuickSightError:
        # Should that be refused too: a tag that names a version that is not shown is not believed.
        with suppress(QuickSightError):
            _tag_as_before(client, names, last_order(instance, assessment).pinned)
        raise
    pin(instance, assessment, version, definition=described_digest(there[version].description))


def _versions(client: QuickSightClient, names: DashboardNames) -> Sequence[DashboardVersion]:
    found = client.dashboard_versions(names)
    if not found:
        name = names.assessment
        raise ServiceError(
            f"there is no dashboard {names.dashboard_id}: nothing was published for assessment {name}, or it was "
            f"retired; 'qs-pipeline status {name}' says which"
        )
    return found


def _tag_as_before(client: QuickSightClient, names: DashboardNames, pinned: int) -> None:
    if pinned:
        client.tag_dashboard(names, {PINNED_TAG: str(pinned)})
    else:
        client.untag_dashboard(names, PINNED_TAG)


def _untag(instance: dg.DagsterInstance, assessment: AssessmentId) -> None:
    if last_order(instance, assessment).pinned:
        QuickSightWorkspace().get_client().untag_dashboard(DashboardNames(assessment=assessment), PINNED_TAG)


def _known(instance: dg.DagsterInstance, name: str) -> AssessmentId:
    assessment = parse_assessment_id(name)
    known = known_assessments(instance)
    if assessment not in known:
        raise ServiceError(f"there is no assessment {name}; known are: {', '.join(known) or 'none'}")
    return assessment


def _all_present(instance: dg.DagsterInstance) -> list[AssessmentId]:
    """The assessments that are not retired."""
    return [AssessmentId(name) for name in instance.get_dynamic_partitions(assessments.name or "")]


def _present(instance: dg.DagsterInstance, name: str) -> AssessmentId:
    """An assessment for which runs can be ordered."""
    assessment = _known(instance, name)
    if assessment not in _all_present(instance):
        raise ServiceError(f"assessment {name} is retired: upload a file for it, and it is made anew")
    return assessment


def _plan(found: list[Stale], at_once: int) -> Grid:
    title = f"in this order, {at_once} at a time" if len(found) > at_once else None
    grid = Grid("assessment", "assets to run", "why", "when", title=title)
    for each in found:
        later = datetime.fromtimestamp(each.ready, UTC).isoformat(timespec="minutes")
        when = f"not now: its refreshes of the day run out, order it again after {later}" if each.ready else "now"
        grid.add_row(each.assessment, str(len(each.assets)), escape(each.why), when)
    return grid


def _check_running(settings: Settings) -> None:
    if settings.target == "local" and running_service(settings.home) is None:
        raise ServiceError(f"the service in {settings.home} was stopped; run the command again")


def carry_out(
    instance: dg.DagsterInstance,
    found: Sequence[Stale],
    order: Callable[[Stale], str],
    *,
    at_once: int,
    alive: Callable[[], None],
    pause: Callable[[float], object] = time.sleep,
) -> dict[AssessmentId, str]:
    """Order the publications one after another, so many under way at a time, and wait until all were run.

    The queue of runs stays short, so that an upload that comes meanwhile is not behind a hundred of them.

    Returns:
        Why runs failed.

    Raises:
        ServiceError: where the sensor that takes orders was stopped.
    """
    failures: dict[AssessmentId, str] = {}
    left, under_way, unseen = deque(found), dict[AssessmentId, str](), set[AssessmentId]()
    with display.err.status("waiting for the queue") as line:
        while left or under_way:
            alive()
            if (left or unseen) and (told := stopped(instance, ORDER_SENSOR)):
                kept = f". Ordered already, and run as soon as it starts: {', '.join(sorted(unseen))}"
                raise ServiceError(f"{told}{kept if unseen else ''}")
            while left and len(under_way) < at_once:
                each = left.popleft()
                under_way[each.assessment] = order(each)
                unseen.add(each.assessment)
            for name, number in list(under_way.items()):
                runs = instance.get_runs(dg.RunsFilter(tags={ORDER_TAG: number}), limit=1)
                unseen -= {name} if runs else set()
                if runs and runs[0].is_finished and not will_be_retried(runs[0]):
                    del under_way[name]
                    display.err.print(f"{name}: {runs[0].status.value.lower()}", highlight=False)
                    if not runs[0].is_success:
                        failures[name] = why(instance, runs[0])
                elif runs:
                    line.update(f"{name}: run {runs[0].run_id[:8]} is {runs[0].status.value.lower()}")
            pause(_POLL_SECONDS)
    return failures
