"""When a data set may be refreshed: QuickSight allows 32 refreshes of one in any 24 hours, and then refuses.

While there is plenty, every change is refreshed at once. When most of the day's refreshes are used, the next keeps a
distance from the last one, so that changes that come in between are taken together and there is always one left soon.
A pure function of times decides; who remembers them is the caller's business.
"""

from collections.abc import Sequence

DAY = 86_400.0
"""Seconds of the rolling window (user guide: refreshes in a 24-hour period)."""

_PLENTY = 0.75  # the share of a day's refreshes that may be used without a pause
_REFUSED_PAUSE = 3_600.0  # seconds until the service is asked again after it refused


def next_refresh(
    refreshes: Sequence[float], now: float, *, per_day: int, refused: float | None = None, urgent: bool = False
) -> float:
    """The instant from which a data set may be refreshed: ``now``, or later.

    Args:
        refreshes: When it was refreshed, in any order; seconds.
        now: Seconds.
        per_day: Refreshes that are allowed in any 24 hours.
        refused: When QuickSight last said that there are none left, whatever we remember: others refresh too.
        urgent: Whether a person asks, who may use the last ones without a pause.
    """
    recent = sorted(at for at in refreshes if now - DAY < at <= now)
    earliest = now
    if len(recent) >= per_day:
        earliest = recent[len(recent) - per_day] + DAY
    elif len(recent) >= per_day * _PLENTY and not urgent:
        earliest = recent[-1] + DAY / per_day
    if refused is not None and refused > max(recent, default=refused - 1):
        earliest = max(earliest, refused + _REFUSED_PAUSE)
    return max(now, earliest)
