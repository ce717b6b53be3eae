"""What Dagster's pages take beside 10,000 assessments on PostgreSQL, each asset of them reported once; a script.

``pages.py [ASSESSMENTS]``. The events of one assessment are reported for real, and copied by SQL for the others.
A page counts as there when nothing was asked for half a second. Printed are its seconds in Debian's Chromium, the first
time and the second, and the slowest of its queries; and how large the database is.
"""

import contextlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import dagster as dg
import psycopg2
from playwright.sync_api import Page, Request, sync_playwright

from qs_pipeline.dag.keys import assessments
from qs_pipeline.definitions import defs
from qs_pipeline.service.processes import HOST, answers, free_port, listens, until
from qs_pipeline.settings import local_environment, working_in
from qs_pipeline_tests.deploy.compose import BIN, Program
from qs_pipeline_tests.deploy.conftest import DEPLOY
from qs_pipeline_tests.quicksight.postgres import running

PAGES = {
    "asset, overview": "/assets/quicksight/dashboard/requirements?view=overview",
    "asset, partitions": "/assets/quicksight/dashboard/requirements?view=partitions",
    "asset, events": "/assets/quicksight/dashboard/requirements?view=events",
    "lineage": "/asset-groups",
    "catalog": "/assets",
    "runs": "/runs",
    "sensors": "/automation",
}
FIRST = "A00000"
# The columns that a page finds an event by stand beside its text.
COPY = """
INSERT INTO event_logs (run_id, event, dagster_event_type, timestamp, step_key, asset_key, partition)
SELECT run_id, replace(event, %(first)s, name), dagster_event_type, timestamp + make_interval(secs => number / 1000.0),
       step_key, asset_key, name
FROM event_logs, (SELECT number, 'A' || lpad(number::text, 5, '0') AS name FROM generate_series(1, %(last)s) AS number)
    AS others
WHERE partition = %(first)s
"""


def fill(instance: dg.DagsterInstance, url: str, how_many: int) -> None:
    """Report every asset of as many assessments."""
    instance.add_dynamic_partitions(assessments.name or "", [f"A{number:05}" for number in range(how_many)])
    for key in sorted(defs.resolve_asset_graph().materializable_asset_keys):
        metadata = {"state": "built", "dagster/partition_row_count": 12, "rejected_rows": 0}
        instance.report_runless_asset_event(dg.AssetMaterialization(key, partition=FIRST, metadata=metadata))
    with contextlib.closing(psycopg2.connect(url)) as database, database, database.cursor() as cursor:
        cursor.execute(COPY, {"first": FIRST, "last": how_many - 1})
        print(f"{cursor.rowcount + cursor.rowcount // (how_many - 1)} events", end=", ")
    with contextlib.closing(psycopg2.connect(url)) as database, database.cursor() as cursor:
        database.autocommit = True
        cursor.execute("ANALYZE")
        cursor.execute("SELECT pg_total_relation_size('event_logs'), count(*) FROM event_logs")
        size, rows = cursor.fetchone() or (0, 1)
        print(f"{size / 1e6:.0f} MB with indexes, {size / rows:.0f} bytes an event")


@contextlib.contextmanager
def webserver(home: Path) -> Iterator[str]:
    """The code location and the webserver; the value is its address."""
    code, web = free_port(), free_port()
    workspace = home / "workspace.yaml"
    workspace.write_text((DEPLOY / "workspace.yaml").read_text().replace("4000", str(code)))
    commands = {
        "code": ["dagster", "api", "grpc", "-m", "qs_pipeline.definitions", "-h", HOST, "-p", str(code)],
        "web": ["dagster-webserver", "-h", HOST, "-p", str(web), "-w", str(workspace)],
    }
    started = [
        Program([str(BIN / words[0]), *words[1:]], environment=dict(os.environ), folder=home, log=home / f"{name}.log")
        for name, words in commands.items()
    ]
    url = f"http://{HOST}:{web}"
    try:
        started[0].start()
        assert until(lambda: listens(code), seconds=60)
        started[1].start()
        assert until(lambda: answers(f"{url}/server_info"), seconds=60), (home / "web.log").read_text()
        yield url
    finally:
        for each in reversed(started):
            each.end()


def opened(page: Page, address: str) -> tuple[float, str]:
    """Seconds until a page is there, and its slowest query."""
    queries: list[tuple[float, str]] = []

    def note(request: Request) -> None:
        if urlsplit(request.url).path == "/graphql":
            took = request.timing["responseEnd"] / 1000
            queries.append((took, str((request.post_data_json or {}).get("operationName"))))

    page.on("requestfinished", note)
    began = time.perf_counter()
    page.goto(address, wait_until="networkidle", timeout=120_000)
    seconds = time.perf_counter() - began - 0.5
    page.remove_listener("requestfinished", note)
    took, name = max(queries, default=(0.0, "none"))
    return seconds, f"{name} {took:.2f} s"


def main(how_many: int = 10_000) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, running() as server, sync_playwright() as playwright:
        home = Path(folder)
        (home / "dagster.yaml").write_text((DEPLOY / "dagster.one-host.yaml").read_text())
        told = {"DAGSTER_HOME": folder, "DAGSTER_POSTGRES_URL": server.url, "QS_CODE_HOST": HOST}
        with working_in(local_environment(os.environ, endpoint=f"http://{HOST}:9", home=home) | told):
            with dg.DagsterInstance.from_config(folder) as instance:
                fill(instance, server.url, how_many)
            with webserver(home) as url:
                browser = playwright.chromium.launch(
                    executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
                )
                page = browser.new_page(viewport={"width": 1600, "height": 1000})
                for name, path in PAGES.items():
                    (first, slowest), (second, _) = opened(page, url + path), opened(page, url + path)
                    print(f"{name:18} {first:5.1f} s, then {second:4.1f} s; {slowest}", flush=True)
                browser.close()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
