"""The commands that keep a service for as long as they run: ``demo``, ``up`` and ``run``."""

import contextlib
import dataclasses
import os
import time
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from qs_pipeline.catalog import CATALOG
from qs_pipeline.cli import display
from qs_pipeline.cli.common import (
    DEMO_ASSESSMENT,
    FAILED,
    Aws,
    Size,
    check_target,
    environment_of_running,
    read_settings,
)
from qs_pipeline.cli.follow import follow
from qs_pipeline.cli.results import write_results
from qs_pipeline.cli.uploading import Planned, UploadRefusedError, is_there, plan_folder, plan_reference, put
from qs_pipeline.dag.intake import wanted_uploads
from qs_pipeline.dag.lifecycle import AssessmentLife, assessment_life
from qs_pipeline.dag.resources import StoreResource
from qs_pipeline.model import AssessmentId
from qs_pipeline.sample import write_sample
from qs_pipeline.service.running import running_service
from qs_pipeline.service.supervisor import AWS_PORT, UI_PORT, Service, ServiceError, open_instance
from qs_pipeline.settings import Settings, SettingsError, working_in
from qs_pipeline.store import fingerprint

Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="Port of the Dagster UI; 0 for a free one.")]
AwsPort = Annotated[
    int, typer.Option("--aws-port", min=0, max=65535, help="Port of the embedded AWS; 0 for a free one.")
]


def demo(
    *,
    once: Annotated[bool, typer.Option("--once", help="Stop when the dashboard is published.")] = False,
    size: Size = Size.SMALL,
    port: Port = UI_PORT,
    aws_port: AwsPort = AWS_PORT,
) -> None:
    """Start everything on this machine, upload a sample assessment and follow it to its dashboard."""
    settings = read_settings(aws=False)
    if settings.target != "local":
        raise SettingsError(
            f"QS_TARGET={settings.target!r}: the demo uploads invented files, so it works on the embedded AWS only; "
            "unset QS_TARGET"
        )
    display.out.print("Starting the embedded AWS, the Dagster daemon and the webserver ...")
    with Service(settings, os.environ, ui_port=port, aws_port=aws_port) as service, working_in(service.environment):
        folder = settings.home / "sample"
        write_sample(folder, assessment=DEMO_ASSESSMENT, size=size.value, seed=7, without=frozenset())
        _print_urls(service, DEMO_ASSESSMENT)
        put(StoreResource().open(), plan_reference(folder))
        lives = _publish(plan_folder(folder, CATALOG), settings.home, alive=service.check)
        if not once:
            _print_urls(service, DEMO_ASSESSMENT)
            display.out.print("Press Ctrl-C to stop.")
            _stay(service)
    _exit_unless_published(lives)


def up(*, port: Port = UI_PORT, aws_port: AwsPort = AWS_PORT, aws: Aws = False) -> None:
    """Start the service and keep it running until Ctrl-C."""
    settings = read_settings(aws=aws)
    check_target(settings)
    with Service(settings, os.environ, ui_port=port, aws_port=aws_port) as service:
        _print_urls(service)
        display.out.print("Press Ctrl-C to stop.")
        _stay(service)


def run(
    directory: Annotated[Path, typer.Argument(help="Folder that holds assessments/<ID>/.")],
    *,
    out: Annotated[Path | None, typer.Option(help="Write tables and dashboard definitions below this folder.")] = None,
    aws: Aws = False,
) -> None:
    """Bring every assessment below DIRECTORY to a published dashboard; exits 0 only when all are."""
    settings = read_settings(aws=aws)
    plans = plan_folder(directory, CATALOG)
    shared = plan_reference(directory)
    if out is not None and out.resolve() == directory.resolve():
        raise UploadRefusedError(f"--out {out}: holds the uploads; name another folder for the results")
    check_target(settings)
    with _service_in_use(settings) as (environment, alive), working_in(environment):
        put(StoreResource().open(), shared)
        lives = _publish(plans, settings.home, alive=alive)
        if out is not None:
            write_results(StoreResource().open(), CATALOG, lives, out)
    _exit_unless_published(lives)


@contextlib.contextmanager
def _service_in_use(settings: Settings) -> Generator[tuple[Mapping[str, str], Callable[[], None]]]:
    """The service that runs, or one of our own for as long as it is needed, with a call that tells if it ended."""
    if running_service(settings.home) is not None:

        def alive() -> None:
            service = running_service(settings.home)
            if service is None or not service.ready:
                raise ServiceError(f"the service in {settings.home} was stopped; run the command again")

        yield environment_of_running(settings), alive
        return
    display.out.print("Starting the service ...")
    with Service(settings, os.environ, ui_port=None, aws_port=0) as service:
        yield service.environment, service.check


def _publish(
    plans: Mapping[AssessmentId, tuple[Planned, ...]], home: Path, *, alive: Callable[[], None]
) -> list[AssessmentLife]:
    """Upload, follow to the dashboards, and print the table."""
    store = StoreResource().open()
    started = time.monotonic()

    def listed() -> dict[AssessmentId, str]:
        found = {assessment: wanted_uploads(CATALOG, store.uploads(assessment)) for assessment in plans}
        return {assessment: fingerprint(files.values()) for assessment, files in found.items() if files}

    seconds: dict[str, float] = {}
    failures: dict[str, str] = {}
    with open_instance(home) as instance, display.Bars(plans) as bars:
        there = listed()
        for assessment, planned in plans.items():
            life = assessment_life(instance, CATALOG, assessment)
            shown = life.state == "published" and life.fingerprint == there.get(assessment)
            if shown and is_there(planned, store.uploads(assessment)):
                bars.tell(f"{assessment}: nothing changed, its dashboard shows these files")
            else:  # also where an earlier attempt failed: new uploads are taken at once
                put(store, planned)
        for standing in follow(instance, listed, alive=alive):
            bars.show(standing)
            if standing.ended:
                seconds[standing.assessment] = time.monotonic() - started
            if standing.state == "failed":
                failures[standing.assessment] = standing.text
        lives = [assessment_life(instance, CATALOG, assessment) for assessment in plans]
    lives = [
        dataclasses.replace(life, state="failed", reason=failures[life.assessment])
        if life.assessment in failures
        else life
        for life in lives
    ]
    display.out.print(display.results(lives, seconds))
    return lives


def _exit_unless_published(lives: list[AssessmentLife]) -> None:
    for life in lives:
        display.warn(life)
    short = [life for life in lives if life.state != "published"]
    for life in short:
        display.complain(f"assessment {life.assessment}: {life.state}: {life.reason}")
    if short:
        raise typer.Exit(FAILED)


def _print_urls(service: Service, assessment: str = "") -> None:
    """Where to look; with an assessment, at its own dashboard among those of all."""
    if service.aws:
        display.out.print(f"  see the dashboards  {service.aws}/dashboards", soft_wrap=True)
    if service.ui:
        display.out.print(f"  Dagster UI          {service.ui}")
        display.out.print(f"  lineage             {service.ui}/asset-groups", soft_wrap=True)
        dashboards = f"{service.ui}/assets/quicksight/dashboard/requirements?view=partitions"
        one = f"&partition={assessment}" if assessment else ""
        display.out.print(f"  dashboard assets    {dashboards}{one}", soft_wrap=True)
    if service.aws:
        display.out.print(f"  embedded AWS        {service.aws}  (AWS_ENDPOINT_URL; any credentials)", soft_wrap=True)


def _stay(service: Service) -> None:
    """Until Ctrl-C, or until a process ends by itself."""
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            service.check()
            time.sleep(1)
    display.out.print("Stopping ...")
