"""What botocore repeats by itself, put right for QuickSight: three answers that it takes for something else.

A used-up quota is not throttling. A request for a version that may have been carried out must not be repeated blindly.
And a reply that was cut on its way is not an empty one, which is what botocore makes of it: an empty list of dashboards
would be believed.
"""

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ResponseStreamingError

if TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse
    from botocore.model import OperationModel
    from mypy_boto3_quicksight import QuickSightClient as Boto3QuickSight

    Response = tuple[AWSResponse, dict[str, Any]] | None

_BUILDS = ("CreateDashboard", "UpdateDashboard")
_REFUSED = 300
_SERVER_ERROR = 500
_SHOWN = 300  # characters of what is no JSON
_CUT = "CutShort"
_ATTEMPTS = 6
_PAUSE = 0.2  # seconds before a cut reply is asked for again; then twice as long each time


def mend_retries(api: "Boto3QuickSight") -> None:
    """Make the client's retries those that are right for QuickSight."""
    events = api.meta.events
    events.register("before-parse.quicksight", _see_whether_whole)
    # The first handler that answers counts: False is "do not repeat", a number the seconds until it is done.
    for handler in (_quota_is_final, _build_is_unclear, _cut_is_asked_for_again):
        events.register_first("needs-retry.quicksight", handler)  # pyright: ignore[reportArgumentType] - the stubs know of no handler that answers


def _quota_is_final(response: "Response", **_: object) -> bool | None:
    """QuickSight throttles with ``ThrottlingException`` and means a quota of hours by ``LimitExceededException``."""
    code = response[1].get("Error", {}).get("Code") if response else None
    return False if code == "LimitExceededException" else None


def _build_is_unclear(
    response: "Response", operation: "OperationModel", caught_exception: Exception | None, **_: object
) -> bool | None:
    """Whoever asked for the version looks whether it was made."""
    if operation.name not in _BUILDS:
        return None
    unclear = caught_exception is not None or (response is not None and response[0].status_code >= _SERVER_ERROR)
    return False if unclear else None


def _see_whether_whole(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    """Mark a reply that is no JSON, and let botocore read something that it can."""
    try:
        json.loads(response_dict["body"])
    except ValueError:
        if response_dict["status_code"] < _REFUSED:
            customized_response_dict[_CUT] = True
        told = response_dict["body"].decode("utf-8", "replace")
        response_dict["body"] = json.dumps({"Message": told[:_SHOWN]}).encode()


def _cut_is_asked_for_again(
    response: "Response", operation: "OperationModel", attempts: int, **_: object
) -> float | None:
    """A reply that was cut is no answer.

    Raises:
        ResponseStreamingError: where it was cut again and again, or must not be asked for again.
    """
    if response is None or not response[1].pop(_CUT, False):
        return None
    if operation.name in _BUILDS or attempts >= _ATTEMPTS:
        raise ResponseStreamingError(error="the reply was cut short")
    return _PAUSE * 2.0 ** (attempts - 1)
