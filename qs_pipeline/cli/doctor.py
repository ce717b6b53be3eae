"""``qs-pipeline doctor``: which looks there are, in which order, and how what they say is shown."""

import json
import os
from typing import Annotated

import dagster as dg
import typer

from qs_pipeline.cli import display
from qs_pipeline.cli.common import FAILED, Aws, environment_of_running, read_settings
from qs_pipeline.doctor import account, bucket, here, permissions, reading
from qs_pipeline.doctor.findings import Finding, Look, Outcome, Verdict, examine, not_checked, ok, warning, wrong
from qs_pipeline.doctor.site import Site
from qs_pipeline.service.supervisor import open_instance
from qs_pipeline.settings import Settings, working_in

_STYLES = {Verdict.OK: "green", Verdict.WARNING: "yellow", Verdict.WRONG: "red", Verdict.NOT_CHECKED: "dim"}


def doctor(
    *,
    probe: Annotated[
        bool,
        typer.Option(
            "--probe", help="Have QuickSight read a manifest that is put into the bucket and taken away again."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as a JSON list.")] = False,
    aws: Aws = False,
) -> None:
    """Look at everything that a publication needs and say what to mend; exits 1 where something is wrong."""
    findings: list[Finding] = []
    with working_in(environment_of_running(read_settings(aws=aws))):
        site = Site(Settings.from_environment(os.environ), dict(os.environ))
        for finding in examine(looks(site, probe=probe)):
            findings.append(finding)
            if not as_json:
                _show(finding)
    if as_json:
        typer.echo(json.dumps([finding.as_json() for finding in findings], indent=1))
    if any(finding.verdict is Verdict.WRONG for finding in findings):
        raise typer.Exit(FAILED)


def looks(site: Site, *, probe: bool) -> list[Look]:
    """All looks, in order; the probe, which writes, only where it is asked for."""
    access = ("QuickSight access", (lambda: reading.probed(site)) if probe else lambda: reading.granted(site))
    return [
        Look("definitions", lambda: here.definitions(site)),
        Look("instance", lambda: instance(site)),
        Look("limiter", lambda: here.limiter(site)),
        Look("credentials", lambda: account.credentials(site)),
        Look("region", lambda: account.region(site), after=("credentials",)),
        Look("bucket", lambda: bucket.bucket(site), after=("credentials",)),
        Look("bucket protection", lambda: bucket.protection(site), after=("bucket",)),
        Look("queue", lambda: bucket.queue(site), after=("bucket",)),
        Look("subscription", lambda: account.subscription(site), after=("limiter", "region")),
        Look("identity region", lambda: account.identity_region(site), after=("limiter", "region")),
        Look("principals", lambda: account.principals(site), after=("limiter", "region")),
        Look("owners, viewers", lambda: account.people(site), after=("limiter", "region")),
        Look("QuickSight reads", lambda: permissions.reads(site), after=("limiter", "region", "principals")),
        Look("permissions", lambda: permissions.simulated(site), after=("credentials",)),
        Look(*access, after=("bucket", "limiter", "region") if probe else ("credentials",)),
        Look("SPICE", lambda: reading.capacity(site), after=("region",)),
    ]


def instance(site: Site) -> Outcome:
    """Whether the Dagster instance can be reached and its tables are those of this version."""
    if not (site.settings.home / "dagster" / "dagster.yaml").exists():
        return not_checked(f"none in {site.settings.home} yet", "'qs-pipeline up' makes it")
    try:
        with open_instance(site.settings.home) as opened:
            return _schema(opened)
    except Exception as error:  # noqa: BLE001 - whatever the storage of the site's choice raises
        cause = error.__cause__ or error.__context__ or error
        return wrong(f"{type(cause).__name__}: {cause}", "See that the database of dagster.yaml runs and lets us in")


def _schema(opened: dg.DagsterInstance) -> Outcome:
    stores = {
        "runs": opened.run_storage,
        "events": opened.event_log_storage,
        "schedules": opened.schedule_storage,
    }
    versions = {name: store.alembic_version() for name, store in stores.items() if store is not None}
    if old := [name for name, found in versions.items() if found is not None and found[0] != found[1]]:
        return wrong(
            f"tables of {', '.join(old)} are of another version of Dagster",
            "Stop the service, back up, and run 'dagster instance migrate', see docs/operations.md",
        )
    where = type(opened.run_storage).__name__
    if not opened.get_daemon_heartbeats():
        return warning(f"{where}, tables as they should be; no daemon has ever run", "Start the service")
    return ok(f"{where}, tables as they should be")


def _show(finding: Finding) -> None:
    """One line: verdict, look, what was seen, and the fix."""
    fix = f" -> {finding.fix}" if finding.fix else ""
    style = _STYLES[finding.verdict]
    display.out.print(f"{finding.verdict:<11}", style=style, end=" ")
    display.out.print(f"{finding.look:<17} {finding.seen}{fix}", soft_wrap=True, markup=False, highlight=False)
