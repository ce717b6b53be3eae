"""The commands about files: inventing uploads, putting them on S3, writing the table maps."""

import os
from pathlib import Path
from typing import Annotated

import typer

from qs_pipeline.catalog import CATALOG
from qs_pipeline.cli import display
from qs_pipeline.cli.common import DEMO_ASSESSMENT, Aws, Size, check_target, environment_of_running, read_settings
from qs_pipeline.cli.uploading import plan_files, put
from qs_pipeline.dag.resources import StoreResource
from qs_pipeline.definitions_dir import definitions_directory
from qs_pipeline.frames.table_map import write_maps
from qs_pipeline.model import parse_assessment_id
from qs_pipeline.sample import write_sample
from qs_pipeline.settings import working_in


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


def upload(
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders of files.")],
    *,
    assessment: Annotated[str, typer.Option()],
    aws: Aws = False,
) -> None:
    """Upload files as uploads of one assessment; the sensor of the running service sees them."""
    settings = read_settings(aws=aws)
    planned = plan_files(paths, parse_assessment_id(assessment), CATALOG)
    check_target(settings)
    with working_in(environment_of_running(settings)):
        put(StoreResource().open(), planned)
    display.out.print(f"uploaded to assessment {assessment}: {', '.join(sorted(each.path.name for each in planned))}")


def sync_maps() -> None:
    """Write the table maps in definitions/datasets anew from the contracts of the tables."""
    for path in write_maps(definitions_directory(os.environ) / "datasets", CATALOG.tables):
        display.out.print(f"written {path}")
