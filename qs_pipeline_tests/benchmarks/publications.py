"""How near publications come to the rate: ``python qs_pipeline_tests/benchmarks/publications.py [DATA_SETS]``.

Twenty assessments are published by four processes at 5 calls a second, by one principal, each with its data sets and a
dashboard: the part of a publication that talks to QuickSight, without Dagster and tables. Printed are the calls, the
seconds, and how much longer they took than calls / rate; refused calls must be none. The embedded AWS runs at
QuickSight's own rates, in a process of its own.
"""

import json
import multiprocessing
import multiprocessing.synchronize
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from qs_pipeline.quicksight.client import QuickSightClient, make_boto3_client
from qs_pipeline.quicksight.errors import QuickSightError
from qs_pipeline.quicksight.grants import Grants
from qs_pipeline.quicksight.loading import Load
from qs_pipeline.quicksight.names import Account, DashboardNames, TableNames
from qs_pipeline.quicksight.sqlite_turns import SqliteRateLimiter
from qs_pipeline.quicksight.table_map import Column, TableMap
from qs_pipeline.quicksight.throttle import Rates
from qs_pipeline_tests.quicksight.postgres import free_port

ACCOUNT = Account(account_id="123456789012", region="us-east-1")
ASSESSMENTS = [f"A{n}" for n in range(20)]
PROCESSES = 4
RATE = 5.0
CSV = "Name,Days\nDepot,3\nPort,4\n"
COLUMNS = (Column(name="Name", type="STRING"), Column(name="Days", type="INTEGER"))


def session() -> boto3.Session:
    """Of the one principal."""
    return boto3.Session(region_name="us-east-1", aws_access_key_id="one", aws_secret_access_key="one")


def definition(assessment: str) -> dict[str, Any]:
    """One sheet with one table over the first data set."""
    arn = ACCOUNT.data_set_arn(TableNames(table="T0", assessment=assessment))
    field = {"FieldId": "f", "Column": {"DataSetIdentifier": "T0", "ColumnName": "Name"}}
    wells = {"TableUnaggregatedFieldWells": {"Values": [field]}}
    return {
        "DataSetIdentifierDeclarations": [{"Identifier": "T0", "DataSetArn": arn}],
        "Sheets": [
            {
                "SheetId": "s",
                "Name": "S",
                "Visuals": [{"TableVisual": {"VisualId": "v", "ChartConfiguration": {"FieldWells": wells}}}],
            }
        ],
    }


def publish(
    url: str, limiter: Path, assessments: list[str], data_sets: int, ready: "multiprocessing.synchronize.Barrier"
) -> None:
    """What one process does: its assessments, one after another."""
    config = Config(retries={"mode": "standard", "total_max_attempts": 6})
    turns = SqliteRateLimiter(limiter, rates=Rates(principal=RATE))
    os.environ["AWS_ENDPOINT_URL"] = url
    api = make_boto3_client(session(), config=config, limiter=turns, principal="one", account_id=ACCOUNT.account_id)
    client = QuickSightClient(api, account=ACCOUNT, grants=Grants())
    ready.wait(60)
    for assessment in assessments:
        loads = [
            Load(
                names=TableNames(table=f"T{n}", assessment=assessment),
                table_map=TableMap(table=f"T{n}", columns=COLUMNS),
                manifest=("bucket", "T.json"),
                rows=2,
                label="content",
                exists=False,
            )
            for n in range(data_sets)
        ]
        for loaded in client.load(loads, deadline_seconds=600, poll_seconds=1.0):
            if isinstance(loaded.end, QuickSightError):
                raise loaded.end
        client.publish_dashboard(
            DashboardNames(assessment=assessment),
            definition(assessment),
            exists=False,
            version_description="benchmark",
            deadline_seconds=600,
        )


def stats(url: str) -> dict[str, Any]:
    """The tally of the embedded AWS."""
    with urllib.request.urlopen(f"{url}/_qs/stats") as reply:
        return json.load(reply)


def wait_until_up(url: str) -> None:
    """Return when the embedded AWS answers."""
    for _ in range(200):
        try:
            stats(url)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(url)


def main(data_sets: int) -> None:
    """Print the line."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        server = subprocess.Popen(
            [sys.executable, "-m", "qs_pipeline.local_aws", "--home", f"{folder}/aws", "--port", str(port)]
        )
        try:
            wait_until_up(url)
            s3: Any = session().client("s3", endpoint_url=url)
            s3.create_bucket(Bucket="bucket")
            s3.put_object(Bucket="bucket", Key="T.csv", Body=CSV.encode())
            manifest = {"fileLocations": [{"URIs": ["s3://bucket/T.csv"]}]}
            s3.put_object(Bucket="bucket", Key="T.json", Body=json.dumps(manifest).encode())
            context = multiprocessing.get_context("spawn")
            ready = context.Barrier(PROCESSES + 1)
            workers = [
                context.Process(
                    target=publish,
                    args=(url, Path(folder) / "limiter.sqlite", ASSESSMENTS[n::PROCESSES], data_sets, ready),
                )
                for n in range(PROCESSES)
            ]
            for worker in workers:
                worker.start()
            ready.wait(60)
            start = time.monotonic()
            for worker in workers:
                worker.join()
            seconds = time.monotonic() - start
            tally = stats(url)
        finally:
            server.terminate()
            server.wait()
    if any(worker.exitcode for worker in workers):
        raise SystemExit("a publication failed; see above")
    polls = tally["operations"]["DescribeIngestion"]["calls"] - data_sets * len(ASSESSMENTS)
    print(
        f"{len(ASSESSMENTS)} assessments of {data_sets} data sets by {PROCESSES} processes: {tally['calls']} calls "
        f"({polls} looks beyond the first), {tally['throttled']} refused, {seconds:.1f} s, "
        f"{seconds / (tally['calls'] / RATE):.2f} times calls / {RATE:g}"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
