"""Who we are, where QuickSight is, what the account has subscribed to, and whom the settings name."""

import re

from qs_pipeline.doctor.findings import Outcome, not_checked, ok, warning, wrong
from qs_pipeline.doctor.site import Site
from qs_pipeline.identity import Role, session_as
from qs_pipeline.quicksight.client import find_identity_region
from qs_pipeline.quicksight.errors import AccessDeniedError, IdentityRegionError, NotFoundError, QuickSightError
from qs_pipeline.quicksight.translate import translated

_SIGNED_UP = "ACCOUNT_CREATED"
_PERSON = re.compile(r"arn:[\w-]+:quicksight:([a-z0-9-]+):(\d{12}):(user|group)/([^/]+)/(.+)")
_STANDARD_REFRESHES = 8


def credentials(site: Site) -> Outcome:
    """The account and the principal that the credentials belong to."""
    if site.caller.principal == "root/":
        return warning(f"the root user of account {site.caller.account}", "Use a role, see docs/permissions.md")
    return ok(f"{site.caller.arn} of account {site.caller.account}")


def region(site: Site) -> Outcome:
    """Whether QuickSight is there at all, as far as boto3 knows."""
    session = site.settings.session()
    known = session.get_available_regions("quicksight", partition_name=site.account.partition)
    if site.settings.region not in known:
        return wrong(
            f"AWS_REGION={site.settings.region}: boto3 knows no QuickSight there; it is in {', '.join(known)}",
            "Set AWS_REGION to the region of the bucket and of QuickSight, or install a newer boto3",
        )
    return ok(f"{site.settings.region} of partition {site.account.partition}")


def subscription(site: Site) -> Outcome:
    """Whether the account uses QuickSight, and in which edition."""
    account = site.account.account_id
    try:
        try:
            info = _subscription(site, site.settings.region)
        except IdentityRegionError as error:
            info = _subscription(site, error.identity_region or site.identity_region)
    except NotFoundError:
        return wrong(f"account {account} has no QuickSight", "Sign up for QuickSight, Enterprise Edition")
    except AccessDeniedError as error:
        return not_checked(error.detail, "Allow quicksight:DescribeAccountSubscription to whoever runs doctor")
    edition, status = info.get("Edition", ""), info.get("AccountSubscriptionStatus", "")
    if status != _SIGNED_UP:
        return wrong(f"the subscription is {status}", "Look at it in the console: Manage QuickSight")
    if edition == "STANDARD" and site.settings.refreshes_per_day > _STANDARD_REFRESHES:
        return warning(
            f"edition STANDARD, and QS_REFRESHES_PER_DAY={site.settings.refreshes_per_day}",
            f"Set QS_REFRESHES_PER_DAY={_STANDARD_REFRESHES}, or upgrade: Standard has no groups and fewer refreshes",
        )
    return ok(f"edition {edition}, {status}")


def _subscription(site: Site, region: str) -> dict[str, str]:
    api, account = site.quicksight_in(region), site.account.account_id
    with translated("DescribeAccountSubscription", f"account {account}"):
        reply = api.describe_account_subscription(AwsAccountId=account)
    return {key: str(value) for key, value in reply["AccountInfo"].items()}


def identity_region(site: Site) -> Outcome:
    """Where the account's QuickSight users live."""
    try:
        found = find_identity_region(site.quicksight, site.account)
    except AccessDeniedError as error:
        return not_checked(error.detail, "Allow quicksight:DescribeUser, or set QS_IDENTITY_REGION")
    told = site.settings.identity_region
    if told and told != found:
        return wrong(f"QS_IDENTITY_REGION={told}, and QuickSight says {found}", f"Set QS_IDENTITY_REGION={found}")
    return ok(found)


def people(site: Site) -> Outcome:
    """Whether the owners and viewers of the settings exist."""
    named = (*site.settings.owners, *site.settings.viewers)
    if not named:
        return warning(
            "neither QS_OWNERS nor QS_VIEWERS is set: nobody sees in QuickSight what is made",
            "Set them to ARNs of QuickSight users or groups",
        )
    astray = [arn for arn in named if _account_of(arn) != site.account.account_id]
    if astray:
        return wrong(f"of another account: {', '.join(astray)}", "Name users and groups of this account")
    try:
        missing = [arn for arn in named if not _exists(site, arn)]
    except AccessDeniedError as error:
        return not_checked(error.detail, f"Allow {error.action} to whoever runs doctor")
    if missing:
        return wrong(
            f"not there: {', '.join(missing)}", "Correct QS_OWNERS or QS_VIEWERS, or create them in QuickSight"
        )
    return ok(f"{len(site.settings.owners)} owners and {len(site.settings.viewers)} viewers exist")


def principals(site: Site) -> Outcome:
    """Whether the roles of the settings can be assumed and are users of QuickSight."""
    roles = [Role(arn=arn) for arn in site.settings.principals]
    if not roles:
        return ok(f"none set: QuickSight is called as {site.caller.principal}")
    unknown: list[str] = []
    for role in roles:
        with translated("AssumeRole", role.arn):
            session_as(role, site.settings).client("sts", config=site.settings.boto3_config).get_caller_identity()
        try:
            there = _exists(site, site.account.user_arn(role.user_name, site.identity_region))
        except AccessDeniedError as error:
            return not_checked(f"assumed, but: {error.detail}", f"Allow {error.action} to the roles")
        if not there:
            unknown.append(role.arn)
    if unknown:
        return wrong(f"no users of QuickSight: {', '.join(unknown)}", "Register each once, see docs/limits.md")
    return ok(f"{len(roles)} roles can be assumed and are users of QuickSight")


def _account_of(arn: str) -> str:
    found = _PERSON.fullmatch(arn)
    return found[2] if found else ""


def _exists(site: Site, arn: str) -> bool:
    found = _PERSON.fullmatch(arn)
    if found is None:
        return False
    region, account, kind, namespace, name = found.groups()
    api = site.quicksight_in(region)
    try:
        with translated(f"Describe{kind.title()}", arn):
            if kind == "user":
                api.describe_user(AwsAccountId=account, Namespace=namespace, UserName=name)
            else:
                api.describe_group(AwsAccountId=account, Namespace=namespace, GroupName=name)
    except NotFoundError:
        return False
    except IdentityRegionError as error:  # its ARN cannot be that of a user of this account
        raise QuickSightError(
            operation=error.operation,
            resource=arn,
            code=error.code,
            detail=error.detail,
            fix=f"Put {error.identity_region or 'the identity region'} into its ARN",
        ) from error
    return True
