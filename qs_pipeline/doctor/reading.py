"""Whether QuickSight itself can read the bucket, and how full its store is."""

import datetime as dt
import json
from contextlib import suppress

from botocore.exceptions import ClientError

from qs_pipeline.doctor.bucket import encryption_of
from qs_pipeline.doctor.findings import Outcome, not_checked, ok, warning, wrong
from qs_pipeline.doctor.site import Site, is_denied
from qs_pipeline.needs import BUCKET, SOURCES, arn_of
from qs_pipeline.quicksight.errors import AccessDeniedError, AlreadyExistsError, NotFoundError
from qs_pipeline.quicksight.grants import tags_of
from qs_pipeline.quicksight.translate import translated

# What the console makes when somebody grants QuickSight access to S3; where the second exists, it counts for buckets.
_ROLES = ("aws-quicksight-service-role-v0", "aws-quicksight-s3-consumers-role-v0")
_PROBE = ".doctor/probe"
_FIX = (
    "Let QuickSight read the bucket: Manage QuickSight, Security & permissions, Amazon S3; with a customer key, allow "
    "kms:Decrypt to its role as well"
)
_HISTORY = dt.timedelta(days=14)
_HOUR = 3600
_LOW, _FULL = 0.10, 0.01  # shares of the capacity that are left


def granted(site: Site) -> Outcome:
    """Whether the role that QuickSight reads buckets with may read ours, as IAM simulates it."""
    wanted = {
        "s3:GetObject": [
            arn_of(prefix, site.account, site.settings.bucket) for prefix in ("published/*", "manifests/*")
        ],
        "s3:ListBucket": [arn_of(BUCKET, site.account, site.settings.bucket)],
    }
    with suppress(ClientError):
        if key := encryption_of(site).get("KMSMasterKeyID"):
            wanted["kms:Decrypt"] = [key]
    lacking: dict[str, list[str]] = {}
    for role in _ROLES:
        arn = f"arn:{site.account.partition}:iam::{site.account.account_id}:role/service-role/{role}"
        try:
            lacking[role] = _lacking(site, arn, wanted)
        except ClientError as error:
            if is_denied(error):
                return not_checked(f"{error.operation_name} is not allowed", "Run 'qs-pipeline doctor --probe'")
            if error.response.get("Error", {}).get("Code") != "NoSuchEntity":
                raise
            continue
        if not lacking[role]:
            return ok(f"{role} may read published/* and manifests/*")
    if not lacking:
        return not_checked("QuickSight has none of its usual roles", "Run 'qs-pipeline doctor --probe'")
    return wrong("; ".join(f"{role} lacks {', '.join(those)}" for role, those in lacking.items()), _FIX)


def _lacking(site: Site, role: str, wanted: dict[str, list[str]]) -> list[str]:
    iam, lacking = site.client("iam"), list[str]()
    for action, arns in wanted.items():
        reply = iam.simulate_principal_policy(PolicySourceArn=role, ActionNames=[action], ResourceArns=arns)
        if any(each["EvalDecision"] != "allowed" for each in reply["EvaluationResults"]):
            lacking.append(action)
    return lacking


def probed(site: Site) -> Outcome:
    """Whether QuickSight reads a manifest that is put into the bucket; the manifest and its data source go again."""
    s3, bucket, account = site.client("s3"), site.settings.bucket, site.account.account_id
    name = SOURCES.partition("/")[2].replace("*", "doctor")
    table, manifest = f"published/{_PROBE}.csv", f"manifests/{_PROBE}.json"
    form = {"fileLocations": [{"URIs": [f"s3://{bucket}/{table}"]}], "globalUploadSettings": {"format": "CSV"}}
    try:
        s3.put_object(Bucket=bucket, Key=table, Body=b"probe\n1\n")
        s3.put_object(Bucket=bucket, Key=manifest, Body=json.dumps(form).encode())
        try:
            with translated("CreateDataSource", f"data source {name}"):
                site.quicksight.create_data_source(
                    AwsAccountId=account,
                    DataSourceId=name,
                    Name=name,
                    Type="S3",
                    DataSourceParameters={
                        "S3Parameters": {"ManifestFileLocation": {"Bucket": bucket, "Key": manifest}}
                    },
                    Tags=tags_of("doctor"),
                )
        except AlreadyExistsError:
            return warning(f"data source {name} is left of an earlier probe and goes now", "Run it again")
        except AccessDeniedError as error:
            return wrong(error.detail, error.fix)
        return ok(f"QuickSight read s3://{bucket}/{manifest}; whether it reads published/* was not tried")
    finally:
        with suppress(NotFoundError), translated("DeleteDataSource", f"data source {name}"):
            site.quicksight.delete_data_source(AwsAccountId=account, DataSourceId=name)
        for key in (manifest, table):
            s3.delete_object(Bucket=bucket, Key=key)


def capacity(site: Site) -> Outcome:
    """How full SPICE is, by the newest figures of the last two weeks in CloudWatch."""
    now = dt.datetime.now(dt.UTC)
    queries = [
        {
            "Id": name.lower(),
            "MetricStat": {
                "Metric": {"Namespace": "AWS/QuickSight", "MetricName": f"SPICECapacity{name}InMB"},
                "Period": _HOUR,
                "Stat": "Maximum",
            },
        }
        for name in ("Consumed", "Limit")
    ]
    try:
        reply = site.client("cloudwatch").get_metric_data(
            MetricDataQueries=queries,
            StartTime=now - _HISTORY,
            EndTime=now + dt.timedelta(seconds=_HOUR),
            ScanBy="TimestampDescending",
        )
    except ClientError as error:
        if is_denied(error):
            return not_checked(
                "cloudwatch:GetMetricData is not allowed", "Look in the console: Manage QuickSight, SPICE"
            )
        raise
    figures = {each["Id"]: each["Values"][0] for each in reply["MetricDataResults"] if each["Values"]}
    if figures.keys() != {"consumed", "limit"}:
        return not_checked(
            f"CloudWatch has no figures of the last {_HISTORY.days} days", "They come with the next load"
        )
    used, limit = figures["consumed"], figures["limit"]
    left = 1 - used / limit if limit else 0.0
    seen = f"{used:,.0f} of {limit:,.0f} MB used"
    if left < _FULL:
        return wrong(seen, "Buy capacity, or 'qs-pipeline retire' what nobody reads: loads fail")
    if left < _LOW:
        return warning(seen, "Buy capacity, or 'qs-pipeline retire' what nobody reads, before loads fail")
    return ok(seen)
