"""The commands about the dashboard: ``qs-pipeline dashboard ...``. What they print is decided in ``dashboards``."""

import os
from pathlib import Path
from typing import Annotated

import typer

from qs_pipeline.cli import display
from qs_pipeline.cli.common import FAILED
from qs_pipeline.dashboards.folder import load
from qs_pipeline.dashboards.validate import problems
from qs_pipeline.definitions_dir import definitions_directory
from qs_pipeline.quicksight.table_map import load_table_map

dashboard = typer.Typer(help="Check, build, compare and fetch dashboard definitions.", no_args_is_help=True)


@dashboard.command()
def validate(source: Annotated[Path | None, typer.Argument(help="A definition; else ours.")] = None) -> None:
    """Find every fault of a definition without asking QuickSight."""
    root = definitions_directory(os.environ)
    definition = load(source or root / "dashboard")
    columns = {name: load_table_map(root / "datasets" / f"{name}.json").column_names for name in definition.data_sets}
    found = problems(definition, columns)
    for problem in found:
        display.complain(str(problem))
    if found:
        raise typer.Exit(FAILED)
    display.out.print(f"sound: {len(definition.sheets)} sheets")
