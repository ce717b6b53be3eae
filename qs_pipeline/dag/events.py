"""What S3 told since the last tick, where a site has a queue for it.

Notifications are hints. A queue that cannot be read costs nothing but time: the tick says so and lists everything.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from qs_pipeline.notifications import Hints, QueueError, UploadQueue
from qs_pipeline.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


@dataclass(frozen=True, kw_only=True)
class News:
    """What a tick starts from.

    Attributes:
        hints: What the queue held; nothing where there is none.
        sweep_every: Seconds between two sweeps; zero sweeps at each tick.
    """

    hints: Hints = field(default_factory=Hints)
    sweep_every: float = 0


def news(bucket: str, used: Sequence[str], *, time_up: Callable[[], bool]) -> News:
    """Delete the messages that the last tick ``used``, and take what came since."""
    settings = Settings.from_environment(os.environ)
    if not settings.queue_url:
        return News()
    queue = UploadQueue(_sqs(settings), settings.queue_url, bucket)
    try:
        queue.delete(used)
        return News(hints=queue.drain(time_up=time_up), sweep_every=settings.sweep_seconds)
    except QueueError as error:
        return News(hints=Hints(notes=(f"everything is listed instead: {error}",)))


@lru_cache(maxsize=4)
def _sqs(settings: Settings) -> "SQSClient":
    return settings.session().client("sqs", config=settings.boto3_config)
