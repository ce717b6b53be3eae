"""Turns what botocore raises into the errors of ``errors``: the one place that reads codes and messages of the service.

The service's codes say less than its messages: the same code covers an object that is not there and one that is not
there yet. What a message has to contain is written down here, next to what it is taken for.
"""

import re
from collections.abc import Generator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, NoCredentialsError, ParamValidationError
from botocore.exceptions import ConnectionError as NoConnectionError

from qs_pipeline.quicksight.errors import (
    AccessDeniedError,
    AlreadyExistsError,
    ConflictError,
    ConnectionFailedError,
    CredentialsError,
    IdentityRegionError,
    InvalidRequestError,
    LimitExceededError,
    NotFoundError,
    NotReadyError,
    QuickSightError,
    ServiceFailedError,
    ThrottledError,
)

_SIMPLE: dict[str, tuple[type[QuickSightError], str]] = {
    "ThrottlingException": (ThrottledError, "Lower the rate settings, or see who else uses the account's quota"),
    "ConflictException": (ConflictError, "Try again when the change that is under way has ended"),
    "ResourceNotFoundException": (NotFoundError, "Check that it, and what it refers to, exists in this account"),
    "ResourceExistsException": (AlreadyExistsError, "Update it, or choose another id"),
    "LimitExceededException": (LimitExceededError, "Wait until the quota frees up, or have it raised"),
    "UnsupportedUserEditionException": (InvalidRequestError, "Use an account with QuickSight Enterprise Edition"),
}
_ACCESS = frozenset({"AccessDeniedException", "AccessDenied"})
_CREDENTIALS = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_NEW_CREDENTIALS = "Sign in or refresh the credentials, then run this again; nothing that was done is lost"
_REFRESHES = (
    "QuickSight allows 32 refreshes of a data set in 24 hours (8 in Standard Edition): wait until the oldest is a day "
    "old; what was published stays"
)
_UNREADY = re.compile(
    r"PREPARED_SOURCE_NOT_FOUND|CREATION_IN_PROGRESS|UPDATE_IN_PROGRESS|being created|not (yet )?ready"
)
_NOT_AUTHORIZED = re.compile(r"not authorized to perform:? ([\w-]+:\w+)")
_IDENTITY_REGION = re.compile(r"identity region is:? ([a-z]{2}(?:-[a-z]+)+-\d)")
_SERVER_ERROR = 500


@contextmanager
def translated(operation: str, resource: str) -> Generator[None]:
    """Run one call, so that whatever botocore raises leaves as a ``QuickSightError`` about ``resource``."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise translate(error, operation=operation, resource=resource) from error


def translate(error: ClientError | BotoCoreError, *, operation: str, resource: str) -> QuickSightError:
    """The error of our family that says what ``error`` means for ``resource``."""
    if isinstance(error, ClientError):
        return _from_service(error, operation, resource)
    kind, fix = _from_botocore(error)
    return kind(operation=operation, resource=resource, code=type(error).__name__, detail=str(error), fix=fix)


def _from_service(error: ClientError, operation: str, resource: str) -> QuickSightError:
    code = error.response.get("Error", {}).get("Code", "")
    detail = error.response.get("Error", {}).get("Message", "") or "no message"
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if "identity region" in detail:
        found = _IDENTITY_REGION.search(detail)
        return IdentityRegionError(
            operation=operation,
            resource=resource,
            code=code,
            detail=detail,
            identity_region=found[1] if found else "",
        )
    if code in _ACCESS:
        return _access_denied(operation, resource, code, detail)
    kind, fix = _kind_of(code, detail, status, operation)
    return kind(operation=operation, resource=resource, code=code, detail=detail, fix=fix)


def _kind_of(code: str, detail: str, status: int, operation: str) -> tuple[type[QuickSightError], str]:
    if _UNREADY.search(detail):
        return NotReadyError, "Try again in a few seconds"
    if code in _CREDENTIALS:
        return CredentialsError, _NEW_CREDENTIALS
    if code == "LimitExceededException" and operation in ("CreateIngestion", "UpdateDataSet"):
        return LimitExceededError, _REFRESHES
    if code in _SIMPLE:
        return _SIMPLE[code]
    if status >= _SERVER_ERROR:
        return ServiceFailedError, "Try again; if it stays, look at the AWS Health Dashboard"
    return InvalidRequestError, "Mend the request: QuickSight's words say what it does not accept"


def _access_denied(operation: str, resource: str, code: str, detail: str) -> AccessDeniedError:
    named = _NOT_AUTHORIZED.search(detail)
    action = named[1] if named else f"quicksight:{operation}"
    fix = f"Allow {action} to the role or user that runs the pipeline"
    if "manifest" in detail.lower():
        action = "s3:GetObject"
        fix = (
            "Check that the manifest exists and let QuickSight read its bucket: Manage QuickSight, Security & "
            "permissions, Amazon S3 (s3:GetObject and s3:ListBucket)"
        )
    return AccessDeniedError(operation=operation, resource=resource, code=code, detail=detail, fix=fix, action=action)


def _from_botocore(error: BotoCoreError) -> tuple[type[QuickSightError], str]:
    if isinstance(error, HTTPClientError | NoConnectionError):
        return ConnectionFailedError, "Check the network and the endpoint, then start again"
    if isinstance(error, ParamValidationError):
        return InvalidRequestError, "Mend the request: it was refused before it was sent"
    if isinstance(error, NoCredentialsError):
        return CredentialsError, _NEW_CREDENTIALS
    return CredentialsError, "Check the AWS settings of this machine: no request could be made"
