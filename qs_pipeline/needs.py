"""What AWS has to allow, to whom and for what: the one list that the docs, the template and ``doctor`` go by.

A test holds it against the calls that the code makes. Creating a data set or a dashboard asks for the right to pass on
what it is made of, and tags given at creation ask for the right to tag, though nobody calls operations of these names.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from qs_pipeline.quicksight.names import Account

Who = Literal["run", "sensors", "people", "doctor"]
"""``run`` is also an operator's command; ``people`` are those who upload and retire."""

SOURCES = "datasource/*-datasource-*"
SETS = "dataset/*-dataset-*"
DASHBOARDS = "dashboard/RD-Assessment-*"
BUCKET, QUEUE, ANY = "the bucket", "the queue", "*"


@dataclass(frozen=True, kw_only=True)
class Need:
    """One need: actions, on what, for what.

    Attributes:
        who: The processes or persons that have it.
        actions: IAM actions.
        on: Resources: the bucket, the queue, prefixes of keys, ids of QuickSight, or ``*`` for actions that take none.
        why: In words.
    """

    who: tuple[Who, ...]
    actions: tuple[str, ...]
    on: tuple[str, ...]
    why: str

    @property
    def pairs(self) -> Iterator[tuple[str, str]]:
        """Each action with each resource."""
        return ((action, resource) for action in self.actions for resource in self.on)


def _quicksight(*names: str) -> tuple[str, ...]:
    return tuple(f"quicksight:{name}" for name in names)


NEEDS = (
    Need(
        who=("run", "sensors"),
        actions=("s3:ListBucket",),
        on=(BUCKET,),
        why="lists uploads, the lookup, tombstones and what was made",
    ),
    Need(who=("run",), actions=("s3:GetObject",), on=("assessments/*", "reference/*"), why="reads uploads"),
    Need(
        who=("run",),
        actions=("s3:GetObject", "s3:PutObject", "s3:DeleteObject"),
        on=("accepted/*", "published/*", "expanded/*"),
        why="keeps copies, tables and definitions; takes away those whose uploads went",
    ),
    Need(
        who=("run",),
        actions=("s3:PutObject", "s3:DeleteObject"),
        on=("manifests/*", "retired/*"),
        why="what QuickSight reads; the tombstone of `retire`, and its end",
    ),
    Need(
        who=("sensors",),
        actions=("sqs:ReceiveMessage", "sqs:DeleteMessage"),
        on=(QUEUE,),
        why="takes what S3 told; with `QS_QUEUE_URL`",
    ),
    Need(
        who=("run", "sensors"),
        actions=_quicksight("ListDataSets"),
        on=(ANY,),
        why="finds what was deleted by hand, and what to retire; lists take no resource",
    ),
    Need(who=("run",), actions=_quicksight("ListDataSources"), on=(ANY,), why="finds what to retire"),
    Need(who=("sensors",), actions=_quicksight("ListDashboards"), on=(ANY,), why="finds what was deleted by hand"),
    Need(
        who=("run",),
        actions=_quicksight("CreateDataSource", "UpdateDataSource", "DeleteDataSource", "PassDataSource"),
        on=(SOURCES,),
        why="one for each manifest; a data set is made of ours only",
    ),
    Need(
        who=("run",),
        actions=_quicksight("CreateDataSet", "UpdateDataSet", "DescribeDataSet", "DeleteDataSet", "PassDataSet"),
        on=(SETS,),
        why="one for each table; a dashboard is made of ours only",
    ),
    Need(
        who=("run",),
        actions=_quicksight("CreateIngestion", "DescribeIngestion", "ListIngestions"),
        on=(SETS, f"{SETS}/ingestion/*"),
        why="loads rows, and looks how far that is",
    ),
    Need(
        who=("run",),
        actions=_quicksight(
            "CreateDashboard",
            "UpdateDashboard",
            "UpdateDashboardPublishedVersion",
            "DescribeDashboard",
            "DescribeDashboardDefinition",
            "ListDashboardVersions",
            "DeleteDashboard",
        ),
        on=(DASHBOARDS,),
        why="made, checked, published; rolled back and deleted on order",
    ),
    Need(
        who=("run",),
        actions=_quicksight("DescribeDataSourcePermissions", "UpdateDataSourcePermissions"),
        on=(SOURCES,),
        why="grants and revokes where owners changed",
    ),
    Need(
        who=("run",),
        actions=_quicksight("DescribeDataSetPermissions", "UpdateDataSetPermissions"),
        on=(SETS,),
        why="grants and revokes where owners changed",
    ),
    Need(
        who=("run",),
        actions=_quicksight("DescribeDashboardPermissions", "UpdateDashboardPermissions"),
        on=(DASHBOARDS,),
        why="grants and revokes where owners or viewers changed",
    ),
    Need(
        who=("run",),
        actions=_quicksight("TagResource", "ListTagsForResource"),
        on=(SOURCES, SETS, DASHBOARDS),
        why="marks as ours what is made or taken over, and sees the mark before anything is deleted",
    ),
    Need(who=("run",), actions=_quicksight("UntagResource"), on=(DASHBOARDS,), why="releases a pin"),
    Need(
        who=("sensors",),
        actions=_quicksight("ListTagsForResource"),
        on=(SETS,),
        why="sees whether a data set that nothing needs any more is ours",
    ),
    Need(
        who=("people",),
        actions=("s3:PutObject",),
        on=("assessments/*", "reference/*"),
        why="only for `upload` and `run`",
    ),
    Need(who=("people",), actions=("s3:DeleteObject",), on=("assessments/*",), why="only for `retire --uploads`"),
    Need(
        who=("doctor",),
        actions=("s3:GetBucketVersioning", "s3:GetEncryptionConfiguration", "s3:GetBucketPublicAccessBlock"),
        on=(BUCKET,),
        why="how the bucket is protected",
    ),
    Need(who=("doctor",), actions=("s3:GetBucketNotification",), on=(BUCKET,), why="what S3 tells the queue"),
    Need(
        who=("doctor",),
        actions=("sqs:GetQueueUrl", "sqs:GetQueueAttributes"),
        on=(QUEUE,),
        why="the queue's policy and its dead-letter queue",
    ),
    Need(
        who=("doctor",),
        actions=_quicksight("DescribeAccountSubscription", "DescribeUser", "DescribeGroup"),
        on=(ANY,),
        why="subscription, edition, identity region, owners and viewers",
    ),
    Need(
        who=("doctor",),
        actions=("iam:SimulatePrincipalPolicy", "iam:GetRole"),
        on=(ANY,),
        why="what may be written, without writing it",
    ),
    Need(who=("doctor",), actions=("cloudwatch:GetMetricData",), on=(ANY,), why="how full SPICE is"),
)


def needs_of(*who: Who) -> tuple[Need, ...]:
    """The needs that one of these has."""
    return tuple(need for need in NEEDS if set(need.who) & set(who))


def arn_of(resource: str, account: Account, bucket: str) -> str:
    """An example ARN of a resource that a need names; a name of the doctor's own stands where others vary."""
    if resource == ANY:
        return ANY
    if resource.startswith(("datasource/", "dataset/", "dashboard/")):
        name = resource.replace("*", "doctor")
        return f"arn:{account.partition}:quicksight:{account.region}:{account.account_id}:{name}"
    key = "" if resource == BUCKET else f"/{resource.replace('*', '.doctor/probe')}"
    return f"arn:{account.partition}:s3:::{bucket}{key}"
