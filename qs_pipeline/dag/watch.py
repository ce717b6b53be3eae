"""The sensor that looks whether QuickSight still holds what was published, and orders again what somebody deleted.

The repair is an order like every other. One that leads to nothing is repeated after growing pauses.
"""

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice

import dagster as dg

from qs_pipeline.catalog import Catalog
from qs_pipeline.dag.drift import Account, Drift, find_drift, find_left_over, look
from qs_pipeline.dag.keys import REPAIR, SYNC, assessments
from qs_pipeline.dag.memory import Memory
from qs_pipeline.dag.orders import order_run
from qs_pipeline.dag.resources import QuickSightWorkspace
from qs_pipeline.quicksight.errors import QuickSightError
from qs_pipeline.quicksight.names import TableNames
from qs_pipeline.settings import Settings

# How often it is asked whether it is time to look. The setting is read then, and not when the code is loaded.
TICK_SECONDS = 60
_LONGEST_PAUSE = 24 * 3600.0
_NAMED = 20  # data sets that are left over, each of which costs a call


@dataclass(frozen=True, kw_only=True)
class Repairs:
    """What the sensor keeps: when it looked, and how often and until when each assessment was tried (epoch seconds)."""

    looked_at: float
    tried: Mapping[str, tuple[int, float]]

    @classmethod
    def from_json(cls, text: str | None) -> "Repairs":
        """The stored cursor; an empty one where none, or one of another form, is stored."""
        try:
            stored = json.loads(text or "{}")
            tried = {str(name): (int(count), float(until)) for name, (count, until) in stored["tried"].items()}
            return cls(looked_at=float(stored["looked_at"]), tried=tried)
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls(looked_at=0, tried={})

    def to_json(self) -> str:
        """The cursor as Dagster stores it."""
        return json.dumps({"looked_at": self.looked_at, "tried": self.tried})


def drift_sensor(catalog: Catalog, *, clock: Callable[[], float] = time.time) -> dg.SensorDefinition:
    """The sensor that looks for drift every ``QS_DRIFT_SECONDS``.

    Args:
        catalog: The tables there are.
        clock: Seconds since the epoch.
    """

    @dg.sensor(
        name="drift",
        minimum_interval_seconds=TICK_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Finds data sets and dashboards that were deleted by hand, and orders them again.",
    )
    def drift(context: dg.SensorEvaluationContext, quicksight: QuickSightWorkspace) -> dg.SkipReason:
        now, every = clock(), Settings.from_environment(os.environ).drift_seconds
        before = Repairs.from_json(context.cursor)
        # A clock that was put back must not stop the looking.
        if 0 <= now - before.looked_at < every:
            return dg.SkipReason(f"looks again in {before.looked_at + every - now:.0f} s")
        if not context.instance.get_dynamic_partitions(assessments.name or ""):
            return dg.SkipReason("no assessment is published")
        recall = cache(partial(Memory, context.instance))
        try:
            client = quicksight.get_client()
            account = look(context.instance, client)
            left = list(islice(find_left_over(context.instance, recall, catalog, client, account), _NAMED))
        except QuickSightError as error:
            context.update_cursor(Repairs(looked_at=now, tried=before.tried).to_json())
            return dg.SkipReason(f"QuickSight could not be looked at: {error}")
        tried = {name: entry for name, entry in before.tried.items() if name in account.busy}
        notes: list[str] = []
        for each in find_drift(context.instance, recall, catalog, account, tried=before.tried):
            count, until = before.tried.get(each.assessment, (0, 0.0))
            if now < until:
                notes.append(f"{each.assessment}: {each.words}; tried {count} times, again in {until - now:.0f} s")
                tried[each.assessment] = (count, until)
                continue
            report(context.instance, each)
            notes.append(f"{each.assessment}: {each.words}")
            tried[each.assessment] = (count + 1, now + min(every * 2 ** min(count, 20), _LONGEST_PAUSE))
        notes += [_left_in_words(names, account) for names in left]
        context.update_cursor(Repairs(looked_at=now, tried=tried).to_json())
        return dg.SkipReason("; ".join(notes) or "nothing has drifted")

    return drift


def _left_in_words(names: TableNames, account: Account) -> str:
    if names.assessment in account.known:
        return f"{names.assessment}: data set {names.data_set_id} has no file; delete it in QuickSight"
    return (
        f"{names.assessment}: data set {names.data_set_id} has no assessment; "
        f"'qs-pipeline retire {names.assessment}' deletes it"
    )


def report(instance: dg.DagsterInstance, drift: Drift) -> None:
    """Say it of ``quicksight/sync`` and order the repair; a pinned dashboard stays pinned.

    An observation, and no verdict of ``datasets_synced``: of a check with partitions Dagster stores one verdict
    without a run, and refuses the second.
    """
    instance.report_runless_asset_event(
        dg.AssetObservation(SYNC, partition=drift.assessment, metadata={"drift": drift.words})
    )
    order_run(instance, drift.assessment, drift.assets, cause=f"{REPAIR}{drift.words}", keep_pin=True)
