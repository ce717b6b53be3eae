"""What all verbs share: the boto3 client, time, and how to deal with things that are busy or remembered wrongly."""

import time
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import TYPE_CHECKING, TypeVar

from qs_pipeline.quicksight.errors import (
    AlreadyExistsError,
    ConflictError,
    DeadlineExceededError,
    NotFoundError,
    NotReadyError,
)
from qs_pipeline.quicksight.grants import Grants
from qs_pipeline.quicksight.names import Account
from qs_pipeline.quicksight.translate import translated

if TYPE_CHECKING:
    from mypy_boto3_quicksight import QuickSightClient as Boto3QuickSight

_T = TypeVar("_T")

_GROWTH = 1.5
_LONGEST_PAUSE = 15.0  # seconds between two looks at the same thing


class Caller:
    """Base of the verbs.

    Args:
        apis: Boto3 clients of QuickSight, their limiter attached: one for each principal. They take turns, call by
            call, so that the work is spread over all of them. Safe to share between threads, and so is this object.
        account: Where everything is made.
        grants: Who gets what is made.
        settle_seconds: How long a call is repeated while what it needs is busy or not ready yet, or while QuickSight
            still tells of the state before it.
        appear_seconds: How long QuickSight may say of an ingestion just started that there is none.
        clock: Monotonic seconds.
        sleep: Sleeps for seconds.
    """

    def __init__(
        self,
        *apis: "Boto3QuickSight",
        account: Account,
        grants: Grants,
        settle_seconds: float = 120.0,
        appear_seconds: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.account = account
        self._apis = cycle(apis)
        self.grants = grants
        self._settle_seconds = settle_seconds
        self._appear_seconds = appear_seconds
        self._clock = clock
        self._sleep = sleep

    @property
    def _api(self) -> "Boto3QuickSight":
        """The client whose turn it is: ask for it anew for every call."""
        return next(self._apis)

    def _look(self, operation: str, resource: str, call: Callable[[], _T]) -> _T:
        """The reply of one call, not repeated: for those who look again and again, until a deadline of their own."""
        with translated(operation, resource):
            return call()

    def _call(self, operation: str, resource: str, call: Callable[[], _T]) -> _T:
        """The reply of one call, repeated while ``resource`` is busy or what it needs is not ready.

        Raises:
            DeadlineExceededError: where it still is after ``settle_seconds``.
            QuickSightError: whatever else the call meets.
        """
        deadline = self._clock() + self._settle_seconds
        pauses = growing(1.0)
        while True:
            try:
                return self._look(operation, resource, call)
            except (ConflictError, NotReadyError) as error:
                if self._clock() >= deadline:
                    raise DeadlineExceededError(
                        operation=operation,
                        resource=resource,
                        code=error.code,
                        detail=f"{error.detail} (still so after {self._settle_seconds:.0f} s)",
                        fix=error.fix,
                    ) from error
            self._sleep(max(0.0, min(next(pauses), deadline - self._clock())))


def growing(first: float) -> Iterator[float]:
    """Pauses in seconds that grow from ``first`` to a quarter of a minute, without end."""
    pause = first
    while True:
        yield pause
        pause = min(pause * _GROWTH, _LONGEST_PAUSE)


def create_or_update(
    *, exists: bool, create: Callable[[], _T], update: Callable[[], _T], adopt: Callable[[], _T | None]
) -> _T:
    """Do what memory suggests first, and the other where QuickSight contradicts: one call when memory is right.

    Args:
        exists: What the caller remembers.
        create: Makes it.
        update: Writes it over.
        adopt: Looks at what is there though nobody remembers it, before it is written over: raises where that must not
            be, and returns the result where there is nothing to write.
    """
    if exists:
        try:
            return update()
        except NotFoundError as missing:
            try:
                return create()
            except AlreadyExistsError:  # then it was something that the object refers to
                raise missing from None
    try:
        return create()
    except AlreadyExistsError:
        found = adopt()
        return update() if found is None else found
