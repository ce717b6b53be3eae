"""The bucket, how it is protected, and the queue that S3 tells about uploads."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from qs_pipeline.catalog import CATALOG
from qs_pipeline.doctor.findings import Outcome, not_checked, ok, warning, wrong
from qs_pipeline.doctor.site import Site, is_denied
from qs_pipeline.setup_aws import SetupError, plan_setup, queue_name
from qs_pipeline.store import AssessmentStore

_NOTHING = frozenset({"ServerSideEncryptionConfigurationNotFoundError", "NoSuchPublicAccessBlockConfiguration"})
# Where S3 names no region, it means this one.
_NAMELESS = "us-east-1"


def bucket(site: Site) -> Outcome:
    """Whether the bucket is there, may be listed, and lies in the region."""
    s3, name = site.client("s3"), site.settings.bucket
    AssessmentStore(s3, name).check()
    there = s3.head_bucket(Bucket=name).get("BucketRegion") or _NAMELESS
    if there != site.settings.region:
        return warning(
            f"{name} is in {there}, and AWS_REGION={site.settings.region}",
            "Keep bucket, queue and QuickSight in one region",
        )
    return ok(f"{name} can be listed, in {there}")


def protection(site: Site) -> Outcome:
    """Versions, encryption and public access."""
    if site.settings.target == "local":
        return not_checked("the embedded AWS keeps its objects in QS_HOME")
    s3, name = site.client("s3"), site.settings.bucket
    try:
        versions = s3.get_bucket_versioning(Bucket=name).get("Status", "never enabled")
        encryption = encryption_of(site)
        block: dict[str, bool] = _or_nothing(
            lambda: s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
        )
    except ClientError as error:
        if is_denied(error):
            return not_checked(f"{error.operation_name} is not allowed", "Allow it to whoever runs doctor")
        raise
    seen = f"versions {versions}, encryption {encryption.get('SSEAlgorithm', 'none')}"
    seen += f" {encryption.get('KMSMasterKeyID', '')}".rstrip()
    is_blocked = bool(block) and all(block.values())
    seen += f", public access {'blocked' if is_blocked else 'not blocked'}"
    if versions == "Enabled" and encryption and is_blocked:
        return ok(seen)
    return warning(seen, "Enable what is missing; deploy/cloudformation.yaml shows how")


def encryption_of(site: Site) -> dict[str, str]:
    """The default encryption of the bucket: ``SSEAlgorithm``, and ``KMSMasterKeyID`` where a customer's key is set."""
    s3 = site.client("s3")
    rules: list[dict[str, Any]] = _or_nothing(
        lambda: s3.get_bucket_encryption(Bucket=site.settings.bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    )
    return rules[0]["ApplyServerSideEncryptionByDefault"] if rules else {}


def _or_nothing(ask: Callable[[], Any]) -> Any:  # noqa: ANN401 - what S3 answers
    """The answer, or nothing where S3 says that nothing is set."""
    try:
        return ask()
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in _NOTHING:
            return {}
        raise


def queue(site: Site) -> Outcome:
    """Whether the queue, its dead-letter queue, its policy and the bucket's notifications are as they should be."""
    if not site.settings.queue_url:
        return ok("QS_QUEUE_URL is not set: every tick lists all uploads")
    try:
        steps = plan_setup(site.settings, CATALOG).steps[1:]  # the first is the bucket
    except SetupError as error:
        if "AccessDenied" in str(error):
            return not_checked(str(error))
        raise
    if lacking := [f"{step.what}: {step.lacking}" for step in steps if step.lacking]:
        return wrong("; ".join(lacking), "Run 'qs-pipeline setup aws'")
    return ok(f"queue {queue_name(site.settings)}, its dead-letter queue and the notifications are as wanted")
