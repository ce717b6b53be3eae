"""Who may do what with the things we make, and the tags that mark them as ours.

Both go into the call that creates a thing, so they cost no call of their own; where the settings changed since, what
differs is granted and revoked. The sets of actions are the ones that
QuickSight's own share dialog grants to an owner and to a viewer (API reference, ``ResourcePermission``).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from mypy_boto3_quicksight import type_defs as api

MANAGED_BY = "managed-by"
MANAGER = "qs_pipeline"
ASSESSMENT = "assessment"

_DATA_SOURCE_OWNER = (
    "DescribeDataSource",
    "DescribeDataSourcePermissions",
    "PassDataSource",
    "UpdateDataSource",
    "DeleteDataSource",
    "UpdateDataSourcePermissions",
)
_DATA_SET_OWNER = (
    "DescribeDataSet",
    "DescribeDataSetPermissions",
    "PassDataSet",
    "DescribeIngestion",
    "ListIngestions",
    "UpdateDataSet",
    "DeleteDataSet",
    "CreateIngestion",
    "CancelIngestion",
    "UpdateDataSetPermissions",
)
_DASHBOARD_VIEWER = ("DescribeDashboard", "ListDashboardVersions", "QueryDashboard")
_DASHBOARD_OWNER = (
    *_DASHBOARD_VIEWER,
    "DescribeDashboardPermissions",
    "UpdateDashboard",
    "UpdateDashboardPermissions",
    "UpdateDashboardPublishedVersion",
    "DeleteDashboard",
)


@dataclass(frozen=True, kw_only=True)
class Grants:
    """Who gets what is made.

    Attributes:
        owners: ARNs of QuickSight users and groups that may change and share everything; among them every principal
            that publishes, so that each can go on with what another made.
        viewers: ARNs of QuickSight users and groups that may look at dashboards. A dashboard shows its data to its
            viewers, so they need nothing on data sets.
    """

    owners: tuple[str, ...] = ()
    viewers: tuple[str, ...] = ()

    @property
    def principals(self) -> frozenset[str]:
        """Everybody who gets something."""
        return frozenset((*self.owners, *self.viewers))

    def for_data_source(self) -> "list[api.ResourcePermissionTypeDef]":
        """The permissions of a new data source."""
        return _permissions(self.owners, _DATA_SOURCE_OWNER)

    def for_data_set(self) -> "list[api.ResourcePermissionTypeDef]":
        """The permissions of a new data set."""
        return _permissions(self.owners, _DATA_SET_OWNER)

    def for_dashboard(self) -> "list[api.ResourcePermissionTypeDef]":
        """The permissions of a new dashboard; an owner who is a viewer as well stays an owner."""
        viewers = tuple(viewer for viewer in self.viewers if viewer not in self.owners)
        return _permissions(self.owners, _DASHBOARD_OWNER) + _permissions(viewers, _DASHBOARD_VIEWER)


class Change(TypedDict, total=False):
    """What the three operations that update permissions have in common."""

    GrantPermissions: "list[api.ResourcePermissionTypeDef]"
    RevokePermissions: "list[api.ResourcePermissionTypeDef]"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What has to be granted and revoked; nothing where things are as they should be."""

    grant: "list[api.ResourcePermissionTypeDef]"
    revoke: "list[api.ResourcePermissionTypeDef]"

    def __bool__(self) -> bool:
        return bool(self.grant or self.revoke)

    @property
    def request(self) -> "Change":
        """The part of an update that says it; QuickSight takes no empty list."""
        request = Change()
        if self.grant:
            request["GrantPermissions"] = self.grant
        if self.revoke:
            request["RevokePermissions"] = self.revoke
        return request


def difference(
    held: "Sequence[api.ResourcePermissionOutputTypeDef]",
    wanted: "Sequence[api.ResourcePermissionTypeDef]",
    formerly: Collection[str],
) -> Difference:
    """What leads from the permissions that are held to those that are wanted.

    Args:
        held: As QuickSight tells them.
        wanted: What the settings ask for.
        formerly: The principals of earlier settings: they lose what they have, unless they are wanted. Whom people
            share a thing with by hand is none of them, and keeps it.
    """
    has = {each["Principal"]: set(each["Actions"]) for each in held}
    should = {each["Principal"]: set(each["Actions"]) for each in wanted}
    revoke: list[api.ResourcePermissionTypeDef] = [
        {"Principal": principal, "Actions": sorted(more)}
        for principal, actions in has.items()
        if (principal in should or principal in formerly) and (more := actions - should.get(principal, set()))
    ]
    grant = [each for each in wanted if not should[each["Principal"]] <= has.get(each["Principal"], set())]
    return Difference(grant=grant, revoke=revoke)


def tags_of(assessment: str) -> "list[api.TagTypeDef]":
    """The tags of everything that is made for ``assessment``."""
    return [{"Key": MANAGED_BY, "Value": MANAGER}, {"Key": ASSESSMENT, "Value": assessment}]


def _permissions(principals: tuple[str, ...], actions: tuple[str, ...]) -> "list[api.ResourcePermissionTypeDef]":
    return [
        {"Principal": principal, "Actions": [f"quicksight:{action}" for action in actions]} for principal in principals
    ]
