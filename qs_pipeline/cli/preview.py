"""The command that draws a published dashboard here: its definition from QuickSight, its rows from S3."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from qs_pipeline.catalog import CATALOG
from qs_pipeline.cli import display
from qs_pipeline.cli.common import Aws, check_target, environment_of_running, read_settings
from qs_pipeline.dag.resources import QuickSightWorkspace, StoreResource
from qs_pipeline.dashboards.exported import unwrap
from qs_pipeline.frames.published import read_published
from qs_pipeline.model import AssessmentId, parse_assessment_id
from qs_pipeline.quicksight.errors import NotFoundError
from qs_pipeline.quicksight.names import DashboardNames
from qs_pipeline.service.supervisor import ServiceError
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
    with working_in(environment_of_running(settings)), tempfile.TemporaryDirectory() as folder:
        try:
            shown = QuickSightWorkspace().get_client().describe_definition(DashboardNames(assessment=name).dashboard_id)
        except NotFoundError as error:
            told = f"assessment {name} has no published dashboard; 'qs-pipeline status {name}' says why"
            raise ServiceError(told) from error
        definition = unwrap(dict(shown), f"the dashboard of {name}")
        kept = settings.home / "viewer"
        rows = _rows_of(StoreResource().open(), name, Path(folder))
        _write(name, definition, rows, kept=kept, out=out, png=png, sheet=sheet)


def _rows_of(store: AssessmentStore, assessment: AssessmentId, folder: Path) -> Callable[[str], pl.LazyFrame]:
    """The rows of a data set by its identifier, fetched to ``folder`` when first asked for."""
    tables = {table.name: table for table in CATALOG.tables}

    def rows(identifier: str) -> pl.LazyFrame:
        path = folder / f"{identifier}.csv"
        if not path.exists():
            store.read_table(assessment, tables[identifier].name, path)
        return read_published(path, tables[identifier])

    return rows


def _write(
    assessment: AssessmentId,
    shown: dict[str, Any],
    rows: Callable[[str], pl.LazyFrame],
    *,
    kept: Path,
    out: Path | None,
    png: Path | None,
    sheet: str | None,
) -> None:
    try:
        from qs_pipeline.viewer.library import charting_library  # noqa: PLC0415 - belongs to the extra "local"
        from qs_pipeline.viewer.page import whole_file  # noqa: PLC0415
        from qs_pipeline.viewer.picture import sheet_picture  # noqa: PLC0415
        from qs_pipeline.viewer.scene import Scene  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise ServiceError(f"{error.name} is not installed: pip install 'qs-pipeline[local]'") from error
    scene = Scene(definition=shown, rows=rows)
    if png is not None:
        ids = {str(one["Name"]): str(one["SheetId"]) for one in scene.sheets}
        if sheet is not None and sheet not in ids:
            raise ServiceError(f"the dashboard of {assessment} has no sheet {sheet!r}; it has {', '.join(ids)}")
        png.write_bytes(sheet_picture(scene, ids[sheet] if sheet else next(iter(ids.values()))))
        display.out.print(f"written {png}")
    if out is not None or png is None:
        target = out or Path(f"preview-{assessment}.html")
        charts = charting_library(kept)
        target.write_text(whole_file(scene, title=f"Assessment {assessment}", charts=charts), encoding="utf-8")
        display.out.print(f"written {target}")
