"""QuickSight as the pipeline uses it: all verbs in one object, and the boto3 client below them."""

from typing import TYPE_CHECKING

from qs_pipeline.quicksight.errors import IdentityRegionError, NotFoundError
from qs_pipeline.quicksight.loading import LoadingVerbs
from qs_pipeline.quicksight.names import Account
from qs_pipeline.quicksight.permissions import PermissionVerbs
from qs_pipeline.quicksight.removal import RemovalVerbs
from qs_pipeline.quicksight.retries import mend_retries
from qs_pipeline.quicksight.throttle import RateLimiter, attach
from qs_pipeline.quicksight.translate import translated
from qs_pipeline.quicksight.versions import VersionVerbs

if TYPE_CHECKING:
    import boto3
    from botocore.config import Config
    from mypy_boto3_quicksight import QuickSightClient as Boto3QuickSight


class QuickSightClient(LoadingVerbs, VersionVerbs, PermissionVerbs, RemovalVerbs):
    """Every verb of the pipeline, for one account, made by one principal or by several in turn."""


def find_identity_region(api: "Boto3QuickSight", account: Account) -> str:
    """The region in which the account's QuickSight users live; costs a call, which needs ``quicksight:DescribeUser``.

    Any other region refuses to tell of users, and names that one.

    Raises:
        IdentityRegionError: where the refusal does not name it.
        QuickSightError: whatever else the call meets.
    """
    try:
        with translated("DescribeUser", f"the QuickSight users of account {account.account_id}"):
            api.describe_user(AwsAccountId=account.account_id, Namespace="default", UserName="qs-pipeline")
    except NotFoundError:
        return account.region
    except IdentityRegionError as error:
        if not error.identity_region:
            raise
        return error.identity_region
    return account.region


def make_boto3_client(
    session: "boto3.Session", *, config: "Config", limiter: RateLimiter, principal: str, account_id: str
) -> "Boto3QuickSight":
    """A boto3 client of QuickSight that cannot exceed the limits.

    Args:
        session: Holds the credentials; a session of an assumed role makes the client of another principal.
        config: Region, retries and timeouts. Retries in mode ``standard`` mend what slips through the limiter.
        limiter: Shared by all clients of the account.
        principal: Who calls, as QuickSight counts: the user or role of ``session``.
        account_id: The twelve digits of the AWS account.
    """
    # boto3's stubs are installed for a few services only, which leaves the overloads of the others unknown.
    client: Boto3QuickSight = session.client("quicksight", config=config)  # pyright: ignore[reportUnknownMemberType]
    attach(client, limiter, principal=principal, account=account_id)
    mend_retries(client)
    return client
