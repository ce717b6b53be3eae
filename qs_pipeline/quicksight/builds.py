"""The verbs that make a version of a dashboard: what is asked for once is made once, even where the answer was lost.

A request that was carried out and whose answer never came must not be repeated blindly: another version would follow
the first. So each version bears a mark of its own at the end of its description, and is looked for by it.
"""

import uuid
from collections.abc import Callable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from qs_pipeline.quicksight.adoption import AdoptionVerbs
from qs_pipeline.quicksight.caller import create_or_update, growing
from qs_pipeline.quicksight.errors import (
    AlreadyExistsError,
    ConnectionFailedError,
    NotFoundError,
    ServiceFailedError,
)
from qs_pipeline.quicksight.grants import tags_of
from qs_pipeline.quicksight.models import DashboardVersion
from qs_pipeline.quicksight.names import DashboardNames
from qs_pipeline.quicksight.translate import translated

if TYPE_CHECKING:
    from mypy_boto3_quicksight import type_defs as api

_ATTEMPTS = 6


class BuildVerbs(AdoptionVerbs):
    """Versions of dashboards, asked for and listed."""

    def put_dashboard(
        self, names: DashboardNames, definition: Mapping[str, Any], *, exists: bool, version_description: str
    ) -> int:
        """Start to build a version of the dashboard; the first one is published by being made, later ones are not.

        Args:
            names: The assessment.
            definition: A complete ``DashboardVersionDefinition``.
            exists: What the caller remembers. What is there all the same is adopted.
            version_description: Kept with the version; 1 to 500 characters.

        Returns:
            The number of the version.

        Raises:
            NotManagedError: where what is there belongs to another tool.
        """
        resource = f"dashboard {names.dashboard_id}"
        mark = uuid.uuid4().hex[:8]
        update: api.UpdateDashboardRequestTypeDef = {
            "AwsAccountId": self.account.account_id,
            "DashboardId": names.dashboard_id,
            "Name": names.dashboard_name,
            "Definition": cast("api.DashboardVersionDefinitionTypeDef", definition),
            "VersionDescription": f"{version_description} #{mark}",
        }
        create: api.CreateDashboardRequestTypeDef = {**update, "Tags": tags_of(names.assessment)}
        if permissions := self.grants.for_dashboard():
            create["Permissions"] = permissions
        return create_or_update(
            exists=exists,
            create=lambda: self._made(
                names,
                mark,
                lambda: self._call("CreateDashboard", resource, lambda: self._api.create_dashboard(**create))[
                    "VersionArn"
                ],
            ),
            update=lambda: self._made(
                names,
                mark,
                lambda: self._call("UpdateDashboard", resource, lambda: self._api.update_dashboard(**update))[
                    "VersionArn"
                ],
            ),
            adopt=lambda: self.adopt(resource, self.account.dashboard_arn(names), names.assessment),
        )

    def dashboard_versions(self, names: DashboardNames) -> tuple[DashboardVersion, ...]:
        """Every version of the dashboard, the newest first; none where there is no dashboard. One call for 100."""
        pages = self._api.get_paginator("list_dashboard_versions").paginate(
            AwsAccountId=self.account.account_id, DashboardId=names.dashboard_id
        )
        try:
            with translated("ListDashboardVersions", f"dashboard {names.dashboard_id}"):
                found = [
                    DashboardVersion.from_summary(version)
                    for page in pages
                    for version in page.get("DashboardVersionSummaryList", [])
                ]
        except NotFoundError:
            return ()
        return tuple(sorted(found, key=lambda version: version.number, reverse=True))

    def _made(self, names: DashboardNames, mark: str, call: Callable[[], str]) -> int:
        """The number of the version that ``call`` makes and answers the ARN of, or made before its answer was lost."""
        for pause in islice(growing(1.0), _ATTEMPTS - 1):
            try:
                return _number(call())
            except (ConnectionFailedError, ServiceFailedError, AlreadyExistsError) as unclear:
                if version := self._marked(names, mark):
                    return version
                if isinstance(unclear, AlreadyExistsError):
                    raise
            self._sleep(pause)
        return _number(call())

    def _marked(self, names: DashboardNames, mark: str) -> int:
        """The newest version that bears the mark; zero where there is none."""
        return next((each.number for each in self.dashboard_versions(names) if each.mark == mark), 0)


def _number(version_arn: str) -> int:
    return int(version_arn.rpartition("/")[2])
