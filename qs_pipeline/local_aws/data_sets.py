"""Data sets: what is made of a data source's rows; writing one that is imported into SPICE starts an ingestion."""

from qs_pipeline.local_aws import search
from qs_pipeline.local_aws.account import Account, Handlers, listed
from qs_pipeline.local_aws.errors import exists, invalid, not_found
from qs_pipeline.local_aws.ingestions import Ingestions
from qs_pipeline.local_aws.labels import Permissions, Tags, forget
from qs_pipeline.local_aws.state import Doc
from qs_pipeline.local_aws.table_maps import prepare

_SUMMARY = ("Arn", "DataSetId", "Name", "CreatedTime", "LastUpdatedTime", "ImportMode")
_NOT_KEPT = frozenset({"AwsAccountId", "Permissions", "Tags", "FolderArns"})


class DataSets:
    """The data sets of the region; a document is the API's ``DataSetSummary`` and ``Spice``, where the rows lie.

    What a data set was written with, which is large and never listed, is a document ``table_maps`` of the same id. A
    ``use`` document below each data source's ARN names the data sets that stand on it.
    """

    def __init__(self, account: Account, permissions: Permissions, tags: Tags, ingestions: Ingestions) -> None:
        self._account = account
        self._permissions = permissions
        self._tags = tags
        self._ingestions = ingestions

    @property
    def handlers(self) -> Handlers:
        """The operations by name."""
        return {
            "CreateDataSet": self._create,
            "UpdateDataSet": self._update,
            "DescribeDataSet": self._describe,
            "DeleteDataSet": self._delete,
            "ListDataSets": self._list,
            "SearchDataSets": self._search,
            **self._permissions.handlers("DataSet", "dataset", self._get),
        }

    def using(self, data_source: str) -> list[str]:
        """The ids of the data sets over the data source of this id."""
        arn = self._account.arn(f"datasource/{data_source}")
        return [doc["DataSetId"] for doc in self._account.state.all("use", parent=arn)]

    def _get(self, name: str) -> Doc:
        found = self._account.state.get("data_set", name)
        if found is None:
            raise not_found("DATA_SET", name)
        return found

    def _maps(self, doc: Doc) -> Doc:
        return self._account.state.get("table_maps", doc["DataSetId"]) or {}

    def _leave_source(self, doc: Doc) -> None:
        self._account.state.delete("use", doc["DataSetId"], parent=prepare(self._maps(doc)).data_source)

    def _create(self, params: Doc) -> Doc:
        name, now = params["DataSetId"], self._account.clock()
        if self._account.state.get("data_set", name):
            raise exists("DATA_SET", name)
        arn = self._account.arn(f"dataset/{name}")
        self._permissions.grant(arn, params.get("Permissions", []))
        self._tags.put(arn, params.get("Tags", []))
        return self._write(params, {"Arn": arn, "CreatedTime": now}, "INITIAL_INGESTION")

    def _update(self, params: Doc) -> Doc:
        """A full replacement: of what was there only identity, birth and rows stay."""
        old = self._get(params["DataSetId"])
        kept = {key: old[key] for key in ("Arn", "CreatedTime", "Spice") if key in old}
        self._leave_source(old)
        return self._write(params, kept, "EDIT")

    def _write(self, params: Doc, kept: Doc, request_type: str) -> Doc:
        prepared = prepare(params)
        source_id = self._account.resource(prepared.data_source, "datasource")
        source = self._account.state.get("data_source", source_id) if source_id else None
        if source is None:
            raise not_found("DATA_SOURCE", prepared.data_source)
        if prepared.of_files != (source["Type"] == "S3"):
            raise invalid(
                f"the physical table is not of the kind of its data source, which is of type {source['Type']}"
            )
        written = {key: value for key, value in params.items() if key not in _NOT_KEPT}
        told = {key: params[key] for key in ("DataSetId", "Name", "ImportMode")}
        doc: Doc = {**kept, **told, "LastUpdatedTime": self._account.clock()}
        name = doc["DataSetId"]
        self._account.state.put("data_set", name, doc)
        self._account.state.put("table_maps", name, written)
        self._account.state.put("use", name, {"DataSetId": name}, parent=prepared.data_source)
        answer = {"Arn": doc["Arn"], "DataSetId": name, "Status": 201}
        if params["ImportMode"] != "SPICE":
            return answer | {"Status": 200}
        ingestion = self._ingestions.start(name, request_type)
        return answer | {"IngestionArn": ingestion["Arn"], "IngestionId": ingestion["IngestionId"]}

    def _describe(self, params: Doc) -> Doc:
        doc = self._get(params["DataSetId"])
        size = doc.pop("Spice", {}).get("size", 0)
        maps = self._maps(doc)
        columns = prepare(maps).output_columns
        return {"DataSet": {**maps, **doc, "OutputColumns": columns, "ConsumedSpiceCapacityInBytes": size}}

    def _delete(self, params: Doc) -> Doc:
        """The rows' file stays until the next start sweeps it: the deletion is not committed yet at this point."""
        doc = self._get(params["DataSetId"])
        self._account.state.delete("data_set", doc["DataSetId"])
        self._account.state.clear("ingestion", parent=doc["DataSetId"])
        self._leave_source(doc)
        self._account.state.delete("table_maps", doc["DataSetId"])
        forget(self._account, doc["Arn"])
        return {"Arn": doc["Arn"], "DataSetId": doc["DataSetId"]}

    def _list(self, params: Doc) -> Doc:
        found, more = listed(self._account.state, "data_set", params)
        return {"DataSetSummaries": [_chosen(doc) for doc in found], **more}

    def _search(self, params: Doc) -> Doc:
        found, more = search.found("DATASET_NAME", self._account.state, "data_set", params)
        return {"DataSetSummaries": [_chosen(doc) for doc in found], **more}


def _chosen(doc: Doc) -> Doc:
    return {key: doc[key] for key in _SUMMARY}
