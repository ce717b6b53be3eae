"""What a run costs on PostgreSQL beside SQLite, and what it leaves in the database: ``storages.py [REPEATS]``.

First publications of a small assessment of every class, in turn on the one and the other, in this process and without
QuickSight's limits, so that the event log is what differs. Printed are seconds and processor-seconds of the median run
(those of the embedded AWS and of polars are in both, those of the database server in the first only), and how much the
database grew by a run. How much of it retention may take away, ``deploy/retention.sql`` tells.
"""

import contextlib
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import boto3
import dagster as dg
import psycopg2

from qs_pipeline.catalog import CATALOG
from qs_pipeline.cli.uploading import plan_folder, put
from qs_pipeline.dag.keys import assessments
from qs_pipeline.dag.resources import StoreResource
from qs_pipeline.definitions import defs
from qs_pipeline.local_aws import LocalAws
from qs_pipeline.local_aws.faults import Faults
from qs_pipeline.model import AssessmentId
from qs_pipeline.sample import Size, write_sample
from qs_pipeline.service.supervisor import make_instance
from qs_pipeline.settings import local_environment, working_in
from qs_pipeline_tests.benchmarks.ticks import tick
from qs_pipeline_tests.conftest import QUICK
from qs_pipeline_tests.deploy.conftest import DEPLOY
from qs_pipeline_tests.quicksight.postgres import Postgres, running

ALLOWED = 1.0
QUIET = {"loggers": {"console": {"config": {"log_level": "ERROR"}}}}
STORAGES = ("SQLite", "PostgreSQL")


@dataclass
class Site:
    """One storage with a bucket of its own, and what its runs took."""

    name: str
    folder: Path
    environment: dict[str, str]
    seconds: list[float] = field(default_factory=list[float])
    processor: list[float] = field(default_factory=list[float])
    sizes: list[int] = field(default_factory=list[int])

    def working(self) -> contextlib.AbstractContextManager[None]:
        """With the environment of its processes."""
        return working_in(self.environment)

    @contextlib.contextmanager
    def opened(self) -> Iterator[dg.DagsterInstance]:
        """The instance, with that environment."""
        with self.working(), dg.DagsterInstance.from_config(self.environment["DAGSTER_HOME"]) as instance:
            yield instance

    def publish(self, number: int, size: Size = "small") -> int:
        """Upload, let the sensor ask, and run; how many events that left."""
        name = AssessmentId(f"{self.name}-{number}")
        uploads = self.folder / f"{self.name}-{number}"
        write_sample(uploads, assessment=name, size=size, seed=7)
        with self.opened() as instance:
            put(StoreResource().open(), plan_folder(uploads, CATALOG)[name])
            (request,) = tick(instance).run_requests or ()
            instance.add_dynamic_partitions(assessments.name or "", [name])
            began, spent = time.perf_counter(), time.process_time()
            result = defs.resolve_job_def("assessment").execute_in_process(
                instance=instance,
                partition_key=name,
                asset_selection=request.asset_selection,
                tags=dict(request.tags),
                run_config=QUIET,
            )
            self.seconds.append(time.perf_counter() - began)
            self.processor.append(time.process_time() - spent)
            return len(instance.all_logs(result.run_id))


def sqlite_bytes(home: Path) -> int:
    """What the files of the storage hold, write-ahead logs included."""
    return sum(each.stat().st_size for each in home.rglob("*.db*"))


def postgres_bytes(server: Postgres) -> int:
    """The tables of Dagster with their indexes."""
    with contextlib.closing(psycopg2.connect(server.url)) as database, database.cursor() as cursor:
        cursor.execute("SELECT sum(pg_total_relation_size(relid)) FROM pg_stat_user_tables")
        (size,) = cursor.fetchone() or (0,)
        return int(size)


def without_an_asset(server: Postgres) -> float:
    """Which share of the event log's bytes is of events that belong to no asset."""
    with contextlib.closing(psycopg2.connect(server.url)) as database, database.cursor() as cursor:
        cursor.execute(
            "SELECT sum(pg_column_size(e.*)) FILTER (WHERE asset_key IS NULL)::float / sum(pg_column_size(e.*)) "
            "FROM event_logs e"
        )
        (share,) = cursor.fetchone() or (0.0,)
        return float(share)


def aws_in(folder: Path, faults: Faults | None = None) -> LocalAws:
    """An embedded AWS that lets nothing wait, to be entered."""
    settings = replace(QUICK, ingestion_seconds=0.01, build_seconds=0.01)
    return LocalAws(home=folder / "aws", settings=settings, faults=faults)


def site_on(aws: LocalAws, folder: Path, name: str, *, database: str) -> Site:
    """A storage of this name, with a bucket."""
    home = folder / name / "dagster"
    home.mkdir(parents=True)
    if name == "SQLite":
        make_instance(home.parent)
    else:
        (home / "dagster.yaml").write_text((DEPLOY / "dagster.one-host.yaml").read_text())
    told = {
        "DAGSTER_HOME": str(home),
        "DAGSTER_POSTGRES_URL": database,
        "QS_BUCKET": f"of-{name.lower()}",
        "QS_USER_RATE": "1000",
        "QS_ACCOUNT_RATE": "1000",
        "QS_POLL_SECONDS": "0.05",
    }
    site = Site(name, folder, local_environment(os.environ, endpoint=aws.url, home=home) | told)
    with site.working():
        boto3.client("s3").create_bucket(Bucket=told["QS_BUCKET"])
    return site


def main(repeats: int = 7) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, running() as server, aws_in(Path(folder)) as aws:
        both = [site_on(aws, Path(folder), name, database=server.url) for name in STORAGES]
        events = 0
        for number in range(repeats + 1):
            for site in both:
                events = site.publish(number)
                home = Path(site.environment["DAGSTER_HOME"])
                site.sizes.append(sqlite_bytes(home) if site.name == "SQLite" else postgres_bytes(server))
        for site in both:  # the first run makes the tables and loads the libraries
            took, spent = (statistics.median(each[1:]) for each in (site.seconds, site.processor))
            grew = (site.sizes[-1] - site.sizes[0]) / repeats
            print(f"{site.name:10} {took:.2f} s a run, {spent:.2f} processor-seconds; {grew / 1e3:.0f} kB a run")
        ratio = statistics.median(both[1].seconds[1:]) / statistics.median(both[0].seconds[1:])
        print(f"    PostgreSQL takes {ratio:.2f} times what SQLite does; at most {ALLOWED:.2f}")
        print(f"    {events} events a run; {without_an_asset(server):.0%} of their bytes belong to no asset")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
