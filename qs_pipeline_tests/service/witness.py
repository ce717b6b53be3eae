"""A code location with one run, which tells who it is in the file that ``WITNESS`` names, and waits to be ended."""

import json
import os
import time
from pathlib import Path

import dagster as dg


@dg.op
def tell() -> None:
    """Tell, and wait."""
    told = Path(os.environ["WITNESS"])
    unseen = told.with_suffix(".part")
    unseen.write_text(json.dumps({"run": os.getpid(), "parent": os.getppid()}))
    unseen.replace(told)
    time.sleep(120)


@dg.job(executor_def=dg.in_process_executor)
def witness() -> None:
    """The run."""
    tell()


@dg.sensor(job=witness, minimum_interval_seconds=1, default_status=dg.DefaultSensorStatus.RUNNING)
def once() -> dg.RunRequest:
    """Ask for it."""
    return dg.RunRequest(run_key="once")


defs = dg.Definitions(jobs=[witness], sensors=[once])
