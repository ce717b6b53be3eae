"""What a call to the embedded QuickSight takes over HTTP, empty and with 1,000 data sets and 100 dashboards.

Run it as a script. It prints the median milliseconds of every operation that the client uses, and of lists and
searches, at both sizes; the limit is 3 ms from the request's first byte to the reply's last. Beside it stands what a
caller waits at the larger size: signing, and above all boto3's reading of the reply, are the client's own and in no
limit.
"""

import http.client
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from qs_pipeline.local_aws import LocalAws, Settings
from qs_pipeline_tests.local_aws.world import ACCOUNT, Clock, World, table_maps

DATA_SETS = 1_000
DASHBOARDS = 100
REPEATS = 60
LIMIT_MS = 3.0
COLUMNS = {f"column {number}": "STRING" for number in range(20)}
CSV = f"{','.join(COLUMNS)}\n{','.join('x' for _ in COLUMNS)}\n"
SETTINGS = Settings(
    user_rate=1e9,
    account_rate=1e9,
    permission_rate=1e9,
    ingestion_seconds=1e9,
    build_seconds=0,
    refreshes_a_day=1_000_000,
)
ARN = f"arn:aws:quicksight:us-east-1:{ACCOUNT}"
OWNER = f"{ARN}:user/default/local"


def serve(home: str, control: Connection) -> None:
    """An embedded AWS in this process, until told to stop."""
    with LocalAws(home=Path(home), settings=SETTINGS) as aws:
        control.send(aws.url)
        control.recv()


class Wire:
    """What sends the requests of a boto3 client, with a watch in its hand.

    Attributes:
        taken: Milliseconds of the last request.
    """

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc)
        self.taken = 0.0

    def __call__(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        """A handler of ``before-send``: its answer is taken for the reply, and nothing else is sent."""
        parts = urlsplit(request.url)
        before = time.perf_counter()
        self._connection.request(
            request.method,
            f"{parts.path}?{parts.query}" if parts.query else parts.path,
            body=request.body,  # pyright: ignore[reportArgumentType] - bytes or nothing
            headers={name: _text(value) for name, value in request.headers.items()},
        )
        reply = self._connection.getresponse()
        body = reply.read()
        self.taken = (time.perf_counter() - before) * 1e3
        return AWSResponse(request.url, reply.status, dict(reply.headers), _Raw(body))


class _Raw:
    """A body as botocore wants to read it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        """All of it."""
        yield self._body


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def milliseconds(wire: Wire, call: Callable[[], object]) -> tuple[float, float]:
    """The medians of many calls after one that warms up: on the wire, and in all."""
    call()
    on_wire: list[float] = []
    in_all: list[float] = []
    for _ in range(REPEATS):
        before = time.perf_counter()
        call()
        in_all.append((time.perf_counter() - before) * 1e3)
        on_wire.append(wire.taken)
    return statistics.median(on_wire), statistics.median(in_all)


def fill(world: World, start: int, data_sets: int, dashboards: int) -> None:
    """Make data sets, each with a data source of its own, and dashboards over them, all granted to one owner."""
    for number in range(start, start + data_sets):
        maps = table_maps(world.data_source(f"s{number}-source", "t.json"), COLUMNS)
        grant = [{"Principal": OWNER, "Actions": ["quicksight:UpdateDataSet"]}]
        world.data_set_of(f"s{number}", maps, Permissions=grant)
    for number in range(start, start + dashboards):
        definition = {"DataSetIdentifierDeclarations": [{"Identifier": "T", "DataSetArn": f"{ARN}:dataset/s{number}"}]}
        world.qs.create_dashboard(
            AwsAccountId=ACCOUNT, DashboardId=f"d{number}", Name=f"d{number}", Definition=definition
        )


def calls(world: World, number: Iterator[int]) -> dict[str, Callable[[], object]]:
    """What is measured; ``number`` makes new ids. What is deleted was made by the measurement before it."""
    qs: Any = world.qs
    account = {"AwsAccountId": ACCOUNT}
    source, data_set = {**account, "DataSourceId": "s0-source"}, {**account, "DataSetId": "s0"}
    board = {**account, "DashboardId": "d0"}
    place = {"S3Parameters": {"ManifestFileLocation": {"Bucket": "bucket", "Key": "t.json"}}}
    maps = table_maps(f"{ARN}:datasource/s0-source", COLUMNS)
    definition = {"DataSetIdentifierDeclarations": [{"Identifier": "T", "DataSetArn": f"{ARN}:dataset/s0"}]}
    tags = [{"Key": "k", "Value": "v"}]
    grant = [{"Principal": OWNER, "Actions": ["quicksight:DescribeDashboard"]}]
    like = [{"Name": "DATASET_NAME", "Operator": "StringLike", "Value": "nowhere"}]
    owned = [{"Name": "QUICKSIGHT_OWNER", "Operator": "StringEquals", "Value": OWNER}]
    made: dict[str, list[str]] = {"source": [], "set": [], "board": []}

    def new(kind: str) -> str:
        made[kind].append(f"new-{kind}-{next(number)}")
        return made[kind][-1]

    def started() -> dict[str, str]:
        return qs.create_ingestion(**data_set, IngestionId=f"i{next(number)}")

    first = started()["IngestionId"]
    return {
        "CreateDataSource": lambda: qs.create_data_source(
            **account, DataSourceId=new("source"), Name="n", Type="S3", DataSourceParameters=place, Tags=tags
        ),
        "UpdateDataSource": lambda: qs.update_data_source(**source, Name="n", DataSourceParameters=place),
        "CreateDataSet": lambda: qs.create_data_set(
            **account, DataSetId=new("set"), Name="n", ImportMode="SPICE", Tags=tags, **maps
        ),
        "UpdateDataSet": lambda: qs.update_data_set(
            **account, DataSetId=made["set"][0], Name="n", ImportMode="SPICE", **maps
        ),
        "DescribeDataSet": lambda: qs.describe_data_set(**data_set),
        "CreateIngestion": started,
        "DescribeIngestion": lambda: qs.describe_ingestion(**data_set, IngestionId=first),
        "ListIngestions": lambda: qs.list_ingestions(**data_set),
        "CreateDashboard": lambda: qs.create_dashboard(
            **account, DashboardId=new("board"), Name="n", Definition=definition, Tags=tags
        ),
        "UpdateDashboard": lambda: qs.update_dashboard(**board, Name="n", Definition=definition),
        "DescribeDashboard": lambda: qs.describe_dashboard(**board),
        "DescribeDashboardDefinition": lambda: qs.describe_dashboard_definition(**board),
        "UpdateDashboardPublishedVersion": lambda: qs.update_dashboard_published_version(**board, VersionNumber=1),
        "ListDashboardVersions": lambda: qs.list_dashboard_versions(**board),
        "ListTagsForResource": lambda: qs.list_tags_for_resource(ResourceArn=f"{ARN}:dataset/s0"),
        "TagResource": lambda: qs.tag_resource(ResourceArn=f"{ARN}:dataset/s0", Tags=tags),
        "UntagResource": lambda: qs.untag_resource(ResourceArn=f"{ARN}:dataset/s0", TagKeys=["k"]),
        "DescribeDashboardPermissions": lambda: qs.describe_dashboard_permissions(**board),
        "UpdateDashboardPermissions": lambda: qs.update_dashboard_permissions(**board, GrantPermissions=grant),
        "DeleteDashboard": lambda: qs.delete_dashboard(**account, DashboardId=made["board"].pop()),
        "DeleteDataSet": lambda: qs.delete_data_set(**account, DataSetId=made["set"].pop()),
        "DeleteDataSource": lambda: qs.delete_data_source(**account, DataSourceId=made["source"].pop()),
        "ListDataSources, a page of 100": lambda: qs.list_data_sources(**account),
        "ListDataSets, a page of 100": lambda: qs.list_data_sets(**account),
        "ListDashboards, a page of 100": lambda: qs.list_dashboards(**account),
        "SearchDataSets, nothing found": lambda: qs.search_data_sets(**account, Filters=like),
        "SearchDataSets, all of an owner": lambda: qs.search_data_sets(**account, Filters=owned),
    }


def main() -> None:
    """Measure and print."""
    spawning = multiprocessing.get_context("spawn")
    control, theirs = spawning.Pipe()
    with tempfile.TemporaryDirectory() as home:
        process = spawning.Process(target=serve, args=(home, theirs))
        process.start()
        url = control.recv()
        world, wire, number = World(url, Clock(), "key", check=False), Wire(url), count()
        world.qs.meta.events.register("before-send.quicksight", wire)
        world.s3.create_bucket(Bucket="bucket")
        world.put("t.csv", CSV.encode())
        world.manifest("t.json", "t.csv")
        fill(world, 0, 1, 1)
        few = {name: milliseconds(wire, call) for name, call in calls(world, number).items()}
        fill(world, 1, DATA_SETS - 1, DASHBOARDS - 1)
        many = {name: milliseconds(wire, call) for name, call in calls(world, number).items()}
        pages = world.qs.get_paginator("list_data_sets").paginate(AwsAccountId=ACCOUNT)
        assert sum(len(page["DataSetSummaries"]) for page in pages) >= DATA_SETS
        control.send("stop")
        process.join()
    print(f"{'milliseconds a call':34}{'1 data set':>12}{f'{DATA_SETS} and {DASHBOARDS}':>14}{'with boto3':>12}")
    for name, (alone, _) in few.items():
        on_wire, in_all = many[name]
        print(f"{name:34}{alone:12.2f}{on_wire:14.2f}{in_all:12.2f}  {'' if on_wire <= LIMIT_MS else 'above'}")
    slowest = max(many, key=lambda name: many[name][0])
    print(f"slowest: {slowest}, {many[slowest][0]:.2f} ms (limit {LIMIT_MS})")


if __name__ == "__main__":
    main()
