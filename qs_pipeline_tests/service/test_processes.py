"""Locks, groups and signals, tried with real processes."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from qs_pipeline.service.processes import HOST, answers, end_groups, exclusive, groups_with, is_held, until


@pytest.fixture
def sleepers() -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """One process with our mark and one of a stranger, each in a group of its own."""
    started = {
        name: subprocess.Popen(["sleep", "60"], env={"QS_HOME": home}, start_new_session=True)  # noqa: S607
        for name, home in (("ours", "/a"), ("stranger", "/a/b"))
    }
    yield started
    for process in started.values():
        process.kill()
        process.wait()


def test_only_groups_that_bear_our_mark_are_ours(sleepers: dict[str, subprocess.Popen[bytes]]) -> None:
    ours, stranger = (sleepers[name].pid for name in ("ours", "stranger"))
    assert until(lambda: groups_with("QS_HOME=/a", [ours, stranger]) == {ours}, seconds=5)
    assert groups_with("QS_HOME=/a", []) == set()


def test_a_group_that_ended_is_nobodys(sleepers: dict[str, subprocess.Popen[bytes]]) -> None:
    ours = sleepers["ours"]
    assert end_groups([ours.pid], lambda: ours.poll() is not None, patience=5)
    assert groups_with("QS_HOME=/a", [ours.pid]) == set()


def test_looking_whether_a_file_is_held_keeps_nobody_from_holding_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not is_held(path)
    with exclusive(path) as lock:
        assert lock is not None
        assert is_held(path)
        with exclusive(path) as second:
            assert second is None
    assert not is_held(path)

    looking = threading.Event()

    def look() -> None:
        while not looking.is_set():
            is_held(path)

    lookers = [threading.Thread(target=look) for _ in range(3)]
    for looker in lookers:
        looker.start()
    try:
        for _ in range(50):
            with exclusive(path, patience=5) as lock:
                assert lock is not None
    finally:
        looking.set()
        for looker in lookers:
            looker.join()


_TAKES_ITS_TIME = """
import time
from qs_pipeline.service.processes import end_at_first_signal, undisturbed, until
end_at_first_signal()
try:
    {first}
finally:
    {cleaning}
    print("cleaned up", flush=True)
"""
_WAITING = "print('waiting', flush=True); time.sleep(60)"


@pytest.mark.parametrize(
    ("first", "cleaning", "code"),
    [
        (_WAITING, "print('cleaning', flush=True); time.sleep(0.5)", 128 + signal.SIGTERM),
        ("print('waiting', flush=True)", "with undisturbed(): print('cleaning', flush=True); time.sleep(0.5)", 0),
    ],
)
def test_cleaning_up_is_finished_however_often_it_is_asked_for(first: str, cleaning: str, code: int) -> None:
    script = _TAKES_ITS_TIME.format(first=first, cleaning=cleaning)
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "waiting\n"
    if code:
        process.send_signal(signal.SIGTERM)
    assert process.stdout.readline() == "cleaning\n"
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        process.send_signal(number)
    assert process.stdout.readline() == "cleaned up\n"
    assert process.wait() == code


def test_what_is_ignored_stays_ignored() -> None:
    script = _TAKES_ITS_TIME.format(
        first="import os, signal; os.kill(os.getpid(), signal.SIGHUP); print('here')", cleaning="pass"
    )
    ended = subprocess.run(["nohup", sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S607
    assert ended.stdout == "here\ncleaned up\n"


def test_loopback_is_asked_directly_whatever_proxy_the_machine_names(monkeypatch: pytest.MonkeyPatch) -> None:
    class Healthy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keep the terminal clean."""

    for name in [name for name in os.environ if name.lower() == "no_proxy"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with HTTPServer((HOST, 0), Healthy) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        assert answers(f"http://{HOST}:{server.server_port}/")
        server.shutdown()
        serving.join()


@pytest.mark.long
def test_a_command_beside_the_first_start_of_a_service_does_not_break_its_instance(tmp_path: Path) -> None:
    make = (
        "import sys, pathlib, qs_pipeline.service.supervisor as supervisor;"
        "supervisor.make_instance(pathlib.Path(sys.argv[1]))"
    )
    maker = subprocess.Popen([sys.executable, "-c", make, str(tmp_path)])
    assert until((tmp_path / "dagster" / "dagster.yaml").exists, seconds=60)
    found = sorted(path.name for path in tmp_path.rglob("*.db"))
    assert maker.wait() == 0
    assert found == sorted(path.name for path in tmp_path.rglob("*.db")) != [], "it is found when it is whole"
