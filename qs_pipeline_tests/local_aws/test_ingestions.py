"""Ingestions read the files for real, one at a time, within the day's quota; old rows serve until the new are in."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from qs_pipeline.local_aws import LocalAws, Settings
from qs_pipeline_tests.local_aws.world import ACCOUNT as A
from qs_pipeline_tests.local_aws.world import Clock, World, table_maps

CSV = "id,n\nx,1\ny,2\n"
COLUMNS = {"id": "STRING", "n": "INTEGER"}


def _refresh(world: World, name: str) -> dict[str, Any]:
    return world.qs.create_ingestion(AwsAccountId=A, DataSetId="t", IngestionId=name)


def _failure(world: World, csv: str, columns: dict[str, str] = COLUMNS) -> dict[str, Any]:
    """The ``ErrorInfo`` that ingesting ``csv`` ends in."""
    started = world.data_set("t", csv, columns)
    world.clock.now += 10
    ended = world.ingestion("t", started["IngestionId"])
    assert ended["IngestionStatus"] == "FAILED"
    assert "RowInfo" not in ended
    return ended["ErrorInfo"]


def test_creating_a_data_set_starts_an_ingestion_that_runs_and_completes(world: World, local: LocalAws) -> None:
    started = world.data_set("t", CSV, COLUMNS)
    assert started["IngestionArn"].endswith(f":dataset/t/ingestion/{started['IngestionId']}")
    assert world.ingestion("t", started["IngestionId"])["IngestionStatus"] == "INITIALIZED"
    world.clock.now += 5
    running = world.ingestion("t", started["IngestionId"])
    assert running["IngestionStatus"] == "RUNNING"
    assert "RowInfo" not in running
    world.clock.now += 5
    ended = world.ingestion("t", started["IngestionId"])
    assert ended["IngestionStatus"] == "COMPLETED"
    assert ended["RowInfo"] == {"RowsIngested": 2, "RowsDropped": 0, "TotalRowsInDataset": 2}
    assert ended["RequestType"] == "INITIAL_INGESTION"
    assert local.rows("t").rows() == [("x", 1), ("y", 2)]


def test_cells_are_cast_and_a_row_with_an_uncastable_cell_is_dropped(world: World, local: LocalAws) -> None:
    good = 'i,d,t,s\n1,0.5,2024-01-02,"a ""b"", c"\n,,,\n'
    csv = f"{good}q,1,2024-01-02,bad integer\n1,nan,,bad decimal\n1,1,soon,bad date\n"
    started = world.data_set("t", csv, {"i": "INTEGER", "d": "DECIMAL", "t": "DATETIME", "s": "STRING"})
    world.clock.now += 10
    assert world.ingestion("t", started["IngestionId"])["RowInfo"]["RowsDropped"] == 3
    day = datetime(2024, 1, 2)  # noqa: DTZ001 - SPICE knows no zones
    assert local.rows("t").rows() == [(1, 0.5, day, 'a "b", c'), (None, None, None, None)]


def test_a_decimal_has_four_places_unless_it_is_a_float(world: World, local: LocalAws) -> None:
    cells = "1.00005,1.00005,1.00005\n-0.00004,-0.00004,-0.00004\n,,\n"
    source = world.table("t", f"untold,fixed,float\n{cells}")
    casts = [
        {"CastColumnTypeOperation": {"ColumnName": name, "NewColumnType": "DECIMAL", **more}}
        for name, more in (("untold", {}), ("fixed", {"SubType": "FIXED"}), ("float", {"SubType": "FLOAT"}))
    ]
    made = table_maps(source, {"untold": "STRING", "fixed": "STRING", "float": "STRING"}, *casts)
    world.data_set_of("t", made)
    world.clock.now += 10
    assert local.rows("t").rows() == [(1.0001, 1.0001, 1.00005), (0.0, 0.0, -0.00004), (None, None, None)]


def test_a_date_format_of_ones_own_is_followed(
    world: World,
    local: LocalAws,
) -> None:
    source = world.table("t", "t\n02.01.2024 03:04\n")
    cast = {"ColumnName": "t", "NewColumnType": "DATETIME", "Format": "dd.MM.yyyy HH:mm"}
    made = table_maps(source, {"t": "STRING"}, {"CastColumnTypeOperation": cast})
    world.data_set_of("t", made)
    world.clock.now += 10
    assert local.rows("t").rows() == [(datetime(2024, 1, 2, 3, 4),)]  # noqa: DTZ001 - as above


def test_columns_are_matched_by_name_not_by_place(world: World, local: LocalAws) -> None:
    world.data_set("t", "more,n,id\nz,1,x\n", COLUMNS)
    world.clock.now += 10
    assert local.rows("t").rows() == [("x", 1)]


def test_a_missing_column_fails_naming_what_is_wanted_and_what_is_there(world: World) -> None:
    error = _failure(world, "id,m\nx,1\n")
    assert error["Type"] == "SQL_SCHEMA_MISMATCH_ERROR"
    assert "['n']" in error["Message"]
    assert "['m']" in error["Message"]


@pytest.mark.parametrize(
    ("csv", "kind"),
    [
        ("id,id,n\n1,2,3\n", "DUPLICATE_COLUMN_NAMES_FOUND"),
        ("\ufeffid,n\nx,1\n", "SQL_SCHEMA_MISMATCH_ERROR"),
        ("", "SQL_SCHEMA_MISMATCH_ERROR"),
    ],
    ids=["columns twice", "byte order mark", "empty"],
)
def test_a_broken_file_fails_the_ingestion(world: World, csv: str, kind: str) -> None:
    assert _failure(world, csv)["Type"] == kind


def test_rows_of_too_many_cells_are_skipped_and_counted_and_those_of_too_few_are_filled_with_null(
    world: World, local: LocalAws
) -> None:
    started = world.data_set("t", 'id,n\nx,1\ny,2,too,many\n"a, ""b"",\nc",3\nz\n', COLUMNS)
    world.clock.now += 10
    ended = world.ingestion("t", started["IngestionId"])
    assert (ended["IngestionStatus"], "ErrorInfo" in ended) == ("COMPLETED", False)
    assert ended["RowInfo"] == {"RowsIngested": 3, "RowsDropped": 1, "TotalRowsInDataset": 3}
    assert local.rows("t").rows() == [("x", 1), ('a, "b",\nc', 3), ("z", None)]


def test_a_file_without_rows_is_ingested(world: World, local: LocalAws) -> None:
    world.data_set("t", "id,n\n", COLUMNS)
    world.clock.now += 10
    assert local.rows("t").rows() == []


def test_files_and_manifests_that_vanish_fail_the_ingestion(world: World) -> None:
    world.data_set("t", CSV, COLUMNS)
    world.clock.now += 10
    world.s3.delete_object(Bucket="bucket", Key="t.csv")
    _refresh(world, "no-file")
    world.clock.now += 10
    assert world.ingestion("t", "no-file")["ErrorInfo"]["Type"] == "S3_UPLOADED_FILE_DELETED"
    world.put("t.json", b"{")
    _refresh(world, "half-a-manifest")
    world.clock.now += 10
    assert world.ingestion("t", "half-a-manifest")["ErrorInfo"]["Type"] == "S3_MANIFEST_ERROR"
    world.s3.delete_object(Bucket="bucket", Key="t.json")
    _refresh(world, "no-manifest")
    world.clock.now += 10
    assert world.ingestion("t", "no-manifest")["ErrorInfo"]["Type"] == "S3_MANIFEST_ERROR"


def test_deleting_the_data_source_fails_what_is_being_ingested_from_it(world: World) -> None:
    started = world.data_set("t", CSV, COLUMNS)
    world.qs.delete_data_source(AwsAccountId=A, DataSourceId="t-source")
    world.clock.now += 10
    assert world.ingestion("t", started["IngestionId"])["ErrorInfo"]["Type"] == "DATA_SOURCE_NOT_FOUND"


def test_what_ended_before_the_data_source_went_has_its_rows(world: World) -> None:
    started = world.data_set("t", CSV, COLUMNS)
    world.clock.now += 10
    world.qs.delete_data_source(AwsAccountId=A, DataSourceId="t-source")
    assert world.ingestion("t", started["IngestionId"])["IngestionStatus"] == "COMPLETED"


def test_old_rows_serve_until_new_ones_are_ingested_and_after_a_failure(world: World, local: LocalAws) -> None:
    world.data_set("t", CSV, COLUMNS)
    world.clock.now += 10
    old = [("x", 1), ("y", 2)]
    assert local.rows("t").rows() == old
    world.put("t.csv", b"id,n\nz,3\n")
    _refresh(world, "new")
    world.clock.now += 9
    assert local.rows("t").rows() == old
    world.clock.now += 1
    assert local.rows("t").rows() == [("z", 3)]
    world.put("t.csv", b"nothing\n")
    _refresh(world, "broken")
    world.clock.now += 10
    assert world.ingestion("t", "broken")["IngestionStatus"] == "FAILED"
    assert local.rows("t").rows() == [("z", 3)]


def test_an_update_starts_an_ingestion_too(world: World, local: LocalAws) -> None:
    world.data_set("t", CSV, COLUMNS)
    world.clock.now += 10
    source = f"arn:aws:quicksight:us-east-1:{A}:datasource/t-source"
    started = world.qs.update_data_set(
        AwsAccountId=A, DataSetId="t", Name="t", ImportMode="SPICE", **table_maps(source, {"n": "DECIMAL"})
    )
    world.clock.now += 10
    assert world.ingestion("t", started["IngestionId"])["RequestType"] == "EDIT"
    assert local.rows("t").rows() == [(1.0,), (2.0,)]


def test_one_ingestion_runs_and_the_next_is_queued(world: World) -> None:
    first = world.data_set("t", CSV, COLUMNS)["IngestionId"]
    _refresh(world, "second")
    world.clock.now += 5
    queued = world.ingestion("t", "second")
    assert queued["IngestionStatus"] == "QUEUED"
    assert queued["QueueInfo"] == {"WaitingOnIngestion": first, "QueuedIngestion": "second"}
    world.clock.now += 6
    assert world.ingestion("t", first)["IngestionStatus"] == "COMPLETED"
    assert world.ingestion("t", "second")["IngestionStatus"] == "RUNNING"
    world.clock.now += 9
    assert world.ingestion("t", "second")["IngestionStatus"] == "COMPLETED"


def test_ingestions_are_listed_newest_first(world: World) -> None:
    first = world.data_set("t", CSV, COLUMNS)["IngestionId"]
    _refresh(world, "second")
    _refresh(world, "third")
    pages = world.qs.get_paginator("list_ingestions").paginate(
        AwsAccountId=A, DataSetId="t", PaginationConfig={"PageSize": 2}
    )
    listed = [one["IngestionId"] for page in pages for one in page["Ingestions"]]
    assert listed == ["third", "second", first]


def test_refreshes_beyond_the_quota_of_a_rolling_day_are_refused(world: World) -> None:
    world.data_set("t", CSV, COLUMNS)  # not a refresh: it does not count
    for number in range(3):
        world.clock.now += 100
        _refresh(world, f"r{number}")
    with pytest.raises(world.qs.exceptions.LimitExceededException, match="3 refreshes within 24 hours"):
        _refresh(world, "one-too-many")
    world.clock.now += 24 * 3600 - 200
    _refresh(world, "a-day-later")


def test_an_ingestion_id_is_used_once(world: World) -> None:
    world.data_set("t", CSV, COLUMNS)
    _refresh(world, "again")
    with pytest.raises(world.qs.exceptions.ResourceExistsException):
        _refresh(world, "again")


def test_a_cancelled_ingestion_brings_no_rows_and_lets_the_next_begin(world: World, local: LocalAws) -> None:
    first = world.data_set("t", CSV, COLUMNS)["IngestionId"]
    _refresh(world, "second")
    world.clock.now += 5
    world.qs.cancel_ingestion(AwsAccountId=A, DataSetId="t", IngestionId=first)
    assert world.ingestion("t", first)["IngestionStatus"] == "CANCELLED"
    world.clock.now += 10
    assert world.ingestion("t", "second")["IngestionStatus"] == "COMPLETED"
    assert local.rows("t").height == 2
    with pytest.raises(world.qs.exceptions.InvalidParameterValueException, match="CANCELLED"):
        world.qs.cancel_ingestion(AwsAccountId=A, DataSetId="t", IngestionId=first)


def test_what_was_in_flight_ends_after_a_restart(start: Callable[[], LocalAws], connect: Callable[..., World]) -> None:
    with start() as first:
        world = connect(first.url)
        world.s3.create_bucket(Bucket="bucket")
        started = world.data_set("t", CSV, COLUMNS)
        world.clock.now += 5
    with start() as second:
        world = connect(second.url)
        assert world.ingestion("t", started["IngestionId"])["IngestionStatus"] == "RUNNING"
        world.clock.now += 5
        assert world.ingestion("t", started["IngestionId"])["RowInfo"]["RowsIngested"] == 2
    with start() as third:
        assert third.rows("t").height == 2


def test_an_edit_supersedes_what_has_not_ended(world: World, local: LocalAws) -> None:
    first = world.data_set("t", CSV, COLUMNS)["IngestionId"]
    _refresh(world, "second")
    source = f"arn:aws:quicksight:us-east-1:{A}:datasource/t-source"
    world.clock.now += 5
    edited = world.qs.update_data_set(
        AwsAccountId=A, DataSetId="t", Name="t", ImportMode="SPICE", **table_maps(source, {"id": "STRING"})
    )["IngestionId"]
    for name in (first, "second"):
        ended = world.ingestion("t", name)
        assert (ended["IngestionStatus"], ended["ErrorInfo"]["Type"]) == ("FAILED", "INGESTION_SUPERSEDED")
    world.clock.now += 10
    assert world.ingestion("t", edited)["IngestionStatus"] == "COMPLETED"
    assert local.rows("t").rows() == [("x",), ("y",)]


def test_dates_outside_of_what_spice_knows_take_their_rows_with_them(world: World, local: LocalAws) -> None:
    world.data_set("t", "t\n1399-12-31\n1400-01-01\n", {"t": "DATETIME"})
    world.clock.now += 10
    assert local.rows("t").rows() == [(datetime(1400, 1, 1),)]  # noqa: DTZ001 - as above


def test_a_bucket_that_cannot_be_reached_fails_the_ingestion(world: World) -> None:
    elsewhere = b'{"entries": [{"url": "s3://elsewhere/t.csv"}]}'
    world.put("m.json", elsewhere)
    started = world.data_set_of("t", table_maps(world.data_source("s", "m.json"), COLUMNS))
    world.clock.now += 10
    assert world.ingestion("t", started["IngestionId"])["ErrorInfo"]["Type"] == "S3_FILE_INACCESSIBLE"


@pytest.mark.parametrize(
    ("limit", "kind"),
    [
        ({"row_bytes": 1}, "ROW_SIZE_LIMIT_EXCEEDED"),
        ({"data_set_rows": 1}, "DATA_SET_SIZE_LIMIT_EXCEEDED"),
        ({"data_set_bytes": 1}, "DATA_SET_SIZE_LIMIT_EXCEEDED"),
        ({"account_bytes": 1}, "ACCOUNT_CAPACITY_LIMIT_EXCEEDED"),
    ],
)
def test_what_is_too_much_for_spice_fails_the_ingestion(
    tmp_path: Path, connect: Callable[..., World], clock: Clock, limit: dict[str, int], kind: str
) -> None:
    settings = Settings(user_rate=1e6, ingestion_seconds=10, **limit)
    with LocalAws(home=tmp_path, settings=settings, clock=clock) as local:
        world = connect(local.url)
        world.s3.create_bucket(Bucket="bucket")
        assert _failure(world, CSV)["Type"] == kind


def test_data_sets_share_the_capacity_of_the_account(
    tmp_path: Path, connect: Callable[..., World], clock: Clock
) -> None:
    settings = Settings(user_rate=1e6, account_rate=1e6, ingestion_seconds=10, account_bytes=30)
    with LocalAws(home=tmp_path, settings=settings, clock=clock) as local:
        world = connect(local.url)
        world.s3.create_bucket(Bucket="bucket")
        states: list[str] = []
        for name in ("t", "u"):
            started = world.data_set(name, CSV, COLUMNS)
            clock.now += 10
            states.append(world.ingestion(name, started["IngestionId"])["IngestionStatus"])
        assert states == ["COMPLETED", "FAILED"]
        _refresh(world, "again")  # what a data set holds itself does not count against it
        clock.now += 10
        assert world.ingestion("t", "again")["IngestionStatus"] == "COMPLETED"
