"""The verbs that destroy. Each reads the tags first, and what does not bear ours is not touched."""

from collections.abc import Callable

from qs_pipeline.quicksight.adoption import AdoptionVerbs, missing_tags
from qs_pipeline.quicksight.errors import NotFoundError, NotManagedError
from qs_pipeline.quicksight.names import DashboardNames, TableNames
from qs_pipeline.quicksight.translate import translated


class RemovalVerbs(AdoptionVerbs):
    """Deletions; what is gone already is success."""

    def data_set_ids(self) -> frozenset[str]:
        """The ids of all data sets of the account that we may see; one call for 100."""
        pages = self._api.get_paginator("list_data_sets").paginate(AwsAccountId=self.account.account_id)
        with translated("ListDataSets", f"the data sets of account {self.account.account_id}"):
            return frozenset(each.get("DataSetId", "") for page in pages for each in page["DataSetSummaries"])

    def data_source_ids(self) -> frozenset[str]:
        """The ids of all data sources of the account that we may see; one call for 100."""
        pages = self._api.get_paginator("list_data_sources").paginate(AwsAccountId=self.account.account_id)
        with translated("ListDataSources", f"the data sources of account {self.account.account_id}"):
            return frozenset(each.get("DataSourceId", "") for page in pages for each in page["DataSources"])

    def dashboard_ids(self) -> frozenset[str]:
        """The ids of all dashboards of the account that we may see; one call for 100."""
        pages = self._api.get_paginator("list_dashboards").paginate(AwsAccountId=self.account.account_id)
        with translated("ListDashboards", f"the dashboards of account {self.account.account_id}"):
            return frozenset(
                each.get("DashboardId", "") for page in pages for each in page.get("DashboardSummaryList", [])
            )

    def manages_data_set(self, names: TableNames) -> bool:
        """Whether the data set of a table is there and bears our tags."""
        return self._manages(f"data set {names.data_set_id}", self.account.data_set_arn(names), names.assessment)

    def manages_dashboard(self, names: DashboardNames) -> bool:
        """Whether the dashboard of an assessment is there and bears our tags."""
        return self._manages(f"dashboard {names.dashboard_id}", self.account.dashboard_arn(names), names.assessment)

    def _manages(self, resource: str, arn: str, assessment: str) -> bool:
        try:
            return not missing_tags(self.tags(resource, arn), assessment)
        except NotFoundError:
            return False

    def delete_data_set(self, names: TableNames) -> None:
        """Delete the data set of a table.

        Raises:
            NotManagedError: where it does not bear our tags.
        """
        self._delete(
            "DeleteDataSet",
            f"data set {names.data_set_id}",
            self.account.data_set_arn(names),
            names.assessment,
            lambda: self._api.delete_data_set(AwsAccountId=self.account.account_id, DataSetId=names.data_set_id),
        )

    def delete_data_source(self, names: TableNames) -> None:
        """Delete the data source of a table; its data set goes first.

        Raises:
            NotManagedError: where it does not bear our tags.
        """
        self._delete(
            "DeleteDataSource",
            f"data source {names.data_source_id}",
            self.account.data_source_arn(names),
            names.assessment,
            lambda: self._api.delete_data_source(
                AwsAccountId=self.account.account_id, DataSourceId=names.data_source_id
            ),
        )

    def delete_dashboard(self, names: DashboardNames) -> None:
        """Delete the dashboard of an assessment with all its versions: for an assessment that is retired, for no other.

        Raises:
            NotManagedError: where it does not bear our tags.
        """
        self._delete(
            "DeleteDashboard",
            f"dashboard {names.dashboard_id}",
            self.account.dashboard_arn(names),
            names.assessment,
            lambda: self._api.delete_dashboard(AwsAccountId=self.account.account_id, DashboardId=names.dashboard_id),
        )

    def _delete(self, operation: str, resource: str, arn: str, assessment: str, delete: Callable[[], object]) -> None:
        try:
            if missing := missing_tags(self.tags(resource, arn), assessment):
                wanted = ", ".join(f"{tag['Key']}={tag['Value']}" for tag in missing)
                raise NotManagedError(
                    operation=operation,
                    resource=resource,
                    detail=f"it is not tagged {wanted}, so it was not made here and stays",
                    fix="Delete it by hand, or tag it if it is ours after all",
                )
            self._call(operation, resource, delete)
        except NotFoundError:
            return
