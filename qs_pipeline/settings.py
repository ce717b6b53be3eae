"""What a site decides: one frozen value, read from the environment when a run, a tick or a command starts.

Nothing is read at import. A process reaches a real account only where ``QS_TARGET=aws`` says so; every other process
must have a loopback ``AWS_ENDPOINT_URL``, whatever credentials the machine holds.
"""

import contextlib
import os
from collections.abc import Generator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.config import Config
from botocore.loaders import Loader, create_loader

from qs_pipeline import variables as read
from qs_pipeline.variables import LOOPBACK, SettingsError, Variable, setting, variable_of

__all__ = ["LOOPBACK", "Settings", "SettingsError", "local_environment", "new_session", "working_in"]

# The one region that the embedded AWS has a bucket in.
EMBEDDED_REGION = "us-east-1"
# A connection that stalls, even twice, is given up within the minute that Dagster grants a tick of a sensor.
READ_SECONDS = 25


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of a site, each with the variable that tells it: name, reader, default as text.

    ``docs/settings.md`` is held against this class by a test.
    """

    # fmt: off
    home: Path = setting(
        "QS_HOME", read.folder, ".qs",
        example="/var/lib/qs-pipeline",
        meaning="Folder of all state: Dagster instance, limiter, embedded AWS, logs",
    )
    target: Literal["local", "aws"] = setting(
        "QS_TARGET", read.target, "local",
        example="aws",
        meaning="`local`: the embedded AWS only; `aws`: the account of this machine's credentials",
    )
    endpoint: str = setting(
        "AWS_ENDPOINT_URL", read.text, "",
        example="http://127.0.0.1:4577",
        meaning="Address of the embedded AWS, which the service sets for its own processes. With the target `local` "
        "only a loopback address is accepted",
    )
    region: str = setting(
        "AWS_REGION", read.region, "us-east-1",
        example="us-gov-west-1",
        meaning="Region of bucket, queue and QuickSight in a real account; `AWS_DEFAULT_REGION` where it is not set",
    )
    bucket: str = setting(
        "QS_BUCKET", read.bucket, "qs-pipeline",
        example="my-bucket",
        meaning="Bucket of uploads and of all that is made from them",
    )
    queue_url: str = setting(
        "QS_QUEUE_URL", read.queue_url, "",
        example="https://sqs.us-east-1.amazonaws.com/123456789012/my-bucket-uploads",
        meaning="SQS queue that S3 [tells about uploads](events.md); without it every tick lists all of them",
    )
    sweep_seconds: float = setting(
        "QS_SWEEP_SECONDS", read.number, "300",
        example="900",
        meaning="With a queue, all uploads are listed this often all the same",
    )
    max_upload_bytes: int = setting(
        "QS_MAX_UPLOAD_BYTES", read.whole_number, "1073741824",
        example="104857600",
        meaning="A larger CSV is rejected from the listing, without being read",
    )
    shrink_warning: float = setting(
        "QS_SHRINK_WARNING", read.share, "0.5",
        example="0.2",
        meaning="Share of the aggregate's rows whose loss since the last publication, without a deletion, is pointed "
        "out by `row_count_stable`",
    )
    owners: tuple[str, ...] = setting(
        "QS_OWNERS", read.shared_with, "",
        example="arn:aws:quicksight:us-east-1:123456789012:group/default/authors",
        meaning="ARNs of QuickSight users or groups that may change what is made, separated by spaces or commas",
    )
    viewers: tuple[str, ...] = setting(
        "QS_VIEWERS", read.shared_with, "",
        example="arn:aws:quicksight:us-east-1:123456789012:group/default/readers",
        meaning="ARNs of QuickSight users or groups that may look at the dashboards, separated likewise",
    )
    principals: tuple[str, ...] = setting(
        "QS_PRINCIPALS", read.roles, "",
        example="arn:aws:iam::123456789012:role/publisher-1",
        meaning="ARNs of IAM roles that call QuickSight in turn, [each with a rate of its own](limits.md)",
    )
    identity_region: str = setting(
        "QS_IDENTITY_REGION", read.region, "",
        example="us-east-1",
        meaning="Region of the account's QuickSight users; matters with `QS_PRINCIPALS` only",
        unset="found",
    )
    user_rate: float = setting(
        "QS_USER_RATE", read.number, "5",
        example="10",
        meaning="QuickSight calls a second of one principal; of calls about permissions two fifths of it",
    )
    account_rate: float = setting(
        "QS_ACCOUNT_RATE", read.number, "25",
        example="20",
        meaning="QuickSight calls a second of the account, all principals together",
    )
    limiter_url: str = setting(
        "QS_LIMITER_URL", read.postgres_url, "",
        example="postgresql://qs@db.example.com:5432/dagster",
        meaning="Database of a limiter for several hosts, instead of a file in `QS_HOME`; the password is best put "
        "into `PGPASSWORD`",
        secret=True,
    )
    refreshes_per_day: int = setting(
        "QS_REFRESHES_PER_DAY", read.whole_number, "32",
        example="8",
        meaning="Refreshes of a data set that QuickSight allows in any 24 hours; 8 in Standard Edition",
    )
    deadline_seconds: float = setting(
        "QS_DEADLINE_SECONDS", read.number, "1800",
        example="3600",
        meaning="How long one ingestion, or one dashboard version, may take",
    )
    poll_seconds: float = setting(
        "QS_POLL_SECONDS", read.number, "1",
        example="0.5",
        meaning="Pause after the first look at one of them that finds nothing new; later pauses grow",
    )
    drift_seconds: float = setting(
        "QS_DRIFT_SECONDS", read.number, "3600",
        example="600",
        meaning="Pause between two looks for data sets and dashboards that somebody deleted",
    )
    webhook_url: str = setting(
        "QS_WEBHOOK_URL", read.webhook_url, "",
        example="https://hooks.example.com/T0/B0",
        meaning="Gets a JSON message about each failed run",
        secret=True,
    )
    definitions: Path | None = setting(
        "QS_DEFINITIONS_DIR", read.folder_if_any, "",
        example="/srv/definitions",
        meaning="Folder with `dashboard/` and `datasets/`",
        unset="those of the checkout or the wheel",
    )
    # fmt: on

    @classmethod
    def variables(cls) -> tuple[Variable, ...]:
        """The variables, in the order in which people read of them."""
        return tuple(variable_of(each) for each in fields(cls))

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """The settings that ``environ`` holds, defaults for what is not set or set to nothing.

        Raises:
            SettingsError: for a value that cannot be read.
        """
        if not environ.get("AWS_REGION"):
            environ = {**environ, "AWS_REGION": environ.get("AWS_DEFAULT_REGION", "")}
        return cls(**{each.name: variable_of(each).of(environ) for each in fields(cls)})

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
        return boto3.Session(botocore_session=new_session(), region_name=self.region)

    @property
    def boto3_config(self) -> Config:
        """Retries and timeouts of every AWS client: what slips through the limiter is retried by botocore."""
        return Config(
            region_name=self.region,
            retries={"mode": "standard", "total_max_attempts": 6},
            connect_timeout=10,
            read_timeout=READ_SECONDS,
            s3={"addressing_style": "path"} if self.target == "local" else {},
        )


def new_session() -> botocore.session.Session:
    """A session of botocore, which reads the models of AWS's services, megabytes of JSON, once for the process."""
    session = botocore.session.get_session()
    session.register_component("data_loader", _loader(session.get_config_variable("data_path")))
    return session


@cache
def _loader(search_path: str | None) -> Loader:
    return create_loader(search_path)


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
        "AWS_REGION": EMBEDDED_REGION,
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
