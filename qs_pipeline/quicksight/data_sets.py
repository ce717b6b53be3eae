"""The verbs of data sources and data sets: make, refresh, look."""

from contextlib import suppress
from typing import TYPE_CHECKING

from qs_pipeline.quicksight.caller import Caller, create_or_update
from qs_pipeline.quicksight.errors import AlreadyExistsError, NotFoundError
from qs_pipeline.quicksight.grants import tags_of
from qs_pipeline.quicksight.models import DataSetState, IngestionHandle
from qs_pipeline.quicksight.names import TableNames
from qs_pipeline.quicksight.table_map import TableMap

if TYPE_CHECKING:
    from mypy_boto3_quicksight import type_defs as api


class DataSetVerbs(Caller):
    """Data sources and data sets of tables.

    ``exists`` is what the caller remembers: one call while it is right, two when it is not.
    """

    def put_data_source(self, names: TableNames, manifest_bucket: str, manifest_key: str, *, exists: bool) -> None:
        """Have a data source that reads the manifest ``s3://manifest_bucket/manifest_key``.

        Raises:
            AccessDeniedError: where QuickSight cannot read the manifest, among others.
        """
        resource = f"data source {names.data_source_id}"
        update: api.UpdateDataSourceRequestTypeDef = {
            "AwsAccountId": self.account.account_id,
            "DataSourceId": names.data_source_id,
            "Name": names.data_source_name,
            "DataSourceParameters": {
                "S3Parameters": {"ManifestFileLocation": {"Bucket": manifest_bucket, "Key": manifest_key}}
            },
        }
        create: api.CreateDataSourceRequestTypeDef = {**update, "Type": "S3", "Tags": tags_of(names.assessment)}
        if permissions := self.grants.for_data_source():
            create["Permissions"] = permissions
        create_or_update(
            exists=exists,
            create=lambda: self._call("CreateDataSource", resource, lambda: self._api.create_data_source(**create)),
            update=lambda: self._call("UpdateDataSource", resource, lambda: self._api.update_data_source(**update)),
        )

    def put_data_set(self, names: TableNames, table_map: TableMap, *, exists: bool) -> IngestionHandle:
        """Have a data set with these columns, reading the data source of ``names``; its rows are loaded anew.

        Returns:
            The ingestion that QuickSight starts by itself: wait for it, and start no other.

        Raises:
            LimitExceededError: where the refreshes of the day are used up.
        """
        resource = f"data set {names.data_set_id}"
        update: api.UpdateDataSetRequestTypeDef = {
            "AwsAccountId": self.account.account_id,
            "DataSetId": names.data_set_id,
            "Name": names.data_set_name,
            "PhysicalTableMap": table_map.physical(self.account.data_source_arn(names)),
            "LogicalTableMap": table_map.logical(),
            "ImportMode": "SPICE",
        }
        create: api.CreateDataSetRequestTypeDef = {**update, "Tags": tags_of(names.assessment)}
        if permissions := self.grants.for_data_set():
            create["Permissions"] = permissions
        ingestion_id = create_or_update(
            exists=exists,
            create=lambda: self._call("CreateDataSet", resource, lambda: self._api.create_data_set(**create))[
                "IngestionId"
            ],
            update=lambda: self._call("UpdateDataSet", resource, lambda: self._api.update_data_set(**update))[
                "IngestionId"
            ],
        )
        return IngestionHandle(names=names, ingestion_id=ingestion_id)

    def refresh_data_set(self, names: TableNames, ingestion_id: str) -> IngestionHandle:
        """Load the rows of an unchanged data set anew.

        Args:
            names: The table.
            ingestion_id: Chosen by the caller for this load; asking for the same one again starts nothing new.

        Raises:
            NotFoundError: where there is no such data set.
            LimitExceededError: where the refreshes of the day are used up.
        """
        with suppress(AlreadyExistsError):
            self._call(
                "CreateIngestion",
                f"data set {names.data_set_id}",
                lambda: self._api.create_ingestion(
                    AwsAccountId=self.account.account_id,
                    DataSetId=names.data_set_id,
                    IngestionId=ingestion_id,
                    IngestionType="FULL_REFRESH",
                ),
            )
        return IngestionHandle(names=names, ingestion_id=ingestion_id)

    def data_set(self, names: TableNames) -> DataSetState | None:
        """The data set of a table as it stands, or None."""
        try:
            reply = self._call(
                "DescribeDataSet",
                f"data set {names.data_set_id}",
                lambda: self._api.describe_data_set(AwsAccountId=self.account.account_id, DataSetId=names.data_set_id),
            )
        except NotFoundError:
            return None
        return DataSetState.from_api(reply["DataSet"])
