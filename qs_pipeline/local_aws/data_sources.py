"""Data sources: S3 manifests under a name."""

from qs_pipeline.local_aws.account import Account, Handlers, page
from qs_pipeline.local_aws.errors import ServiceError, exists, invalid, not_emulated, not_found
from qs_pipeline.local_aws.labels import Permissions, Tags, forget
from qs_pipeline.local_aws.manifests import ManifestError, manifest_location, read_manifest
from qs_pipeline.local_aws.state import Doc

_LONGEST_ID = 96
_SUMMARY = ("Arn", "DataSourceId", "Name", "Type", "CreatedTime", "LastUpdatedTime")


class DataSources:
    """The data sources of the account; a document is the API's ``DataSource``."""

    def __init__(self, account: Account, permissions: Permissions, tags: Tags) -> None:
        self._account = account
        self._permissions = permissions
        self._tags = tags

    @property
    def handlers(self) -> Handlers:
        """The operations by name."""
        return {
            "CreateDataSource": self._create,
            "UpdateDataSource": self._update,
            "DescribeDataSource": self._describe,
            "DeleteDataSource": self._delete,
            "ListDataSources": self._list,
            **self._permissions.handlers("DataSource", "datasource", self._get),
        }

    def _get(self, name: str) -> Doc:
        found = self._account.state.get("data_source", name)
        if found is None:
            raise not_found("DATA_SOURCE", name)
        return found

    def _create(self, params: Doc) -> Doc:
        name, now = params["DataSourceId"], self._account.clock()
        check_id(name)
        if params["Type"] != "S3":
            raise not_emulated(f"data sources of type {params['Type']}")
        if self._account.state.get("data_source", name):
            raise exists("DATA_SOURCE", name)
        self._check_manifest(params)
        arn = self._account.arn(f"datasource/{name}")
        self._permissions.grant(arn, params.get("Permissions", []))
        self._tags.put(arn, params.get("Tags", []))
        doc = {
            "Arn": arn,
            "DataSourceId": name,
            "Name": params["Name"],
            "Type": "S3",
            "Status": "CREATION_SUCCESSFUL",
            "CreatedTime": now,
            "LastUpdatedTime": now,
            "DataSourceParameters": params["DataSourceParameters"],
        }
        self._account.state.put("data_source", name, doc)
        return {"Arn": arn, "DataSourceId": name, "CreationStatus": "CREATION_IN_PROGRESS", "Status": 202}

    def _update(self, params: Doc) -> Doc:
        doc = self._get(params["DataSourceId"])
        self._check_manifest(params)
        changed = {"Name": params["Name"], "DataSourceParameters": params["DataSourceParameters"]}
        times = {"Status": "UPDATE_SUCCESSFUL", "LastUpdatedTime": self._account.clock()}
        self._account.state.put("data_source", doc["DataSourceId"], doc | changed | times)
        answer = {"Arn": doc["Arn"], "DataSourceId": doc["DataSourceId"]}
        return {**answer, "UpdateStatus": "UPDATE_IN_PROGRESS", "Status": 202}

    def _describe(self, params: Doc) -> Doc:
        return {"DataSource": self._get(params["DataSourceId"])}

    def _delete(self, params: Doc) -> Doc:
        doc = self._get(params["DataSourceId"])
        self._account.state.delete("data_source", doc["DataSourceId"])
        forget(self._account, doc["Arn"])
        return {"Arn": doc["Arn"], "DataSourceId": doc["DataSourceId"]}

    def _list(self, params: Doc) -> Doc:
        shown, token = page(self._account.state.all("data_source"), params)
        return {"DataSources": [{key: doc[key] for key in _SUMMARY} for doc in shown], "NextToken": token}

    def _check_manifest(self, params: Doc) -> None:
        parameters = params.get("DataSourceParameters", {})
        if "S3Parameters" not in parameters:
            raise invalid("an S3 data source needs DataSourceParameters.S3Parameters")
        place = manifest_location(parameters)
        if self._account.s3.read(place.bucket, place.key) is None:
            raise ServiceError(
                "AccessDeniedException", f"Insufficient permission to access the manifest file {place}", "DATA_SOURCE"
            )
        try:
            read_manifest(self._account.s3, place)
        except ManifestError as error:
            raise invalid(str(error)) from error


def check_id(name: str) -> None:
    """Data source and data set ids have no bound in the service model, but one in the service.

    Raises:
        ServiceError: InvalidParameterValueException.
    """
    if not 0 < len(name) <= _LONGEST_ID:
        raise invalid(f"the id {name!r} has {len(name)} characters; it may have 1 to {_LONGEST_ID}")
