"""The storage of one host: files of Dagster with connections that are kept."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from qs_pipeline.service.supervisor import make_instance, open_instance
from qs_pipeline_tests.conftest import ask


@contextmanager
def stock(home: Path) -> Iterator[dg.DagsterInstance]:
    """The same files through Dagster's own storage."""
    (home / "dagster" / "stock.yaml").write_text("telemetry: {enabled: false}")
    with dg.DagsterInstance.from_config(str(home / "dagster"), "stock.yaml") as instance:
        yield instance


def test_queries_go_through_a_connection_for_each_file(tmp_path: Path, connections: list[object]) -> None:
    make_instance(tmp_path)
    with open_instance(tmp_path) as instance:
        ask(instance, 1)
        connections.clear()
        ask(instance, 10)
        assert not connections
    assert "DAGSTER_HOME" not in os.environ


def test_stock_storage_still_opens_one_for_every_query(tmp_path: Path, connections: list[object]) -> None:
    make_instance(tmp_path)
    with stock(tmp_path) as instance:
        ask(instance, 1)
        connections.clear()
        ask(instance, 10)
    assert len(connections) >= 30, "a pool of our own is no longer needed: drop qs_pipeline/sqlite_storage.py"


def test_what_either_storage_wrote_the_other_finds(tmp_path: Path) -> None:
    make_instance(tmp_path)
    with stock(tmp_path) as instance:
        instance.report_runless_asset_event(dg.AssetMaterialization("early", partition="2002"))
    with open_instance(tmp_path) as instance:
        assert instance.get_materialized_partitions(dg.AssetKey("early")) == {"2002"}
        instance.report_runless_asset_event(dg.AssetMaterialization("late", partition="2002"))
    with stock(tmp_path) as instance:
        assert instance.get_materialized_partitions(dg.AssetKey("late")) == {"2002"}


def test_many_threads_of_two_instances_lose_nothing(tmp_path: Path) -> None:
    make_instance(tmp_path)
    names = [f"asset_{number}" for number in range(100)]
    with open_instance(tmp_path) as one, open_instance(tmp_path) as other, ThreadPoolExecutor(8) as threads:

        def report(name: str) -> None:
            instance = one if int(name[6:]) % 2 else other
            instance.report_runless_asset_event(dg.AssetMaterialization(name))
            instance.get_latest_materialization_event(dg.AssetKey(name))

        list(threads.map(report, names))
        assert {key.to_user_string() for key in one.all_asset_keys()} == set(names)
