"""The routes below ``/_qs/``: readiness, the tally of calls, and the fault plan, which wants the admin token.

A page in the browser of the same machine can reach the port; it cannot read the token's file.
"""

import hmac
import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from qs_pipeline.local_aws.faults import Faults, fault_of
from qs_pipeline.local_aws.throttle import Throttle
from qs_pipeline.local_aws.wsgi import Environ, StartResponse, parse_json, read_body

PREFIX = "/_qs/"


class Admin:
    """A WSGI application."""

    def __init__(self, *, token: str, throttle: Throttle, faults: Faults) -> None:
        self._token = token
        self._throttle = throttle
        self._faults = faults

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request, always in JSON."""
        status, value = self._answer(environ)
        body = json.dumps(value, indent=1).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start_response(f"{status} {HTTPStatus(status).phrase}", headers)
        return [body]

    def _answer(self, environ: Environ) -> tuple[int, Any]:
        match environ["REQUEST_METHOD"], environ["PATH_INFO"].removeprefix(PREFIX):
            case "GET", "health":
                return 200, {"status": "ok"}
            case "GET", "stats":
                return 200, self._throttle.stats()
            case method, "faults":
                return self._fault_plan(method, environ)
            case method, path:
                return 404, {"error": f"there is no {method} {PREFIX}{path}; see health, stats and faults"}

    def _fault_plan(self, method: str, environ: Environ) -> tuple[int, Any]:
        given = environ.get("HTTP_X_QS_ADMIN_TOKEN", "")
        if not hmac.compare_digest(given.encode(), self._token.encode()):
            return 403, {"error": "the header X-QS-Admin-Token must be the text in the file admin-token"}
        if method == "DELETE":
            self._faults.clear()
        elif method == "POST":
            try:
                self._faults.add(fault_of(parse_json(read_body(environ))))
            except ValueError as error:
                return 400, {"error": f"no fault: {error}"}
        return 200, self._faults.shown()
