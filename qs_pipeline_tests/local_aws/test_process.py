"""The embedded AWS as a process: it ends when told to, or when its parent is gone, and a kill loses nothing."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from qs_pipeline_tests.local_aws.world import World

DEADLINE_SECONDS = 20


@contextmanager
def _process(home: Path, *arguments: str, port: int = 0) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and its URL."""
    command = [sys.executable, "-m", "qs_pipeline.local_aws", "--home", str(home), "--port", str(port), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().split()[3].rstrip(",")
        finally:
            process.kill()


def test_a_kill_right_after_an_answer_loses_nothing(tmp_path: Path, connect: Callable[..., World]) -> None:
    with _process(tmp_path, "--ingestion-seconds", "0") as (process, url):
        world = connect(url)
        world.s3.create_bucket(Bucket="bucket")
        started = world.data_set("t", "a\n1\n2\n", {"a": "INTEGER"})
        assert world.ingestion("t", started["IngestionId"])["IngestionStatus"] == "COMPLETED"
        world.put("last", b"word")
        before = world.s3.head_object(Bucket="bucket", Key="last")
        process.send_signal(signal.SIGKILL)
        process.wait(DEADLINE_SECONDS)
    with _process(tmp_path) as (process, url):
        world = connect(url)
        after = world.s3.head_object(Bucket="bucket", Key="last")
        assert (after["ETag"], after["LastModified"]) == (before["ETag"], before["LastModified"])
        assert world.ingestion("t", started["IngestionId"])["RowInfo"]["RowsIngested"] == 2
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE_SECONDS) == 0


def test_a_port_or_a_home_in_use_ends_it_with_one_line(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with _process(home) as (_process_there, url):
        token = (home / "admin-token").read_text()
        port = url.rsplit(":", 1)[1]
        for at, line in (
            (
                port,
                f"error: port {port} of 127.0.0.1 is in use: stop what listens there, or choose another with --port",
            ),
            ("0", f"error: {home} is in use by another embedded AWS: stop that one, or choose another with --home"),
        ):
            command = [sys.executable, "-m", "qs_pipeline.local_aws", "--home", str(home), "--port", at]
            done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False)
            assert (done.returncode, done.stderr.strip().splitlines()) == (2, [line])
        assert (home / "admin-token").read_text() == token


def test_it_ends_when_its_parent_is_gone(tmp_path: Path) -> None:
    with (
        subprocess.Popen(["/bin/sleep", "60"]) as parent,
        _process(tmp_path, "--parent-pid", str(parent.pid)) as (
            process,
            _url,
        ),
    ):
        assert process.poll() is None
        parent.kill()
        parent.wait()
        assert process.wait(DEADLINE_SECONDS) == 0


def test_the_process_listens_on_the_loopback_interface_only(tmp_path: Path) -> None:
    with _process(tmp_path) as (process, url):
        port = f"{int(url.rsplit(':', 1)[1]):04X}"
        # Linux lists the sockets of all processes here: address and port in hexadecimal, 0A for listening.
        lines = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
        listening = [address for _, address, _, state, *_ in lines if state == "0A" and address.endswith(f":{port}")]
        assert listening == [f"0100007F:{port}"]
        os.kill(process.pid, signal.SIGINT)
        end = time.monotonic() + DEADLINE_SECONDS
        assert process.wait(end - time.monotonic()) == 0
