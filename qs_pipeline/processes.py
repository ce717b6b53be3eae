"""Locks, process groups and ports: what a supervisor needs of the operating system, and nothing of ours."""

import contextlib
import fcntl
import os
import signal
import socket
import time
from collections.abc import Callable, Collection, Generator
from pathlib import Path
from typing import IO
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

HOST = "127.0.0.1"
_POLL_SECONDS = 0.05
_REAPED_SECONDS = 3.0


@contextlib.contextmanager
def exclusive(path: Path) -> Generator[IO[str] | None]:
    """The file at ``path``, locked until the block ends; None where another process holds it.

    A process that inherits the file's descriptor holds the lock as well, until the last of them has ended.
    """
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield file


def end_groups(groups: Collection[int], ended: Callable[[], bool], *, patience: float) -> bool:
    """Ask process groups to end, and kill what is left of them after ``patience`` seconds; whether all have ended."""
    for send, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, patience)):
        for group in groups:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, send)
        if until(ended, seconds=seconds):
            break
    # A worker may outlive the leader that was waited for.
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
    return until(lambda: ended() and not any(group_lives(group) for group in groups), seconds=_REAPED_SECONDS)


def group_lives(group: int) -> bool:
    """Whether the process group has a member left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # a group of somebody else's, who took the number
        return False
    return True


def until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Whether ``condition`` came true within ``seconds``."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def is_free(port: int) -> bool:
    """Whether a server could listen on the loopback ``port``."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def listens(port: int) -> bool:
    """Whether somebody listens on the loopback ``port``."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def answers(url: str) -> bool:
    """Whether the loopback ``url`` answers with success."""
    if urlsplit(url).hostname != HOST:
        raise ValueError(f"{url}: only {HOST} is asked")
    try:
        with urlopen(url, timeout=2) as reply:  # noqa: S310 - checked above
            return reply.status == 200  # noqa: PLR2004 - HTTP OK
    except (URLError, OSError):
        return False
