"""What following says of what happens, on a real instance: each pause is where the world moves on."""

from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest

from qs_pipeline.cli.follow import SENSOR, Standing, follow
from qs_pipeline.dag.keys import DASHBOARD, FINGERPRINT_TAG, PARTITION_TAG
from qs_pipeline.dag.memory import DATA_VERSION_TAG
from qs_pipeline.definitions import defs
from qs_pipeline.model import AssessmentId
from qs_pipeline_tests.sensors import stop_sensor

A1 = AssessmentId("A1")
A2 = AssessmentId("A2")


class World:
    """An instance, the uploads as they are listed, and what happens one after the other."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance = instance
        self.uploads: dict[AssessmentId, str] = {A1: "f1"}

    def follow(self, *events: Callable[[], object]) -> list[Standing]:
        """All that is said while the events happen, each between two looks at a listing."""
        waiting = [event for happens in events for event in (happens, *[lambda: None] * 6)]

        def pause(_: float) -> None:
            assert waiting, "it waits for what never comes"
            waiting.pop(0)()

        return list(follow(self.instance, lambda: dict(self.uploads), alive=lambda: None, pause=pause))

    def run(self, fingerprint: str, status: dg.DagsterRunStatus, assessment: AssessmentId = A1) -> dg.DagsterRun:
        """A run as the sensor asks for it."""
        tags = {PARTITION_TAG: assessment, FINGERPRINT_TAG: fingerprint}
        return self.instance.create_run_for_job(_job, tags=tags, status=status)

    def fails(self, fingerprint: str) -> None:
        """A run that fails, with its reason."""
        run = self.run(fingerprint, dg.DagsterRunStatus.STARTED)
        self.instance.report_run_failed(run, "the disk is full")

    def is_lost(self, fingerprint: str) -> None:
        """A run whose process died, which Dagster will retry."""
        run = self.run(fingerprint, dg.DagsterRunStatus.STARTED)
        self.instance.report_run_failed(run)
        self.instance.add_run_tags(run.run_id, {"dagster/will_retry": "true"})

    def shows(self, fingerprint: str, assessment: AssessmentId = A1) -> None:
        """A dashboard with this receipt."""
        tags = {DATA_VERSION_TAG: fingerprint}
        self.instance.report_runless_asset_event(dg.AssetMaterialization(DASHBOARD, partition=assessment, tags=tags))

    def publishes(self, read: str, asked: str) -> None:
        """A run that succeeds and shows the uploads that it read, which may be others than it was asked for."""
        self.shows(read)
        self.run(asked, dg.DagsterRunStatus.SUCCESS)

    def uploads_become(self, **uploads: str) -> None:
        """Somebody uploads."""
        self.uploads = {AssessmentId(name): fingerprint for name, fingerprint in uploads.items()}

    def stop_sensor(self) -> None:
        """What a person does in the UI."""
        stop_sensor(self.instance, SENSOR)


@dg.job
def _job() -> None:
    """A run of it is only looked at."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    # An ephemeral instance knows nothing of sensors.
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        yield World(instance)


def told(standings: list[Standing]) -> list[str]:
    return [standing.state for standing in standings]


def test_an_assessment_is_followed_from_the_sensor_to_its_dashboard(world: World) -> None:
    standings = world.follow(lambda: world.run("f1", dg.DagsterRunStatus.STARTED), lambda: world.publishes("f1", "f1"))
    assert told(standings)[:2] == ["waiting", "running"]
    assert standings[-1].text == "published"


def test_what_is_shown_already_is_said_at_once(world: World) -> None:
    world.shows("f1")
    (standing,) = world.follow()
    assert (standing.state, standing.text) == ("shown", "published")


def test_a_run_that_read_other_uploads_is_not_the_dashboard_that_was_asked_for(world: World) -> None:
    standings = world.follow(lambda: world.publishes(read="f0", asked="f1"), lambda: world.shows("f1"))
    assert told(standings) == ["waiting", "shown"]


def test_uploads_that_change_while_they_are_followed_are_followed_on(world: World) -> None:
    standings = world.follow(lambda: world.uploads_become(A1="f2"), lambda: world.publishes("f2", "f2"))
    assert told(standings) == ["waiting", "changed", "waiting", "shown"]


def test_a_run_that_fails_since_it_was_overtaken_is_no_failure(world: World) -> None:
    def overtaken() -> None:
        world.uploads_become(A1="f2")
        world.fails("f1")

    standings = world.follow(overtaken, lambda: world.shows("f2"))
    assert told(standings) == ["waiting", "changed", "waiting", "shown"]


def test_a_run_whose_process_died_is_followed_to_the_end_of_its_retry(world: World) -> None:
    standings = world.follow(lambda: world.is_lost("f1"), lambda: world.publishes(read="f1", asked="f1"))
    assert told(standings) == ["waiting", "running", "shown"]
    assert standings[1].text == "lost, waiting for its retry"


def test_a_run_that_fails_is_told_with_its_reason(world: World) -> None:
    standings = world.follow(lambda: world.fails("f1"))
    assert told(standings) == ["waiting", "failed"]
    assert "the disk is full" in standings[-1].text


def test_a_sensor_that_was_stopped_is_not_waited_for(world: World) -> None:
    standings = world.follow(world.stop_sensor)
    assert told(standings) == ["waiting", "failed"]
    assert "sensor 'uploads' was stopped" in standings[-1].text
    assert defs.resolve_sensor_def(SENSOR)


def test_a_run_that_is_under_way_is_followed_though_the_sensor_was_stopped(world: World) -> None:
    world.stop_sensor()
    world.run("f1", dg.DagsterRunStatus.STARTED)
    assert told(world.follow(lambda: world.shows("f1"), lambda: world.fails("f1"))) == ["running", "shown"]


def test_uploads_that_are_deleted_are_not_waited_for(world: World) -> None:
    standings = world.follow(world.uploads_become)
    assert "deleted" in standings[-1].text
    assert standings[-1].state == "failed"


def test_one_assessment_does_not_end_the_following_of_another(world: World) -> None:
    world.uploads_become(A1="f1", A2="f2")
    standings = world.follow(lambda: world.fails("f1"), lambda: world.shows("f2", A2))
    assert [(each.assessment, each.state) for each in standings] == [
        (A1, "waiting"), (A2, "waiting"), (A1, "failed"), (A2, "shown"),
    ]  # fmt: skip
