"""Data sets: S3 files imported into SPICE through casts; writing one starts an ingestion by itself."""

from qs_pipeline.local_aws.account import Account, Handlers, page
from qs_pipeline.local_aws.data_sources import check_id
from qs_pipeline.local_aws.errors import exists, not_found
from qs_pipeline.local_aws.ingestions import Ingestions
from qs_pipeline.local_aws.labels import Permissions, Tags, forget
from qs_pipeline.local_aws.state import Doc
from qs_pipeline.local_aws.table_maps import prepare

_SUMMARY = ("Arn", "DataSetId", "Name", "CreatedTime", "LastUpdatedTime", "ImportMode")
_NOT_KEPT = frozenset({"AwsAccountId", "Permissions", "Tags", "FolderArns"})


class DataSets:
    """The data sets of the account; a document is the API's ``DataSet`` and ``Spice``, where the rows lie."""

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
            **self._permissions.handlers("DataSet", "dataset", self._get),
        }

    def using(self, data_source: str) -> list[str]:
        """The ids of the data sets over the data source of this id."""
        arn = self._account.arn(f"datasource/{data_source}")
        return [doc["DataSetId"] for doc in self._account.state.all("data_set") if prepare(doc).data_source == arn]

    def _get(self, name: str) -> Doc:
        found = self._account.state.get("data_set", name)
        if found is None:
            raise not_found("DATA_SET", name)
        return found

    def _create(self, params: Doc) -> Doc:
        name, now = params["DataSetId"], self._account.clock()
        check_id(name)
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
        return self._write(params, kept, "EDIT")

    def _write(self, params: Doc, kept: Doc, request_type: str) -> Doc:
        source = prepare(params).data_source
        source_id = self._account.resource(source, "datasource")
        if source_id is None or self._account.state.get("data_source", source_id) is None:
            raise not_found("DATA_SOURCE", source)
        written = {key: value for key, value in params.items() if key not in _NOT_KEPT}
        doc: Doc = {**kept, **written, "LastUpdatedTime": self._account.clock()}
        self._account.state.put("data_set", doc["DataSetId"], doc)
        ingestion = self._ingestions.start(doc["DataSetId"], request_type)
        return {
            "Arn": doc["Arn"],
            "DataSetId": doc["DataSetId"],
            "IngestionArn": ingestion["Arn"],
            "IngestionId": ingestion["IngestionId"],
            "Status": 201,
        }

    def _describe(self, params: Doc) -> Doc:
        doc = self._get(params["DataSetId"])
        size = doc.pop("Spice", {}).get("size", 0)
        return {
            "DataSet": {**doc, "OutputColumns": prepare(doc).output_columns, "ConsumedSpiceCapacityInBytes": size},
        }

    def _delete(self, params: Doc) -> Doc:
        """The rows' file stays until the next start sweeps it: the deletion is not committed yet at this point."""
        doc = self._get(params["DataSetId"])
        self._account.state.delete("data_set", doc["DataSetId"])
        self._account.state.clear("ingestion", parent=doc["DataSetId"])
        forget(self._account, doc["Arn"])
        return {"Arn": doc["Arn"], "DataSetId": doc["DataSetId"]}

    def _list(self, params: Doc) -> Doc:
        shown, token = page(self._account.state.all("data_set"), params)
        summaries = [{key: doc[key] for key in _SUMMARY} for doc in shown]
        return {"DataSetSummaries": summaries, "NextToken": token}
