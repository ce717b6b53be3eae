"""S3's notifications about uploads, as they lie in an SQS queue: hints which assessments to list, and never the truth.

Whoever can write to the queue can write anything, so nothing is believed but the id of an assessment, and that only
when it is a valid one. What is no notification is told and goes away with the others: no message comes twice for long.
It knows boto3, and neither Dagster nor what an upload is.
"""

import json
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from botocore.exceptions import BotoCoreError, ClientError

from qs_pipeline.model import AssessmentId
from qs_pipeline.store import UPLOADS, assessment_of

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

# Used messages are deleted by the tick that follows, some seconds later; a daemon that restarts in between is in time.
VISIBILITY_SECONDS = 180
MOST_MESSAGES = 200
_A_CALL = 10  # messages; the most that SQS hands out or deletes at once
_SHOWN = 80


class QueueError(RuntimeError):
    """SQS refused, or cannot be reached; the message names the action, the queue and the fix."""


@dataclass(frozen=True, kw_only=True)
class Hints:
    """What the messages of a tick say.

    Attributes:
        assessments: The ones whose uploads may have changed.
        receipts: By which the messages are deleted, once what follows from them is safe.
        notes: What was ignored, in words.
    """

    assessments: frozenset[AssessmentId] = frozenset()
    receipts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class UploadQueue:
    """The queue that S3 tells about uploads to one bucket."""

    def __init__(self, sqs: "SQSClient", url: str, bucket: str, *, most: int = MOST_MESSAGES) -> None:
        self._sqs = sqs
        self._url = url
        self._bucket = bucket
        self._most = most

    def drain(self, *, time_up: Callable[[], bool]) -> Hints:
        """What lies in the queue, up to ``most`` messages; for ``VISIBILITY_SECONDS`` nobody else gets these messages.

        Raises:
            QueueError: where the queue cannot be read.
        """
        receipts: list[str] = []
        keys: list[str] = []
        foreign: list[str] = []
        while len(receipts) < self._most and not time_up():
            with self._asking("sqs:ReceiveMessage"):
                reply = self._sqs.receive_message(
                    QueueUrl=self._url,
                    MaxNumberOfMessages=_A_CALL,
                    WaitTimeSeconds=0,
                    VisibilityTimeout=VISIBILITY_SECONDS,
                )
            messages = reply.get("Messages", [])
            for message in messages:
                receipts.append(message.get("ReceiptHandle", ""))
                body = message.get("Body", "")
                found = keys_in(body, self._bucket)
                if found is None:
                    foreign.append(body)
                else:
                    keys += found
            if not messages:
                break
        ours = [key for key in keys if key.startswith(UPLOADS)]
        named = {key: assessment_of(key) for key in ours}
        return Hints(
            assessments=frozenset(assessment for assessment in named.values() if assessment),
            receipts=tuple(receipts),
            notes=(*self._foreign(foreign), *_astray([key for key, assessment in named.items() if not assessment])),
        )

    def delete(self, receipts: Sequence[str]) -> None:
        """Forget the messages of these receipts; one that cannot be deleted comes again, and changes nothing.

        Raises:
            QueueError: where SQS refuses the call.
        """
        for start in range(0, len(receipts), _A_CALL):
            some = receipts[start : start + _A_CALL]
            with self._asking("sqs:DeleteMessage"):
                self._sqs.delete_message_batch(
                    QueueUrl=self._url,
                    Entries=[{"Id": str(number), "ReceiptHandle": receipt} for number, receipt in enumerate(some)],
                )

    def _foreign(self, bodies: list[str]) -> Iterator[str]:
        if bodies:
            what = "a message that is" if len(bodies) == 1 else f"{len(bodies)} messages that are"
            shown = " ".join(bodies[0][:_SHOWN].split())
            yield f"ignored {what} no notification about the bucket {self._bucket}: {shown!r}"

    @contextmanager
    def _asking(self, action: str) -> Generator[None]:
        try:
            yield
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "Unknown")
            raise QueueError(f"{action} on {self._url} failed: {code}. {_fix(code, action)}") from error
        except BotoCoreError as error:
            raise QueueError(
                f"{action} on {self._url} failed: {error} Check credentials, region and network."
            ) from error


def keys_in(body: str, bucket: str) -> list[str] | None:
    """The keys of ``bucket`` that a message is about; None where it is no notification about this bucket.

    Known are S3's own form (with several records, and S3's test event, which names no key), the same passed on by
    SNS, and EventBridge's. S3 spells keys as in a form, with ``+`` and ``%``; EventBridge as they are.
    """
    match _parsed(body):
        case {"Event": "s3:TestEvent"}:
            return []
        case {"Records": [*records]}:
            keys = [key for record in records if (key := _key_of(record, bucket)) is not None]
            return keys if keys or not records else None
        case {"source": "aws.s3", "detail": {"bucket": {"name": str(name)}, "object": {"key": str(key)}}}:
            return [key] if name == bucket else None
        case {"Type": "Notification", "Message": str(inner)} if inner != body:
            return keys_in(inner, bucket)
        case _:
            return None


def _key_of(record: object, bucket: str) -> str | None:
    match record:
        case {"eventSource": "aws:s3", "s3": {"bucket": {"name": str(name)}, "object": {"key": str(key)}}}:
            return unquote_plus(key) if name == bucket else None
        case _:
            return None


def _parsed(body: str) -> Any:  # noqa: ANN401 - whatever a stranger wrote
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _astray(keys: list[str]) -> Iterator[str]:
    if keys:
        more = f" and {len(keys) - 1} more keys" if len(keys) > 1 else ""
        yield f"ignored {keys[0]!r}{more}: not below {UPLOADS}<id>/"


def _fix(code: str, action: str) -> str:
    if "NonExistentQueue" in code or "QueueDoesNotExist" in code:
        return "Make it with 'qs-pipeline setup aws', or correct or unset QS_QUEUE_URL."
    if "AccessDenied" in code:
        return f"Allow {action} on it to the role of this process."
    return "It is tried again by the next tick."
