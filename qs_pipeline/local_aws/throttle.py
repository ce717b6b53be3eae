"""QuickSight's limits on calls a second, and the record of how close callers came to them.

A bucket holds as many tokens as its rate and refills at that rate. The tally counts every attempt, refused ones too,
since those are what a careful client must not make.
"""

import threading
from collections import Counter, deque
from collections.abc import Callable
from typing import Any

from qs_pipeline.local_aws.settings import Settings


class Bucket:
    """Tokens for one caller; full at first."""

    def __init__(self, rate: float, now: float) -> None:
        self._rate = rate
        self._tokens = rate
        self._at = now

    def refill(self, now: float) -> bool:
        """Let time pass; whether there is a token to take. A clock that steps back refills nothing."""
        self._tokens = min(self._rate, self._tokens + max(0.0, now - self._at) * self._rate)
        self._at = now
        # A sum of many small refills may fall a hair short of the whole token that has been earned.
        return self._tokens >= 1 - 1e-9

    def take(self) -> None:
        """One token goes."""
        self._tokens -= 1


class Window:
    """The most calls in any sliding second."""

    def __init__(self) -> None:
        self._recent: deque[float] = deque()
        self.busiest = 0

    def add(self, now: float) -> None:
        """One call at ``now`` (seconds)."""
        self._recent.append(now)
        while self._recent[0] <= now - 1:
            self._recent.popleft()
        self.busiest = max(self.busiest, len(self._recent))


class Throttle:
    """Admits calls by principal and for the account as a whole, and tallies them."""

    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[str, Bucket] = {}
        self._calls: Counter[str] = Counter()
        self._throttled: Counter[str] = Counter()
        self._principals: dict[str, Window] = {}
        self._account = Window()

    def admits(self, principal: str, operation: str) -> bool:
        """Whether this call may be served now; where it may not, no token is spent."""
        with self._lock:
            now = self._clock()
            self._calls[operation] += 1
            self._account.add(now)
            self._principals.setdefault(principal, Window()).add(now)
            buckets = [
                self._bucket("account", self._settings.account_rate, now),
                self._bucket(f"user {principal}", self._settings.user_rate, now),
            ]
            if operation.endswith("Permissions"):
                buckets.append(self._bucket(f"permissions {principal}", self._settings.permission_rate, now))
            have_tokens = [bucket.refill(now) for bucket in buckets]
            admitted = all(have_tokens)
            if admitted:
                for bucket in buckets:
                    bucket.take()
            else:
                self._throttled[operation] += 1
            return admitted

    def stats(self) -> dict[str, Any]:
        """The tally as ``/_qs/stats`` shows it: calls and refusals by operation, busiest seconds by principal."""
        with self._lock:
            return {
                "calls": self._calls.total(),
                "throttled": self._throttled.total(),
                "operations": {
                    name: {"calls": calls, "throttled": self._throttled[name]}
                    for name, calls in sorted(self._calls.items())
                },
                "busiest_second": {
                    "account": self._account.busiest,
                    "principals": {name: window.busiest for name, window in self._principals.items()},
                },
            }

    def _bucket(self, name: str, rate: float, now: float) -> Bucket:
        return self._buckets.setdefault(name, Bucket(rate, now))
