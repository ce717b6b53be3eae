"""Ingestions: when they run, what they end in, and how many a day may be asked for.

Nothing runs in the background. An ingestion that is past its time reads its rows when somebody next looks at its data
set, which holds under any clock and across restarts alike. At most one of a data set runs; the next begins where the
one before it ended. An edit of the data set ends whatever has not ended yet: its own ingestion supersedes it.
"""

import logging
import math
import uuid
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from qs_pipeline.local_aws.account import Account, Handlers, page
from qs_pipeline.local_aws.errors import ServiceError, exists, invalid, not_found
from qs_pipeline.local_aws.faults import INGESTION
from qs_pipeline.local_aws.manifests import ManifestError, manifest_location, read_manifest
from qs_pipeline.local_aws.spice import IngestionError, Limits, load
from qs_pipeline.local_aws.state import Doc
from qs_pipeline.local_aws.table_maps import prepare

_log = logging.getLogger(__name__)

_DAY = 86_400.0
_ENDED = frozenset({"COMPLETED", "FAILED", "CANCELLED"})
_MANUAL = frozenset({"FULL_REFRESH", "INCREMENTAL_REFRESH"})
# The share of an ingestion's time before it reports that it runs.
_INITIALIZING = 0.1


@dataclass(frozen=True, kw_only=True)
class _Due:
    """An ingestion whose rows are to be read now, with its data set, and when it began (epoch seconds)."""

    data_set: Doc
    maps: Doc
    ingestion: Doc
    began: float


class Ingestions:
    """The ingestions of every data set; a document is the API's ``Ingestion`` and ``Ended`` (epoch seconds)."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._state = account.state
        self._reading: set[str] = set()

    @property
    def handlers(self) -> Handlers:
        """The operations by name."""
        return {
            "CreateIngestion": self._create,
            "DescribeIngestion": self._describe,
            "ListIngestions": self._list,
            "CancelIngestion": self._cancel,
        }

    def start(self, data_set: str, request_type: str, ingestion: str | None = None) -> Doc:
        """Put one more ingestion at the end of the data set's queue, or in its place where the data set was edited."""
        if request_type == "EDIT":
            self._supersede(data_set)
        name = ingestion or str(uuid.uuid4())
        doc = {
            "Arn": self._account.arn(f"dataset/{data_set}/ingestion/{name}"),
            "IngestionId": name,
            "IngestionStatus": "INITIALIZED",
            "CreatedTime": self._account.clock(),
            "RequestSource": "MANUAL",
            "RequestType": request_type,
        }
        self._state.put("ingestion", name, doc, parent=data_set)
        return doc

    def _supersede(self, data_set: str) -> None:
        error = {"Type": "INGESTION_SUPERSEDED", "Message": "an edit of the data set has begun another ingestion"}
        change = {"IngestionStatus": "FAILED", "ErrorInfo": error, "Ended": self._account.clock()}
        for doc in self._state.all("ingestion", parent=data_set):
            if doc["IngestionStatus"] not in _ENDED:
                self._state.put("ingestion", doc["IngestionId"], doc | change, parent=data_set)

    def settle(self, data_set: str) -> None:
        """End every ingestion of the data set whose time has come. Call it outside of any transaction: it reads."""
        while due := self._claim(data_set):
            try:
                self._end(due)
            finally:
                self._reading.discard(due.ingestion["Arn"])

    def _claim(self, data_set: str) -> _Due | None:
        with self._state.lock:
            found = self._state.get("data_set", data_set)
            docs = self._state.all("ingestion", parent=data_set)
            waiting = [doc for doc in docs if doc["IngestionStatus"] not in _ENDED]
            if found is None or not waiting or waiting[0]["Arn"] in self._reading:
                return None
            began = _begins(waiting[0], docs)
            if self._account.clock() < began + self._account.settings.ingestion_seconds:
                return None
            self._reading.add(waiting[0]["Arn"])
            maps = self._state.get("table_maps", data_set) or {}
            return _Due(data_set=found, maps=maps, ingestion=waiting[0], began=began)

    def _end(self, due: _Due) -> None:
        file = f"{uuid.uuid4().hex}.parquet"
        result: Doc = {"Ended": due.began + self._account.settings.ingestion_seconds}
        spice: Doc | None = None
        try:
            spice = self._load(due, file)
        except IngestionError as error:
            result |= {"IngestionStatus": "FAILED", "ErrorInfo": {"Type": error.kind, "Message": error.message}}
        except Exception as error:  # noqa: BLE001 - whoever polls must learn that it ended, whatever it was
            _log.exception("the embedded QuickSight failed at %s", due.ingestion["Arn"])
            told = {"Type": "INTERNAL_SERVICE_ERROR", "Message": repr(error)}
            result |= {"IngestionStatus": "FAILED", "ErrorInfo": told}
        else:
            rows = {"RowsIngested": spice["rows"], "RowsDropped": spice["dropped"], "TotalRowsInDataset": spice["rows"]}
            result |= {"IngestionStatus": "COMPLETED", "RowInfo": rows, "IngestionSizeInBytes": spice["size"]}
            result |= {"IngestionTimeInSeconds": math.ceil(self._account.settings.ingestion_seconds)}
        data_set, name = due.data_set["DataSetId"], due.ingestion["IngestionId"]
        with self._state.transaction():
            current = self._state.get("ingestion", name, parent=data_set)
            owner = self._state.get("data_set", data_set)
            # It may have been cancelled, or its data set deleted, while the rows were read.
            stale = file
            if current and owner and current["IngestionStatus"] not in _ENDED:
                self._state.put("ingestion", name, current | result, parent=data_set)
                if spice:
                    stale = owner.get("Spice", {}).get("file")
                    self._state.put("data_set", data_set, owner | {"Spice": spice})
        if stale:
            (self._account.spice / stale).unlink(missing_ok=True)

    def _load(self, due: _Due, file: str) -> Doc:
        data_set = due.data_set["DataSetId"]
        fault = self._account.faults.take(INGESTION, (data_set, due.ingestion["IngestionId"]))
        if fault and fault.error:
            raise IngestionError(fault.error, fault.message)
        preparation = prepare(due.maps)
        source_id = self._account.resource(preparation.data_source, "datasource")
        source = self._state.get("data_source", source_id) if source_id else None
        if source is None:
            raise IngestionError("DATA_SOURCE_NOT_FOUND", f"the data source {preparation.data_source} is not found")
        if not preparation.of_files:
            told = f"not emulated: the rows of a data source of type {source['Type']}"
            raise IngestionError("DATA_SOURCE_CONNECTION_FAILED", told)
        try:
            manifest = read_manifest(self._account.s3, manifest_location(source["DataSourceParameters"]))
        except ManifestError as error:
            raise IngestionError("S3_MANIFEST_ERROR", str(error)) from error
        loaded = load(
            preparation,
            manifest,
            self._account.s3,
            target=self._account.spice / file,
            limits=self._limits(due.data_set),
            lose=fault.dropped_rows if fault else 0,
        )
        return {"file": file, "rows": loaded.rows, "dropped": loaded.dropped, "size": loaded.size}

    def _limits(self, data_set: Doc) -> Limits:
        settings = self._account.settings
        others = self._state.total("data_set", "$.Spice.size") - data_set.get("Spice", {}).get("size", 0)
        return Limits(
            skippable_rows=settings.skippable_rows,
            row_bytes=settings.row_bytes,
            rows=settings.data_set_rows,
            size=settings.data_set_bytes,
            capacity=settings.account_bytes - others,
        )

    def _create(self, params: Doc) -> Doc:
        data_set, name = params["DataSetId"], params["IngestionId"]
        if self._data_set(data_set)["ImportMode"] != "SPICE":
            raise invalid(f"data set {data_set} is queried directly; only one that is in SPICE can be refreshed")
        if self._state.get("ingestion", name, parent=data_set):
            raise exists("INGESTION", name)
        since = self._account.clock() - _DAY
        asked = [doc for doc in self._state.all("ingestion", parent=data_set) if doc["RequestType"] in _MANUAL]
        most = self._account.settings.refreshes_a_day
        if sum(doc["CreatedTime"] > since for doc in asked) >= most:
            raise ServiceError(
                "LimitExceededException",
                f"data set {data_set} has had {most} refreshes within 24 hours, which is the limit",
                "INGESTION",
            )
        doc = self.start(data_set, params.get("IngestionType", "FULL_REFRESH"), name)
        return {"Arn": doc["Arn"], "IngestionId": name, "IngestionStatus": "INITIALIZED", "Status": 201}

    def _describe(self, params: Doc) -> Doc:
        self._data_set(params["DataSetId"])
        for doc in self._shown(params["DataSetId"]):
            if doc["IngestionId"] == params["IngestionId"]:
                return {"Ingestion": doc}
        raise not_found("INGESTION", params["IngestionId"])

    def _list(self, params: Doc) -> Doc:
        self._data_set(params["DataSetId"])
        shown, more = page(self._shown(params["DataSetId"])[::-1], params)
        return {"Ingestions": shown, **more}

    def _cancel(self, params: Doc) -> Doc:
        data_set, name = params["DataSetId"], params["IngestionId"]
        self._data_set(data_set)
        doc = self._state.get("ingestion", name, parent=data_set)
        if doc is None:
            raise not_found("INGESTION", name)
        if doc["IngestionStatus"] in _ENDED:
            raise invalid(f"ingestion {name} is {doc['IngestionStatus']}; only one that has not ended can be cancelled")
        error = {"Type": "INGESTION_CANCELED", "Message": "cancelled by request"}
        change = {"IngestionStatus": "CANCELLED", "ErrorInfo": error, "Ended": self._account.clock()}
        self._state.put("ingestion", name, doc | change, parent=data_set)
        return {"Arn": doc["Arn"], "IngestionId": name}

    def _shown(self, data_set: str) -> list[Doc]:
        """The ingestions as the API answers them, oldest first."""
        docs = self._state.all("ingestion", parent=data_set)
        waiting = [doc for doc in docs if doc["IngestionStatus"] not in _ENDED]
        if waiting:
            running_from = _begins(waiting[0], docs) + self._account.settings.ingestion_seconds * _INITIALIZING
            if self._account.clock() >= running_from:
                waiting[0]["IngestionStatus"] = "RUNNING"
        for before, doc in pairwise(waiting):
            queue = {"WaitingOnIngestion": before["IngestionId"], "QueuedIngestion": doc["IngestionId"]}
            doc |= {"IngestionStatus": "QUEUED", "QueueInfo": queue}
        return [{key: value for key, value in doc.items() if key != "Ended"} for doc in docs]

    def _data_set(self, name: str) -> Doc:
        found = self._state.get("data_set", name)
        if found is None:
            raise not_found("DATA_SET", name)
        return found


def _begins(first: Doc, docs: list[dict[str, Any]]) -> float:
    """When the first waiting ingestion begins: at its creation, or at the end of what ran before it."""
    return max([first["CreatedTime"], *(doc["Ended"] for doc in docs if "Ended" in doc)])
