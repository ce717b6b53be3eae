"""What ``setup aws`` makes, mends and leaves alone."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from qs_pipeline.catalog import CATALOG
from qs_pipeline.local_aws import LocalAws
from qs_pipeline.settings import Settings
from qs_pipeline.setup_aws import Plan, SetupError, carry_out, plan_setup, suffixes

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

TOPIC = "arn:aws:sns:us-east-1:123456789012:theirs"


@pytest.fixture
def settings(aws: LocalAws, tmp_path: Path) -> Settings:
    """A site on an embedded AWS that holds nothing."""
    return Settings(home=tmp_path, endpoint=aws.url, bucket="my.files")


@pytest.fixture
def s3(settings: Settings) -> "S3Client":
    return boto3.client("s3", endpoint_url=settings.endpoint)


def set_up(settings: Settings) -> Plan:
    plan = plan_setup(settings, CATALOG)
    list(carry_out(plan))
    return plan


def lacking(settings: Settings) -> list[str]:
    return [step.what for step in plan_setup(settings, CATALOG).steps if step.lacking]


def attributes(settings: Settings) -> dict[str, Any]:
    sqs = boto3.client("sqs")
    found = sqs.get_queue_attributes(QueueUrl=set_up(settings).queue_url(), AttributeNames=["All"])["Attributes"]
    return dict(found)


def bodies(url: str) -> list[str]:
    sqs = boto3.client("sqs")
    received: list[str] = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        received += [each["Body"] for each in messages]
    return received


def test_a_plan_changes_nothing_and_a_second_time_nothing_is_lacking(settings: Settings, s3: "S3Client") -> None:
    everything = [
        "bucket my.files",
        "queue my-files-uploads-dead",
        "queue my-files-uploads",
        "notifications of my.files",
    ]
    assert lacking(settings) == everything
    assert lacking(settings) == everything
    assert s3.list_buckets()["Buckets"] == []
    set_up(settings)
    assert lacking(settings) == []


def test_s3_tells_the_queue_of_wanted_uploads_and_of_nothing_else(settings: Settings, s3: "S3Client") -> None:
    url = set_up(settings).queue_url()
    bodies(url)
    for key in ("assessments/A/x/Locations.csv", "assessments/A/EPW_Locations.csv", "published/A/Locations.csv"):
        s3.put_object(Bucket="my.files", Key=key, Body=b"x")
    s3.put_object(Bucket="my.files", Key="assessments/A/1_RD_I__Input.zip", Body=b"x")
    s3.delete_object(Bucket="my.files", Key="assessments/A/x/Locations.csv")
    told = [json.loads(body)["Records"][0] for body in bodies(url)]
    assert [(each["eventName"], each["s3"]["object"]["key"]) for each in told] == [
        ("ObjectCreated:Put", "assessments%2FA%2Fx%2FLocations.csv"),
        ("ObjectCreated:Put", "assessments%2FA%2F1_RD_I__Input.zip"),
        ("ObjectRemoved:Delete", "assessments%2FA%2Fx%2FLocations.csv"),
    ]


def test_only_this_bucket_may_send_and_what_nobody_can_use_is_set_aside(settings: Settings) -> None:
    found = attributes(settings)
    (statement,) = json.loads(found["Policy"])["Statement"]
    assert statement["Condition"]["ArnEquals"] == {"aws:SourceArn": "arn:aws:s3:::my.files"}
    assert statement["Principal"] == {"Service": "s3.amazonaws.com"}
    assert json.loads(found["RedrivePolicy"])["deadLetterTargetArn"].endswith(":my-files-uploads-dead")
    assert int(found["VisibilityTimeout"]) >= 120


def test_what_somebody_changed_is_mended(settings: Settings) -> None:
    url = set_up(settings).queue_url()
    boto3.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "5"})
    assert lacking(settings) == ["queue my-files-uploads"]
    set_up(settings)
    assert lacking(settings) == []
    assert attributes(settings)["VisibilityTimeout"] == "180"


def theirs(s3: "S3Client", **filters: str) -> None:
    rules = [{"Name": name, "Value": value} for name, value in filters.items()]
    one = {"Id": "theirs", "TopicArn": TOPIC, "Events": ["s3:ObjectCreated:Put"]}
    configuration: Any = {"TopicConfigurations": [{**one, "Filter": {"Key": {"FilterRules": rules}}}]}
    s3.put_bucket_notification_configuration(Bucket="my.files", NotificationConfiguration=configuration)


def test_notifications_of_others_stay(settings: Settings, s3: "S3Client") -> None:
    s3.create_bucket(Bucket="my.files")
    theirs(s3, prefix="assessments/", suffix=".pdf")
    set_up(settings)
    found = s3.get_bucket_notification_configuration(Bucket="my.files")
    assert [each.get("Id") for each in found["TopicConfigurations"]] == ["theirs"]
    assert len(found["QueueConfigurations"]) == len(CATALOG.uploads) + 1


def test_notifications_of_others_about_the_same_uploads_are_named(settings: Settings, s3: "S3Client") -> None:
    s3.create_bucket(Bucket="my.files")
    theirs(s3, suffix=".csv")
    with pytest.raises(SetupError, match=f"'theirs' tells {TOPIC} of the same uploads"):
        plan_setup(settings, CATALOG)


def test_statements_of_others_in_the_policy_stay(settings: Settings) -> None:
    url = set_up(settings).queue_url()
    sqs = boto3.client("sqs")
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    own = {"Sid": "own", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [own]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    kept = json.loads(attributes(settings)["Policy"])["Statement"]
    assert [each["Sid"] for each in kept] == ["own", "QsPipelineUploads"]


def test_notifications_with_one_event_each_as_cloudformation_makes_them_are_as_good(
    settings: Settings, s3: "S3Client"
) -> None:
    set_up(settings)
    found = s3.get_bucket_notification_configuration(Bucket="my.files")["QueueConfigurations"]
    split = [
        {**each, "Id": f"{each['Id']} {event}", "Events": [event]}
        for each in found
        if "Id" in each
        for event in each["Events"]
    ]
    configuration: Any = {"QueueConfigurations": split}
    s3.put_bucket_notification_configuration(Bucket="my.files", NotificationConfiguration=configuration)
    assert lacking(settings) == []
    configuration["QueueConfigurations"] = split[1:]
    s3.put_bucket_notification_configuration(Bucket="my.files", NotificationConfiguration=configuration)
    assert lacking(settings) == ["notifications of my.files"]


def test_no_suffix_is_the_end_of_another() -> None:
    endings = suffixes(CATALOG)
    assert len(endings) == len(CATALOG.uploads) + 1
    assert [(one, other) for one in endings for other in endings if one != other and one.endswith(other)] == []
