"""What the settings lead to: the limiter of the site, and QuickSight's clients below it, one for each principal.

Whoever calls QuickSight gets its clients here, so that nobody calls it past the limiter.
"""

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING

from qs_pipeline.identity import Caller, Role, session_as
from qs_pipeline.quicksight.client import make_boto3_client
from qs_pipeline.quicksight.postgres_turns import PostgresRateLimiter
from qs_pipeline.quicksight.sqlite_turns import SqliteRateLimiter
from qs_pipeline.quicksight.throttle import RateLimiter, Rates
from qs_pipeline.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_quicksight import QuickSightClient as Boto3QuickSight


def make_limiter(settings: Settings) -> RateLimiter:
    """The limiter of the site: in its database, or in its home.

    Raises:
        TurnsUnavailableError: where the database's driver is not installed.
    """
    # A site whose quota was raised has that of calls about permissions raised with it.
    permissions = {"Permissions": settings.user_rate * 2 / 5}
    rates = Rates(principal=settings.user_rate, account=settings.account_rate, operations=permissions)
    if settings.limiter_url:
        return PostgresRateLimiter(settings.limiter_url, rates=rates)
    return SqliteRateLimiter(settings.home / "limiter.sqlite", rates=rates)


def make_clients(
    settings: Settings, caller: Caller, limiter: RateLimiter, *, account_id: str = "", region: str = ""
) -> "tuple[Boto3QuickSight, ...]":
    """QuickSight's clients: one for each role of the settings, else one for ``caller``.

    Args:
        settings: Region, retries, roles.
        caller: Who we are.
        limiter: Shared by all.
        account_id: Whose QuickSight it is; that of the caller, if not given.
        region: Where to call; that of the settings, if not given.
    """
    there = dataclasses.replace(settings, region=region or settings.region)
    roles = (Role(arn=arn) for arn in settings.principals)
    sessions: Iterable[tuple[str, object]] = [(role.principal, session_as(role, there)) for role in roles]
    return tuple(
        make_boto3_client(
            session,
            config=there.boto3_config,
            limiter=limiter,
            principal=principal,
            account_id=account_id or caller.account,
        )
        for principal, session in (sessions or [(caller.principal, there.session())])
    )
