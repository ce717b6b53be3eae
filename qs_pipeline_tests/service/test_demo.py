"""``make demo`` on a machine that holds real-looking credentials: nothing of them is used."""

import socket
import threading
from pathlib import Path

import pytest

from qs_pipeline.service.processes import HOST
from qs_pipeline_tests.service.conftest import Person

pytestmark = pytest.mark.slow


def test_the_demo_publishes_and_never_touches_the_account_of_the_machine(tmp_path: Path) -> None:
    callers: list[object] = []
    with socket.socket() as elsewhere:
        elsewhere.bind((HOST, 0))
        elsewhere.listen()
        elsewhere.settimeout(0.2)
        ended = threading.Event()

        def listen() -> None:
            while not ended.is_set():
                try:
                    connection, caller = elsewhere.accept()
                except TimeoutError:
                    continue
                callers.append(caller)
                connection.close()

        listener = threading.Thread(target=listen)
        listener.start()
        account = f"http://{HOST}:{elsewhere.getsockname()[1]}"
        try:
            demo = Person(tmp_path / "home").types(
                "demo", "--once", "--port", "0", "--aws-port", "0",
                AWS_ENDPOINT_URL=account, AWS_ENDPOINT_URL_S3=account, AWS_ENDPOINT_URL_QUICKSIGHT=account,
                AWS_ACCESS_KEY_ID="AKIAREALLOOKING", AWS_SECRET_ACCESS_KEY="real-looking", AWS_PROFILE="production",
            )  # fmt: skip
        finally:
            ended.set()
            listener.join()
    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert "published" in demo.stdout
    assert not callers
