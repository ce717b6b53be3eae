"""One loopback port for everything: the HTTP server, and who answers which request.

The service in the signature's credential scope decides; what is unsigned goes by its path, and else is S3's. No site
that the user visits may reach the data through the browser: requests from pages elsewhere are refused, and those to a
name that is not a loopback one unless they are signed and cannot come from a browser.
"""

import ipaddress
import logging
from collections.abc import Iterable, Mapping
from typing import cast
from urllib.parse import unquote, urlsplit

from cheroot.wsgi import Gateway_10, Server

from qs_pipeline.local_aws.framing import Connection, origin_form
from qs_pipeline.local_aws.wsgi import Application, ConnectionDropped, Environ, StartResponse, bearer_of

_log = logging.getLogger(__name__)

_HOST = "127.0.0.1"
_THREADS = 16
_META = b"x-amz-meta-"


class PortInUseError(Exception):
    """The port is taken; the message says so in one line."""

    def __init__(self, port: int) -> None:
        super().__init__(f"port {port} of {_HOST} is in use: stop what listens there, or choose another with --port")
        self.port = port


class Dispatcher:
    """A WSGI application that hands each request to the one whose it is."""

    def __init__(self, *, services: Mapping[str, Application], pages: Mapping[str, Application]) -> None:
        """Nothing is asked of them yet.

        Args:
            services: By the name that signatures give them: ``s3``.
            pages: What people and scripts look at, unsigned, by the first segment of the path: ``_qs``.
        """
        self._services = services
        self._pages = pages

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        service = bearer_of(environ).service
        origin: str = environ.get("HTTP_ORIGIN", "")
        if origin and not _is_loopback(urlsplit(origin).netloc):
            return _refuse(start_response, "403 Forbidden", f"pages of {origin} are not served")
        # A page can change the languages that its browser names but not leave them out; clients of AWS name none.
        may_be_a_page = not service or "HTTP_ACCEPT_LANGUAGE" in environ
        if may_be_a_page and not _is_loopback(environ.get("HTTP_HOST", "")):
            return _refuse(start_response, "403 Forbidden", "only requests to a loopback name are served")
        first = environ["PATH_INFO"].split("/")[1] if not service else ""
        answering = self._pages.get(first) or self._services.get(service or "s3")
        if answering is None:
            return _refuse(start_response, "501 Not Implemented", f"not emulated: the service {service}")
        return answering(environ, start_response)


class _Gateway(Gateway_10):
    """cheroot's bridge to WSGI, with what moto and the fault plan want of it."""

    def get_environ(self) -> Environ:
        environ = cast("Environ", super().get_environ())  # pyright: ignore[reportUnknownMemberType] - cheroot has no types
        raw = origin_form(environ["REQUEST_URI"])
        environ["REQUEST_URI"] = raw  # moto reads this one
        # cheroot leaves %2F in the path it decodes; keys and ARNs may hold any character.
        environ["PATH_INFO"] = unquote(raw.partition("?")[0], "latin-1")
        environ["RAW_URI"] = raw
        # The spelling of metadata names that WSGI folds; moto reads it from here to answer them as they were sent.
        named = [name.decode("latin-1") for name in self.req.inheaders if name.lower().startswith(_META)]
        preserved = {"HTTP_" + name.upper().replace("-", "_"): name for name in named if "_" in name}
        environ["moto.preserved_header_names"] = preserved
        return environ

    def respond(self) -> None:
        try:
            super().respond()
        except ConnectionDropped:
            # cheroot then ends the connection and, the request being unready, sends no headers first.
            self.req.close_connection = True
            self.req.ready = False


class HttpServer(Server):
    """A threaded server on the loopback interface, whose connections stay open between requests.

    It listens from ``prepare`` on; who answers, ``wsgi_app``, may be told at any time before ``serve``.
    """

    def __init__(self, port: int) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType] - cheroot has no types
            (_HOST, port), None, numthreads=_THREADS, request_queue_size=128
        )
        self.gateway = _Gateway
        self.ConnectionClass = Connection
        # How often the server looks up from waiting, and so how long a stop may take (seconds).
        self.expiration_interval = 0.05

    @property
    def port(self) -> int:
        """The port that is served; 0 stands for any until ``prepare`` has found one."""
        return cast("tuple[str, int]", self.bind_addr)[1]  # pyright: ignore[reportUnknownMemberType] - as above

    def prepare(self) -> None:
        """Listen.

        Raises:
            PortInUseError: where somebody else does.
        """
        try:
            super().prepare()
        except OSError as error:
            raise PortInUseError(self.port) from error

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:  # noqa: FBT001, FBT002 - cheroot calls it so
        """What cheroot would print goes to the log."""
        _log.log(level, "%s", msg, exc_info=traceback)


def _is_loopback(host: str) -> bool:
    name = urlsplit(f"//{host}").hostname or ""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _refuse(start_response: StartResponse, status: str, message: str) -> Iterable[bytes]:
    body = message.encode()
    start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
