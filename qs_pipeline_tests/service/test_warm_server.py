"""Runs are forked from a process that holds the libraries, and end with the code server."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from qs_pipeline.service.processes import until
from qs_pipeline.service.supervisor import Service
from qs_pipeline.settings import Settings


def test_the_warm_process_has_one_thread_and_libraries_that_need_no_more() -> None:
    look = (
        "import os, sys, qs_pipeline.service.warm_process; "
        "print(len(os.listdir('/proc/self/task')), *({'dagster', 'boto3', 'polars', 'numpy'} & sys.modules.keys()))"
    )
    said = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True).stdout
    assert sorted(said.split()) == ["1", "boto3", "dagster"]


def test_a_run_is_forked_from_the_warm_process_and_ends_with_its_server(tmp_path: Path) -> None:
    told = tmp_path / "told.json"
    environ = os.environ | {"WITNESS": str(told)}
    settings = Settings(home=tmp_path / "home")
    with Service(settings, environ, ui_port=None, aws_port=0, code="qs_pipeline_tests.service.witness") as service:
        assert until(told.exists, seconds=60), "no run was started"
        found = json.loads(told.read_text())
        warm, server = Path(f"/proc/{found['parent']}"), service.processes["code"]
        assert "forkserver" in (warm / "cmdline").read_text()
        assert f"\nPPid:\t{server}\n" in (warm / "status").read_text()
        assert "cygrpc" in (warm / "maps").read_text()
        os.kill(server, signal.SIGKILL)
        assert until(lambda: not Path(f"/proc/{found['run']}").exists(), seconds=30), "its run outlived the server"
