"""The command that prepares an account, or the embedded one, for notifications about uploads."""

import os
from enum import StrEnum
from typing import Annotated

import typer

from qs_pipeline.catalog import CATALOG
from qs_pipeline.cli import display
from qs_pipeline.cli.common import Aws, environment_of_running, read_settings
from qs_pipeline.settings import Settings, working_in
from qs_pipeline.setup_aws import carry_out, plan_setup


class What(StrEnum):
    """What can be set up."""

    AWS = "aws"


def setup(
    what: Annotated[What, typer.Argument(help="The bucket, the queue and the notifications about uploads.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what is lacking and change nothing.")] = False,
    aws: Aws = False,
) -> None:
    """Create or mend what S3 needs to tell of uploads; what is as wanted, and what others made, is left alone."""
    del what  # there is one thing to set up
    with working_in(environment_of_running(read_settings(aws=aws))):
        plan = plan_setup(Settings.from_environment(os.environ), CATALOG)
        for step in plan.steps if dry_run else carry_out(plan):
            told = f"{'lacking' if dry_run else 'done'}: {step.lacking}" if step.lacking else "as wanted"
            display.out.print(f"{step.what}: {told}", soft_wrap=True, markup=False, highlight=False)
        if not dry_run:
            display.out.print(
                f"To use the queue, start the service with QS_QUEUE_URL={plan.queue_url()}", soft_wrap=True
            )
