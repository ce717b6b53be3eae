"""QuickSight as a WSGI application: route, throttle, suffer the fault plan, validate, carry out, answer."""

import logging
import re
import time
import uuid
from collections.abc import Callable, Iterable
from http import HTTPStatus

import polars as pl

from qs_pipeline.local_aws import wire
from qs_pipeline.local_aws.account import Account
from qs_pipeline.local_aws.errors import ServiceError
from qs_pipeline.local_aws.faults import Fault
from qs_pipeline.local_aws.region import Region
from qs_pipeline.local_aws.state import Doc
from qs_pipeline.local_aws.sts import principal_of
from qs_pipeline.local_aws.throttle import Throttle
from qs_pipeline.local_aws.wsgi import ConnectionDropped, Environ, StartResponse, bearer_of, read_body

_log = logging.getLogger(__name__)
_REGION = re.compile(r"[a-z]{2}(-[a-z]{2,12}){1,3}-\d")


class QuickSight:
    """The door to every region, which are made when they are first called.

    Attributes:
        home: The region of the settings.
    """

    def __init__(self, account: Account, throttle: Throttle, *, sleep: Callable[[float], object] = time.sleep) -> None:
        self._account = account
        self._throttle = throttle
        self._sleep = sleep
        self.home = Region(account, account.settings.region)
        self._regions = {account.settings.region: self.home}
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
        """The rows that a data set of the home region serves now.

        Raises:
            ServiceError: where there is no such data set, or nothing has been ingested yet.
        """
        return self.home.rows(data_set).collect()

    def _answer(self, environ: Environ, body: bytes, request_id: str) -> wire.Reply:
        uri = environ["RAW_URI"]
        operation, labels = wire.match(environ["REQUEST_METHOD"], uri)
        bearer = bearer_of(environ)
        principal = principal_of(bearer.key)
        if not self._throttle.admits(principal, operation):
            raise ServiceError("ThrottlingException", "Rate exceeded")
        region = self._region(bearer.region)
        region.check_emulated(operation)
        params = wire.parse(operation, labels, uri, body)
        fault = self._account.faults.take(operation, (*_named(params), principal))
        if fault:
            self._sleep(fault.delay_seconds)
        if fault and not fault.applied:
            _suffer(fault)
        output = region.carry_out(operation, params)
        wire.check_output(operation, output)
        if fault:
            _suffer(fault)
        return wire.reply(operation, output, request_id)

    def _region(self, name: str) -> Region:
        if not _REGION.fullmatch(name):
            return self.home
        if name not in self._regions:
            self._regions.setdefault(name, Region(self._account, name))
        return self._regions[name]

    def _sweep(self) -> None:
        """Remove rows that no data set serves: of deleted ones, and of ingestions that a kill cut short."""
        self._account.spice.mkdir(parents=True, exist_ok=True)
        served = {doc["Spice"]["file"] for doc in self._account.state.everywhere("data_set") if "Spice" in doc}
        for file in self._account.spice.iterdir():
            if file.name not in served:
                file.unlink()


def _named(params: Doc) -> list[str]:
    """Every id and ARN that the call is about."""
    return [value for name, value in params.items() if name.endswith(("Id", "Arn")) and isinstance(value, str)]


def _suffer(fault: Fault) -> None:
    if fault.reset:
        raise ConnectionDropped
    if fault.error:
        raise ServiceError(fault.error, fault.message)
