"""The command that tells where everything stands."""

import dataclasses
import json
import sys
from typing import Annotated

import typer

from qs_pipeline.catalog import CATALOG
from qs_pipeline.cli import display
from qs_pipeline.cli.common import read_settings
from qs_pipeline.dag.lifecycle import assessment_life, known_assessments
from qs_pipeline.model import parse_assessment_id
from qs_pipeline.service.supervisor import ServiceError, open_instance


def status(
    assessment: Annotated[str | None, typer.Argument()] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Where each data set and dashboard stands, with UTC times, from the Dagster event log."""
    with open_instance(read_settings(aws=False).home) as instance:
        known = known_assessments(instance)
        wanted = known if assessment is None else (parse_assessment_id(assessment),)
        if assessment is not None and assessment not in known:
            raise ServiceError(f"there is no assessment {assessment}; known are: {', '.join(known) or 'none'}")
        lives = [assessment_life(instance, CATALOG, name) for name in wanted]
    if as_json:
        sys.stdout.write(json.dumps([dataclasses.asdict(life) for life in lives], indent=1) + "\n")
        return
    if not lives:
        display.out.print(
            "no assessment yet: 'qs-pipeline upload' brings one, and a run is asked for some seconds later"
        )
    for life in lives:
        display.out.print(display.lifecycle(life, width=display.out.width))
        display.warn(life)
