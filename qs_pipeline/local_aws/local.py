"""The embedded AWS as one object: start it, use its URL, stop it."""

import os
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import polars as pl
from moto.moto_server.werkzeug_app import create_backend_app

from qs_pipeline.local_aws.account import Account
from qs_pipeline.local_aws.admin import Admin
from qs_pipeline.local_aws.faults import Faults
from qs_pipeline.local_aws.quicksight import QuickSight
from qs_pipeline.local_aws.s3 import S3
from qs_pipeline.local_aws.server import Dispatcher, HttpServer
from qs_pipeline.local_aws.settings import Settings
from qs_pipeline.local_aws.state import State
from qs_pipeline.local_aws.throttle import Throttle

_ONE_A_PROCESS = threading.Lock()


class LocalAws:
    """S3, STS and QuickSight on one loopback port, from ``start`` (or ``with``) until ``stop``.

    One at a time in a process, since moto keeps its objects in the process.

    Attributes:
        faults: The fault plan; add to it at any time.
        admin_token: What the header ``X-QS-Admin-Token`` must carry; also in ``<home>/admin-token``.
    """

    def __init__(
        self,
        *,
        home: Path,
        port: int = 0,
        settings: Settings | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Nothing is opened yet.

        Args:
            home: The folder of all state; made if need be.
            port: 0 takes any free one.
            settings: Limits and durations.
            clock: Seconds since the epoch; ingestions, versions, quotas and throttling go by it.
            sleep: How the fault plan's delays are waited.
        """
        self._home = home
        self._port = port
        self._settings = settings or Settings()
        self._clock = clock
        self._sleep = sleep
        self.faults = Faults()
        self.admin_token = secrets.token_urlsafe()
        self._throttle = Throttle(self._settings, clock)

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop."""
        self.stop()

    def start(self) -> None:
        """Load what ``home`` holds and serve it; connections are accepted when this returns.

        Raises:
            PortInUseError: where the port is taken.
            RuntimeError: where another one runs in this process.
        """
        if not _ONE_A_PROCESS.acquire(blocking=False):
            raise RuntimeError(
                "an embedded AWS runs in this process already: stop it first, or use a process of its own"
            )
        try:
            self._open()
        except BaseException:
            _ONE_A_PROCESS.release()
            raise
        self._thread = threading.Thread(target=self._server.serve, name="local-aws", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish what is being answered, close the port and the state."""
        self._server.stop()
        self._thread.join()
        self._s3.close()
        for state in self._states:
            state.close()
        _ONE_A_PROCESS.release()

    @property
    def port(self) -> int:
        """The port that is served."""
        return self._server.port

    @property
    def url(self) -> str:
        """What ``AWS_ENDPOINT_URL`` must be."""
        return f"http://127.0.0.1:{self.port}"

    def stats(self) -> dict[str, Any]:
        """What ``/_qs/stats`` answers."""
        return self._throttle.stats()

    def rows(self, data_set: str) -> pl.DataFrame:
        """The rows that a data set serves now, typed as its columns are."""
        return self._quicksight.rows(data_set)

    def _open(self) -> None:
        self._home.mkdir(parents=True, exist_ok=True)
        token_file = self._home / "admin-token"
        token_file.unlink(missing_ok=True)
        with os.fdopen(os.open(token_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(self.admin_token)
        # S3 has a state of its own: QuickSight reads S3 while it holds its own lock, and never the other way round.
        self._states = (State(self._home / "s3.sqlite"), State(self._home / "quicksight.sqlite"))
        self._s3 = S3(self._states[0], self._home / "s3")
        account = Account(
            settings=self._settings,
            state=self._states[1],
            clock=self._clock,
            s3=self._s3,
            spice=self._home / "spice",
        )
        self._quicksight = QuickSight(account, self._throttle, self.faults, sleep=self._sleep)
        services = {"s3": self._s3, "sts": create_backend_app("sts"), "quicksight": self._quicksight}
        admin = Admin(token=self.admin_token, throttle=self._throttle, faults=self.faults)
        self._server = HttpServer(self._port, Dispatcher(admin=admin, services=services))
        self._server.prepare()
