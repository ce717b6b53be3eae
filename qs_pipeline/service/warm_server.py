"""Dagster's code server, whose runs are forked from a process that has imported the libraries already.

It takes the arguments of ``dagster api grpc``. A third of the processor time of a short run was the import of Dagster
and boto3. Dagster can fork the steps of a run from a warm process, but not the runs of a code server.
"""

import multiprocessing
import sys
from multiprocessing import forkserver
from typing import Any

from dagster._cli.api import api_cli
from dagster._grpc import server

_WARM = "qs_pipeline.service.warm_process"


class _WarmServer(server.DagsterApiServer):
    """What answers the requests of webserver and daemon, such as the one to start a run."""

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - they are Dagster's
        super().__init__(*arguments, **named)
        self._mp_ctx = multiprocessing.get_context("forkserver")
        self._mp_ctx.set_forkserver_preload([_WARM])
        forkserver.ensure_running()


if __name__ == "__main__":
    server.DagsterApiServer = _WarmServer  # the command line takes it from there
    api_cli(["grpc", *sys.argv[1:]])
