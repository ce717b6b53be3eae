"""The command that draws a published dashboard without QuickSight, from what is published on S3."""

import json
import tempfile
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from qs_pipeline.catalog import CATALOG
from qs_pipeline.cli import display
from qs_pipeline.cli.common import Aws, check_target, environment_of_running, read_settings
from qs_pipeline.dag.lifecycle import assessment_life
from qs_pipeline.dag.resources import StoreResource
from qs_pipeline.frames.published import read_published
from qs_pipeline.model import AssessmentId, parse_assessment_id
from qs_pipeline.service.supervisor import ServiceError, open_instance
from qs_pipeline.settings import working_in
from qs_pipeline.store import AssessmentStore


def preview(
    assessment: Annotated[str, typer.Argument()],
    *,
    out: Annotated[
        Path | None, typer.Option(help="Write all sheets into one HTML file; preview-ID.html if not said.")
    ] = None,
    png: Annotated[Path | None, typer.Option(help="Write a picture of one sheet.")] = None,
    sheet: Annotated[str | None, typer.Option(help="The sheet of the picture, by name; the first if not said.")] = None,
    aws: Aws = False,
) -> None:
    """Draw the published dashboard of an assessment as one HTML file that needs nothing else, or as a picture."""
    settings = read_settings(aws=aws)
    check_target(settings)
    name = parse_assessment_id(assessment)
    with open_instance(settings.home) as instance:
        digest = assessment_life(instance, CATALOG, name).definition
    if not digest:
        raise ServiceError(f"assessment {name} has no published dashboard; 'qs-pipeline status {name}' says why")
    with working_in(environment_of_running(settings)), tempfile.TemporaryDirectory() as folder:
        _write(StoreResource().open(), name, digest, Path(folder), out=out, png=png, sheet=sheet)


def _write(
    store: AssessmentStore,
    assessment: AssessmentId,
    digest: str,
    folder: Path,
    *,
    out: Path | None,
    png: Path | None,
    sheet: str | None,
) -> None:
    try:
        from qs_pipeline.viewer.page import whole_file  # noqa: PLC0415 - belongs to the extra "local"
        from qs_pipeline.viewer.picture import sheet_picture  # noqa: PLC0415
        from qs_pipeline.viewer.scene import Scene  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise ServiceError(f"{error.name} is not installed: pip install 'qs-pipeline[local]'") from error
    definition = folder / "dashboard.json"
    store.read_definition(assessment, digest, definition)
    tables = {table.name: table for table in CATALOG.tables}

    def rows(identifier: str) -> pl.LazyFrame:
        path = folder / f"{identifier}.csv"
        if not path.exists():
            store.read_table(assessment, tables[identifier].name, path)
        return read_published(path, tables[identifier])

    scene = Scene(definition=json.loads(definition.read_text(encoding="utf-8")), rows=rows)
    if png is not None:
        ids = {str(one["Name"]): str(one["SheetId"]) for one in scene.sheets}
        if sheet is not None and sheet not in ids:
            raise ServiceError(f"the dashboard of {assessment} has no sheet {sheet!r}; it has {', '.join(ids)}")
        png.write_bytes(sheet_picture(scene, ids[sheet] if sheet else next(iter(ids.values()))))
        display.out.print(f"written {png}")
    if out is not None or png is None:
        target = out or Path(f"preview-{assessment}.html")
        target.write_text(whole_file(scene, title=f"Assessment {assessment}"), encoding="utf-8")
        display.out.print(f"written {target}")
