"""The fault plan before S3: requests that end in an error, late, or not at all."""

from collections.abc import Callable, Iterable
from html import escape
from http import HTTPStatus

from qs_pipeline.local_aws.faults import Faults
from qs_pipeline.local_aws.wsgi import Application, ConnectionDropped, Environ, StartResponse, read_body

_STATUSES = {
    "SlowDown": HTTPStatus.SERVICE_UNAVAILABLE,
    "ServiceUnavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "AccessDenied": HTTPStatus.FORBIDDEN,
    "ExpiredToken": HTTPStatus.BAD_REQUEST,
    "RequestTimeout": HTTPStatus.BAD_REQUEST,
    "NoSuchKey": HTTPStatus.NOT_FOUND,
    "PreconditionFailed": HTTPStatus.PRECONDITION_FAILED,
}


class FaultyS3:
    """A WSGI application: another one, behind the faults that are planned for ``s3:<METHOD>``."""

    def __init__(self, s3: Application, faults: Faults, sleep: Callable[[float], object]) -> None:
        self._s3 = s3
        self._faults = faults
        self._sleep = sleep

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request.

        Raises:
            ConnectionDropped: where the fault plan says so.
        """
        path = environ["PATH_INFO"].strip("/").encode("latin-1").decode("utf-8", "replace")
        fault = self._faults.take(f"s3:{environ['REQUEST_METHOD']}", (path,))
        if fault is None:
            return self._s3(environ, start_response)
        self._sleep(fault.delay_seconds)
        if not (fault.reset or fault.error):
            return self._s3(environ, start_response)
        if fault.applied:
            b"".join(self._s3(environ, _unheard))
        else:
            read_body(environ)
        if fault.reset or not fault.error:
            raise ConnectionDropped
        return _refusal(fault.error, fault.message, environ, start_response)


def _refusal(code: str, message: str, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    status = _STATUSES.get(code, HTTPStatus.INTERNAL_SERVER_ERROR)
    told = f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
    body = b"" if environ["REQUEST_METHOD"] == "HEAD" else f'<?xml version="1.0"?>{told}'.encode()
    headers = [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))]
    start_response(f"{status.value} {status.phrase}", headers)
    return [body]


def _unheard(*_: object) -> None:
    """Takes the answer's head that nobody is told."""
