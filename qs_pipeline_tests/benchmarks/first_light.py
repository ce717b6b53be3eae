"""How long one small assessment takes from its last upload to its published dashboard, with the service up.

Run it as a script. It prints the measured seconds beside what they may cost: 15 s, plus the calls to QuickSight at the
allowed rate, plus the time that the embedded QuickSight itself takes; and what a run spends outside polars and
QuickSight.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import dagster as dg

from qs_pipeline.catalog import CATALOG
from qs_pipeline.cli.uploading import plan_folder, put
from qs_pipeline.dag.keys import DASHBOARD
from qs_pipeline.dag.memory import data_versions
from qs_pipeline.dag.resources import StoreResource
from qs_pipeline.model import AssessmentId
from qs_pipeline.sample import write_sample
from qs_pipeline.service.supervisor import Service, open_instance
from qs_pipeline.settings import Settings, working_in

RATE = 5.0
EMULATOR_SECONDS = 0.5 + 0.5  # the slowest ingestion and the build of the version
REPEATS = 3
NONE = frozenset[str]()
# What is left: the assessment's own tables, force flow and class I; 7 uploads, 9 data sets.
MOST = frozenset(
    each.key for each in CATALOG.classes if each.uploads and each.key not in ("assessment", "force_flow", "class_i")
)
# Steps whose time is polars' or QuickSight's own.
WAITING = ("data_sets", "dashboard")


def calls(service: Service) -> int:
    """How many calls the embedded QuickSight got."""
    with urlopen(f"{service.aws}/_qs/stats", timeout=5) as reply:
        return int(json.load(reply)["calls"])


def throttled(service: Service) -> int:
    """How many calls it refused."""
    with urlopen(f"{service.aws}/_qs/stats", timeout=5) as reply:
        return int(json.load(reply)["throttled"])


def publish(
    service: Service, instance: dg.DagsterInstance, folder: Path, name: str, without: frozenset[str]
) -> tuple[float, int]:
    """Seconds from the last upload to the receipt, and the calls that it took."""
    assessment = AssessmentId(name)
    write_sample(folder, assessment=assessment, size="small", seed=7, without=without)
    before = calls(service)
    put(StoreResource().open(), plan_folder(folder, CATALOG)[assessment])
    started = time.monotonic()
    while assessment not in data_versions(instance, DASHBOARD):
        service.check()
        time.sleep(0.5)  # each look costs the service CPU time as well
    return time.monotonic() - started, calls(service) - before


def outside(instance: dg.DagsterInstance, name: str) -> dict[str, float]:
    """Seconds of the last run of an assessment by what they went into."""
    run = dg.RunsFilter(tags={"dagster/partition": name})
    while not (record := instance.get_run_records(run, limit=1)[0]).end_time:
        time.sleep(0.05)
    steps = {
        each.step_key: (each.end_time or 0) - (each.start_time or 0)
        for each in instance.get_run_step_stats(record.dagster_run.run_id)
    }
    created, started, ended = record.create_timestamp.timestamp(), record.start_time or 0, record.end_time or 0
    waiting = sum(steps[step] for step in WAITING)
    return {
        "queued and process start": started - created,
        "steps with QuickSight": waiting,
        "other steps": sum(steps.values()) - waiting,
        "between steps": ended - started - sum(steps.values()),
    }


@contextmanager
def service_in(home: Path) -> Iterator[Service]:
    """A service on free ports, with its environment for this process."""
    settings = Settings(home=home)
    with Service(settings, os.environ, ui_port=0, aws_port=0) as service, working_in(service.environment):
        yield service


def import_seconds(module: str) -> float:
    """Seconds of the fastest of some imports, each in a process of its own."""
    code = f"import time; start = time.perf_counter(); import {module}; print(time.perf_counter() - start)"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(7)]
    return min(float(run.stdout) for run in runs)


def main() -> None:
    """Measure and print."""
    libraries = import_seconds("dagster, boto3, polars, dataframely")
    ours = import_seconds("dagster, boto3, polars, dataframely, qs_pipeline.definitions")
    print(
        f"import of the code location: {ours - libraries:.2f} s beyond its libraries ({libraries:.2f} s); at most 0.40"
    )
    with tempfile.TemporaryDirectory() as folder, service_in(Path(folder) / "home") as service:
        with open_instance(Path(folder) / "home") as instance:
            for number in range(2 * REPEATS):
                kind, without = ("class-i", MOST) if number < REPEATS else ("every-class", NONE)
                name = f"{kind}-{number % REPEATS}"
                seconds, made = publish(service, instance, Path(folder) / "sample" / name, name, without)
                allowed = 15 + made / RATE + EMULATOR_SECONDS
                print(f"{name}: {seconds:.1f} s with {made} calls; at most {allowed:.1f} s")
                for what, took in outside(instance, name).items():
                    print(f"    {took:5.2f} s {what}")
        print(f"throttled replies: {throttled(service)}; at most 0")


if __name__ == "__main__":
    main()
