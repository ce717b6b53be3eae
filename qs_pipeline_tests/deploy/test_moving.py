"""A history that moves: from one machine to PostgreSQL, to the tables of a later Dagster, and past retention."""

import contextlib
import os
import subprocess
from collections.abc import Callable

import dagster_postgres
import psycopg2
import pytest
import sqlalchemy
from dagster._core.storage.sql import get_alembic_config, run_alembic_downgrade

from qs_pipeline.dag.orders import last_order, pin
from qs_pipeline_tests.dag.conftest import ASSESSMENT, WRITES, Site
from qs_pipeline_tests.deploy.compose import BIN
from qs_pipeline_tests.deploy.conftest import DEPLOY, ON_POSTGRES
from qs_pipeline_tests.quicksight.postgres import Postgres

pytestmark = pytest.mark.long
# That of Dagster 1.8: the table of runs lacks a column that is read today.
OLD = "46b412388816"


def ask(query: str) -> int:
    """Give the database a command; the number that it answers, or of the rows that it changed."""
    with (
        contextlib.closing(psycopg2.connect(os.environ["DAGSTER_POSTGRES_URL"])) as database,
        database,
        database.cursor() as cursor,
    ):
        cursor.execute(query)
        return cursor.rowcount if cursor.description is None else int((cursor.fetchone() or (0,))[0])


def events(such: str) -> int:
    """How many events the log has such as these."""
    return ask(f"SELECT count(*) FROM event_logs WHERE {such}")  # noqa: S608 - words of this file


def test_an_empty_database_is_filled_from_what_quicksight_holds_and_nothing_is_written_to_it(
    opened: Callable[[str], Site],
) -> None:
    small = opened("dagster.yaml")
    small.upload_sample()
    assert small.settle().success
    version, calls = small.life().version, small.calls()
    large = opened(ON_POSTGRES)
    assert large.life().state != "published", "nothing is known there yet"
    assert large.settle().success
    assert large.life().state == "published"
    assert large.life().version == version
    more = {name: made - calls.get(name, 0) for name, made in large.calls().items()}
    written = {name: made for name, made in more.items() if made and name.startswith(WRITES)}
    assert written == {"CreateDataSource": len(large.data_sets())}, "each is answered with 'exists'"
    assert not large.tick().run_requests


def test_tables_of_an_earlier_dagster_are_migrated_and_nothing_is_lost(opened: Callable[[str], Site]) -> None:
    site = opened(ON_POSTGRES)
    site.upload_sample()
    assert site.settle().success
    url = os.environ["DAGSTER_POSTGRES_URL"].replace("postgresql:", "postgresql+psycopg2:")
    with sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT").connect() as connection:
        run_alembic_downgrade(get_alembic_config(dagster_postgres.__file__), connection, OLD)
    assert (site.instance.event_log_storage.alembic_version() or ("", ""))[0] == OLD
    done = subprocess.run([str(BIN / "dagster"), "instance", "migrate"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found, wanted = site.instance.event_log_storage.alembic_version() or ("", "")
    assert found == wanted != OLD
    assert site.life().state == "published"
    assert not site.tick().run_requests


OLDER = "timestamp < now() AT TIME ZONE 'utc' - interval '90 days'"


def test_retention_takes_away_what_is_old_and_leaves_what_the_pipeline_remembers(
    opened: Callable[[str], Site], server: Postgres
) -> None:
    site = opened(ON_POSTGRES)
    site.upload_sample()
    assert site.settle().success
    pin(site.instance, ASSESSMENT, 1, definition="")
    ask("UPDATE event_logs SET timestamp = timestamp - interval '100 days'")
    site.replace("Locations", site.path("Locations").read_text().replace("Camp", "Fort"))
    assert site.settle().success
    before, young = site.life(), events(f"NOT ({OLDER})")

    server.run_script(DEPLOY / "retention.sql", os.environ["DAGSTER_POSTGRES_URL"])

    assert events(f"NOT ({OLDER})") == young
    of_checks = "dagster_event_type = 'ASSET_CHECK_EVALUATION'"
    assert events(f"asset_key IS NULL AND {OLDER} AND NOT {of_checks}") == 0
    assert events("dagster_event_type = 'ASSET_MATERIALIZATION'") == ask(
        "SELECT count(DISTINCT asset_key) FROM asset_keys WHERE last_materialization IS NOT NULL"
    )
    assert last_order(site.instance, ASSESSMENT).pinned == 1
    assert site.life() == before
    assert not site.tick().run_requests
