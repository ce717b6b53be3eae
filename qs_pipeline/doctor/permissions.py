"""What the roles may do: each read of QuickSight is tried on things that do not exist, writes are simulated by IAM."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from botocore.exceptions import ClientError

from qs_pipeline.doctor.findings import Outcome, not_checked, ok, warning, wrong
from qs_pipeline.doctor.site import Site, is_denied
from qs_pipeline.identity import Caller
from qs_pipeline.needs import ANY, DASHBOARDS, QUEUE, SETS, SOURCES, Need, arn_of, needs_of
from qs_pipeline.quicksight.errors import AccessDeniedError, NotFoundError
from qs_pipeline.quicksight.translate import translated

_SOURCE, _SET, _DASHBOARD = (name.replace("*", "doctor") for name in (SOURCES, SETS, DASHBOARDS))
_OF_SOURCE = MappingProxyType({"DataSourceId": _SOURCE.partition("/")[2]})
_OF_SET = MappingProxyType({"DataSetId": _SET.partition("/")[2]})
_OF_DASHBOARD = MappingProxyType({"DashboardId": _DASHBOARD.partition("/")[2]})
READS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "ListDataSets": {},
        "ListDataSources": {},
        "ListDashboards": {},
        "DescribeDataSet": _OF_SET,
        "ListIngestions": _OF_SET,
        "DescribeIngestion": {**_OF_SET, "IngestionId": "doctor"},
        "DescribeDashboard": _OF_DASHBOARD,
        "DescribeDashboardDefinition": _OF_DASHBOARD,
        "ListDashboardVersions": _OF_DASHBOARD,
        "DescribeDataSourcePermissions": _OF_SOURCE,
        "DescribeDataSetPermissions": _OF_SET,
        "DescribeDashboardPermissions": _OF_DASHBOARD,
    }
)
"""Every operation of the pipeline that reads QuickSight by id, with ids that nothing bears. Tags are read by ARN."""


def reads(site: Site) -> Outcome:
    """Whether QuickSight answers each read; "not found" is an answer."""
    denied: list[str] = []
    for operation in READS:
        try:
            _read(site, operation)
        except NotFoundError:
            continue
        except AccessDeniedError as error:
            denied.append(error.action)
    try:
        _read_tags(site)
    except NotFoundError:
        pass
    except AccessDeniedError as error:
        denied.append(error.action)
    if denied:
        return wrong(f"not allowed: {', '.join(denied)}", "Allow them, see docs/permissions.md")
    return ok(f"each of {len(READS) + 1} reads is allowed")


def _read(site: Site, operation: str) -> None:
    api: Any = site.quicksight
    method = getattr(api, _snake(operation))
    with translated(operation, "what is not there"):
        method(AwsAccountId=site.account.account_id, **READS[operation])


def _read_tags(site: Site) -> None:
    with translated("ListTagsForResource", "what is not there"):
        site.quicksight.list_tags_for_resource(ResourceArn=arn_of(SETS, site.account, site.settings.bucket))


def _snake(operation: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in operation).lstrip("_")


def simulated(site: Site) -> Outcome:
    """Whether IAM would allow all that runs and sensors do: to us, and of QuickSight to the roles of the settings."""
    if site.caller.principal == "root/":
        return warning("the root user may do everything", "Use a role, see docs/permissions.md")
    ours = _policy_source(site, site.caller)
    denied: list[str] = []
    try:
        for need in _wanted(site):
            is_quicksight = need.actions[0].startswith("quicksight:")
            for source in (site.settings.principals if is_quicksight else ()) or (ours,):
                denied += _denied(site, source, need)
    except ClientError as error:
        if is_denied(error) or error.response.get("Error", {}).get("Code") == "NoSuchEntity":
            told = error.response.get("Error", {}).get("Message", "")
            return not_checked(
                f"writes are not tested: {error.operation_name}: {told}",
                "Allow iam:SimulatePrincipalPolicy to whoever runs doctor, or see docs/permissions.md",
            )
        raise
    if denied:
        return wrong(f"not allowed: {', '.join(dict.fromkeys(denied))}", "Allow them, see docs/permissions.md")
    return ok(f"IAM allows {ours} all that runs and sensors do")


def _wanted(site: Site) -> Iterator[Need]:
    for need in needs_of("run", "sensors"):
        if QUEUE not in need.on or site.settings.queue_url:
            yield need


def _denied(site: Site, source: str, need: Need) -> Iterator[str]:
    arns = [_arn(site, resource) for resource in need.on]
    pages = site.client("iam").get_paginator("simulate_principal_policy").paginate(
        PolicySourceArn=source, ActionNames=list(need.actions), ResourceArns=arns
    )  # fmt: skip
    for page in pages:
        for result in page["EvaluationResults"]:
            if result["EvalDecision"] != "allowed":
                place = result.get("EvalResourceName", ANY)
                yield result["EvalActionName"] + ("" if place == ANY else f" on {place}")


def _arn(site: Site, resource: str) -> str:
    if resource == QUEUE:
        account, name = site.settings.queue_url.split("/")[-2:]
        return f"arn:{site.account.partition}:sqs:{site.settings.region}:{account}:{name}"
    return arn_of(resource, site.account, site.settings.bucket)


def _policy_source(site: Site, caller: Caller) -> str:
    """The ARN that bears policies: of a session, its role, whose path only IAM knows."""
    kind, _, name = caller.principal.partition("/")
    if kind != "role":
        return caller.arn
    try:
        return site.client("iam").get_role(RoleName=name)["Role"]["Arn"]
    except ClientError:  # it may not be looked up; most roles have no path
        return f"arn:{site.account.partition}:iam::{caller.account}:role/{name}"
