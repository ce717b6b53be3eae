"""An embedded AWS that serves the dashboard of a sample, made without Dagster."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from qs_pipeline.catalog import CATALOG
from qs_pipeline.dashboards.bind import bind
from qs_pipeline.dashboards.folder import load
from qs_pipeline.local_aws import LocalAws, Settings
from qs_pipeline.sample import Size, write_sample
from qs_pipeline_tests.benchmarks.tables import build
from qs_pipeline_tests.local_aws.world import ACCOUNT, BUCKET, Clock, World, table_maps

DEFINITIONS = Path(__file__).parents[2] / "definitions"
DASHBOARD = "RD-Assessment-2002"


@dataclass(frozen=True, kw_only=True)
class Served:
    """A published dashboard: where it is served, and the folder of the CSVs that its data sets hold."""

    url: str
    tables: Path
    world: World
    definition: dict[str, Any]

    @property
    def address(self) -> str:
        """The page of the dashboard."""
        return f"{self.url}/dashboards/{DASHBOARD}"


def publish(local: LocalAws, folder: Path, size: Size) -> Served:
    """Make the tables of a sample, load them into data sets, and publish the whole dashboard over them."""
    files = write_sample(folder / "uploads", assessment="2002", size=size, seed=7)
    tables = folder / "tables"
    tables.mkdir()
    build({path.stem: path for path in files if CATALOG.upload_for(path.name)}, tables)
    world = World(local.url, Clock(), "test")
    world.s3.create_bucket(Bucket=BUCKET)
    arns: dict[str, str] = {}
    for table in CATALOG.tables:
        mapped = json.loads((DEFINITIONS / "datasets" / f"{table.name}.json").read_text())
        columns = {column["name"]: column["type"] for column in mapped["columns"]}
        source = world.table(table.name.replace("_", "-"), (tables / f"{table.name}.csv").read_text())
        arns[table.name] = world.data_set_of(table.name, table_maps(source, columns))["Arn"]
    definition: Any = bind(load(DEFINITIONS / "dashboard"), arns)
    world.qs.create_dashboard(AwsAccountId=ACCOUNT, DashboardId=DASHBOARD, Name="A dashboard", Definition=definition)
    return Served(url=local.url, tables=tables, world=world, definition=definition)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The medium sample; ingestions and builds are done at the first look."""
    start = time.time()
    settings = Settings(user_rate=1e6, account_rate=1e6, permission_rate=1e6, ingestion_seconds=0, build_seconds=0)
    with LocalAws(home=tmp_path_factory.mktemp("aws"), settings=settings, clock=lambda: start) as local:
        yield publish(local, tmp_path_factory.mktemp("sample"), "medium")
