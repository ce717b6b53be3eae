"""What people order for a dashboard beside the uploads: pin it, release it, publish it again.

An order is an observation of the dashboard in the event log, so that it survives whoever gave it, is seen in the UI,
and reaches the queue by a sensor like every other run. The latest one says whether the dashboard is pinned.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

import dagster as dg

from qs_pipeline.dag.keys import CAUSE_TAG, DASHBOARD, ORDER_TAG, assessments
from qs_pipeline.model import AssessmentId

ORDER_SENSOR = "orders"
TICK_SECONDS = 1
_A_TICK = 25  # orders that one tick hands to the queue


@dataclass(frozen=True, kw_only=True)
class Order:
    """The latest order for the dashboard of one assessment.

    Attributes:
        pinned: The version that stays; zero where the dashboard follows its uploads.
        shown: The version that viewers saw since the order; zero where the order changed nothing about it.
        definition: The digest of the definition of ``shown``.
        event: Its place in the event log.
    """

    pinned: int = 0
    shown: int = 0
    definition: str = ""
    event: int = 0


def last_order(instance: dg.DagsterInstance, assessment: AssessmentId) -> Order:
    """The latest order; one that orders nothing where there is none."""
    mine = dg.AssetRecordsFilter(asset_key=DASHBOARD, asset_partitions=[assessment])
    records = instance.fetch_observations(mine, limit=1).records
    if not records or (observation := records[0].asset_observation) is None:
        return Order()
    said = {name: value.value for name, value in observation.metadata.items()}
    return Order(
        pinned=int(str(said.get("pinned", 0))),
        shown=int(str(said.get("shown", 0))),
        definition=str(said.get("definition", "")),
        event=records[0].storage_id,
    )


def pin(instance: dg.DagsterInstance, assessment: AssessmentId, version: int, *, definition: str) -> None:
    """Say that ``version``, which viewers see now, stays until it is released."""
    _say(instance, assessment, Order(pinned=version, shown=version, definition=definition), "pinned")


def release(instance: dg.DagsterInstance, assessment: AssessmentId) -> None:
    """Say that the dashboard follows its uploads again; what viewers see changes with the next publication."""
    _say(instance, assessment, _released(last_order(instance, assessment)), "released")


def order_run(
    instance: dg.DagsterInstance,
    assessment: AssessmentId,
    assets: Collection[dg.AssetKey],
    *,
    cause: str,
    keep_pin: bool = False,
) -> str:
    """Ask for a run of these assets, which the sensor ``orders`` puts into the queue.

    Returns:
        The value of the tag ``ORDER_TAG`` that the run will bear.
    """
    number = uuid.uuid4().hex[:12]
    before = last_order(instance, assessment)
    order = before if keep_pin else _released(before)
    names = sorted(key.to_user_string() for key in assets)
    _say(instance, assessment, order, cause, {"order": number, "assets": names})
    return number


def _released(order: Order) -> Order:
    return Order(shown=order.shown, definition=order.definition)


def _say(
    instance: dg.DagsterInstance,
    assessment: AssessmentId,
    order: Order,
    cause: str,
    run: dict[str, str | list[str]] | None = None,
) -> None:
    metadata = {"pinned": order.pinned, "shown": order.shown, "definition": order.definition, "cause": cause}
    instance.report_runless_asset_event(
        dg.AssetObservation(DASHBOARD, partition=assessment, metadata={**metadata, **(run or {})})
    )


def order_sensor(job_name: str) -> dg.SensorDefinition:
    """The sensor that turns orders into runs of the job of that name."""

    @dg.sensor(
        name=ORDER_SENSOR,
        job_name=job_name,
        minimum_interval_seconds=TICK_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Runs what 'qs-pipeline publish' and the drift sensor ask for.",
    )
    def orders(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        after = int(context.cursor or 0)
        since = dg.AssetRecordsFilter(asset_key=DASHBOARD, after_storage_id=after or None)
        records = context.instance.fetch_observations(since, limit=_A_TICK, ascending=True).records
        known = set(context.instance.get_dynamic_partitions(assessments.name or "")) if records else set[str]()
        runs: list[dg.RunRequest] = []
        for record in records:
            observation = record.asset_observation
            # What was ordered before an assessment was retired is not done any more.
            if observation and observation.partition in known and "order" in observation.metadata:
                said = {name: value.value for name, value in observation.metadata.items()}
                assets = [dg.AssetKey.from_user_string(str(name)) for name in _names(said.get("assets"))]
                runs.append(
                    dg.RunRequest(
                        run_key=f"order:{said['order']}",
                        partition_key=observation.partition,
                        asset_selection=assets,
                        tags={ORDER_TAG: str(said["order"]), CAUSE_TAG: str(said.get("cause", ""))},
                    )
                )
        return dg.SensorResult(
            run_requests=runs,
            skip_reason=None if runs else "nothing is ordered",
            cursor=str(max((record.storage_id for record in records), default=after)),
        )

    return orders


def _names(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
