"""The verbs of a dashboard's past: which versions there are, which one viewers see, and the tags that say why.

A version stays as long as its dashboard does, so showing an earlier one needs no definition and builds nothing.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from qs_pipeline.quicksight.caller import growing
from qs_pipeline.quicksight.dashboards import DashboardVerbs
from qs_pipeline.quicksight.errors import DeadlineExceededError
from qs_pipeline.quicksight.models import DashboardError, DashboardState
from qs_pipeline.quicksight.names import DashboardNames

if TYPE_CHECKING:
    from mypy_boto3_quicksight import type_defs as api


class VersionVerbs(DashboardVerbs):
    """Versions and tags of dashboards that exist."""

    def describe_definition(self, dashboard_id: str) -> "api.DescribeDashboardDefinitionResponseTypeDef":
        """The definition that viewers see, in the envelope in which QuickSight hands it out. One call.

        Raises:
            NotFoundError: where there is no such dashboard.
        """
        return self._call(
            "DescribeDashboardDefinition",
            f"dashboard {dashboard_id}",
            lambda: self._api.describe_dashboard_definition(
                AwsAccountId=self.account.account_id, DashboardId=dashboard_id
            ),
        )

    def publish_version(self, names: DashboardNames, version: int) -> DashboardState:
        """Show viewers a version that was built before, earlier or later than the one they see, and see that they do.

        Raises:
            NotFoundError: where there is no such version.
            InvalidRequestError: where it never was built.
            DeadlineExceededError: where QuickSight still tells of another one after ``settle_seconds``.
        """
        self.publish(names, version)
        deadline = self._clock() + self._settle_seconds
        pauses = growing(1.0)
        while (shown := self._published(names)).version.number != version:
            if self._clock() >= deadline:
                raise DeadlineExceededError(
                    operation="UpdateDashboardPublishedVersion",
                    resource=f"dashboard {names.dashboard_id}",
                    detail=f"version {version} was published, and version {shown.version.number} is shown",
                    fix="See who else publishes this dashboard, then try again",
                )
            self._sleep(max(0.0, min(next(pauses), deadline - self._clock())))
        return shown

    def version_errors(self, names: DashboardNames, version: int) -> tuple[DashboardError, ...]:
        """What is wrong with a version now: a data set it shows may be gone since it was built."""
        return self._definition_errors(names, version)

    def version_data_sets(self, names: DashboardNames, version: int) -> frozenset[str]:
        """The ids of the data sets that a version shows; what was deleted since is not sure to be among its errors."""
        reply = self._call(
            "DescribeDashboardDefinition",
            f"dashboard {names.dashboard_id}",
            lambda: self._api.describe_dashboard_definition(
                AwsAccountId=self.account.account_id, DashboardId=names.dashboard_id, VersionNumber=version
            ),
        )
        declared = reply.get("Definition", {}).get("DataSetIdentifierDeclarations", [])
        return frozenset(each["DataSetArn"].rpartition("/")[2] for each in declared)

    def dashboard_tags(self, names: DashboardNames) -> dict[str, str]:
        """The tags of the dashboard.

        Raises:
            NotFoundError: where there is no such dashboard.
        """
        return self.tags(f"dashboard {names.dashboard_id}", self.account.dashboard_arn(names))

    def tag_dashboard(self, names: DashboardNames, tags: Mapping[str, str]) -> None:
        """Set tags of the dashboard, over those of the same key; others stay."""
        resource, arn = f"dashboard {names.dashboard_id}", self.account.dashboard_arn(names)
        wanted: list[api.TagTypeDef] = [{"Key": key, "Value": value} for key, value in tags.items()]
        self._call("TagResource", resource, lambda: self._api.tag_resource(ResourceArn=arn, Tags=wanted))

    def untag_dashboard(self, names: DashboardNames, *keys: str) -> None:
        """Take tags off the dashboard; those that are not there are no error."""
        resource, arn = f"dashboard {names.dashboard_id}", self.account.dashboard_arn(names)
        self._call("UntagResource", resource, lambda: self._api.untag_resource(ResourceArn=arn, TagKeys=list(keys)))
