"""Following assessments from upload to dashboard, for the commands that wait."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import dagster as dg

from qs_pipeline.dag.keys import DASHBOARD, FINGERPRINT_TAG, PARTITION_TAG
from qs_pipeline.dag.lifecycle import failure_of
from qs_pipeline.dag.memory import data_versions
from qs_pipeline.model import AssessmentId

_POLL_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How far an assessment is.

    Attributes:
        done: Assets that its run materialized.
        total: Assets that its run was asked for; zero before there is a run.
    """

    assessment: AssessmentId
    state: Literal["waiting", "running", "shown", "failed"]
    text: str
    done: int = 0
    total: int = 0

    @property
    def ended(self) -> bool:
        """Whether following it further shows nothing new."""
        return self.state in ("shown", "failed")


def follow(
    instance: dg.DagsterInstance, wanted: Mapping[AssessmentId, str], *, alive: Callable[[], None]
) -> Iterator[Standing]:
    """Yield the standing of each assessment as it changes, until the fingerprint ``wanted`` of each is shown or failed.

    Args:
        instance: The instance of the service.
        wanted: The fingerprint of the uploads of each assessment.
        alive: Called before each look; raises where the service has ended.
    """
    last: dict[AssessmentId, Standing] = {}
    while not all(assessment in last and last[assessment].ended for assessment in wanted):
        alive()
        shown = data_versions(instance, DASHBOARD)
        for assessment, fingerprint in wanted.items():
            if assessment in last and last[assessment].ended:
                continue
            now = _standing(instance, assessment, fingerprint, shown.get(assessment))
            if now != last.get(assessment):
                last[assessment] = now
                yield now
        time.sleep(_POLL_SECONDS)


def _standing(instance: dg.DagsterInstance, assessment: AssessmentId, fingerprint: str, shown: str | None) -> Standing:
    mine = dg.RunsFilter(tags={PARTITION_TAG: assessment, FINGERPRINT_TAG: fingerprint})
    runs = instance.get_runs(mine, limit=1)
    if not runs:
        state = "shown" if shown == fingerprint else "waiting"
        return Standing(assessment=assessment, state=state, text="waiting for the sensor")
    run = runs[0]
    total = len(run.asset_selection or ())
    if run.is_success or (run.is_finished and shown == fingerprint):
        return Standing(assessment=assessment, state="shown", text="published", done=total, total=total)
    if run.is_finished:
        return Standing(assessment=assessment, state="failed", text=failure_of(instance, run.run_id), total=total)
    done = instance.get_run_stats(run.run_id)
    text = run.status.value.lower()
    count = getattr(done, "materializations", 0)
    return Standing(assessment=assessment, state="running", text=text, done=count, total=total)
