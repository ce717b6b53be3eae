"""The sensor with a queue: notifications say where to look, and a sweep finds what they did not say."""

import json
import os

import boto3
import dagster as dg
import pytest

from qs_pipeline.catalog import CATALOG
from qs_pipeline.dag.decide import Cursor
from qs_pipeline.dag.keys import PARTITION_TAG
from qs_pipeline.dag.sensor import upload_sensor
from qs_pipeline.model import AssessmentId
from qs_pipeline.settings import Settings
from qs_pipeline.setup_aws import carry_out, plan_setup
from qs_pipeline.store import AssessmentStore, UploadedFile
from qs_pipeline_tests.dag.conftest import ASSESSMENT, Site


class Clock:
    """Time that passes when told to (seconds since the epoch)."""

    now = 1_800_000_000.0

    def __call__(self) -> float:
        """The time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def told(site: Site, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site with a queue, whose first sweep found nothing."""
    settings = Settings.from_environment(os.environ)
    plan = plan_setup(settings, CATALOG)
    list(carry_out(plan))
    monkeypatch.setenv("QS_QUEUE_URL", plan.queue_url())
    site.sensor = upload_sensor(CATALOG, "assessment", clock=clock, pause=lambda _: None)
    site.tick()
    assert cursor(site).swept_at == clock.now
    return site


def cursor(site: Site) -> Cursor:
    return Cursor.from_json(site.cursor)


def put(site: Site, key: str) -> None:
    site.s3.put_object(Bucket="qs-pipeline", Key=key, Body=b"x")


def lose_what_is_under_way() -> None:
    boto3.client("sqs").purge_queue(QueueUrl=os.environ["QS_QUEUE_URL"])


def left() -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = boto3.client("sqs").get_queue_attributes(QueueUrl=os.environ["QS_QUEUE_URL"], AttributeNames=names)
    return sum(int(found["Attributes"][name]) for name in names)


def test_an_upload_that_s3_tells_of_is_asked_for_by_the_next_tick(told: Site) -> None:
    told.upload_sample()
    (request,) = told.tick().run_requests or ()
    assert request.partition_key == ASSESSMENT
    assert "7 files new" in request.tags["qs_pipeline/cause"]
    assert told.run(request).success
    assert str(told.tick().skip_reason) == str(dg.SkipReason("S3 told of nothing new")), "it is not said to be awaited"
    assert not cursor(told).waiting


def test_a_message_is_deleted_by_the_tick_after_the_one_that_used_it(told: Site) -> None:
    put(told, f"assessments/{ASSESSMENT}/Locations.csv")
    assert told.tick().run_requests
    assert len(cursor(told).receipts) == 1
    assert left() == 1
    told.tick()
    assert left() == 0
    assert cursor(told).receipts == ()


def test_a_tick_whose_cursor_was_lost_loses_no_upload(told: Site, clock: Clock) -> None:
    before = told.cursor
    put(told, f"assessments/{ASSESSMENT}/Locations.csv")
    assert told.tick().run_requests
    told.cursor = before
    assert not told.tick().run_requests, "the message is hidden still"
    clock.now += 300
    assert told.tick().run_requests, "and the sweep needs none"


def test_lost_notifications_cost_time_and_nothing_else(told: Site, clock: Clock) -> None:
    put(told, f"assessments/{ASSESSMENT}/Locations.csv")
    lose_what_is_under_way()
    clock.now += 299
    assert not told.tick().run_requests
    clock.now += 1
    assert told.tick().run_requests


def test_doubled_and_late_notifications_change_nothing(told: Site) -> None:
    told.upload_sample()
    (request,) = told.tick().run_requests or ()
    assert told.run(request).success
    about = {"bucket": {"name": "qs-pipeline"}, "object": {"key": f"assessments/{ASSESSMENT}/Locations.csv"}}
    body = json.dumps({"Records": [{"eventSource": "aws:s3", "s3": about}] * 2})
    for _ in range(3):
        boto3.client("sqs").send_message(QueueUrl=os.environ["QS_QUEUE_URL"], MessageBody=body)
    assert not told.tick().run_requests
    assert not cursor(told).waiting


def test_without_news_nothing_is_listed_and_nothing_is_asked(told: Site) -> None:
    put(told, f"assessments/{ASSESSMENT}/Locations.csv")
    lose_what_is_under_way()
    tick = told.tick()
    assert tick.skip_reason is not None
    assert "S3 told of nothing new" in (tick.skip_reason.skip_message or "")


def test_a_deletion_that_s3_tells_of_is_asked_for(told: Site) -> None:
    told.upload_sample()
    (request,) = told.tick().run_requests or ()
    assert told.run(request).success
    told.delete("RD_I_PaxLocationAll")
    (request,) = told.tick().run_requests or ()
    assert request.tags["qs_pipeline/cause"] == "RD_I_PaxLocationAll.csv deleted"


def test_a_queue_that_cannot_be_read_is_told_and_everything_is_listed(
    told: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QS_QUEUE_URL", f"{told.aws.url}/123456789012/missing")
    tick = told.tick()
    assert tick.skip_reason is not None
    assert "everything is listed instead: sqs:" in (tick.skip_reason.skip_message or "")
    put(told, f"assessments/{ASSESSMENT}/Locations.csv")
    assert told.tick().run_requests


def test_foreign_messages_are_told_once_and_are_no_poison(told: Site) -> None:
    boto3.client("sqs").send_message(QueueUrl=os.environ["QS_QUEUE_URL"], MessageBody="hello")
    first, second = told.tick(), told.tick()
    assert "ignored a message" in (first.skip_reason.skip_message or "" if first.skip_reason else "")
    assert "ignored" not in (second.skip_reason.skip_message or "" if second.skip_reason else "")
    assert left() == 0


def test_of_many_that_wait_a_tick_lists_as_many_as_it_can_ask_for_the_oldest_first(
    told: Site, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(23):
        put(told, f"assessments/B{number:02}/Locations.csv")
    told.tick()  # more than are looked at twice in one tick
    assert len(cursor(told).waiting) == 23
    listed: list[str] = []
    uploads = AssessmentStore.uploads

    def noted(store: AssessmentStore, assessment: AssessmentId) -> tuple[UploadedFile, ...]:
        listed.append(assessment)
        return uploads(store, assessment)

    monkeypatch.setattr(AssessmentStore, "uploads", noted)
    clock.now += 5
    assert len(told.tick().run_requests or ()) == 20
    assert listed == [f"B{number:02}" for number in range(20)]
    listed.clear()
    clock.now += 5
    assert [each.partition_key for each in told.tick().run_requests or ()] == ["B20", "B21", "B22"]
    assert set(listed) == {"B20", "B21", "B22"}


def test_what_waits_for_its_run_is_not_listed_until_the_run_has_ended(told: Site, clock: Clock) -> None:
    put(told, f"assessments/{ASSESSMENT}/Locations.csv")
    (request,) = told.tick().run_requests or ()
    run = told.instance.create_run_for_job(
        told.job, tags={**request.tags, PARTITION_TAG: ASSESSMENT}, status=dg.DagsterRunStatus.STARTED
    )
    clock.now += 60
    tick = told.tick()
    assert not tick.run_requests
    assert f"not shown yet: {ASSESSMENT}" in str(tick.skip_reason)
    told.instance.report_run_failed(run)
    clock.now += 5
    assert told.tick().run_requests


def test_a_clock_that_was_put_back_does_not_stop_the_listing(told: Site, clock: Clock) -> None:
    put(told, f"assessments/{ASSESSMENT}/Locations.csv")
    lose_what_is_under_way()
    clock.now -= 86_400
    assert told.tick().run_requests
