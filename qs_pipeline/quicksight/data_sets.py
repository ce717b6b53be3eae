"""The verbs of data sources and data sets: make, refresh, look."""

from contextlib import suppress
from typing import TYPE_CHECKING

from qs_pipeline.quicksight.caller import create_or_update
from qs_pipeline.quicksight.contents import CONTENT_TAG, ContentVerbs, tag_of_edit
from qs_pipeline.quicksight.errors import AlreadyExistsError, NotFoundError
from qs_pipeline.quicksight.grants import tags_of
from qs_pipeline.quicksight.models import DataSetState, IngestionHandle
from qs_pipeline.quicksight.names import TableNames
from qs_pipeline.quicksight.table_map import TableMap

if TYPE_CHECKING:
    from mypy_boto3_quicksight import type_defs as api


class DataSetVerbs(ContentVerbs):
    """Data sources and data sets of tables.

    ``exists`` is what the caller remembers: one call while it is right, two when it is not.
    """

    def put_data_source(self, names: TableNames, manifest_bucket: str, manifest_key: str, *, exists: bool) -> None:
        """Have a data source that reads the manifest ``s3://manifest_bucket/manifest_key``.

        Raises:
            AccessDeniedError: where QuickSight cannot read the manifest, among others.
        """
        update = self._data_source(names, manifest_bucket, manifest_key)
        create_or_update(
            exists=exists,
            create=lambda: self.create_data_source(names, manifest_bucket, manifest_key),
            update=lambda: self._call(
                "UpdateDataSource",
                f"data source {names.data_source_id}",
                lambda: self._api.update_data_source(**update),
            ),
            adopt=lambda: self._adopt_data_source(names),
        )

    def adopt_table(self, names: TableNames) -> bool:
        """Make a data source that nobody remembers ours, and its data set; tells whether there is one.

        Raises:
            NotManagedError: where one of them belongs to another tool.
        """
        there = True
        try:
            self._adopt_data_set(names)
        except NotFoundError:
            there = False
        self._adopt_data_source(names)
        return there

    def _adopt_data_source(self, names: TableNames) -> None:
        self.adopt(f"data source {names.data_source_id}", self.account.data_source_arn(names), names.assessment)

    def _adopt_data_set(self, names: TableNames) -> None:
        self.adopt(f"data set {names.data_set_id}", self.account.data_set_arn(names), names.assessment)

    def create_data_source(self, names: TableNames, manifest_bucket: str, manifest_key: str) -> object:
        """Make the data source that reads the manifest.

        Raises:
            AlreadyExistsError: where there is one, and whoever asks has forgotten.
        """
        create: api.CreateDataSourceRequestTypeDef = {
            **self._data_source(names, manifest_bucket, manifest_key),
            "Type": "S3",
            "Tags": tags_of(names.assessment),
        }
        if permissions := self.grants.for_data_source():
            create["Permissions"] = permissions
        return self._call(
            "CreateDataSource",
            f"data source {names.data_source_id}",
            lambda: self._api.create_data_source(**create),
        )

    def _data_source(self, names: TableNames, bucket: str, key: str) -> "api.UpdateDataSourceRequestTypeDef":
        return {
            "AwsAccountId": self.account.account_id,
            "DataSourceId": names.data_source_id,
            "Name": names.data_source_name,
            "DataSourceParameters": {"S3Parameters": {"ManifestFileLocation": {"Bucket": bucket, "Key": key}}},
        }

    def put_data_set(
        self, names: TableNames, table_map: TableMap, *, exists: bool, label: str = "", rows: int | None = None
    ) -> IngestionHandle:
        """Have a data set with these columns, reading the data source of ``names``; its rows are loaded anew.

        Args:
            names: The table.
            table_map: Its columns.
            exists: What the caller remembers.
            label: Of the content that is loaded, kept as a tag: free with a new data set, a call after an update.
                Without it no tag is written.
            rows: Of the content that is loaded. With it and the label, a data set that nobody remembers and that holds
                or loads this content is not loaded again: it was just made, and the answer was lost.

        Returns:
            The ingestion that QuickSight starts by itself: wait for it, and start no other.

        Raises:
            LimitExceededError: where the refreshes of the day are used up.
            NotManagedError: where a data set that nobody remembers belongs to another tool.
        """
        resource, arn = f"data set {names.data_set_id}", self.account.data_set_arn(names)
        update: api.UpdateDataSetRequestTypeDef = {
            "AwsAccountId": self.account.account_id,
            "DataSetId": names.data_set_id,
            "Name": names.data_set_name,
            "PhysicalTableMap": table_map.physical(self.account.data_source_arn(names)),
            "LogicalTableMap": table_map.logical(),
            "ImportMode": "SPICE",
        }
        tags = tags_of(names.assessment)
        if label:
            tags.append({"Key": CONTENT_TAG, "Value": label})
        create: api.CreateDataSetRequestTypeDef = {**update, "Tags": tags}
        if permissions := self.grants.for_data_set():
            create["Permissions"] = permissions

        def created() -> IngestionHandle:
            reply = self._call("CreateDataSet", resource, lambda: self._api.create_data_set(**create))
            return IngestionHandle(names=names, ingestion_id=reply["IngestionId"], created=True)

        def updated() -> IngestionHandle:
            reply = self._call("UpdateDataSet", resource, lambda: self._api.update_data_set(**update))
            return IngestionHandle(names=names, ingestion_id=reply["IngestionId"])

        def updated_and_labelled() -> IngestionHandle:
            handle = updated()
            if label:
                moved: list[api.TagTypeDef] = [{"Key": CONTENT_TAG, "Value": tag_of_edit(label, handle.ingestion_id)}]
                self._call("TagResource", resource, lambda: self._api.tag_resource(ResourceArn=arn, Tags=moved))
            return handle

        def adopted() -> IngestionHandle | None:
            if label and rows is not None and (found := self.loaded(names, label, rows=rows)):
                return found
            return self._adopt_data_set(names)

        return create_or_update(exists=exists, create=created, update=updated_and_labelled, adopt=adopted)

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
