"""``python -m qs_pipeline.local_aws``: the embedded AWS as a process of its own."""

import gc
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from qs_pipeline.local_aws import FaultPlanError, Faults, HomeInUseError, LocalAws, PortInUseError, Settings, read_plan

_IN_USE = 2
_DEFAULTS = Settings()


def serve(
    *,
    home: Annotated[Path, typer.Option(help="The folder of all state.")],
    port: Annotated[int, typer.Option(help="The loopback port; 0 takes any free one.")],
    ingestion_seconds: Annotated[
        float, typer.Option(help="How long an ingestion takes.")
    ] = _DEFAULTS.ingestion_seconds,
    build_seconds: Annotated[float, typer.Option(help="How long a version builds.")] = _DEFAULTS.build_seconds,
    faults: Annotated[Path | None, typer.Option(help="A fault plan: a JSON file.")] = None,
    parent_pid: Annotated[int | None, typer.Option(help="End when this process is gone.")] = None,
) -> None:
    """Serve until SIGTERM or SIGINT, then exit 0; exit 2 where port or home are in use, or the plan is none."""
    stop = threading.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, _setter(stop))
    settings = Settings(ingestion_seconds=ingestion_seconds, build_seconds=build_seconds)
    try:
        plan = read_plan(faults) if faults else Faults()
        with LocalAws(home=home, port=port, settings=settings, faults=plan) as aws:
            # What takes seconds is done before the first page asks for it.
            threading.Thread(target=aws.viewer.prepare, daemon=True).start()
            # What is loaded by now stays: looking for garbage in it would stop all answers for 0.15 s each time.
            gc.collect()
            gc.freeze()
            typer.echo(f"embedded AWS at {aws.url}, state in {home}")
            while not stop.wait(timeout=1):
                if parent_pid is not None and not _lives(parent_pid):
                    break
    except (PortInUseError, HomeInUseError, FaultPlanError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(_IN_USE) from error


def _setter(stop: threading.Event) -> Callable[[int, FrameType | None], None]:
    def set_it(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    return set_it


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    typer.run(serve)
