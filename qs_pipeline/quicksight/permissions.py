"""The verbs that bring the permissions of what exists in line with the settings: a look, and a change where one is due.

Each tells whether anything differed. What people granted by hand to others stays as it is.
"""

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from qs_pipeline.quicksight.caller import Caller
from qs_pipeline.quicksight.grants import Difference, difference
from qs_pipeline.quicksight.names import DashboardNames, TableNames

if TYPE_CHECKING:
    from mypy_boto3_quicksight import type_defs as api


class PermissionVerbs(Caller):
    """Permissions of data sources, data sets and dashboards.

    ``formerly`` are the principals of earlier settings: they lose what they have, unless it is granted anew.
    """

    def align_data_source(self, names: TableNames, formerly: Collection[str]) -> bool:
        """Grant and revoke what differs on the data source of a table."""
        account, source = self.account.account_id, names.data_source_id
        return self._align(
            "DataSourcePermissions",
            f"data source {source}",
            lambda: self._api.describe_data_source_permissions(AwsAccountId=account, DataSourceId=source).get(
                "Permissions", []
            ),
            lambda change: self._api.update_data_source_permissions(
                AwsAccountId=account, DataSourceId=source, **change.request
            ),
            self.grants.for_data_source(),
            formerly,
        )

    def align_data_set(self, names: TableNames, formerly: Collection[str]) -> bool:
        """Grant and revoke what differs on the data set of a table."""
        account, data_set = self.account.account_id, names.data_set_id
        return self._align(
            "DataSetPermissions",
            f"data set {data_set}",
            lambda: self._api.describe_data_set_permissions(AwsAccountId=account, DataSetId=data_set).get(
                "Permissions", []
            ),
            lambda change: self._api.update_data_set_permissions(
                AwsAccountId=account, DataSetId=data_set, **change.request
            ),
            self.grants.for_data_set(),
            formerly,
        )

    def align_dashboard(self, names: DashboardNames, formerly: Collection[str]) -> bool:
        """Grant and revoke what differs on the dashboard of an assessment; waits while a version of it builds."""
        account, dashboard = self.account.account_id, names.dashboard_id
        return self._align(
            "DashboardPermissions",
            f"dashboard {dashboard}",
            lambda: self._api.describe_dashboard_permissions(AwsAccountId=account, DashboardId=dashboard).get(
                "Permissions", []
            ),
            lambda change: self._api.update_dashboard_permissions(
                AwsAccountId=account, DashboardId=dashboard, **change.request
            ),
            self.grants.for_dashboard(),
            formerly,
        )

    def _align(
        self,
        kind: str,
        resource: str,
        describe: "Callable[[], Sequence[api.ResourcePermissionOutputTypeDef]]",
        update: Callable[[Difference], object],
        wanted: "Sequence[api.ResourcePermissionTypeDef]",
        formerly: Collection[str],
    ) -> bool:
        held = self._call(f"Describe{kind}", resource, describe)
        change = difference(held, wanted, formerly)
        if change:
            self._call(f"Update{kind}", resource, lambda: update(change))
        return bool(change)
