"""What a call to the embedded QuickSight takes through boto3, empty and with 1,000 data sets and 100 dashboards.

Run it as a script. It prints the median milliseconds of each call at both sizes; the limit is 3 ms, but for pages of a
hundred, which are measured beside it. The client's own work is within the figure.
"""

import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from qs_pipeline.local_aws import LocalAws, Settings
from qs_pipeline_tests.local_aws.world import ACCOUNT, Clock, World, table_maps

DATA_SETS = 1_000
DASHBOARDS = 100
REPEATS = 60
LIMIT_MS = 3.0
COLUMNS = {f"column {number}": "STRING" for number in range(20)}
CSV = f"{','.join(COLUMNS)}\n{','.join('x' for _ in COLUMNS)}\n"
SETTINGS = Settings(user_rate=1e9, account_rate=1e9, permission_rate=1e9, ingestion_seconds=1e9, build_seconds=0)


def serve(home: str, control: Connection) -> None:
    """An embedded AWS in this process, until told to stop."""
    with LocalAws(home=Path(home), settings=SETTINGS) as aws:
        control.send(aws.url)
        control.recv()


def milliseconds(call: Callable[[], object]) -> float:
    """The median of many calls, after one that warms up."""
    call()
    taken: list[float] = []
    for _ in range(REPEATS):
        before = time.perf_counter()
        call()
        taken.append((time.perf_counter() - before) * 1e3)
    return statistics.median(taken)


def fill(world: World, start: int, data_sets: int, dashboards: int) -> None:
    """Make data sets, each with a data source of its own, and dashboards over them."""
    for number in range(start, start + data_sets):
        world.data_set_of(f"s{number}", table_maps(world.data_source(f"s{number}-source", "t.json"), COLUMNS))
    for number in range(start, start + dashboards):
        arn = f"arn:aws:quicksight:us-east-1:{ACCOUNT}:dataset/s{number}"
        definition = {"DataSetIdentifierDeclarations": [{"Identifier": "T", "DataSetArn": arn}]}
        world.qs.create_dashboard(
            AwsAccountId=ACCOUNT, DashboardId=f"d{number}", Name=f"d{number}", Definition=definition
        )


def calls(world: World) -> dict[str, Callable[[], object]]:
    """What is measured."""
    qs, account = world.qs, {"AwsAccountId": ACCOUNT}
    arn = f"arn:aws:quicksight:us-east-1:{ACCOUNT}:dataset/s0"
    place = {"S3Parameters": {"ManifestFileLocation": {"Bucket": "bucket", "Key": "t.json"}}}
    maps = table_maps(f"arn:aws:quicksight:us-east-1:{ACCOUNT}:datasource/s0-source", COLUMNS)
    like = [{"Name": "DATASET_NAME", "Operator": "StringLike", "Value": "nowhere"}]
    return {
        "DescribeDataSource": lambda: qs.describe_data_source(**account, DataSourceId="s0-source"),
        "UpdateDataSource": lambda: qs.update_data_source(
            **account, DataSourceId="s0-source", Name="n", DataSourceParameters=place
        ),
        "DescribeDataSet": lambda: qs.describe_data_set(**account, DataSetId="s0"),
        "UpdateDataSet": lambda: qs.update_data_set(**account, DataSetId="s0", Name="n", ImportMode="SPICE", **maps),
        "DescribeDashboard": lambda: qs.describe_dashboard(**account, DashboardId="d0"),
        "UpdateDashboardPublishedVersion": lambda: qs.update_dashboard_published_version(
            **account, DashboardId="d0", VersionNumber=1
        ),
        "ListTagsForResource": lambda: qs.list_tags_for_resource(ResourceArn=arn),
        "ListDataSets, 10 a page": lambda: qs.list_data_sets(**account, MaxResults=10),
        "ListDashboards, 10 a page": lambda: qs.list_dashboards(**account, MaxResults=10),
        "ListDataSets, a page of 100": lambda: qs.list_data_sets(**account),
        "SearchDataSets, nothing found": lambda: qs.search_data_sets(**account, Filters=like),
    }


def main() -> None:
    """Measure and print."""
    spawning = multiprocessing.get_context("spawn")
    control, theirs = spawning.Pipe()
    with tempfile.TemporaryDirectory() as home:
        process = spawning.Process(target=serve, args=(home, theirs))
        process.start()
        world = World(control.recv(), Clock(), "key", check=False)
        world.s3.create_bucket(Bucket="bucket")
        world.put("t.csv", CSV.encode())
        world.manifest("t.json", "t.csv")
        fill(world, 0, 1, 1)
        few = {name: milliseconds(call) for name, call in calls(world).items()}
        before = time.perf_counter()
        fill(world, 1, DATA_SETS - 1, DASHBOARDS - 1)
        each = (time.perf_counter() - before) * 1e3 / (2 * DATA_SETS + DASHBOARDS)
        many = {name: milliseconds(call) for name, call in calls(world).items()}
        pages = world.qs.get_paginator("list_data_sets").paginate(AwsAccountId=ACCOUNT)
        assert sum(len(page["DataSetSummaries"]) for page in pages) == DATA_SETS
        control.send("stop")
        process.join()
    print(f"{'milliseconds a call':34}{'1 data set':>12}{f'{DATA_SETS} and {DASHBOARDS}':>14}  limit {LIMIT_MS}")
    for name, alone in few.items():
        print(f"{name:34}{alone:12.2f}{many[name]:14.2f}  {'' if many[name] <= LIMIT_MS else 'above'}")
    print(f"{'making them, a call':34}{'':12}{each:14.2f}")


if __name__ == "__main__":
    main()
