"""What every kind of resource shares: the account it lives in, its state, clock and S3, and how lists are paged."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from qs_pipeline.local_aws.errors import ServiceError
from qs_pipeline.local_aws.s3 import S3
from qs_pipeline.local_aws.settings import Settings
from qs_pipeline.local_aws.state import Doc, State

_PAGE = 100


@dataclass(frozen=True, kw_only=True)
class Account:
    """The ground that resources stand on.

    Attributes:
        clock: Seconds since the epoch.
        spice: The folder of the ingested rows.
    """

    settings: Settings
    state: State
    clock: Callable[[], float]
    s3: S3
    spice: Path

    def arn(self, resource: str) -> str:
        """The ARN of, say, ``dataset/<id>``."""
        return f"arn:aws:quicksight:{self.settings.region}:{self.settings.account_id}:{resource}"

    def resource(self, arn: str, kind: str) -> str | None:
        """The id in an ARN of this account and kind (``dataset``); None where it is of something else."""
        prefix = self.arn(f"{kind}/")
        return arn.removeprefix(prefix) if arn.startswith(prefix) else None


Handler = Callable[[Doc], Doc]
"""One operation: its validated input to its output."""

Handlers = Mapping[str, Handler]


def page(items: list[Doc], params: Doc) -> tuple[list[Doc], str | None]:
    """The items that ``MaxResults`` and ``NextToken`` ask for, and the token of the rest.

    Raises:
        ServiceError: InvalidNextTokenException, where the token is not one of ours.
    """
    token = params.get("NextToken") or "0"
    if not token.isdecimal():
        raise ServiceError("InvalidNextTokenException", f"the token {token!r} is none that a list has given out")
    start = int(token)
    end = start + (params.get("MaxResults") or _PAGE)
    return items[start:end], str(end) if end < len(items) else None
