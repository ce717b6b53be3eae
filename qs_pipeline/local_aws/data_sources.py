"""Data sources: a name for where rows come from. Those of type S3 are read; all others are only remembered."""

from qs_pipeline.local_aws import search
from qs_pipeline.local_aws.account import Account, Handlers, listed
from qs_pipeline.local_aws.errors import ServiceError, exists, invalid, not_found
from qs_pipeline.local_aws.labels import Permissions, Tags, forget
from qs_pipeline.local_aws.manifests import ManifestError, manifest_location, read_manifest
from qs_pipeline.local_aws.state import Doc

_KEPT = ("DataSourceParameters", "VpcConnectionProperties", "SslProperties")
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
            "SearchDataSources": self._search,
            **self._permissions.handlers("DataSource", "datasource", self._get),
        }

    def _get(self, name: str) -> Doc:
        found = self._account.state.get("data_source", name)
        if found is None:
            raise not_found("DATA_SOURCE", name)
        return found

    def _create(self, params: Doc) -> Doc:
        name, now = params["DataSourceId"], self._account.clock()
        if self._account.state.get("data_source", name):
            raise exists("DATA_SOURCE", name)
        self._check_parameters(params["Type"], params)
        arn = self._account.arn(f"datasource/{name}")
        self._permissions.grant(arn, params.get("Permissions", []))
        self._tags.put(arn, params.get("Tags", []))
        doc = {
            "Arn": arn,
            "DataSourceId": name,
            "Name": params["Name"],
            "Type": params["Type"],
            "Status": "CREATION_SUCCESSFUL",
            "CreatedTime": now,
            "LastUpdatedTime": now,
            **{key: params[key] for key in _KEPT if key in params},
        }
        self._account.state.put("data_source", name, doc)
        return {"Arn": arn, "DataSourceId": name, "CreationStatus": "CREATION_IN_PROGRESS", "Status": 202}

    def _update(self, params: Doc) -> Doc:
        doc = self._get(params["DataSourceId"])
        self._check_parameters(doc["Type"], params)
        changed = {"Name": params["Name"], **{key: params[key] for key in _KEPT if key in params}}
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
        found, more = listed(self._account.state, "data_source", params)
        return {"DataSources": [_chosen(doc) for doc in found], **more}

    def _search(self, params: Doc) -> Doc:
        found, more = search.found("DATASOURCE_NAME", self._account.state, "data_source", params)
        return {"DataSourceSummaries": [_chosen(doc) for doc in found], **more}

    def _check_parameters(self, kind: str, params: Doc) -> None:
        parameters = params.get("DataSourceParameters", {})
        if kind != "S3":
            if len(parameters) > 1 or "S3Parameters" in parameters:
                raise invalid(f"DataSourceParameters of a data source of type {kind} cannot hold {sorted(parameters)}")
            return
        if set(parameters) != {"S3Parameters"}:
            raise invalid("an S3 data source needs DataSourceParameters.S3Parameters, and no others")
        place = manifest_location(parameters)
        if self._account.s3.read(place.bucket, place.key) is None:
            raise ServiceError(
                "AccessDeniedException", f"Insufficient permission to access the manifest file {place}", "DATA_SOURCE"
            )
        try:
            read_manifest(self._account.s3, place)
        except ManifestError as error:
            raise invalid(str(error)) from error


def _chosen(doc: Doc) -> Doc:
    return {key: doc[key] for key in _SUMMARY}
