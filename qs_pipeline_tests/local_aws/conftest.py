"""An embedded AWS whose clock the test moves, and a small world on it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qs_pipeline.local_aws import LocalAws, Settings
from qs_pipeline_tests.local_aws.world import BUCKET, Clock, World


@pytest.fixture
def clock() -> Clock:
    """Starts in 2023, and stands."""
    return Clock()


@pytest.fixture
def settings() -> Settings:
    """Ingestions take 10 s and builds 20 s of the test's own clock; a module may say otherwise."""
    return Settings(
        user_rate=1e6, account_rate=1e6, permission_rate=1e6, ingestion_seconds=10, build_seconds=20, refreshes_a_day=3
    )


@pytest.fixture
def waited() -> list[float]:
    """What the fault plan's delays would have waited (seconds)."""
    return []


@pytest.fixture
def start(tmp_path: Path, clock: Clock, settings: Settings, waited: list[float]) -> Callable[[], LocalAws]:
    """Makes an embedded AWS on the test's one home; a second one, after the first has stopped, is a restart."""
    return lambda: LocalAws(home=tmp_path / "home", settings=settings, clock=clock, sleep=waited.append)


@pytest.fixture
def local(start: Callable[[], LocalAws]) -> Iterator[LocalAws]:
    """A running one."""
    with start() as running:
        yield running


@pytest.fixture
def connect(clock: Clock) -> Callable[..., World]:
    """Clients of a URL, with the access key ``test`` or another."""
    return lambda url, access_key="test": World(url, clock, access_key)


@pytest.fixture
def world(local: LocalAws, connect: Callable[..., World]) -> World:
    """Clients of the running one, with a bucket."""
    made = connect(local.url)
    made.s3.create_bucket(Bucket=BUCKET)
    return made


@pytest.fixture
def ready(world: World) -> World:
    """The world with the data set that the definition shows."""
    world.data_set("t", "id,n,day\nx,1,2024-01-02\n", {"id": "STRING", "n": "INTEGER", "day": "DATETIME"})
    return world
