"""The command line ``qs-pipeline``: thin commands over the service, the store and the event log.

No command touches a real account unless ``--aws`` or ``QS_TARGET=aws`` says so.
"""

import contextlib
import dataclasses
import json
import os
import sys
import time
from collections.abc import Callable, Generator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError

from qs_pipeline import display
from qs_pipeline.catalog import CATALOG
from qs_pipeline.dag.intake import wanted_uploads
from qs_pipeline.dag.lifecycle import AssessmentLife, assessment_life, known_assessments
from qs_pipeline.dag.resources import StoreResource
from qs_pipeline.definitions_dir import DefinitionsMissingError, definitions_directory
from qs_pipeline.follow import follow
from qs_pipeline.frames.table_map import write_maps
from qs_pipeline.identity import check_account
from qs_pipeline.model import AssessmentId, ModelError, parse_assessment_id
from qs_pipeline.processes import end_at_first_signal
from qs_pipeline.quicksight.errors import QuickSightError
from qs_pipeline.results import write_results
from qs_pipeline.running import running_service
from qs_pipeline.sample import write_sample
from qs_pipeline.service import (
    AWS_PORT,
    UI_PORT,
    Service,
    ServiceError,
    open_instance,
    service_environment,
)
from qs_pipeline.settings import Settings, SettingsError, working_in
from qs_pipeline.store import StoreError, fingerprint
from qs_pipeline.uploading import Planned, UploadRefusedError, plan_files, plan_folder, plan_reference, put

app = typer.Typer(
    help="Assessment uploads on S3 become QuickSight dashboards.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

DEMO_ASSESSMENT = "2002"
_FAILED = 1
_REFUSED = 2


class Size(StrEnum):
    """How many rows a sample has."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


Aws = Annotated[bool, typer.Option("--aws", help="Work on the AWS account of this machine's credentials.")]
Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="Port of the Dagster UI; 0 for a free one.")]
AwsPort = Annotated[
    int, typer.Option("--aws-port", min=0, max=65535, help="Port of the embedded AWS; 0 for a free one.")
]


@app.command()
def demo(
    *,
    once: Annotated[bool, typer.Option("--once", help="Stop when the dashboard is published.")] = False,
    size: Size = Size.SMALL,
    port: Port = UI_PORT,
    aws_port: AwsPort = AWS_PORT,
) -> None:
    """Start everything on this machine, upload a sample assessment and follow it to its dashboard."""
    settings = _settings(aws=False)
    if settings.target != "local":
        raise SettingsError(
            f"QS_TARGET={settings.target!r}: the demo uploads invented files, so it works on the embedded AWS only; "
            "unset QS_TARGET"
        )
    display.out.print("Starting the embedded AWS, the Dagster daemon and the webserver ...")
    with Service(settings, os.environ, ui_port=port, aws_port=aws_port) as service, working_in(service.environment):
        folder = settings.home / "sample"
        write_sample(folder, assessment=DEMO_ASSESSMENT, size=size.value, seed=7, without=frozenset())
        _print_urls(service)
        lives = _publish(plan_folder(folder, CATALOG), settings.home, alive=service.check)
        if not once:
            _print_urls(service)
            display.out.print("Press Ctrl-C to stop.")
            _stay(service)
    _exit_unless_published(lives)


@app.command()
def up(*, port: Port = UI_PORT, aws_port: AwsPort = AWS_PORT, aws: Aws = False) -> None:
    """Start the service and keep it running until Ctrl-C."""
    settings = _settings(aws=aws)
    _check_target(settings)
    with Service(settings, os.environ, ui_port=port, aws_port=aws_port) as service:
        _print_urls(service)
        display.out.print("Press Ctrl-C to stop.")
        _stay(service)


@app.command()
def sample(
    directory: Path,
    *,
    assessment: Annotated[list[str] | None, typer.Option(help="May be given more than once.")] = None,
    size: Size = Size.SMALL,
    seed: int = 7,
    without: Annotated[list[str] | None, typer.Option(help="A class of supply to leave out; repeatable.")] = None,
    quirks: Annotated[bool, typer.Option("--quirks", help="Write the same data as untidy tools do.")] = False,
) -> None:
    """Write invented uploads to DIRECTORY/assessments/<ID>/."""
    for name in assessment or [DEMO_ASSESSMENT]:
        files = write_sample(
            directory,
            assessment=parse_assessment_id(name),
            size=size.value,
            seed=seed,
            without=frozenset(without or ()),
            quirks=quirks,
        )
        display.out.print(f"{len(files)} files in {directory / 'assessments' / name}")


@app.command()
def upload(
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders of files.")],
    *,
    assessment: Annotated[str, typer.Option()],
    aws: Aws = False,
) -> None:
    """Upload files as uploads of one assessment; the sensor of the running service sees them."""
    settings = _settings(aws=aws)
    planned = plan_files(paths, parse_assessment_id(assessment), CATALOG)
    _check_target(settings)
    with working_in(_environment_of_running(settings)):
        put(StoreResource().open(), planned)
    display.out.print(f"uploaded to assessment {assessment}: {', '.join(sorted(each.path.name for each in planned))}")


@app.command()
def run(
    directory: Annotated[Path, typer.Argument(help="Folder that holds assessments/<ID>/.")],
    *,
    out: Annotated[Path | None, typer.Option(help="Write tables and dashboard definitions below this folder.")] = None,
    aws: Aws = False,
) -> None:
    """Bring every assessment below DIRECTORY to a published dashboard; exits 0 only when all are."""
    settings = _settings(aws=aws)
    plans = plan_folder(directory, CATALOG)
    shared = plan_reference(directory)
    if out is not None and out.resolve() == directory.resolve():
        raise UploadRefusedError(f"--out {out}: holds the uploads; name another folder for the results")
    _check_target(settings)
    with _service_in_use(settings) as (environment, alive), working_in(environment):
        put(StoreResource().open(), shared)
        lives = _publish(plans, settings.home, alive=alive)
        if out is not None:
            write_results(StoreResource().open(), CATALOG, lives, out)
    _exit_unless_published(lives)


@app.command()
def status(
    assessment: Annotated[str | None, typer.Argument()] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Where each data set and dashboard stands, with UTC times, from the Dagster event log."""
    with open_instance(_settings(aws=False).home) as instance:
        known = known_assessments(instance)
        wanted = known if assessment is None else (parse_assessment_id(assessment),)
        if assessment is not None and assessment not in known:
            raise ServiceError(
                f"no run was ever asked for assessment {assessment}; known are: {', '.join(known) or 'none'}"
            )
        lives = [assessment_life(instance, CATALOG, name) for name in wanted]
    if as_json:
        sys.stdout.write(json.dumps([dataclasses.asdict(life) for life in lives], indent=1) + "\n")
        return
    for life in lives:
        display.out.print(display.lifecycle(life))
        display.warn(life)


@app.command()
def sync_maps() -> None:
    """Write the table maps in definitions/datasets anew from the contracts of the tables."""
    for path in write_maps(definitions_directory(os.environ) / "datasets", CATALOG.tables):
        display.out.print(f"written {path}")


def main() -> None:
    """Run a command; an error that a person can mend is one line and a non-zero exit."""
    end_at_first_signal()
    try:
        app()
    except (
        DefinitionsMissingError, ModelError, QuickSightError, ServiceError, SettingsError, StoreError,
        UploadRefusedError,
    ) as error:  # fmt: skip
        display.complain(str(error))
        sys.exit(_REFUSED)
    except BotoCoreError as error:
        display.complain(f"AWS cannot be used: {error}. Check the credentials, the region and the network.")
        sys.exit(_REFUSED)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        display.complain(f"{where}{error.strerror or error}; choose another place, or see who may write there")
        sys.exit(_REFUSED)


def _settings(*, aws: bool) -> Settings:
    environ = {**os.environ, "QS_TARGET": "aws"} if aws else os.environ
    return Settings.from_environment(environ)


def _check_target(settings: Settings) -> None:
    """What a real account lacks is told at once, and not by a run that fails later."""
    if settings.target == "aws":
        check_account(settings)


def _environment_of_running(settings: Settings) -> Mapping[str, str]:
    """The environment in which to work with what runs now: for the target ``aws``, nothing has to run."""
    service = running_service(settings.home)
    if service is not None and service.target != settings.target:
        raise ServiceError(
            f"the service in {settings.home} works on target {service.target!r}, not {settings.target!r}"
        )
    if service is not None and not service.ready:
        raise ServiceError(f"the service in {settings.home} starts or stops just now; run the command again")
    if service is None and settings.target == "local":
        raise ServiceError(f"no service runs in {settings.home}: start it with 'qs-pipeline up'")
    return service_environment(settings, os.environ, endpoint=service.aws if service else "")


@contextlib.contextmanager
def _service_in_use(settings: Settings) -> Generator[tuple[Mapping[str, str], Callable[[], None]]]:
    """The service that runs, or one of our own for as long as it is needed, with a call that tells if it ended."""
    if running_service(settings.home) is not None:

        def alive() -> None:
            service = running_service(settings.home)
            if service is None or not service.ready:
                raise ServiceError(f"the service in {settings.home} was stopped; run the command again")

        yield _environment_of_running(settings), alive
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
    for planned in plans.values():
        put(store, planned)

    def listed() -> dict[AssessmentId, str]:
        found = {assessment: wanted_uploads(CATALOG, store.uploads(assessment)) for assessment in plans}
        return {assessment: fingerprint(files.values()) for assessment, files in found.items() if files}

    seconds: dict[str, float] = {}
    failures: dict[str, str] = {}
    with open_instance(home) as instance, display.Bars(plans) as bars:
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
        raise typer.Exit(_FAILED)


def _print_urls(service: Service) -> None:
    if service.ui:
        display.out.print(f"  Dagster UI        {service.ui}")
        display.out.print(f"  lineage           {service.ui}/asset-groups", soft_wrap=True)
        dashboards = f"{service.ui}/assets/quicksight/dashboard/requirements?view=partitions"
        display.out.print(f"  dashboards        {dashboards}", soft_wrap=True)
    if service.aws:
        display.out.print(f"  embedded AWS      {service.aws}  (AWS_ENDPOINT_URL; any credentials)", soft_wrap=True)


def _stay(service: Service) -> None:
    """Until Ctrl-C, or until a process ends by itself."""
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            service.check()
            time.sleep(1)
    display.out.print("Stopping ...")
