"""The WSGI types that the applications on the port share, and how a request's body is read."""

from collections.abc import Callable, Iterable
from typing import Any

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


class ConnectionDropped(Exception):  # noqa: N818 - no error: the fault plan wants it
    """The connection is to end here, without an answer."""


def read_body(environ: Environ) -> bytes:
    """The request's body, whole; empty where it has none."""
    if environ.get("wsgi.input_terminated"):
        return environ["wsgi.input"].read()
    length = int(environ.get("CONTENT_LENGTH") or 0)
    return environ["wsgi.input"].read(length) if length else b""


def bearer_of(environ: Environ) -> tuple[str, str]:
    """The access key and the service of the request's credential scope; both empty where it is unsigned.

    The scope is ``<key>/<date>/<region>/<service>/aws4_request``, in the header or, of a presigned URL, in the query.
    """
    signed = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2].partition(",")[0]
    if not signed:
        query = environ.get("QUERY_STRING", "").partition("X-Amz-Credential=")[2].partition("&")[0]
        signed = query.replace("%2F", "/")
    parts = signed.split("/")
    return (parts[0], parts[-2]) if len(parts) >= len(("key", "date", "region", "service", "end")) else ("", "")
