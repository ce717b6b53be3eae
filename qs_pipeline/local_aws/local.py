"""The embedded AWS as one object: start it, use its URL, stop it."""

import fcntl
import os
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import polars as pl
from moto.moto_server.werkzeug_app import create_backend_app

from qs_pipeline.local_aws.account import Account
from qs_pipeline.local_aws.admin import Admin
from qs_pipeline.local_aws.cloudwatch import CloudWatch
from qs_pipeline.local_aws.faults import Faults
from qs_pipeline.local_aws.iam import Iam
from qs_pipeline.local_aws.quicksight import QuickSight
from qs_pipeline.local_aws.s3 import S3
from qs_pipeline.local_aws.s3_faults import FaultyS3
from qs_pipeline.local_aws.server import Dispatcher, HttpServer
from qs_pipeline.local_aws.settings import Settings
from qs_pipeline.local_aws.sqs import empty_sqs
from qs_pipeline.local_aws.state import State
from qs_pipeline.local_aws.throttle import Throttle
from qs_pipeline.local_aws.viewer import Viewer

_ONE_A_PROCESS = threading.Lock()


class HomeInUseError(Exception):
    """Another process serves this home; the message says so in one line."""

    def __init__(self, home: Path) -> None:
        super().__init__(f"{home} is in use by another embedded AWS: stop that one, or choose another with --home")
        self.home = home


class LocalAws:
    """S3, STS and QuickSight on one loopback port, from ``start`` (or ``with``) until ``stop``.

    One at a time in a process, since moto keeps its objects in the process.

    Attributes:
        faults: The fault plan; add to it at any time.
        viewer: The pages below ``/dashboards``; from ``start`` on.
        admin_token: What the header ``X-QS-Admin-Token`` must carry; also in ``<home>/admin-token``.
    """

    def __init__(
        self,
        *,
        home: Path,
        port: int = 0,
        settings: Settings | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], object] | None = None,
        faults: Faults | None = None,
    ) -> None:
        """Nothing is opened yet.

        Args:
            home: The folder of all state; made if need be.
            port: 0 takes any free one.
            settings: Limits and durations.
            clock: Seconds since the epoch; ingestions, versions, quotas and throttling go by it.
            sleep: How the fault plan's delays are waited; if not given, until ``stop`` at the latest.
            faults: The fault plan to begin with.
        """
        self._home = home
        self._port = port
        self._settings = settings or Settings()
        self._clock = clock
        self._stopping = threading.Event()
        self._sleep = sleep or self._stopping.wait
        self.faults = faults or Faults()
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
            HomeInUseError: where another process serves this home.
            RuntimeError: where another one runs in this process.
        """
        if not _ONE_A_PROCESS.acquire(blocking=False):
            raise RuntimeError("an embedded AWS runs in this process already: stop it, or use a process of its own")
        self._stopping.clear()
        with ExitStack() as opened:
            opened.callback(_ONE_A_PROCESS.release)
            self._open(opened)
            self._opened = opened.pop_all()

    def stop(self) -> None:
        """Finish what is being answered, close the port and the state."""
        self._stopping.set()
        self._opened.close()

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

    def _open(self, opened: ExitStack) -> None:
        # Port and home are claimed before anything in the home is touched: they may be another's.
        self._server = HttpServer(self._port)
        self._server.prepare()
        opened.callback(self._server.stop)
        self._home.mkdir(parents=True, exist_ok=True)
        _claim(self._home, opened)
        _write_secret(self._home / "admin-token", self.admin_token)
        # S3 has a state of its own: QuickSight reads S3 while it holds its own lock, and never the other way round.
        s3_state = opened.enter_context(closing(State(self._home / "s3.sqlite")))
        state = opened.enter_context(closing(State(self._home / "quicksight.sqlite")))
        s3 = opened.enter_context(closing(S3(s3_state, self._home / "s3")))
        account = Account(
            settings=self._settings,
            region=self._settings.region,
            state=state,
            clock=self._clock,
            s3=s3,
            spice=self._home / "spice",
            faults=self.faults,
        )
        self._quicksight = QuickSight(account, self._throttle, sleep=self._sleep)
        self.viewer = Viewer(self._quicksight.home, self._home / "viewer")
        s3_with_faults = FaultyS3(s3, self.faults, self._sleep)
        self._server.wsgi_app = Dispatcher(
            services={
                "s3": s3_with_faults,
                "sqs": empty_sqs(),
                "sts": create_backend_app("sts"),
                "iam": Iam(self.faults),
                "monitoring": CloudWatch(self._quicksight.home.spice_use),
                "quicksight": self._quicksight,
            },
            pages={
                "_qs": Admin(token=self.admin_token, throttle=self._throttle, faults=self.faults),
                "dashboards": self.viewer,
            },
        )
        thread = threading.Thread(target=self._server.serve, name="local-aws", daemon=True)
        thread.start()
        opened.callback(thread.join)
        opened.callback(self._server.stop)


def _claim(home: Path, opened: ExitStack) -> None:
    """Hold the home's lock until ``opened`` closes; the system lets go of it if the process dies first."""
    lock = opened.enter_context((home / "lock").open("w"))
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise HomeInUseError(home) from error


def _write_secret(file: Path, secret: str) -> None:
    """Readable by its owner only, from the first byte."""
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(secret)
