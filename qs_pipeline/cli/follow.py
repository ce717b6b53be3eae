"""Following assessments from upload to dashboard, for the commands that wait.

What is waited for is a dashboard that shows the uploads that are there, as its receipt says; that a run succeeded is
not enough. The uploads are listed again while they are followed, so that it never waits for what nobody asks for.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Literal

import dagster as dg

from qs_pipeline.dag.keys import DASHBOARD, FINGERPRINT_TAG, PARTITION_TAG
from qs_pipeline.dag.memory import data_versions
from qs_pipeline.dag.runs import why, will_be_retried
from qs_pipeline.model import AssessmentId

SENSOR = "uploads"
_POLL_SECONDS = 0.5
# Looks at the event log are cheap, listings are requests: one every three seconds.
_LOOKS_A_LISTING = 6

Fingerprints = Mapping[AssessmentId, str]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How far an assessment is.

    Attributes:
        state: ``changed`` is told once, where the uploads became others than those followed until then.
        done: Assets that its run materialized.
        total: Assets that its run was asked for; zero before there is a run.
    """

    assessment: AssessmentId
    state: Literal["waiting", "running", "changed", "shown", "failed"]
    text: str
    done: int = 0
    total: int = 0

    @property
    def ended(self) -> bool:
        """Whether following it further shows nothing new."""
        return self.state in ("shown", "failed")


def follow(
    instance: dg.DagsterInstance,
    listed: Callable[[], Fingerprints],
    *,
    alive: Callable[[], None],
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[Standing]:
    """Yield the standing of each assessment as it changes, until each is shown as it is listed, or failed.

    Args:
        instance: The instance of the service.
        listed: Lists anew: the fingerprint of the uploads of each assessment that has any.
        alive: Called before each look; raises where the service has ended.
        pause: Waits so many seconds.
    """
    wanted = dict(listed())
    last: dict[AssessmentId, Standing] = {}
    following = list(wanted)
    for look in count(1):
        alive()
        now = _standings(instance, {name: wanted[name] for name in following})
        # What seems to have failed may only have been overtaken: that is not said before another listing.
        if look % _LOOKS_A_LISTING == 0 or any(standing.state == "failed" for standing in now.values()):
            there = listed()
            for name in following:
                if there.get(name) != wanted[name]:
                    wanted[name] = there.get(name, "")
                    now[name] = _changed(name, wanted[name])
        for name, standing in now.items():
            if standing != last.get(name):
                last[name] = standing
                yield standing
        following = [name for name in following if not last[name].ended]
        if not following:
            return
        pause(_POLL_SECONDS)


def _changed(assessment: AssessmentId, fingerprint: str) -> Standing:
    if not fingerprint:
        return Standing(assessment=assessment, state="failed", text="its uploads were deleted while it was followed")
    return Standing(assessment=assessment, state="changed", text="uploads changed, following the newer ones")


def _standings(instance: dg.DagsterInstance, wanted: Fingerprints) -> dict[AssessmentId, Standing]:
    found = {assessment: _of_run(instance, assessment, fingerprint) for assessment, fingerprint in wanted.items()}
    # After the runs: one that succeeds in between has left its receipt before.
    shown = data_versions(instance, DASHBOARD)
    standings: dict[AssessmentId, Standing] = {}
    for assessment, standing in found.items():
        if standing is not None and standing.state == "running":
            standings[assessment] = standing
        elif shown.get(assessment) == wanted[assessment]:
            standings[assessment] = Standing(assessment=assessment, state="shown", text="published")
        else:
            standings[assessment] = standing or _without_run(instance, assessment)
    return standings


def _of_run(instance: dg.DagsterInstance, assessment: AssessmentId, fingerprint: str) -> Standing | None:
    """What the latest run for these uploads says; nothing where there is none, or where it read other uploads."""
    mine = dg.RunsFilter(tags={PARTITION_TAG: assessment, FINGERPRINT_TAG: fingerprint})
    runs = instance.get_runs(mine, limit=1)
    if not runs or runs[0].is_success:
        return None
    run = runs[0]
    total = len(run.asset_selection or ())
    if run.is_finished and not will_be_retried(run):
        return Standing(assessment=assessment, state="failed", text=why(instance, run), total=total)
    done = getattr(instance.get_run_stats(run.run_id), "materializations", 0)
    text = "lost, waiting for its retry" if run.is_finished else run.status.value.lower()
    return Standing(assessment=assessment, state="running", text=text, done=done, total=total)


def _without_run(instance: dg.DagsterInstance, assessment: AssessmentId) -> Standing:
    if text := stopped(instance, SENSOR):
        return Standing(assessment=assessment, state="failed", text=text)
    return Standing(assessment=assessment, state="waiting", text="waiting for the sensor")


def stopped(instance: dg.DagsterInstance, sensor: str) -> str:
    """What to do where somebody stopped the sensor, without which no run comes; empty where it works."""
    for state in instance.all_instigator_state():
        if state.instigator_name == sensor and state.status.value == "STOPPED":
            where = "start it in the Dagster UI (Automation), then run the command again"
            return f"the sensor '{sensor}' was stopped: {where}"
    return ""
