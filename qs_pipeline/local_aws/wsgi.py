"""The WSGI types that the applications on the port share, and how a request's body is read."""

import json
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple
from urllib.parse import unquote

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


def parse_json(body: bytes) -> object:
    """The value of JSON that anyone may have written.

    Raises:
        ValueError: where it is none, is no UTF-8, begins with a byte order mark, or is nested beyond reason.
    """
    try:
        return json.loads(body.decode())
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


class Bearer(NamedTuple):
    """Who calls which service where, as the signature's credential scope says; empty texts where there is none."""

    key: str
    region: str
    service: str


def bearer_of(environ: Environ) -> Bearer:
    """The bearer of a request.

    The scope is ``<key>/<date>/<region>/<service>/aws4_request``, in the header or, of a presigned URL, in the query.
    """
    signed = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2].partition(",")[0]
    if not signed:
        signed = unquote(environ.get("QUERY_STRING", "").partition("X-Amz-Credential=")[2].partition("&")[0])
    parts = signed.strip().split("/")
    if len(parts) < len(("key", "date", "region", "service", "end")):
        return Bearer("", "", "")
    return Bearer(parts[0], parts[-3], parts[-2])
