"""What cheroot reads more narrowly than HTTP allows, and proxies write: the case of options, and the whole address.

Knows requests as they come in, and nothing of who answers them.
"""

from typing import cast
from urllib.parse import urlsplit

from cheroot.server import HeaderReader, HTTPConnection, HTTPRequest

_SPELT = {b"close": b"close", b"keep-alive": b"Keep-Alive", b"100-continue": b"100-continue"}


class _Headers(HeaderReader):
    """Reads the options that cheroot compares to one spelling only, in that spelling."""

    def __call__(self, rfile: object, hdict: dict[bytes, bytes] | None = None) -> dict[bytes, bytes]:
        headers = cast("dict[bytes, bytes]", super().__call__(rfile, hdict))  # pyright: ignore[reportUnknownMemberType] - cheroot has no types
        for name in (b"Connection", b"Expect"):
            if name in headers:
                headers[name] = _SPELT.get(headers[name].strip().lower(), headers[name])
        return headers


class _Request(HTTPRequest):
    header_reader = _Headers()

    def __init__(self, server: object, conn: object) -> None:
        """In proxy mode, which does not make it a proxy: the request line may hold the whole address."""
        super().__init__(server, conn, proxy_mode=True)  # pyright: ignore[reportUnknownMemberType] - as above


class Connection(HTTPConnection):
    """A connection of the server."""

    RequestHandlerClass = _Request


def origin_form(uri: str) -> str:
    """The path and query of a request line's address, still escaped, whether host and scheme are there or not."""
    if uri.startswith("/"):
        return uri
    parts = urlsplit(uri)
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
