"""Dagster's storage on PostgreSQL with connections that are kept, for an instance that several hosts share.

Only ``deploy/dagster.yaml`` names it. dagster-postgres opens a connection for every query, which makes a run take two
to three times as long; nothing public of it says otherwise, so an attribute of its own is set here. The versions in
``constraints.txt`` and a test hold that in place.
"""

from typing import Any

import sqlalchemy
from dagster_postgres import DagsterPostgresStorage
from dagster_postgres.utils import get_token_provider_from_config, pg_url_from_config

# SQLAlchemy 2.1 takes psycopg 3 where no driver is named, and dagster-postgres speaks psycopg2.
_DRIVER = "postgresql+psycopg2"
# A run speaks through one connection or two. What comes on top, as with many ticks at once, is closed after use.
_KEPT, _ON_TOP = 2, 18
# Balancers and firewalls forget a connection that was silent for some minutes.
_RENEWED_SECONDS = 240


class PooledPostgresStorage(DagsterPostgresStorage):
    """``DagsterPostgresStorage`` whose runs, events and schedules share one pool of connections a process.

    Configured as that is. A URL may begin with ``postgresql://``, as that of the limiter does. The password is best
    left out and put into ``PGPASSWORD``, which the driver reads.
    """

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> "PooledPostgresStorage":  # noqa: ANN401 - as above
        """The storage that ``dagster.yaml`` describes.

        Raises:
            ValueError: where the configuration asks for tokens, which a kept connection would outlive.
        """
        if get_token_provider_from_config(config_value) is not None:
            raise ValueError("storage: auth_provider is not supported by PooledPostgresStorage; use a password")
        url = sqlalchemy.make_url(pg_url_from_config(config_value)).set(drivername=_DRIVER)
        storage = cls(
            postgres_url=url.render_as_string(hide_password=False),
            should_autocreate_tables=config_value.get("should_autocreate_tables", True),
            inst_data=inst_data,
        )
        storage.share(url)
        return storage

    def share(self, url: sqlalchemy.URL) -> None:
        """Let the three storages use one pool; a connection that broke meanwhile is noticed and replaced."""
        engine = sqlalchemy.create_engine(
            url,
            isolation_level="AUTOCOMMIT",
            pool_size=_KEPT,
            max_overflow=_ON_TOP,
            pool_recycle=_RENEWED_SECONDS,
            pool_pre_ping=True,
        )
        for each in (self.run_storage, self.event_log_storage, self.schedule_storage):
            setattr(each, "_engine", engine)  # noqa: B010 - there is no public way
