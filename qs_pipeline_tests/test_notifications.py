"""What messages about uploads say, and what is done with those that say nothing."""

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from qs_pipeline.local_aws import LocalAws
from qs_pipeline.notifications import QueueError, UploadQueue, keys_in

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

BUCKET = "files"


def record(key: str, bucket: str = BUCKET) -> dict[str, Any]:
    return {"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": about(key, bucket)}


def about(key: str, bucket: str = BUCKET) -> dict[str, Any]:
    return {"bucket": {"name": bucket}, "object": {"key": key}}


def message(*keys: str) -> str:
    return json.dumps({"Records": [record(key) for key in keys]})


def bridged(key: str) -> str:
    return json.dumps({"source": "aws.s3", "detail-type": "Object Created", "detail": about(key)})


def test_a_message_may_hold_several_records() -> None:
    assert keys_in(message("assessments/A/x.csv", "assessments/B/y.csv"), BUCKET) == [
        "assessments/A/x.csv",
        "assessments/B/y.csv",
    ]


def test_keys_are_spelled_as_in_a_form_by_s3_and_as_they_are_by_eventbridge() -> None:
    assert keys_in(message("assessments/A/a+b%2Bc%3D%C3%BC.csv"), BUCKET) == ["assessments/A/a b+c=ü.csv"]
    assert keys_in(bridged("assessments/A/a+b%2B.csv"), BUCKET) == ["assessments/A/a+b%2B.csv"]


def test_what_sns_passes_on_is_unwrapped() -> None:
    assert keys_in(json.dumps({"Type": "Notification", "Message": message("assessments/A/x")}), BUCKET) == [
        "assessments/A/x"
    ]


def test_the_test_event_is_a_notification_about_nothing() -> None:
    assert keys_in(json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": BUCKET}), BUCKET) == []


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no json",
        "[" * 100_000,
        "[]",
        "null",
        '{"Records": 7}',
        '{"Records": [null, {"eventSource": "aws:s3", "s3": {"object": {"key": 7}}}]}',
        json.dumps({"Records": [record("assessments/A/x", "another")]}),
        json.dumps({"source": "aws.s3", "detail": about("assessments/A/x", "another")}),
        json.dumps({"Type": "Notification", "Message": "hello"}),
    ],
)
def test_what_is_no_notification_about_the_bucket_is_told_apart(body: str) -> None:
    assert keys_in(body, BUCKET) is None


@pytest.fixture
def sqs(aws: LocalAws) -> "SQSClient":
    """SQS with an empty queue."""
    client = boto3.client("sqs", endpoint_url=aws.url)
    client.create_queue(QueueName="told")
    return client


@pytest.fixture
def queue(sqs: "SQSClient") -> UploadQueue:
    """That queue as the sensor uses it."""
    return UploadQueue(sqs, sqs.get_queue_url(QueueName="told")["QueueUrl"], BUCKET)


def send(sqs: "SQSClient", *bodies: str) -> None:
    url = sqs.get_queue_url(QueueName="told")["QueueUrl"]
    for start in range(0, len(bodies), 10):
        some = bodies[start : start + 10]
        sqs.send_message_batch(
            QueueUrl=url, Entries=[{"Id": str(number), "MessageBody": body} for number, body in enumerate(some)]
        )


def left(sqs: "SQSClient") -> int:
    """Messages that nobody deleted, seen or not."""
    url = sqs.get_queue_url(QueueName="told")["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return int(found["ApproximateNumberOfMessages"]) + int(found["ApproximateNumberOfMessagesNotVisible"])


def test_messages_name_assessments_and_go_away_when_they_are_deleted(sqs: "SQSClient", queue: UploadQueue) -> None:
    send(sqs, *[message(f"assessments/A{number % 3}/x.csv") for number in range(25)])
    hints = queue.drain(time_up=lambda: False)
    assert hints.assessments == {"A0", "A1", "A2"}
    assert not hints.notes
    assert not queue.drain(time_up=lambda: False).receipts, "they are hidden from the next tick"
    assert left(sqs) == 25
    queue.delete(hints.receipts)
    assert left(sqs) == 0


def test_a_tick_takes_only_so_many_messages(sqs: "SQSClient", queue: UploadQueue) -> None:
    send(sqs, *[message("assessments/A/x.csv")] * 25)
    few = UploadQueue(sqs, sqs.get_queue_url(QueueName="told")["QueueUrl"], BUCKET, most=20)
    assert len(few.drain(time_up=lambda: False).receipts) == 20
    assert len(queue.drain(time_up=lambda: False).receipts) == 5


def test_foreign_messages_and_keys_astray_are_told_once_and_go_away(sqs: "SQSClient", queue: UploadQueue) -> None:
    send(sqs, "hello", "{}", message("assessments/no id/x.csv", "assessments/x.csv", "published/A/x.csv"))
    hints = queue.drain(time_up=lambda: False)
    assert not hints.assessments
    assert [note.partition(":")[0] for note in hints.notes] == [
        "ignored 2 messages that are no notification about the bucket files",
        "ignored 'assessments/no id/x.csv' and 1 more keys",
    ]
    assert len(hints.receipts) == 3
    queue.delete(hints.receipts)
    assert left(sqs) == 0


def test_a_receipt_that_sqs_no_longer_knows_does_not_hold_up_the_others(sqs: "SQSClient", queue: UploadQueue) -> None:
    send(sqs, message("assessments/A/x.csv"))
    queue.delete(["gone", *queue.drain(time_up=lambda: False).receipts])
    assert left(sqs) == 0


def test_a_missing_queue_is_told_with_the_command_that_makes_it(aws: LocalAws) -> None:
    missing = UploadQueue(boto3.client("sqs"), f"{aws.url}/123456789012/missing", BUCKET)
    with pytest.raises(QueueError, match=r"sqs:ReceiveMessage on .*/missing failed: .*'qs-pipeline setup aws'"):
        missing.drain(time_up=lambda: False)
