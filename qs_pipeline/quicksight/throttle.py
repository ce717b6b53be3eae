"""The limiter: every HTTP attempt to QuickSight first reserves an instant, and sleeps until it.

QuickSight allows a principal and an account so many calls a second, whoever in however many processes makes them. A
reservation is fair by construction: instants are given out in the order of asking, so nobody starves, and nobody spins.
A caller takes the first instant that keeps the distance to the others of its principal, of its account and, where one
is stated, of its operation. A principal with a long queue therefore does not hold up another: the account's instants in
between stay free. Where the instants lie is the business of ``sqlite_turns`` (one host) and ``postgres_turns`` (many).
"""

import time
from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from qs_pipeline.quicksight.errors import DeadlineExceededError, LimiterFailedError

if TYPE_CHECKING:
    from mypy_boto3_quicksight import QuickSightClient as Boto3QuickSight

SPACING = 1.02
"""Distance of two calls in units of 1 / rate: sleepers wake late by some milliseconds and must not crowd the next. More
would cost a start or a pause of a process the 95 % of the rate that are promised."""

_SLACK_SECONDS = 5.0
_PERMISSION_CALLS = MappingProxyType({"Permissions": 2.0})


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Calls a second that are allowed.

    Attributes:
        principal: For each principal; 5 is what QuickSight documents.
        account: For all principals of an account together; 25 is what QuickSight documents.
        operations: For the operations of a principal whose names end so, together and on top; calls about
            permissions are allowed 2.
    """

    principal: float = 5.0
    account: float = 25.0
    operations: Mapping[str, float] = field(default_factory=lambda: _PERMISSION_CALLS)

    def spacings(self, operation: str, principal: str, account: str) -> dict[str, float]:
        """Seconds that have to lie between two calls, by whom or what they concern."""
        rates = {f"account {account}": self.account, f"principal {account}/{principal}": self.principal}
        for ending, rate in self.operations.items():
            if operation.endswith(ending):
                rates[f"operation {account}/{principal}/{ending}"] = rate
        return {key: SPACING / rate for key, rate in rates.items()}

    @property
    def longest_spacing(self) -> float:
        """Seconds after which an instant concerns nobody any more."""
        return SPACING / min(self.principal, self.account, *self.operations.values())


class RateLimiter(Protocol):
    """Whatever makes a caller wait for its turn."""

    def wait(self, operation: str, *, principal: str, account: str) -> None:
        """Return when ``principal`` of ``account`` may call ``operation`` once.

        Raises:
            DeadlineExceededError: at once, where the turn would come too late.
        """
        ...


class TurnsUnavailableError(Exception):
    """Where the instants lie cannot be used; told with the place and the fix, and never with a password."""

    def __init__(self, detail: str, fix: str) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fix = fix


class ReservingLimiter(ABC):
    """A limiter that writes down whose call is made when, in a place that all callers share.

    After the clock was set back, instants that lie further ahead than any wait are forgotten, and the gap before the
    others is free to take.

    Args:
        rates: Calls a second that are allowed.
        longest_wait: Seconds; a call whose turn lies further ahead is refused instead of queued.
        sleep: Sleeps for seconds.
    """

    def __init__(
        self, *, rates: Rates, longest_wait: float = 120.0, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._rates = rates
        self._longest_wait = longest_wait
        self._sleep = sleep

    def wait(self, operation: str, *, principal: str, account: str) -> None:
        """Reserve the next instant for this call and sleep until it.

        Raises:
            DeadlineExceededError: where the turn lies further ahead than ``longest_wait``; nothing is reserved.
            LimiterFailedError: where no turn can be reserved.
        """
        resource = f"principal {principal} of account {account}"
        try:
            pause = self._reserve(self._rates.spacings(operation, principal, account))
        except TurnsUnavailableError as error:
            raise LimiterFailedError(
                operation=operation,
                resource=resource,
                detail=f"no turn could be reserved: {error.detail}",
                fix=error.fix,
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

    @abstractmethod
    def _reserve(self, spacings: Mapping[str, float]) -> float:
        """Seconds until the instant that was reserved, or that would have been if it were not too far ahead.

        Args:
            spacings: The seconds that two calls lie apart, by the rule that they fall under.

        Raises:
            TurnsUnavailableError: where the place of the instants cannot be used.
        """

    def _forgotten(self, now: float) -> tuple[float, float]:
        """Instants before the first and after the second of these do not count any more."""
        return now - self._rates.longest_spacing, now + self._longest_wait + _SLACK_SECONDS


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


def _after(at: float, instants: list[float], spacing: float) -> float:
    """The first instant from ``at`` on that keeps ``spacing`` to all ``instants``."""
    for instant in instants[bisect_left(instants, at - spacing) :]:
        if instant - at >= spacing:
            return at
        if at - instant < spacing:
            at = instant + spacing
    return at
