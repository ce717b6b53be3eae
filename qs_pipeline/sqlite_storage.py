"""Dagster's storage in SQLite files with connections that are kept, for the instance of one host.

The service names it below its copy of ``dagster.yaml``. Dagster opens a file anew for each of the two thousand queries
of a run, reads its schema, and writes its log back when it closes it: half of what a run costs. The files are those of
Dagster's own storage, and either may be used on them.
"""

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from dagster._core.storage.runs import SqliteRunStorage
from dagster._core.storage.schedules import SqliteScheduleStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS, create_db_conn_string
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy.engine import Connection, Engine

# A run speaks through one connection or two. What comes on top, as with many ticks at once, is closed after use.
_KEPT, _ON_TOP = 2, 18


class PooledSqliteStorage(DagsterSqliteStorage):
    """``DagsterSqliteStorage`` whose runs, schedules and index of events each keep their connections."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(base_dir, inst_data=inst_data)
        folder = Path(base_dir)
        self._run_storage = _Runs.from_local(str(folder / "history"))
        self._event_log_storage = _Events(str(folder / "history" / "runs"))
        self._schedule_storage = _Schedules.from_local(str(folder / "schedules"))

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData, config_value: Any) -> "PooledSqliteStorage":  # noqa: ANN401 - as above
        """The storage that ``dagster.yaml`` describes."""
        return cls.from_local(inst_data=inst_data, **config_value)


class _Pooled:
    """A storage in one file that keeps its connections."""

    _conn_string: str

    @cached_property
    def _engine(self) -> Engine:
        timeout = {"timeout": SQLITE_BUSY_TIMEOUT_SECONDS}
        return sqlalchemy.create_engine(self._conn_string, pool_size=_KEPT, max_overflow=_ON_TOP, connect_args=timeout)

    @contextmanager
    def connect(self) -> Generator[Connection]:
        with self._engine.begin() as connection:
            yield connection

    def dispose(self) -> None:
        self._engine.dispose()


class _Runs(_Pooled, SqliteRunStorage):
    pass


class _Schedules(_Pooled, SqliteScheduleStorage):
    pass


class _Events(_Pooled, SqliteEventLogStorage):
    """Of the index, that is. The file of a run is closed after each event: its end is what the UI watches."""

    def __init__(self, base_dir: str) -> None:
        self._conn_string = create_db_conn_string(base_dir, INDEX_SHARD_NAME)
        super().__init__(base_dir)

    def index_connection(self) -> AbstractContextManager[Connection]:
        return self.connect()

    def has_table(self, table_name: str) -> bool:
        return sqlalchemy.inspect(self._engine).has_table(table_name)

    def dispose(self) -> None:
        SqliteEventLogStorage.dispose(self)
        super().dispose()
