"""How the commands show what they know: tables, progress and errors on a terminal."""

import sys
from collections.abc import Collection, Iterable, Mapping
from typing import Self

from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table as Grid

from qs_pipeline.cli.follow import Standing
from qs_pipeline.dag.lifecycle import AssessmentLife
from qs_pipeline.model import AssessmentId

# A pipe or a file has no width of its own, and tables must not be cut there.
_PIPED = 160
out = Console(width=None if sys.stdout.isatty() else _PIPED)
err = Console(stderr=True, width=None if sys.stderr.isatty() else _PIPED)
_BARS = 12


def complain(message: str) -> None:
    """One line on standard error."""
    err.print(f"[red]qs-pipeline:[/] {escape(message)}", soft_wrap=True, highlight=False)


def warn(life: AssessmentLife) -> None:
    """What of an assessment is published and may still be wrong."""
    for warning in life.warnings:
        err.print(f"[yellow]{life.assessment}:[/] {escape(warning)}", soft_wrap=True, highlight=False)


def results(lives: Iterable[AssessmentLife], seconds: Mapping[str, float]) -> Grid:
    """The table that ``run`` ends with."""
    grid = Grid("assessment", "files", "tables", "data sets", "sheets", "seconds", "state")
    for life in lives:
        grid.add_row(
            life.assessment,
            str(sum(bool(upload.received) for upload in life.uploads)),
            str(sum(bool(each.written) for each in life.data_sets)),
            str(sum(bool(each.ingested) for each in life.data_sets)),
            str(len(life.sheets)),
            f"{seconds[life.assessment]:.1f}" if life.assessment in seconds else "",
            _painted(life.state),
        )
    return grid


def lifecycle(life: AssessmentLife) -> Grid:
    """The lifecycle of one assessment: a line a data set, and the dashboard."""
    grid = Grid(
        title=f"{life.assessment}: {_painted(life.state)} {escape(life.reason)}", title_justify="left", box=SIMPLE
    )
    for heading in ("data set", "state", "rows", "received", "written", "ingested", "synced"):
        grid.add_column(heading, no_wrap=True, justify="right" if heading == "rows" else "left")
    for each in life.data_sets:
        times = (_short(each.received), _short(each.written), _short(each.ingested), _short(each.synced))
        grid.add_row(each.name, _painted(each.state), str(each.rows), *times)
    version = f"version {life.version}" if life.version else ""
    grid.add_section()
    grid.add_row("dashboard", version, f"{len(life.sheets)} sheets", "published", "", "", _short(life.published))
    return grid


class Bars:
    """Progress bars of the assessments that are followed, or one bar where they are many."""

    def __init__(self, assessments: Collection[AssessmentId]) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[text]}"), TimeElapsedColumn(),
            console=err,
        )  # fmt: skip
        names = list(assessments) if len(assessments) <= _BARS else []
        self._tasks: dict[str, TaskID] = {
            name: self._progress.add_task(name, total=None, text="waiting for the sensor") for name in names
        }
        self._all = self._progress.add_task("all", total=len(assessments), text="") if not names else None

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, standing: Standing) -> None:
        """Move the bar of the assessment; what changed meanwhile is a line of its own."""
        if standing.state == "changed":
            err.print(f"{standing.assessment}: {standing.text}", highlight=False)
        if self._all is not None:
            self._progress.update(self._all, advance=1 if standing.ended else 0, text=standing.assessment)
            return
        text = "failed" if standing.state == "failed" else standing.text
        total = standing.total or (1 if standing.ended else None)
        done = total if standing.ended and total else standing.done
        self._progress.update(self._tasks[standing.assessment], total=total, completed=done or 0, text=text)


def _painted(state: str) -> str:
    colours = {
        "published": "green",
        "built": "green",
        "failed": "red",
        "rejected": "red",
        "published in part": "yellow",
    }
    colour = colours.get(state)
    return f"[{colour}]{state}[/]" if colour else state


def _short(moment: str) -> str:
    """``2026-11-23T01:42:03.5+00:00`` as ``11-23 01:42:03Z``; ``--json`` tells the year."""
    return f"{moment[5:10]} {moment[11:19]}Z" if moment else ""
