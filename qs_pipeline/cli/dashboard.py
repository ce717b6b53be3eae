"""The commands about the dashboard: ``qs-pipeline dashboard ...``. What they print is decided in ``dashboards``."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from qs_pipeline.catalog import CATALOG
from qs_pipeline.cli import display
from qs_pipeline.cli.common import FAILED, Aws, check_target, environment_of_running, read_settings
from qs_pipeline.dag.resources import QuickSightWorkspace
from qs_pipeline.dashboards.compare import differences
from qs_pipeline.dashboards.definition import REST, Definition, FolderError, objects
from qs_pipeline.dashboards.exported import columns_named, unbind, unwrap
from qs_pipeline.dashboards.folder import dump, load, read
from qs_pipeline.dashboards.merge import take
from qs_pipeline.dashboards.prune import prune
from qs_pipeline.dashboards.report import markdown
from qs_pipeline.dashboards.validate import Problem, problems
from qs_pipeline.definitions_dir import definitions_directory
from qs_pipeline.model import parse_assessment_id
from qs_pipeline.quicksight.names import DashboardNames
from qs_pipeline.quicksight.table_map import load_table_map
from qs_pipeline.settings import working_in

_MOST = 100  # faults that are told one by one

dashboard = typer.Typer(help="Check, build, compare and fetch dashboard definitions.", no_args_is_help=True)

Source = Annotated[
    Path | None, typer.Argument(help="A folder, or a file as describe-dashboard-definition answers it; else ours.")
]
DataSets = Annotated[str | None, typer.Option(help="The data sets that exist, with commas between; else all.")]


@dashboard.command()
def validate(source: Source = None, *, datasets: DataSets = None) -> None:
    """Find every fault of a definition, and of what is left of it, without a call."""
    definition = _read(source)
    every = _columns(definition)
    found = problems(definition, every)
    if datasets is not None and not found:
        here = _present(every, datasets)
        definition = prune(definition, here).definition
        found = problems(definition, here) if definition.sheets else []
    _stop_at(found)
    visuals = sum(len(objects(sheet.get("Visuals"))) for sheet in definition.sheets)
    counts = f"{len(definition.sheets)} sheets, {visuals} visuals, {len(definition.data_sets)} data sets"
    display.out.print(f"sound: {counts}")


@dashboard.command()
def build(
    source: Source = None,
    *,
    datasets: DataSets = None,
    out: Annotated[Path, typer.Option(help="The file to write; its report is printed.")],
) -> None:
    """Write what is left of a definition with some data sets, and tell what went and why."""
    definition = _read(source)
    every = _columns(definition)
    _stop_at(problems(definition, every))
    here = _present(every, datasets)
    pruned = prune(definition, here)
    if pruned.is_empty:
        display.complain("no sheet is left with these data sets; such a dashboard is never published")
        raise typer.Exit(FAILED)
    _stop_at(problems(pruned.definition, here))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(pruned.definition.content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    display.out.print(escape(markdown(pruned.report)), soft_wrap=True, highlight=False)
    display.out.print(f"written {out}: {len(pruned.definition.sheets)} sheets", soft_wrap=True, highlight=False)


@dashboard.command()
def diff(before: Path, after: Path) -> None:
    """Tell how two definitions differ, in words of sheets and visuals; exit 1 where they do."""
    found = differences(_read(before), _read(after))
    for line in found or ["no difference"]:
        display.out.print(escape(line), soft_wrap=True, highlight=False)
    if found:
        raise typer.Exit(FAILED)


@dashboard.command()
def pull(
    name: Annotated[str, typer.Argument(metavar="DASHBOARD", help="An assessment, or the id of its dashboard.")],
    *,
    out: Annotated[Path, typer.Option(help="The folder; what was changed goes into the definition that is there.")],
    replace: Annotated[
        bool, typer.Option(help="Write the dashboard in place of the definition that is there.")
    ] = False,
    aws: Aws = False,
) -> None:
    """Take what was changed in a published dashboard into a definition, without what binds it to an account."""
    own = DashboardNames(assessment="any").dashboard_id.removesuffix("any")
    shown = DashboardNames(assessment=parse_assessment_id(name.removeprefix(own))).dashboard_id
    settings = read_settings(aws=aws)
    check_target(settings)
    with working_in(environment_of_running(settings)):
        document = QuickSightWorkspace().get_client().describe_definition(shown)
    pulled = unbind(Definition(content=unwrap(dict(document), f"dashboard {shown}")), _tables())
    if replace or not (out / REST).exists():
        dump(pulled, out)
        display.out.print(f"written {out}: {len(pulled.sheets)} sheets", soft_wrap=True, highlight=False)
        return
    ours = load(out)
    changed = take(ours, pulled, _columns(ours))
    dump(changed, out)
    for line in differences(ours, changed) or [f"no difference: {out} is as it was"]:
        display.out.print(escape(line), soft_wrap=True, highlight=False)


def _tables() -> list[str]:
    return [table.name for table in CATALOG.tables]


def _read(source: Path | None) -> Definition:
    definition = read(source or definitions_directory(os.environ) / "dashboard", _tables())
    for repair in definition.repairs:
        display.complain(f"mended: {repair}")
    return definition


def _columns(definition: Definition) -> dict[str, list[str]]:
    """The columns of every data set that ``definition`` declares: of its table map, else those it supposes itself."""
    maps = definitions_directory(os.environ) / "datasets"
    known = set(_tables())
    return {
        name: list(load_table_map(maps / f"{name}.json").column_names)
        if name in known and (maps / f"{name}.json").is_file()
        else sorted(columns_named(definition, name))
        for name in definition.data_sets
    }


def _present(columns: dict[str, list[str]], datasets: str | None) -> dict[str, list[str]]:
    if datasets is None:
        return columns
    wanted = [name.strip() for name in datasets.split(",") if name.strip()]
    if unknown := [name for name in wanted if name not in columns]:
        raise FolderError(
            f"the definition declares no data set {', '.join(unknown)}; it has: {', '.join(columns) or 'none'}"
        )
    return {name: those for name, those in columns.items() if name in wanted}


def _stop_at(found: list[Problem]) -> None:
    for problem in found[:_MOST]:
        display.complain(str(problem))
    if len(found) > _MOST:
        display.complain(f"and {len(found) - _MOST} more faults; mend these first")
    if found:
        raise typer.Exit(FAILED)
