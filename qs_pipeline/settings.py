"""What a site decides: one frozen value, read from the environment when a run, a tick or a command starts.

Nothing is read at import. A process reaches a real account only where ``QS_TARGET=aws`` says so; every other process
must have a loopback ``AWS_ENDPOINT_URL``, whatever credentials the machine holds.
"""

import contextlib
import math
import os
import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_SHARED_WITH = re.compile(r"arn:aws[\w-]*:quicksight:[a-z0-9-]+:\d{12}:(user|group)/.+")
_ROLE = re.compile(r"arn:aws[\w-]*:iam::\d{12}:role/.+")
_QUEUE_URL = re.compile(r"https?://[^/\s]+/\d{12}/[A-Za-z0-9_-]{1,80}")
_GIB = 1024**3


class SettingsError(ValueError):
    """A setting is missing or malformed; the message names it and the fix."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of a site.

    Attributes:
        home: Folder of all state: the Dagster instance, the limiter and the embedded AWS.
        target: ``local`` talks to the embedded AWS only, ``aws`` to the account of the machine's credentials.
        endpoint: URL of the embedded AWS; empty for a real account.
        bucket: The bucket that holds uploads and everything made from them.
        region: AWS region of the bucket and of QuickSight.
        owners: ARNs of QuickSight users and groups who may change what is made.
        viewers: ARNs of QuickSight users and groups who may look at the dashboards.
        principals: ARNs of IAM roles that call QuickSight in turn, each with a rate of its own; none: who we are.
        identity_region: Where the account's QuickSight users live; empty to find out, where it matters.
        user_rate: QuickSight calls a second that one principal may make.
        account_rate: QuickSight calls a second that the account may make.
        limiter_url: PostgreSQL database of the limiter that several hosts share; empty for a file in ``home``.
        refreshes_per_day: Refreshes of a data set that QuickSight allows in any 24 hours.
        drift_seconds: Between two looks for what was deleted in QuickSight by hand.
        webhook_url: Gets a JSON message about each failed run; empty for none.
        max_upload_bytes: A larger CSV is refused from the listing and never read.
        shrink_warning: Share of rows lost between two aggregations, without a deletion, that raises a warning.
        deadline_seconds: How long one ingestion or one dashboard version may take.
        queue_url: SQS queue that S3 tells about uploads; empty where the sensor lists everything at each tick.
        sweep_seconds: With a queue, everything is listed this often all the same.
        poll_seconds: Pause after the first look at one of them that finds nothing new; later ones grow.
    """

    home: Path
    target: Literal["local", "aws"] = "local"
    endpoint: str = ""
    bucket: str = "qs-pipeline"
    region: str = "us-east-1"
    owners: tuple[str, ...] = ()
    viewers: tuple[str, ...] = ()
    principals: tuple[str, ...] = ()
    identity_region: str = ""
    user_rate: float = 5.0
    account_rate: float = 25.0
    limiter_url: str = field(default="", repr=False)  # may hold a password
    refreshes_per_day: int = 32
    drift_seconds: float = 3600.0
    webhook_url: str = field(default="", repr=False)  # such addresses are secrets
    max_upload_bytes: int = _GIB
    shrink_warning: float = 0.5
    deadline_seconds: float = 1800.0
    queue_url: str = ""
    sweep_seconds: float = 300.0
    poll_seconds: float = 1.0

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """The settings that ``environ`` holds (table in the README), defaults for what is not set or set to nothing.

        Raises:
            SettingsError: for a value that cannot be read.
        """
        target = environ.get("QS_TARGET") or "local"
        if target not in ("local", "aws"):
            raise SettingsError(f"QS_TARGET={target!r}: use 'local' (the embedded AWS) or 'aws' (a real account)")
        return cls(
            home=Path(environ.get("QS_HOME") or ".qs").resolve(),
            target=target,
            endpoint=environ.get("AWS_ENDPOINT_URL", ""),
            bucket=_bucket(environ.get("QS_BUCKET") or cls.bucket),
            region=environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or cls.region,
            owners=_arns(environ, "QS_OWNERS", _SHARED_WITH, "QuickSight users or groups"),
            viewers=_arns(environ, "QS_VIEWERS", _SHARED_WITH, "QuickSight users or groups"),
            principals=_arns(environ, "QS_PRINCIPALS", _ROLE, "IAM roles"),
            identity_region=environ.get("QS_IDENTITY_REGION", ""),
            user_rate=_number(environ, "QS_USER_RATE", cls.user_rate),
            account_rate=_number(environ, "QS_ACCOUNT_RATE", cls.account_rate),
            limiter_url=_limiter_url(environ.get("QS_LIMITER_URL", "")),
            refreshes_per_day=max(1, int(_number(environ, "QS_REFRESHES_PER_DAY", cls.refreshes_per_day))),
            drift_seconds=_number(environ, "QS_DRIFT_SECONDS", cls.drift_seconds),
            webhook_url=_webhook(environ.get("QS_WEBHOOK_URL", "")),
            max_upload_bytes=int(_number(environ, "QS_MAX_UPLOAD_BYTES", cls.max_upload_bytes)),
            shrink_warning=_number(environ, "QS_SHRINK_WARNING", cls.shrink_warning, at_most=1),
            deadline_seconds=_number(environ, "QS_DEADLINE_SECONDS", cls.deadline_seconds),
            queue_url=_queue_url(environ.get("QS_QUEUE_URL", "")),
            sweep_seconds=_number(environ, "QS_SWEEP_SECONDS", cls.sweep_seconds),
            poll_seconds=_number(environ, "QS_POLL_SECONDS", cls.poll_seconds),
        )

    def session(self) -> boto3.Session:
        """A boto3 session that cannot reach a real account unless the target says so.

        Raises:
            SettingsError: where the target is local and no embedded AWS is named.
        """
        if self.target == "local" and urlsplit(self.endpoint).hostname not in LOOPBACK:
            raise SettingsError(
                f"AWS_ENDPOINT_URL={self.endpoint!r} is not the embedded AWS. Start it with 'qs-pipeline up', or set "
                "QS_TARGET=aws to work on the account of this machine's credentials."
            )
        return boto3.Session(region_name=self.region)

    @property
    def boto3_config(self) -> Config:
        """Retries and timeouts of every AWS client: what slips through the limiter is retried by botocore."""
        return Config(
            region_name=self.region,
            retries={"mode": "standard", "total_max_attempts": 6},
            connect_timeout=10,
            read_timeout=60,
            s3={"addressing_style": "path"} if self.target == "local" else {},
        )


def local_environment(environ: Mapping[str, str], *, endpoint: str, home: Path) -> dict[str, str]:
    """``environ`` for a process that may reach only the embedded AWS at ``endpoint``.

    Every AWS variable and every proxy of the machine goes, profiles and config files are shut, and dummy keys are set.
    """
    kept = {
        name: value
        for name, value in environ.items()
        if not name.startswith("AWS_") and not name.lower().endswith("_proxy")
    }
    return kept | {
        "QS_TARGET": "local",
        "QS_HOME": str(home),
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "embedded",
        "AWS_SECRET_ACCESS_KEY": "embedded",  # nosec: a word, not a secret
        "AWS_REGION": Settings.region,  # the one region that is embedded
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@contextlib.contextmanager
def working_in(environment: Mapping[str, str]) -> Generator[None]:
    """Make ``environment`` that of this process, so that our own calls are held to the same target as the service."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _queue_url(url: str) -> str:
    if url and not _QUEUE_URL.fullmatch(url):
        raise SettingsError(f"QS_QUEUE_URL={url!r}: expected https://<host>/<account>/<queue>, see 'setup aws'")
    return url


def _bucket(name: str) -> str:
    if not _BUCKET.fullmatch(name):
        raise SettingsError(f"QS_BUCKET={name!r}: a bucket has 3 to 63 small letters, digits, dots and hyphens")
    return name


def _arns(environ: Mapping[str, str], name: str, form: re.Pattern[str], what: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(environ.get(name, "").replace(",", " ").split()))
    for arn in found:
        if not form.fullmatch(arn):
            raise SettingsError(f"{name}: {arn!r} is none of the ARNs of {what}, which are to stand here")
    return found


def _webhook(url: str) -> str:
    # What is wrong is not repeated: it may hold a secret.
    parts = urlsplit(url)
    if url and parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise SettingsError("QS_WEBHOOK_URL: expected https://..., or http:// on this machine, or nothing")
    return url


def _limiter_url(url: str) -> str:
    # What is wrong is not repeated: it may hold a password.
    if url and not url.startswith(("postgresql://", "postgres://")):
        raise SettingsError("QS_LIMITER_URL: expected postgresql://user@host/database, or nothing")
    return url


def _number(environ: Mapping[str, str], name: str, default: float, *, at_most: float = math.inf) -> float:
    text = environ.get(name, "")
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        raise SettingsError(f"{name}={text!r}: expected a number") from None
    if not math.isfinite(value) or value <= 0:
        raise SettingsError(f"{name}={text!r}: expected a number above zero")
    if value > at_most:
        raise SettingsError(f"{name}={text!r}: expected a number of at most {at_most:g}")
    return value
