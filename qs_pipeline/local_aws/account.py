"""What every kind of resource shares: the account and region it lives in, state, clock and S3; how lists are paged."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from qs_pipeline.local_aws.errors import ServiceError
from qs_pipeline.local_aws.faults import Faults
from qs_pipeline.local_aws.s3 import S3
from qs_pipeline.local_aws.settings import Settings
from qs_pipeline.local_aws.state import Doc, State

_PAGE = 100
_PARTITIONS = {"us-gov-": "aws-us-gov", "cn-": "aws-cn"}


@dataclass(frozen=True, kw_only=True)
class Account:
    """The ground that resources stand on.

    Attributes:
        region: The region whose resources these are.
        state: What that region remembers.
        clock: Seconds since the epoch.
        spice: The folder of the ingested rows.
        faults: The fault plan, which asynchronous work consults when it ends.
    """

    settings: Settings
    region: str
    state: State
    clock: Callable[[], float]
    s3: S3
    spice: Path
    faults: Faults

    def arn(self, resource: str) -> str:
        """The ARN of, say, ``dataset/<id>``."""
        partition = next((name for start, name in _PARTITIONS.items() if self.region.startswith(start)), "aws")
        return f"arn:{partition}:quicksight:{self.region}:{self.settings.account_id}:{resource}"

    def resource(self, arn: str, kind: str) -> str | None:
        """The id in an ARN of this account and kind (``dataset``); None where it is of something else."""
        prefix = self.arn(f"{kind}/")
        return arn.removeprefix(prefix) if arn.startswith(prefix) else None


Handler = Callable[[Doc], Doc]
"""One operation: its validated input to its output."""

Handlers = Mapping[str, Handler]


def listed(
    state: State,
    kind: str,
    params: Doc,
    keep: Callable[[Doc], bool] | None = None,
    *,
    holding: str = "",
    noted: tuple[str, str] | None = None,
) -> tuple[list[Doc], Doc]:
    """The documents of a kind that ``MaxResults`` and ``NextToken`` ask for; the token is the place of the last one.

    ``holding`` and ``noted`` leave out documents before they are read, as ``State.scan`` says.

    Returns:
        The documents, and what the output says of the rest: ``NextToken``, or nothing where there is none.

    Raises:
        ServiceError: InvalidNextTokenException, where the token is not one of ours.
    """
    most, kept, place = params.get("MaxResults") or _PAGE, list[Doc](), 0
    # One more than the page, which tells whether there is another.
    for here, doc in state.scan(kind, after=_start(params), chunk=most + 1, holding=holding, noted=noted):
        if keep is None or keep(doc):
            if len(kept) == most:
                return kept, {"NextToken": str(place)}
            kept.append(doc)
            place = here
    return kept, {}


def page(items: list[Doc], params: Doc) -> tuple[list[Doc], Doc]:
    """As ``listed``, of items that are at hand; the token is a position among them.

    Raises:
        ServiceError: InvalidNextTokenException, where the token is not one of ours.
    """
    start = _start(params)
    end = start + (params.get("MaxResults") or _PAGE)
    return items[start:end], {"NextToken": str(end)} if end < len(items) else {}


def _start(params: Doc) -> int:
    token = params.get("NextToken") or "0"
    if not (token.isascii() and token.isdecimal()):
        raise ServiceError("InvalidNextTokenException", f"the token {token!r} is none that a list has given out")
    return int(token)
