"""A bad line between the service and the account: a proxy that drops, loses, repeats, cuts, refuses and delays.

The fault plan of the embedded AWS strikes where it was thought of. A bad line strikes anywhere: an answer that ends in
its middle, or a request that is carried out twice.
"""

import contextlib
import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

FATES = ("dropped", "lost", "repeated", "cut", "refused", "delayed")
"""Before it came there; after it was carried out; sent twice; half an answer; answered with 503; late."""

_SHARE = 0.05
_LATE_SECONDS = 2.0
_CONNECTION = {"connection", "transfer-encoding", "content-length", "expect"}
_RESET = struct.pack("ii", 1, 0)


class Wire:
    """A proxy on a loopback port, as a context manager: good until it is told to be ``bad``.

    Args:
        upstream: Where requests go.
        seed: Of what befalls them.
        share: How much of them each fate befalls.
        fates: Those of ``FATES`` that there are.
    """

    def __init__(self, upstream: str, *, seed: int, share: float = _SHARE, fates: Sequence[str] = FATES) -> None:
        self.bad = False
        self.struck = Counter[str]()
        self._chance, self._lock = random.Random(seed), threading.Lock()  # noqa: S311 - no secret
        self._fates, self._share = fates, share
        place = urlsplit(upstream)
        wire = self

        class Handler(_Handler):
            def upstream(self) -> HTTPConnection:
                return HTTPConnection(place.hostname or "", place.port, timeout=60)

            def fate(self) -> str:
                return wire._fate()

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _fate(self) -> str:
        with self._lock:
            drawn = int(self._chance.random() / self._share)
            fate = self._fates[drawn] if self.bad and drawn < len(self._fates) else ""
            if fate:
                self.struck[fate] += 1
            return fate


class _Handler(BaseHTTPRequestHandler):
    """One request a connection: what is kept open could not be broken one by one."""

    protocol_version = "HTTP/1.1"

    def upstream(self) -> HTTPConnection:
        """A connection to the account."""
        raise NotImplementedError

    def fate(self) -> str:
        """What befalls this request."""
        raise NotImplementedError

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Nothing is told."""

    def handle_any(self) -> None:
        """Pass a request on, or not, and its answer, or not."""
        self.close_connection = True
        with contextlib.suppress(OSError, HTTPException):  # either side has gone
            body, fate = self._body(), self.fate()
            if fate == "refused":
                self.connection.sendall(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
                return
            if fate == "delayed":
                time.sleep(_LATE_SECONDS)
            if fate == "repeated":
                self._carried_out(body)
            head, content = (b"", b"") if fate == "dropped" else self._carried_out(body)
            if fate not in ("dropped", "lost"):
                self.connection.sendall(head + (content[: len(content) // 2] if fate == "cut" else content))
            if fate in ("dropped", "lost", "cut"):
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                self.connection.close()

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any  # noqa: N815 - the base asks for these names

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        return body

    def _carried_out(self, body: bytes) -> tuple[bytes, bytes]:
        """Head and content of the account's answer, as they go over the line."""
        with contextlib.closing(self.upstream()) as account:
            account.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in _CONNECTION:
                    account.putheader(name, value)
            account.putheader("Content-Length", str(len(body)))
            account.putheader("Connection", "close")
            account.endheaders(body)
            reply = account.getresponse()
            return _head(reply), reply.read()


def _head(reply: HTTPResponse) -> bytes:
    kept = [(name, value) for name, value in reply.getheaders() if name.lower() not in _CONNECTION]
    size = reply.getheader("Content-Length")
    if size is not None:  # without one the answer ends with the connection
        kept.append(("Content-Length", size))
    lines = [f"HTTP/1.1 {reply.status} {reply.reason}", *(f"{name}: {value}" for name, value in kept)]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1")
