"""What is said of runs: why they were started, what became of them, and what follows."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from qs_pipeline.dag.keys import CAUSE_TAG, FINGERPRINT_TAG, PARTITION_TAG
from qs_pipeline.dag.runs import cause, is_by_hand, what_follows, why, will_be_retried

DIED = "the process of the run died: killed, out of memory, or gone with its host"
SENSOR = {PARTITION_TAG: "2002", FINGERPRINT_TAG: "f1", CAUSE_TAG: "Locations.csv changed"}
ORDERED = {PARTITION_TAG: "2002", CAUSE_TAG: "asked for by hand"}


@dg.job
def _job() -> None:
    """A run of it is only looked at."""


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """An instance that retries lost runs as ours does."""
    retries = {"enabled": True, "max_retries": 2, "retry_on_asset_or_op_failure": False}
    with dg.DagsterInstance.local_temp(str(tmp_path), overrides={"run_retries": retries}) as made:
        yield made


def lost(
    instance: dg.DagsterInstance,
    said: str | None = None,
    *,
    started: bool = True,
    retry_of: dg.DagsterRun | None = None,
) -> dg.DagsterRun:
    """A run of the sensor that Dagster reports as failed with these words, or with its own."""
    root = (retry_of.root_run_id or retry_of.run_id) if retry_of else None
    run = instance.create_run_for_job(
        _job,
        tags=SENSOR | ({"dagster/retry_number": "1", "dagster/root_run_id": root} if root else {}),
        status=dg.DagsterRunStatus.STARTING,
        parent_run_id=retry_of.run_id if retry_of else None,
        root_run_id=root,
    )
    if started:
        began = dg.DagsterEvent(event_type_value=dg.DagsterEventType.RUN_START.value, job_name=run.job_name)
        instance.report_dagster_event(began, run.run_id)
    instance.report_run_failed(run, said)
    return now(instance, run)


def now(instance: dg.DagsterInstance, run: dg.DagsterRun) -> dg.DagsterRun:
    """The run as it is stored."""
    found = instance.get_run_by_id(run.run_id)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (None, DIED),  # by a code server whose child is gone
        ("Detected run worker status WorkerStatus.FAILED. Marking run 1 as failed.", DIED),
        ("Execution was interrupted unexpectedly.", "the process of the run was told to end"),
        (
            "Run timed out due to taking longer than 180 seconds to start.",
            "the process of the run did not start in time",
        ),
        ("Exceeded maximum runtime of 7200 seconds.", "the run took longer than dagster.yaml allows"),
        (
            "The service was stopped while this run was under way.",
            "The service was stopped while this run was under way",
        ),
    ],
)
def test_what_became_of_a_lost_run_is_told_in_our_words(
    instance: dg.DagsterInstance, said: str | None, told: str
) -> None:
    run = lost(instance, said)
    assert why(instance, run).startswith(told)
    assert "execution context" not in why(instance, run)


def test_a_lost_run_waits_for_its_retries_and_then_for_the_sensor(instance: dg.DagsterInstance) -> None:
    run = lost(instance)
    assert will_be_retried(run)
    assert what_follows(instance, run) == "its retry, 1 of at most 2, which starts by itself"
    second = lost(instance, retry_of=run)
    assert cause(second) == f"retry of the lost run {run.run_id[:8]}"
    assert not is_by_hand(second)
    assert what_follows(instance, second) == "its retry, 2 of at most 2, which starts by itself"
    third = lost(instance, retry_of=second)
    assert not will_be_retried(third)
    assert what_follows(instance, third) == "the next attempt of the sensor, or what the reason asks for"


def test_a_run_that_was_never_started_says_so_with_the_error(instance: dg.DagsterInstance) -> None:
    run = lost(instance, started=False)
    assert why(instance, run) == "the run could not be started"


def test_a_canceled_run_is_said_to_be_one(instance: dg.DagsterInstance) -> None:
    run = instance.create_run_for_job(_job, tags=ORDERED, status=dg.DagsterRunStatus.STARTED)
    instance.report_run_canceled(run)
    assert why(instance, now(instance, run)) == "the run was canceled"
    assert what_follows(instance, now(instance, run)).startswith("somebody to start it again")


def test_a_run_that_a_person_starts_once_more_is_by_hand_whatever_tags_it_bears(instance: dg.DagsterInstance) -> None:
    run = instance.create_run_for_job(_job, tags=SENSOR)
    assert (is_by_hand(run), cause(run)) == (False, "Locations.csv changed")
    again = instance.create_run_for_job(_job, tags=SENSOR, parent_run_id=run.run_id, root_run_id=run.run_id)
    assert is_by_hand(again)
    assert cause(again) == f"run {run.run_id[:8]} was started once more by hand"


def test_a_repair_that_fails_is_said_to_be_repeated_by_its_sensor(instance: dg.DagsterInstance) -> None:
    run = instance.create_run_for_job(_job, tags=ORDERED | {CAUSE_TAG: "drift: the dashboard was deleted"})
    assert "sensor 'drift'" in what_follows(instance, run)
