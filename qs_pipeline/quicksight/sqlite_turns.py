"""The limiter of one host: its instants lie in a small SQLite file that all processes of the host share."""

import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from qs_pipeline.quicksight.throttle import Rates, ReservingLimiter, TurnsUnavailableError, first_free

_BUSY_SECONDS = 30.0


class SqliteRateLimiter(ReservingLimiter):
    """A limiter for the processes of one host, which share the file at ``path``.

    A connection lives for one reservation, about half a millisecond: nothing has to be closed, and threads and forks
    share nothing. Instants are wall-clock seconds, the one clock that processes share.

    Args:
        path: The SQLite file; made if it is not there.
        rates: Calls a second that are allowed.
        longest_wait: Seconds; a call whose turn lies further ahead is refused instead of queued.
        clock: Wall-clock seconds.
        sleep: Sleeps for seconds.
    """

    def __init__(
        self,
        path: Path,
        *,
        rates: Rates,
        longest_wait: float = 120.0,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(rates=rates, longest_wait=longest_wait, sleep=sleep)
        self._path = path
        self._clock = clock
        path.parent.mkdir(parents=True, exist_ok=True)

    def _reserve(self, spacings: Mapping[str, float]) -> float:
        try:
            with closing(sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)) as connection:
                return self._reserve_in(connection, spacings)
        except sqlite3.Error as error:
            fix = "See that the folder exists and can be written; the file may be deleted at any time"
            raise TurnsUnavailableError(f"{self._path}: {error}", fix) from error

    def _reserve_in(self, connection: sqlite3.Connection, spacings: Mapping[str, float]) -> float:
        # What a crash of the host loses is worth a second of waiting, so no write has to reach the disk.
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("CREATE TABLE IF NOT EXISTS reservation (key TEXT NOT NULL, at REAL NOT NULL)")
        now = self._clock()
        connection.execute("DELETE FROM reservation WHERE at < ? OR at > ?", self._forgotten(now))
        taken = {key: _instants(connection, key) for key in spacings}
        at = first_free(now, ((taken[key], spacing) for key, spacing in spacings.items()))
        if at - now <= self._longest_wait:
            connection.executemany("INSERT INTO reservation VALUES (?, ?)", [(key, at) for key in spacings])
        connection.execute("COMMIT")
        return at - now


def _instants(connection: sqlite3.Connection, key: str) -> list[float]:
    return [at for (at,) in connection.execute("SELECT at FROM reservation WHERE key = ? ORDER BY at", (key,))]
