"""Locks, signals, process groups and ports: what a supervisor needs of the operating system, and nothing of ours."""

import contextlib
import ctypes
import fcntl
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Collection, Generator
from pathlib import Path
from typing import IO
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

HOST = "127.0.0.1"
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_LIBC = ctypes.CDLL(None)
# Loopback is asked directly, whatever proxy the machine names.
_DIRECTLY = build_opener(ProxyHandler({}))
_POLL_SECONDS = 0.05
_REAPED_SECONDS = 3.0
_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def exclusive(path: Path, *, patience: float = 0) -> Generator[IO[str] | None]:
    """The file at ``path``, locked until the block ends; None where another process holds it for ``patience`` seconds.

    A process that inherits the file's descriptor holds the lock as well, until the last of them has ended.
    """
    with path.open("a") as file:
        yield file if until(lambda: _locked(file, fcntl.LOCK_EX), seconds=patience) else None


def is_held(path: Path) -> bool:
    """Whether somebody holds the file at ``path`` as ``exclusive``.

    To look takes a shared lock for a moment: lookers never see each other, and who wants the file needs some patience.
    """
    if not path.exists():
        return False
    with path.open() as file:
        return not _locked(file, fcntl.LOCK_SH)


def _locked(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def end_at_first_signal() -> None:
    """Let the first request to end raise ``KeyboardInterrupt`` or ``SystemExit``, and ignore those that follow.

    So nobody who is impatient interrupts the cleaning up. What is ignored already, as under nohup, stays so.
    """
    for each in _ENDINGS:
        if signal.getsignal(each) != signal.SIG_IGN:
            signal.signal(each, _end)


def _end(number: int, _frame: object) -> None:
    for each in _ENDINGS:
        signal.signal(each, signal.SIG_IGN)
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    sys.exit(128 + number)


@contextlib.contextmanager
def undisturbed() -> Generator[None]:
    """Finish the block whatever asks this process to end."""
    if threading.current_thread() is not threading.main_thread():  # signals reach the main thread only
        yield
        return
    before = {each: signal.signal(each, signal.SIG_IGN) for each in _ENDINGS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def groups_with(variable: str, groups: Collection[int]) -> set[int]:
    """Those of the process ``groups`` with a living member that was started with ``variable``, as ``NAME=value``.

    A number may long have gone to somebody else's group: only what bears our mark is ours.
    """
    found: set[int] = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended, or belongs to another user
            group = os.getpgid(int(process.name))
            if group in groups and variable.encode() in (process / "environ").read_bytes().split(b"\0"):
                found.add(group)
    return found


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


def end_with_parent() -> None:
    """Called in a child before its program starts: on Linux, it is asked to end when its parent has, however."""
    if sys.platform == "linux":
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


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
        with _DIRECTLY.open(url, timeout=2) as reply:
            return reply.status == 200  # noqa: PLR2004 - HTTP OK
    except (URLError, OSError):
        return False
