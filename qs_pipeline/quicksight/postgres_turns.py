"""The limiter of many hosts: its instants lie in a PostgreSQL database, and so does the clock that they go by.

psycopg2 belongs to the extra ``postgres`` and is imported when a limiter is made: one host does without it.
"""

import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from qs_pipeline.quicksight.throttle import Rates, ReservingLimiter, TurnsUnavailableError, first_free

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812 - psycopg2 calls the class so

# A caller that hangs or dies in the middle of a reservation holds up the others no longer than this.
_OPTIONS = (
    "-c lock_timeout=30s -c statement_timeout=30s -c idle_in_transaction_session_timeout=10s -c synchronous_commit=off"
)
# Any number serves, as long as nobody else locks by it: all reservations of the database follow one another.
_LOCK = 0x5155_4943_4B53
_TABLE = """
CREATE UNLOGGED TABLE IF NOT EXISTS qs_pipeline_reservation (key text NOT NULL, at double precision NOT NULL);
CREATE INDEX IF NOT EXISTS qs_pipeline_reservation_key ON qs_pipeline_reservation (key, at)
"""
_FIX = "See that the database of QS_LIMITER_URL runs and that its user may create and write a table"


class PostgresRateLimiter(ReservingLimiter):
    """A limiter for all processes that reach the database at ``url``.

    One connection a process, kept open, since a new one takes longer than a reservation; one that broke is made anew
    once. Instants are seconds of the database's clock, so that the clocks of the hosts need not agree.

    Args:
        url: ``postgresql://user@host/database``.
        rates: Calls a second that are allowed.
        longest_wait: Seconds; a call whose turn lies further ahead is refused instead of queued.
        sleep: Sleeps for seconds.

    Raises:
        TurnsUnavailableError: where psycopg2 is not installed.
    """

    def __init__(
        self, url: str, *, rates: Rates, longest_wait: float = 120.0, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        super().__init__(rates=rates, longest_wait=longest_wait, sleep=sleep)
        try:
            import psycopg2  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise TurnsUnavailableError("psycopg2 is not installed", "pip install 'qs-pipeline[postgres]'") from error
        self._driver = psycopg2
        self._url = url
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._process = os.getpid()

    def _reserve(self, spacings: Mapping[str, float]) -> float:
        with self._lock:
            kept = self._connection is not None and self._process == os.getpid()
            try:
                return self._attempt(spacings)
            except self._driver.Error as error:
                if not kept or isinstance(error, self._driver.errors.QueryCanceled):
                    raise TurnsUnavailableError(_words(error), _FIX) from error
            # The database may have been restarted since the last call.
            try:
                return self._attempt(spacings)
            except self._driver.Error as error:
                raise TurnsUnavailableError(_words(error), _FIX) from error

    def _attempt(self, spacings: Mapping[str, float]) -> float:
        if self._connection is None or self._process != os.getpid():  # a fork must not speak on its parent's line
            self._connection, self._process = self._connect(), os.getpid()
        try:
            pause = self._reserve_in(self._connection, spacings)
            self._connection.commit()
        except self._driver.Error:
            self._connection.close()
            self._connection = None
            raise
        return pause

    def _connect(self) -> "Connection":
        connection = self._driver.connect(self._url, connect_timeout=10, options=_OPTIONS)
        with connection, connection.cursor() as cursor:
            # Two who create a table at the same moment would disturb each other.
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            cursor.execute(_TABLE)
        return connection

    def _reserve_in(self, connection: "Connection", spacings: Mapping[str, float]) -> float:
        with connection.cursor() as cursor:
            # The clock is read by a statement of its own, after the lock was waited for.
            cursor.execute(
                "SELECT pg_advisory_xact_lock(%s); SELECT extract(epoch FROM clock_timestamp())::double precision",
                (_LOCK,),
            )
            now: float = (cursor.fetchone() or (0.0,))[0]
            cursor.execute(
                "DELETE FROM qs_pipeline_reservation WHERE at < %s OR at > %s;"
                "SELECT key, at FROM qs_pipeline_reservation WHERE key = ANY(%s) ORDER BY at",
                (*self._forgotten(now), list(spacings)),
            )
            taken: defaultdict[str, list[float]] = defaultdict(list)
            for key, instant in cursor.fetchall():
                taken[key].append(instant)
            at = first_free(now, ((taken[key], spacing) for key, spacing in spacings.items()))
            if at - now <= self._longest_wait:
                cursor.execute("INSERT INTO qs_pipeline_reservation SELECT unnest(%s), %s", (list(spacings), at))
        return at - now


def _words(error: Exception) -> str:
    """The driver's words in one line; they name host, port and user, and never the password."""
    return " ".join(str(error).split()) or type(error).__name__
