"""What an account must have before S3 can tell of uploads: a bucket, a queue, and the bucket's notifications.

First everything is looked at and planned, then the plan is carried out or only shown. What is as wanted is left alone,
so that it can be done again at any time, and what others set up on the bucket or the queue stays. It knows boto3 and
the names of the uploads, and not Dagster.
"""

import json
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from qs_pipeline.catalog import Catalog
from qs_pipeline.identity import ask_caller
from qs_pipeline.notifications import VISIBILITY_SECONDS
from qs_pipeline.settings import Settings
from qs_pipeline.store import UPLOADS

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

_EVENTS = ("s3:ObjectCreated:*", "s3:ObjectRemoved:*")
_KINDS = ("QueueConfigurations", "TopicConfigurations", "LambdaFunctionConfigurations")
_SID = "QsPipelineUploads"
# The home of S3, which is no location to ask for.
_NO_LOCATION = "us-east-1"
# A message that five ticks took and none could use is set aside; there it stays as long as SQS keeps any.
_TRIES = 5
_FOURTEEN_DAYS = "1209600"


class SetupError(RuntimeError):
    """AWS refused, or holds something that is in the way; the message names it and the fix."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that has to be there.

    Attributes:
        what: Its name.
        lacking: What has to be done about it, in words; empty where it is as wanted.
        act: Does it.
    """

    what: str
    lacking: str
    act: Callable[[], object]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The steps, in the order in which they have to be taken, and the queue's address once they are."""

    steps: tuple[Step, ...]
    queue_url: Callable[[], str]


def queue_name(settings: Settings) -> str:
    """The queue that ``QS_QUEUE_URL`` names, or else one named after the bucket."""
    return settings.queue_url.rpartition("/")[2] or f"{settings.bucket.replace('.', '-')}-uploads"


def plan_setup(settings: Settings, catalog: Catalog) -> Plan:
    """What is lacking for notifications about the uploads of ``catalog``.

    Raises:
        SetupError: where AWS refuses to tell, or notifications of others stand in the way.
    """
    session, config = settings.session(), settings.boto3_config
    caller = ask_caller(settings, config)
    partition = caller.arn.split(":")[1]
    s3, sqs = session.client("s3", config=config), session.client("sqs", config=config)
    name = queue_name(settings)
    arn = f"arn:{partition}:sqs:{settings.region}:{caller.account}:{name}"
    policy = {
        "Sid": _SID,
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {
            "ArnEquals": {"aws:SourceArn": f"arn:{partition}:s3:::{settings.bucket}"},
            "StringEquals": {"aws:SourceAccount": caller.account},
        },
    }
    redrive = {"deadLetterTargetArn": f"{arn}-dead", "maxReceiveCount": _TRIES}
    steps = (
        _bucket(s3, settings),
        _queue(sqs, f"{name}-dead", {"MessageRetentionPeriod": _FOURTEEN_DAYS}, None),
        _queue(sqs, name, {"VisibilityTimeout": str(VISIBILITY_SECONDS), "RedrivePolicy": json.dumps(redrive)}, policy),
        _notifications(s3, settings.bucket, arn, suffixes(catalog)),
    )
    return Plan(steps=steps, queue_url=lambda: _url(sqs, name) or "")


def carry_out(plan: Plan) -> Iterator[Step]:
    """Do what is lacking; yields each step once it is done.

    Raises:
        SetupError: where AWS refuses; what was done before stays, and the next time goes on from there.
    """
    for step in plan.steps:
        if step.lacking:
            with _asking(step.what):
                step.act()
        yield step


def suffixes(catalog: Catalog) -> tuple[str, ...]:
    """How the keys of wanted uploads end: none is the end of another, which S3 would refuse as overlapping."""
    archives = dict.fromkeys(upload.archive for upload in catalog.uploads if upload.archive)
    return (*(f"/{upload.filename}" for upload in catalog.uploads), *archives)


def _bucket(s3: "S3Client", settings: Settings) -> Step:
    what = f"bucket {settings.bucket}"
    with _asking(what):
        try:
            s3.head_bucket(Bucket=settings.bucket)
            lacking = ""
        except ClientError as error:
            if _code(error) != "404":
                raise
            lacking = f"create it in {settings.region}"

    def create() -> None:
        if settings.region == _NO_LOCATION:
            s3.create_bucket(Bucket=settings.bucket)
        else:
            place: Any = {"LocationConstraint": settings.region}
            s3.create_bucket(Bucket=settings.bucket, CreateBucketConfiguration=place)

    return Step(what=what, lacking=lacking, act=create)


def _url(sqs: "SQSClient", name: str) -> str | None:
    try:
        return sqs.get_queue_url(QueueName=name)["QueueUrl"]
    except ClientError as error:
        if "NonExistentQueue" in _code(error) or "QueueDoesNotExist" in _code(error):
            return None
        raise


def _queue(sqs: "SQSClient", name: str, wanted: dict[str, str], statement: dict[str, Any] | None) -> Step:
    """A queue with at least these attributes, and this statement among those of its policy."""
    what = f"queue {name}"
    with _asking(what):
        url = _url(sqs, name)
        found: Any = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"] if url else {}
    if statement is not None:
        policy = json.loads(found.get("Policy", "{}"))
        others = [each for each in policy.get("Statement", []) if each.get("Sid") != _SID]
        wanted = {
            **wanted,
            "Policy": json.dumps({"Version": "2012-10-17", **policy, "Statement": [*others, statement]}),
        }
    differing = {key: value for key, value in wanted.items() if _value(found.get(key)) != _value(value)}

    def act() -> None:
        if url:
            sqs.set_queue_attributes(QueueUrl=url, Attributes=wanted)  # pyright: ignore[reportArgumentType] - names
        else:
            sqs.create_queue(QueueName=name, Attributes=wanted)  # pyright: ignore[reportArgumentType] - as above

    return Step(
        what=what, lacking=f"set {', '.join(differing)}" if url and differing else "" if url else "create it", act=act
    )


def _notifications(s3: "S3Client", bucket: str, arn: str, endings: Sequence[str]) -> Step:
    """One notification an ending to our queue, beside those of others."""
    what = f"notifications of {bucket}"
    wanted = [
        {
            "Id": f"qs-pipeline {ending.strip('/')}",
            "QueueArn": arn,
            "Events": list(_EVENTS),
            "Filter": {
                "Key": {"FilterRules": [{"Name": "prefix", "Value": UPLOADS}, {"Name": "suffix", "Value": ending}]}
            },
        }
        for ending in endings
    ]
    with _asking(what):
        try:
            there: Any = s3.get_bucket_notification_configuration(Bucket=bucket)
        except ClientError as error:
            if _code(error) != "NoSuchBucket":
                raise
            there = {}
    kept = {kind: [each for each in there.get(kind, []) if each.get("QueueArn") != arn] for kind in _KINDS}
    ours = [each for each in there.get("QueueConfigurations", []) if each.get("QueueArn") == arn]
    for other in (each for each in (each for kind in _KINDS for each in kept[kind]) if _overlaps(each, endings)):
        target = other.get("QueueArn") or other.get("TopicArn") or other.get("LambdaFunctionArn")
        raise SetupError(
            f"{what}: {other.get('Id')!r} tells {target} of the same uploads, and S3 tells one target only. "
            "Let it tell an SNS topic that passes on to both queues, or narrow its prefix or suffix."
        )
    configuration: Any = {
        **(
            {"EventBridgeConfiguration": there["EventBridgeConfiguration"]}
            if "EventBridgeConfiguration" in there
            else {}
        ),
        **{kind: each for kind, each in kept.items() if each},
        "QueueConfigurations": [*kept["QueueConfigurations"], *wanted],
    }
    same = set(chain.from_iterable(map(_gist, ours))) == set(chain.from_iterable(map(_gist, wanted)))
    others = sum(map(len, kept.values()))
    return Step(
        what=what,
        lacking="" if same else f"tell {arn} of {len(wanted)} file names; {others} of others stay",
        act=lambda: s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration),
    )


def _rule(notification: dict[str, Any], name: str) -> str:
    rules = notification.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    return next((rule["Value"] for rule in rules if rule["Name"].lower() == name), "")


def _gist(notification: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What it tells of, event by event: CloudFormation makes one of each, and that is as good."""
    for event in notification["Events"]:
        yield _rule(notification, "prefix"), _rule(notification, "suffix"), event


def _overlaps(other: dict[str, Any], endings: Sequence[str]) -> bool:
    """Whether S3 would refuse it beside ours: an event, a beginning and an end in common."""
    prefix, suffix = _rule(other, "prefix"), _rule(other, "suffix")
    kinds = {event.split(":")[1] for event in _EVENTS} & {event.split(":")[1] for event in other["Events"]}
    begins = UPLOADS.startswith(prefix) or prefix.startswith(UPLOADS)
    ends = any(ending.endswith(suffix) or suffix.endswith(ending) for ending in endings)
    return bool(kinds) and begins and ends


def _value(text: str | None) -> Any:  # noqa: ANN401 - numbers, texts and documents, compared by what they say
    try:
        return json.loads(text or "null")
    except ValueError:
        return text


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "Unknown")


@contextmanager
def _asking(what: str) -> Generator[None]:
    try:
        yield
    except ClientError as error:
        message = error.response.get("Error", {}).get("Message", "")
        fix = "S3 may not know the new queue yet: run it again in a minute." if "validate" in message else _FIX
        raise SetupError(f"{what}: {error.operation_name} failed: {_code(error)}: {message} {fix}") from error
    except BotoCoreError as error:
        raise SetupError(f"{what}: {error} Check the credentials, the region and the network.") from error


_FIX = "See that the credentials may do this (docs/events.md) and that the names are yours."
