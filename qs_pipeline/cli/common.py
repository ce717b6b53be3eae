"""What the commands share: options, settings, the service to work with.

No command touches a real account unless ``--aws`` or ``QS_TARGET=aws`` says so.
"""

import os
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

import typer

from qs_pipeline.identity import check_account
from qs_pipeline.service.running import running_service
from qs_pipeline.service.supervisor import ServiceError, service_environment
from qs_pipeline.settings import Settings

DEMO_ASSESSMENT = "2002"
FAILED = 1
REFUSED = 2


class Size(StrEnum):
    """How many rows a sample has."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


Aws = Annotated[bool, typer.Option("--aws", help="Work on the AWS account of this machine's credentials.")]


def read_settings(*, aws: bool) -> Settings:
    """The settings of the environment; ``aws`` is the option of that name."""
    environ = {**os.environ, "QS_TARGET": "aws"} if aws else os.environ
    return Settings.from_environment(environ)


def check_target(settings: Settings) -> None:
    """What a real account lacks is told at once, and not by a run that fails later."""
    if settings.target == "aws":
        check_account(settings)


def environment_of_running(settings: Settings) -> Mapping[str, str]:
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
