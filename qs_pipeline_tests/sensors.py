"""What a person does to a sensor in the Dagster UI."""

import dagster as dg

# There is no public way to stop a sensor without a webserver.
from dagster._core.remote_origin import (
    ManagedGrpcPythonEnvCodeLocationOrigin,
    RemoteInstigatorOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.scheduler.instigation import InstigatorState, InstigatorStatus, InstigatorType
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin


def stop_sensor(instance: dg.DagsterInstance, name: str) -> None:
    """Stop the sensor of that name."""
    location = ManagedGrpcPythonEnvCodeLocationOrigin(
        loadable_target_origin=LoadableTargetOrigin(module_name="x"), location_name="x"
    )
    origin = RemoteInstigatorOrigin(
        repository_origin=RemoteRepositoryOrigin(code_location_origin=location, repository_name="x"),
        instigator_name=name,
    )
    instance.add_instigator_state(InstigatorState(origin, InstigatorType.SENSOR, InstigatorStatus.STOPPED))
