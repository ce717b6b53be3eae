"""How the commands show what they know: tables, progress and errors on a terminal."""

import sys
from collections.abc import Collection, Iterable, Mapping
from typing import Self

from rich.box import SIMPLE
from rich.console import Console, Group
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table as Grid
from rich.text import Text

from qs_pipeline.cli.follow import Standing
from qs_pipeline.dag.lifecycle import AssessmentLife
from qs_pipeline.model import AssessmentId

# A pipe or a file has no width of its own, and tables must not be cut there.
_PIPED = 160
out = Console(width=None if sys.stdout.isatty() else _PIPED)
err = Console(stderr=True, width=None if sys.stderr.isatty() else _PIPED)
_WIDE = 120
_BARS = 12
_STEPS = ("received", "written", "source made", "made", "ingested", "synced")


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


def lifecycle(life: AssessmentLife, *, width: int = _WIDE) -> Group:
    """The lifecycle of one assessment: a line a data set, and the steps of the assessment below.

    Where ``width`` does not hold all steps, the upload and the last step are shown.
    """
    latest = max((each.written[:10] for each in life.data_sets), default=life.published[:10])
    grid = Grid(box=SIMPLE if width >= _WIDE else None, padding=(0, 1, 0, 0))
    for heading in ("data set", "state", "rows", *(_STEPS if width >= _WIDE else (_STEPS[0], "last step"))):
        grid.add_column(heading, no_wrap=True, justify="right" if heading == "rows" else "left")
    for each in life.data_sets:
        times = (each.received, each.written, each.source_created, each.created, each.ingested, each.synced)
        told = [_short(moment, day=latest) for moment in times]
        if width < _WIDE:
            last = max((n for n, moment in enumerate(told) if moment), default=0)
            told = [told[0], f"{_STEPS[last]} {told[last]}" if last else ""]
        grid.add_row(each.name, _painted(each.state), str(each.rows), *told)
    title = f"{life.assessment}: {_painted(life.state)}{': ' if life.reason else ''}{escape(life.reason)}"
    return Group(Text.from_markup(title), grid, Text.from_markup(_below(life, latest)))


def _below(life: AssessmentLife, day: str) -> str:
    """What is said of the assessment as a whole, and what is awaited."""
    steps = {step: getattr(life, step) for step in ("aggregated", "stable", "synced", "published")}
    told = " -> ".join(f"{step} {_short(moment, day=day) or 'not yet'}" for step, moment in steps.items())
    shown = f", version {life.version} with {len(life.sheets)} sheets" if life.version else ""
    lines = [f"{told}{shown} (UTC{f', {day} where no day is given' if day else ''})"]
    lines += [f"waiting for {escape(life.waits_for)}"] if life.waits_for else []
    lines += [f"{each.name}: waiting for {escape(each.waits_for)}" for each in life.data_sets if each.waits_for]
    lines += [f"{each.name}: {escape(each.rivals)}" for each in life.uploads if each.rivals]
    reasons = [*((each.name, each) for each in life.uploads), *((each.name, each) for each in life.data_sets)]
    lines += [
        f"{name}: {each.state}: {escape(each.reason)}"
        for name, each in reasons
        if each.reason and each.state in ("rejected", "kept")
    ]
    return "\n".join(dict.fromkeys(lines))


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

    def tell(self, line: str) -> None:
        """Print a line above the bars."""
        err.print(line, highlight=False, markup=False)

    def show(self, standing: Standing) -> None:
        """Move the bar of the assessment; what changed meanwhile is a line of its own."""
        if standing.state == "changed":
            self.tell(f"{standing.assessment}: {standing.text}")
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
        "retired in part": "yellow",
    }
    colour = colours.get(state)
    return f"[{colour}]{state}[/]" if colour else state


def _short(moment: str, *, day: str) -> str:
    """``2026-11-23T01:42:03+00:00`` as ``01:42:03`` on that day, else ``11-22 01:42``; ``--json`` tells all."""
    if not moment:
        return ""
    return moment[11:19] if moment[:10] == day else f"{moment[5:10]} {moment[11:16]}"
