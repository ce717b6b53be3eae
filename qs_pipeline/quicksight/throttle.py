"""The limiter: every HTTP attempt to QuickSight first reserves an instant, and sleeps until it.

QuickSight allows a principal and an account so many calls a second, whoever in however many processes makes them. A
reservation is fair by construction: instants are given out in the order of asking, so nobody starves, and nobody spins.
The instants lie in a small SQLite file that all processes of a host share; a caller takes the first instant that keeps
the distance to the others of its principal, of its account and, where one is stated, of its operation. A principal
with a long queue therefore does not hold up another: the account's instants in between stay free.
"""

import sqlite3
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from qs_pipeline.quicksight.errors import DeadlineExceededError, LimiterFailedError

if TYPE_CHECKING:
    from mypy_boto3_quicksight import QuickSightClient as Boto3QuickSight

SPACING = 1.04
"""Distance of two calls in units of 1 / rate: sleepers wake late by some milliseconds and must not crowd the next."""

_BUSY_SECONDS = 30.0
_SLACK_SECONDS = 5.0
_PERMISSION_CALLS = MappingProxyType(
    {
        f"{verb}{kind}Permissions": 2.0
        for verb in ("Describe", "Update")
        for kind in ("DataSource", "DataSet", "Dashboard")
    }
)


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Calls a second that are allowed.

    Attributes:
        principal: For each principal; 5 is what QuickSight documents.
        account: For all principals of an account together; 25 is what QuickSight documents.
        operations: For single operations of a principal, on top; calls about permissions are allowed 2.
    """

    principal: float = 5.0
    account: float = 25.0
    operations: Mapping[str, float] = field(default_factory=lambda: _PERMISSION_CALLS)

    def spacings(self, operation: str, principal: str, account: str) -> dict[str, float]:
        """Seconds that have to lie between two calls, by whom or what they concern."""
        rates = {f"account {account}": self.account, f"principal {account}/{principal}": self.principal}
        if operation in self.operations:
            rates[f"operation {account}/{principal}/{operation}"] = self.operations[operation]
        return {key: SPACING / rate for key, rate in rates.items()}


class RateLimiter(Protocol):
    """Whatever makes a caller wait for its turn."""

    def wait(self, operation: str, *, principal: str, account: str) -> None:
        """Return when ``principal`` of ``account`` may call ``operation`` once.

        Raises:
            DeadlineExceededError: at once, where the turn would come too late.
        """
        ...


class SqliteRateLimiter:
    """A limiter for the processes of one host, which share the file at ``path``.

    A connection lives for one reservation, about half a millisecond: nothing has to be closed, and threads and forks
    share nothing. Instants are wall-clock seconds, the one clock that processes share; after the clock was set back,
    instants that lie further ahead than any wait are forgotten, and the gap before the others is free to take.

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
        self._path = path
        self._rates = rates
        self._longest_wait = longest_wait
        self._clock = clock
        self._sleep = sleep
        path.parent.mkdir(parents=True, exist_ok=True)

    def wait(self, operation: str, *, principal: str, account: str) -> None:
        """Reserve the next instant for this call and sleep until it.

        Raises:
            DeadlineExceededError: where the turn lies further ahead than ``longest_wait``; nothing is reserved.
            LimiterFailedError: where the file cannot be used.
        """
        resource = f"principal {principal} of account {account}"
        try:
            pause = self._reserve(self._rates.spacings(operation, principal, account))
        except sqlite3.Error as error:
            raise LimiterFailedError(
                operation=operation,
                resource=resource,
                detail=f"no turn could be reserved in {self._path}: {error}",
                fix="See that the folder exists and can be written; the file may be deleted at any time",
            ) from error
        if pause > self._longest_wait:
            raise DeadlineExceededError(
                operation=operation,
                resource=resource,
                detail=f"the next free call is {pause:.0f} s ahead, and no call waits above {self._longest_wait:.0f} s",
                fix="Publish fewer assessments at a time, or add principals",
            )
        if pause > 0:
            self._sleep(pause)

    def _reserve(self, spacings: Mapping[str, float]) -> float:
        """Seconds until the instant that was reserved, or that would have been if it were not too far ahead."""
        with closing(sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)) as connection:
            # What a crash of the host loses is worth a second of waiting, so no write has to reach the disk.
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("CREATE TABLE IF NOT EXISTS reservation (key TEXT NOT NULL, at REAL NOT NULL)")
            now = self._clock()
            horizon = now + self._longest_wait + _SLACK_SECONDS
            forgotten = now - SPACING / self._slowest
            connection.execute("DELETE FROM reservation WHERE at < ? OR at > ?", (forgotten, horizon))
            taken = {key: _instants(connection, key) for key in spacings}
            at = first_free(now, ((taken[key], spacing) for key, spacing in spacings.items()))
            if at - now <= self._longest_wait:
                connection.executemany("INSERT INTO reservation VALUES (?, ?)", [(key, at) for key in spacings])
            connection.execute("COMMIT")
        return at - now

    @property
    def _slowest(self) -> float:
        return min(self._rates.principal, self._rates.account, *self._rates.operations.values())


def first_free(now: float, rows: Iterable[tuple[list[float], float]]) -> float:
    """The first instant from ``now`` on that keeps its distance to every instant taken.

    Args:
        now: Seconds.
        rows: For each rule the instants that are taken, ascending, and the seconds that two of them lie apart.
    """
    rows = tuple(rows)
    at = now
    while True:
        later = max((_after(at, instants, spacing) for instants, spacing in rows), default=at)
        if later == at:
            return at
        at = later


def attach(client: "Boto3QuickSight", limiter: RateLimiter, *, principal: str, account: str) -> None:
    """Make every HTTP attempt of ``client``, retries included, wait for its turn.

    Args:
        client: A boto3 client of QuickSight.
        limiter: Shared by all clients that act for ``account``.
        principal: Who calls, as QuickSight counts: a user or an assumed role.
        account: The twelve digits of the AWS account.
    """

    def before_send(event_name: str, **_: Any) -> None:  # noqa: ANN401 (botocore hands over what it likes)
        limiter.wait(event_name.rpartition(".")[2], principal=principal, account=account)

    client.meta.events.register("before-send.quicksight", before_send)


def _instants(connection: sqlite3.Connection, key: str) -> list[float]:
    return [at for (at,) in connection.execute("SELECT at FROM reservation WHERE key = ? ORDER BY at", (key,))]


def _after(at: float, instants: list[float], spacing: float) -> float:
    """The first instant from ``at`` on that keeps ``spacing`` to all ``instants``."""
    for instant in instants[bisect_left(instants, at - spacing) :]:
        if instant - at >= spacing:
            return at
        if at - instant < spacing:
            at = instant + spacing
    return at
