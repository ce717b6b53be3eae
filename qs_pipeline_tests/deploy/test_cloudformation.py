"""The template, beyond what cfn-lint sees: in step with the code, deployable as far as moto knows CloudFormation."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from qs_pipeline.catalog import CATALOG
from qs_pipeline.needs import BUCKET, QUEUE, Who, needs_of
from qs_pipeline.setup_aws import suffixes
from qs_pipeline_tests.deploy.conftest import DEPLOY, template
from qs_pipeline_tests.test_readme import SOURCES

pytestmark = pytest.mark.long
TEMPLATE = DEPLOY / "cloudformation.yaml"
STACK = "qs"
# What moto's CloudFormation does not know, so that nothing here was tried of it.
UNKNOWN_TO_MOTO = {"BucketPolicy", "CodeName", "LogsPolicy", "Namespace", "Password", "QueuePolicy"}
_REGISTRY = "      ServiceRegistries: [{RegistryArn: !GetAtt CodeName.Arn}]\n"


def test_no_arn_is_bound_to_a_partition() -> None:
    assert re.findall(r"arn:aws[\w-]*:", TEMPLATE.read_text()) == []


def test_s3_tells_the_queue_of_the_uploads_of_the_catalog() -> None:
    told = template()["Bucket"]["Properties"]["NotificationConfiguration"]["QueueConfigurations"]
    rules = [{rule["Name"]: rule["Value"] for rule in each["Filter"]["S3Key"]["Rules"]} for each in told]
    assert {each["prefix"] for each in rules} == {"assessments/"}
    assert sorted((each["Event"], rule["suffix"]) for each, rule in zip(told, rules, strict=True)) == sorted(
        (event, suffix) for suffix in suffixes(CATALOG) for event in ("s3:ObjectCreated:*", "s3:ObjectRemoved:*")
    )


def test_both_buckets_are_versioned_encrypted_private_and_kept() -> None:
    for name in ("Bucket", "Logs"):
        bucket = template()[name]
        assert bucket["DeletionPolicy"] == bucket["UpdateReplacePolicy"] == "Retain"
        assert bucket["Properties"]["VersioningConfiguration"] == {"Status": "Enabled"}
        assert set(bucket["Properties"]["PublicAccessBlockConfiguration"].values()) == {True}
        assert bucket["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"]


def statements(role: str) -> Iterator[dict[str, Any]]:
    """The statements of a role; those under a condition as well."""
    for policy in template()[role]["Properties"]["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            yield statement if isinstance(statement, dict) else next(one for one in statement if isinstance(one, dict))


def actions(role: str) -> set[str]:
    """All that a role may do."""
    listed = (each["Action"] for each in statements(role))
    return {action for one in listed for action in ([one] if isinstance(one, str) else one)}


# What Dagster and ECS want beside our own needs, and what parameters add: it stands in the template alone.
BESIDE = ("Logs", "KmsKeyArn", "Principals")


def pairs(role: str) -> list[tuple[str, str]]:
    """Each action with each resource, as needs name them; of what is ours."""
    found: list[tuple[str, str]] = []
    for statement in statements(role):
        if any(name in repr(statement["Resource"]) for name in BESIDE):
            continue
        acted, on = statement["Action"], statement["Resource"]
        # A reference is a list of its function and a text; a list of resources is a list of those.
        resources = [on] if isinstance(on, str) or isinstance(on[0], str) else on
        names = [_named(each) for each in resources]
        found += [(action, name) for action in ([acted] if isinstance(acted, str) else acted) for name in names]
    return found


def _named(resource: str | list[str]) -> str:
    text = resource if isinstance(resource, str) else resource[1]
    text = re.sub(r"^arn:.*:(?=datasource/|dataset/|dashboard/)", "", text)
    return {"Bucket.Arn": BUCKET, "Queue.Arn": QUEUE}.get(text, text.removeprefix("${Bucket.Arn}/"))


@pytest.mark.parametrize(("role", "who"), [("RunRole", "run"), ("CodeRole", "sensors")])
def test_a_role_allows_what_its_process_needs_once_and_nothing_else(role: str, who: Who) -> None:
    assert sorted(pairs(role)) == sorted(pair for need in needs_of(who) for pair in need.pairs)


def test_nobody_but_a_run_writes_to_the_bucket_or_to_quicksight_and_no_action_is_a_pattern() -> None:
    writing = re.compile(r"quicksight:(?!List)|s3:(Put|Delete)")
    for role in ("WebserverRole", "DaemonRole", "CodeRole"):
        for statement in statements(role):
            if "Logs" not in repr(statement["Resource"]):
                assert not writing.search(repr(statement["Action"])), (role, statement)
    every = set.union(*(actions(role) for role in ("WebserverRole", "DaemonRole", "CodeRole", "RunRole")))
    assert [each for each in every if "*" in each] == []
    uploads = [each for each in statements("RunRole") if "assessments/" in repr(each["Resource"])]
    assert [each["Action"] for each in uploads] == ["s3:GetObject"]


def test_every_setting_of_a_task_is_one_that_is_read() -> None:
    tasks = [each for each in template().values() if each["Type"] == "AWS::ECS::TaskDefinition"]
    named = {each["Name"] for task in tasks for each in task["Properties"]["ContainerDefinitions"][0]["Environment"]}
    deployed = "".join((DEPLOY / name).read_text() for name in ("dagster.yaml", "workspace.yaml"))
    read = set(re.findall(r"(?:QS|DAGSTER)_[A-Z_]+", SOURCES + deployed))
    assert named - read == {"PGSSLMODE", "AWS_DEFAULT_REGION"}


def create(name: str, file: Path, parameters: dict[str, str]) -> Any:  # noqa: ANN401 - what CloudFormation answers
    """Create or update a stack, and describe it."""
    cloudformation = boto3.client("cloudformation")
    there = {each["StackName"] for each in cloudformation.describe_stacks()["Stacks"]}
    act = cloudformation.update_stack if name in there else cloudformation.create_stack
    act(
        StackName=name,
        TemplateBody=file.read_text().replace(_REGISTRY, ""),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM"],
    )
    return cloudformation.describe_stacks(StackName=name)["Stacks"][0]


def deploy(parameters: dict[str, str]) -> Any:  # noqa: ANN401 - what CloudFormation answers
    """Create or update the stack of everything, and describe it."""
    assert _REGISTRY in TEMPLATE.read_text()
    return create(STACK, TEMPLATE, parameters)


@pytest.mark.filterwarnings("ignore:Tried to parse")
def test_it_is_deployed_as_far_as_moto_goes(account: dict[str, str]) -> None:
    assert deploy(account)["StackStatus"] == "CREATE_COMPLETE"
    resources = boto3.client("cloudformation").describe_stack_resources(StackName=STACK)["StackResources"]
    made = {each.get("LogicalResourceId") for each in resources}
    wanted = {name for name, each in template().items() if "Condition" not in each}
    assert wanted - made == UNKNOWN_TO_MOTO
    services = boto3.client("ecs").list_services(cluster=STACK)["serviceArns"]
    assert len(services) == 3


@pytest.mark.filterwarnings("ignore:Tried to parse")
def test_deployed_twice_the_second_time_with_a_key_of_the_customer_it_keeps_what_is_there_and_encrypts_it(
    account: dict[str, str],
) -> None:
    deploy(account)
    s3 = boto3.client("s3")
    s3.put_object(Bucket=account["BucketName"], Key="assessments/2002/Locations.csv", Body=b"x")
    assert algorithm(account["BucketName"]) == {"SSEAlgorithm": "AES256"}
    key = boto3.client("kms").create_key()["KeyMetadata"]["Arn"]
    assert deploy(account | {"KmsKeyArn": key})["StackStatus"] == "UPDATE_COMPLETE"
    for bucket in (account["BucketName"], f"{account['BucketName']}-logs"):
        assert algorithm(bucket) == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    assert s3.get_object(Bucket=account["BucketName"], Key="assessments/2002/Locations.csv")["Body"].read() == b"x"


def algorithm(bucket: str) -> dict[str, str]:
    """How a bucket encrypts what it is given."""
    rules = boto3.client("s3").get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    return dict(rules[0]["ApplyServerSideEncryptionByDefault"])


def test_a_key_of_the_customer_is_used_for_all_that_takes_one_and_by_all_that_read_it() -> None:
    ciphered = {name for name, each in template().items() if "KmsKeyArn" in repr(each["Properties"])}
    roles = {"ExecutionRole", "WebserverRole", "DaemonRole", "CodeRole", "RunRole"}
    assert ciphered == {"Bucket", "Logs", "Database", "Password", "LogGroup", *roles}
    for name in roles:
        (use,) = (each for each in statements(name) if "KmsKeyArn" in repr(each["Resource"]))
        assert set([use["Action"]] if isinstance(use["Action"], str) else use["Action"]) <= {
            "kms:Decrypt",
            "kms:GenerateDataKey",
        }
