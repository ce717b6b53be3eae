"""QuickSight as a WSGI application: route, throttle, suffer the fault plan, validate, carry out, answer."""

import logging
import time
import uuid
from collections.abc import Callable, Iterable
from http import HTTPStatus

import polars as pl

from qs_pipeline.local_aws import wire
from qs_pipeline.local_aws.account import Account
from qs_pipeline.local_aws.dashboards import Dashboards
from qs_pipeline.local_aws.data_sets import DataSets
from qs_pipeline.local_aws.data_sources import DataSources
from qs_pipeline.local_aws.errors import ServiceError, not_emulated, not_found
from qs_pipeline.local_aws.faults import Fault, Faults
from qs_pipeline.local_aws.ingestions import Ingestions
from qs_pipeline.local_aws.labels import Permissions, Tags
from qs_pipeline.local_aws.state import Doc
from qs_pipeline.local_aws.throttle import Throttle
from qs_pipeline.local_aws.users import Users
from qs_pipeline.local_aws.wsgi import ConnectionDropped, Environ, StartResponse, bearer_of, read_body

_log = logging.getLogger(__name__)


class QuickSight:
    """The operations of every kind of resource behind one door."""

    def __init__(
        self, account: Account, throttle: Throttle, faults: Faults, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._account = account
        self._throttle = throttle
        self._faults = faults
        self._sleep = sleep
        permissions, tags = Permissions(account), Tags(account)
        self._ingestions = Ingestions(account)
        self._data_sets = DataSets(account, permissions, tags, self._ingestions)
        self.handlers = {
            **DataSources(account, permissions, tags).handlers,
            **self._data_sets.handlers,
            **self._ingestions.handlers,
            **Dashboards(account, permissions, tags).handlers,
            **tags.handlers,
            **Users(account).handlers,
        }
        self._sweep()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request.

        Raises:
            ConnectionDropped: where the fault plan says so.
        """
        request_id = str(uuid.uuid4())
        try:
            answer = self._answer(environ, read_body(environ), request_id)
        except ServiceError as error:
            answer = wire.error_reply(error, request_id)
        except ConnectionDropped:
            raise
        except Exception as error:  # noqa: BLE001 - the door: a mistake of ours is answered as QuickSight answers its own
            _log.exception("the embedded QuickSight failed at %s %s", environ["REQUEST_METHOD"], environ["RAW_URI"])
            answer = wire.error_reply(ServiceError("InternalFailureException", repr(error)), request_id)
        status = f"{answer.status} {HTTPStatus(answer.status).phrase}"
        start_response(status, [*answer.headers, ("Content-Length", str(len(answer.body)))])
        return [answer.body]

    def rows(self, data_set: str) -> pl.DataFrame:
        """The rows that the data set serves now.

        Raises:
            ServiceError: where there is no such data set, or nothing has been ingested yet.
        """
        self._ingestions.settle(data_set)
        doc = self._account.state.get("data_set", data_set) or {}
        if "Spice" not in doc:
            raise not_found("SPICE_TABLE", data_set)
        return pl.read_parquet(self._account.spice / doc["Spice"]["file"])

    def _answer(self, environ: Environ, body: bytes, request_id: str) -> wire.Reply:
        uri = environ["RAW_URI"]
        operation, labels = wire.match(environ["REQUEST_METHOD"], uri)
        principal = bearer_of(environ)[0]
        if not self._throttle.admits(principal, operation):
            raise ServiceError("ThrottlingException", "Rate exceeded")
        fault = self._faults.take(operation)
        if fault:
            self._sleep(fault.delay_seconds)
        if operation not in self.handlers:
            raise not_emulated(operation)
        if fault and not fault.applied:
            _suffer(fault)
        output = self._carry_out(operation, wire.parse(operation, labels, uri, body))
        if fault:
            _suffer(fault)
        return wire.reply(operation, output, request_id)

    def _carry_out(self, operation: str, params: Doc) -> Doc:
        ours = self._account.settings.account_id
        if params.get("AwsAccountId", ours) != ours:
            message = f"account {params['AwsAccountId']} is not the embedded one; use {ours}"
            raise ServiceError("AccessDeniedException", message)
        touched = [params["DataSetId"]] if "DataSetId" in params else []
        if operation in ("UpdateDataSource", "DeleteDataSource"):
            touched = self._data_sets.using(params["DataSourceId"])
        for data_set in touched:
            self._ingestions.settle(data_set)
        with self._account.state.transaction():
            return self.handlers[operation](params)

    def _sweep(self) -> None:
        """Remove rows that no data set serves: of deleted ones, and of ingestions that a kill cut short."""
        self._account.spice.mkdir(parents=True, exist_ok=True)
        served = {doc["Spice"]["file"] for doc in self._account.state.all("data_set") if "Spice" in doc}
        for file in self._account.spice.iterdir():
            if file.name not in served:
                file.unlink()


def _suffer(fault: Fault) -> None:
    if fault.reset:
        raise ConnectionDropped
    if fault.error:
        raise ServiceError(fault.error, fault.message)
