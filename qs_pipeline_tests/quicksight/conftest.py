"""The client on an embedded AWS; both live by one clock, which only a sleeping client moves."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from qs_pipeline.local_aws import LocalAws, Settings
from qs_pipeline.quicksight.client import QuickSightClient, make_boto3_client
from qs_pipeline.quicksight.grants import Grants
from qs_pipeline.quicksight.names import Account, TableNames
from qs_pipeline.quicksight.sqlite_turns import SqliteRateLimiter
from qs_pipeline.quicksight.table_map import Column, TableMap
from qs_pipeline.quicksight.throttle import Rates
from qs_pipeline_tests.quicksight.clocks import Clock

BUCKET = "bucket"
ACCOUNT = Account(account_id="123456789012", region="us-east-1")
OWNER = "arn:aws:quicksight:us-east-1:123456789012:user/default/owner"
VIEWER = "arn:aws:quicksight:us-east-1:123456789012:group/default/viewers"
COLUMNS = TableMap(
    table="POS",
    columns=(
        Column(name="Name", type="STRING"),
        Column(name="State", type="STRING", geographic_role="STATE"),
        Column(name="Days", type="INTEGER"),
    ),
)
CSV = "Name,State,Days\nDepot,TX,3\nPort,CA,4\n"


class Site:
    """The client, the embedded AWS below it, and the shortest way to a published table."""

    def __init__(self, aws: LocalAws, clock: Clock, limiter_file: Path, session: boto3.Session) -> None:
        config = Config(retries={"mode": "standard", "total_max_attempts": 2})
        self.aws = aws
        self.clock = clock
        self.s3: Any = session.client("s3", endpoint_url=aws.url)  # pyright: ignore[reportUnknownMemberType]
        self.s3.create_bucket(Bucket=BUCKET)
        limiter = SqliteRateLimiter(limiter_file, rates=Rates(), clock=clock, sleep=clock.sleep)
        self.api: Any = make_boto3_client(
            session, config=config, limiter=limiter, principal="test", account_id=ACCOUNT.account_id
        )
        self.client = QuickSightClient(
            self.api,
            account=ACCOUNT,
            grants=Grants(owners=(OWNER,), viewers=(VIEWER,)),
            clock=clock,
            sleep=clock.sleep,
        )

    def upload(self, table: str = "POS", csv: str = CSV, assessment: str = "A1") -> TableNames:
        """The table's CSV and its manifest, in the bucket."""
        files = {"fileLocations": [{"URIs": [f"s3://{BUCKET}/{table}.csv"]}]}
        self.s3.put_object(Bucket=BUCKET, Key=f"{table}.csv", Body=csv.encode())
        self.s3.put_object(Bucket=BUCKET, Key=f"{table}.json", Body=json.dumps(files).encode())
        return TableNames(table=table, assessment=assessment)

    def publish(self, table: str = "POS", csv: str = CSV, assessment: str = "A1") -> TableNames:
        """A table with all its rows in SPICE."""
        names = self.upload(table, csv, assessment)
        self.client.put_data_source(names, BUCKET, f"{table}.json", exists=False)
        handle = self.client.put_data_set(names, COLUMNS, exists=False)
        for _ in self.client.wait_for_ingestions([handle], deadline_seconds=60):
            pass
        return names

    def calls(self) -> dict[str, int]:
        """How often each operation has been called."""
        return {name: counts["calls"] for name, counts in self.aws.stats()["operations"].items()}

    def new_calls(self, before: dict[str, int]) -> dict[str, int]:
        """How often each operation has been called since ``before``."""
        since = {name: calls - before.get(name, 0) for name, calls in self.calls().items()}
        return {name: calls for name, calls in since.items() if calls}


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """One for all tests, since it keeps the service models, whose reading takes longer than most tests."""
    return boto3.Session(region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")


@pytest.fixture
def clock() -> Clock:
    """The one clock."""
    return Clock(1_700_000_000.0)


@pytest.fixture
def settings() -> Settings:
    """The real rates; ingestions take 10 and builds 20 seconds of the clock."""
    return Settings(ingestion_seconds=10, build_seconds=20, refreshes_a_day=2)


@pytest.fixture
def site(
    tmp_path: Path, clock: Clock, settings: Settings, session: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Site]:
    """A client and its embedded AWS."""
    with LocalAws(home=tmp_path / "aws", settings=settings, clock=clock, sleep=clock.sleep) as aws:
        monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
        yield Site(aws, clock, tmp_path / "limiter.db", session)
