"""Dagster's launcher for one host, which also notices that runs ended together with the code server that held them.

Only ``deploy/dagster.one-host.yaml`` names it. Runs are processes of the code server, which tells of one that died.
When the server itself is killed nobody does: Dagster believed such a run to be at work until its longest run time was
over, and its assessment waited as long. Nothing public of Dagster describes a launcher, so private names stand here;
the versions in ``constraints.txt`` and a test hold them in place.
"""

from collections.abc import Mapping
from typing import Any, Self

import dagster as dg
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.launcher.base import CheckRunHealthResult, WorkerStatus
from dagster._grpc.types import CanCancelExecutionRequest, CanCancelExecutionResult
from dagster._serdes import deserialize_value
from dagster._serdes.config_class import ConfigurableClassData


class WatchedRunLauncher(dg.DefaultRunLauncher):
    """``DefaultRunLauncher`` whose runs Dagster's run monitoring can ask after; configured as that is."""

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData, config_value: Mapping[str, Any]) -> Self:  # noqa: ARG003 - there is nothing to configure
        """The launcher that ``dagster.yaml`` describes."""
        return cls(inst_data=inst_data)

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Yes: this is why the class exists."""
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Whether the code server knows the run. As long as no server answers, the run counts as one at work."""
        client = self._get_grpc_client_for_termination(run.run_id)
        if client is None:  # it has ended meanwhile
            return CheckRunHealthResult(WorkerStatus.SUCCESS)
        try:
            answer = client.can_cancel_execution(CanCancelExecutionRequest(run_id=run.run_id))
        except DagsterUserCodeUnreachableError:
            return CheckRunHealthResult(WorkerStatus.RUNNING, "its code server does not answer")
        if deserialize_value(answer, CanCancelExecutionResult).can_cancel:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(WorkerStatus.NOT_FOUND, "its process ended together with the code server")
