"""``doctor`` on an account in order, and on accounts that are not: each fault is one line with its fix."""

import dataclasses
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
from typer.testing import CliRunner

from qs_pipeline.catalog import CATALOG
from qs_pipeline.cli import app
from qs_pipeline.cli.doctor import looks
from qs_pipeline.definitions_dir import definitions_directory, instance_template
from qs_pipeline.doctor.findings import Finding, Look, Verdict, examine, not_checked, ok, wrong
from qs_pipeline.doctor.permissions import READS
from qs_pipeline.doctor.site import Site
from qs_pipeline.local_aws import LocalAws
from qs_pipeline.local_aws import Settings as AwsSettings
from qs_pipeline.local_aws.faults import Fault
from qs_pipeline.needs import needs_of
from qs_pipeline.quicksight.errors import DeadlineExceededError
from qs_pipeline.service.supervisor import open_instance
from qs_pipeline.settings import Settings
from qs_pipeline.setup_aws import carry_out, plan_setup

ACCOUNT = "123456789012"
USER = f"arn:aws:quicksight:us-east-1:{ACCOUNT}:user/default/local"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/publisher"


def denied(operation: str, **more: object) -> Fault:
    """A policy that does not allow it."""
    return Fault(operation=operation, times=None, error="AccessDeniedException", **more)  # pyright: ignore[reportArgumentType]


class Patient:
    """A site that doctor looks at."""

    def __init__(self, aws: LocalAws, environ: dict[str, str]) -> None:
        self.aws = aws
        self.environ = environ

    def findings(self, *, probe: bool = False, **environ: str) -> dict[str, Finding]:
        """What doctor says, look by look."""
        environment = self.environ | environ
        site = Site(Settings.from_environment(environment), environment)
        return {finding.look: finding for finding in examine(looks(site, probe=probe))}


@pytest.fixture
def patient(aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Patient:
    """An account with a bucket."""
    boto3.client("s3").create_bucket(Bucket="qs-pipeline")
    environ = {
        "QS_HOME": str(tmp_path / "home"),
        "QS_TARGET": "aws",
        "QS_USER_RATE": "1000",
        "QS_ACCOUNT_RATE": "1000",
        "QS_OWNERS": USER,
        "AWS_ENDPOINT_URL": aws.url,
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return Patient(aws, environ)


def test_an_account_in_order_is_found_so_and_nothing_is_written(patient: Patient) -> None:
    found = patient.findings()
    assert [each for each in found.values() if each.verdict is Verdict.WRONG] == []
    assert {name for name, each in found.items() if each.verdict is Verdict.OK} == found.keys() - {
        "instance",  # nobody has started anything yet
        "bucket protection",  # a fresh bucket of moto has none
    }
    assert found["credentials"].seen.endswith(f"of account {ACCOUNT}")
    assert "edition ENTERPRISE" in found["subscription"].seen
    called = patient.aws.stats()["operations"]
    assert not [name for name in called if name.startswith(("Create", "Update", "Delete", "Tag", "Untag"))]
    assert boto3.client("s3").list_objects_v2(Bucket="qs-pipeline")["KeyCount"] == 0


def test_the_probe_has_quicksight_read_the_bucket_and_leaves_nothing(patient: Patient) -> None:
    assert patient.findings(probe=True)["QuickSight access"].verdict is Verdict.OK
    called = patient.aws.stats()["operations"]
    assert called["CreateDataSource"]["calls"] == called["DeleteDataSource"]["calls"] == 1
    assert boto3.client("s3").list_objects_v2(Bucket="qs-pipeline")["KeyCount"] == 0
    assert boto3.client("quicksight").list_data_sources(AwsAccountId=ACCOUNT)["DataSources"] == []


@pytest.mark.parametrize("probe", [False, True])
def test_a_bucket_that_quicksight_may_not_read_is_told(patient: Patient, *, probe: bool) -> None:
    patient.aws.faults.add(denied("CreateDataSource", message="Insufficient permission to access the manifest file"))
    found = patient.findings(probe=probe)["QuickSight access"]
    assert found.verdict is Verdict.WRONG
    assert "Manage QuickSight" in found.fix
    assert boto3.client("s3").list_objects_v2(Bucket="qs-pipeline")["KeyCount"] == 0


def test_whom_iam_does_not_tell_gets_no_false_comfort(patient: Patient) -> None:
    patient.aws.faults.add(Fault(operation="iam:SimulatePrincipalPolicy", times=None, error="AccessDenied"))
    found = patient.findings()
    assert found["permissions"].verdict is found["QuickSight access"].verdict is Verdict.NOT_CHECKED
    assert "iam:SimulatePrincipalPolicy" in found["permissions"].fix
    assert "--probe" in found["QuickSight access"].fix


@pytest.mark.parametrize(
    ("fault", "look", "told"),
    [
        (denied("DescribeIngestion"), "QuickSight reads", "not allowed: quicksight:DescribeIngestion"),
        (denied("ListTagsForResource"), "QuickSight reads", "quicksight:ListTagsForResource"),
        (denied("CreateDashboard"), "permissions", "quicksight:CreateDashboard on arn:aws:quicksight"),
        (
            Fault(operation="s3:PUT", times=None, error="AccessDenied", resource="qs-pipeline/published/*"),
            "permissions",
            "s3:PutObject on arn:aws:s3:::qs-pipeline/published/",
        ),
        (Fault(operation="s3:GET", times=None, error="AccessDenied"), "bucket", "s3:ListBucket"),
        (Fault(operation="*", times=None, error="ExpiredTokenException"), "subscription", "ExpiredToken"),
        (Fault(operation="DescribeAccountSubscription", error="ResourceNotFoundException"), "subscription", "no Quick"),
    ],
)
def test_what_is_not_allowed_or_not_there_is_named(patient: Patient, fault: Fault, look: str, told: str) -> None:
    patient.aws.faults.add(fault)
    found = patient.findings()[look]
    assert found.verdict is Verdict.WRONG
    assert told in found.seen
    assert "\n" not in found.seen + found.fix


def test_what_only_doctor_may_not_see_is_not_wrong(patient: Patient) -> None:
    patient.aws.faults.add(denied("DescribeAccountSubscription"), denied("DescribeUser"))
    found = patient.findings()
    assert {found[look].verdict for look in ("subscription", "identity region", "owners, viewers")} == {
        Verdict.NOT_CHECKED
    }
    assert found["QuickSight reads"].verdict is Verdict.OK


@pytest.mark.parametrize(
    ("environ", "look", "told"),
    [
        ({"QS_BUCKET": "nowhere"}, "bucket", "s3://nowhere/"),
        ({"AWS_REGION": "us-west-1"}, "region", "boto3 knows no QuickSight there"),
        ({"AWS_REGION": "xx-nowhere-1"}, "region", "no AWS partition has it"),
        ({"QS_OWNERS": USER.replace("local", "dora")}, "owners, viewers", "user/default/dora"),
        ({"QS_VIEWERS": USER.replace("user/default/local", "group/default/x")}, "owners, viewers", "group/default/x"),
        ({"QS_VIEWERS": USER.replace(ACCOUNT, "210987654321")}, "owners, viewers", "of another account"),
        ({"QS_IDENTITY_REGION": "eu-west-1"}, "identity region", "QuickSight says us-east-1"),
        ({"QS_PRINCIPALS": ROLE}, "principals", "no users of QuickSight"),
        ({"QS_DEFINITIONS_DIR": "/nowhere"}, "definitions", "/nowhere"),
        ({"QS_LIMITER_URL": "postgresql://qs:secret@127.0.0.1:9/none"}, "limiter", "refused"),
        ({"QS_QUEUE_URL": f"http://x/{ACCOUNT}/uploads"}, "queue", "queue uploads: create it"),
    ],
)
def test_a_setting_that_leads_nowhere_is_named(patient: Patient, environ: dict[str, str], look: str, told: str) -> None:
    found = patient.findings(**environ)[look]
    assert found.verdict is Verdict.WRONG
    assert told in found.seen
    assert "secret" not in found.seen + found.fix


def test_roles_that_are_registered_are_in_order(patient: Patient) -> None:
    boto3.client("quicksight").register_user(
        AwsAccountId=ACCOUNT,
        Namespace="default",
        IdentityType="IAM",
        IamArn=ROLE,
        SessionName="qs-pipeline",
        Email="x@example.com",
        UserRole="AUTHOR",
    )
    found = patient.findings(QS_PRINCIPALS=ROLE)
    assert found["principals"].verdict is found["permissions"].verdict is Verdict.OK


def test_a_queue_that_was_set_up_is_in_order(patient: Patient) -> None:
    plan = plan_setup(Settings.from_environment(patient.environ), CATALOG)
    list(carry_out(plan))
    assert patient.findings(QS_QUEUE_URL=plan.queue_url())["queue"].verdict is Verdict.OK


def test_a_protected_bucket_is_told_with_its_key(patient: Patient) -> None:
    s3, key = boto3.client("s3"), f"arn:aws:kms:us-east-1:{ACCOUNT}:key/of-ours"
    s3.put_bucket_versioning(Bucket="qs-pipeline", VersioningConfiguration={"Status": "Enabled"})
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    s3.put_bucket_encryption(Bucket="qs-pipeline", ServerSideEncryptionConfiguration={"Rules": [rule]})
    shut = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    s3.put_public_access_block(Bucket="qs-pipeline", PublicAccessBlockConfiguration=shut)
    found = patient.findings()["bucket protection"]
    assert (found.verdict, found.seen) == (
        Verdict.OK,
        f"versions Enabled, encryption aws:kms {key}, public access blocked",
    )


@pytest.fixture
def other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[AwsSettings], Patient]]:
    """Makes an account with other settings."""
    opened: list[LocalAws] = []

    def make(settings: AwsSettings) -> Patient:
        running = LocalAws(home=tmp_path / "other", settings=settings)
        running.start()
        opened.append(running)
        environ = {"QS_HOME": str(tmp_path / "home"), "QS_TARGET": "aws", "AWS_ENDPOINT_URL": running.url}
        environ |= {"QS_USER_RATE": "1000", "QS_ACCOUNT_RATE": "1000", "QS_OWNERS": USER}
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        boto3.client("s3").create_bucket(Bucket="qs-pipeline")
        return Patient(running, environ)

    yield make
    for running in opened:
        running.stop()


def quick(**settings: object) -> AwsSettings:
    return AwsSettings(user_rate=1e3, account_rate=1e3, permission_rate=1e3, **settings)  # pyright: ignore[reportArgumentType]


def test_users_of_another_region_are_found_there(other: Callable[[AwsSettings], Patient]) -> None:
    patient = other(quick(identity_region="eu-west-1"))
    found = patient.findings()
    assert found["identity region"].seen == "eu-west-1"
    assert found["subscription"].verdict is Verdict.OK, "asked where the users live"
    assert "Put eu-west-1 into its ARN" in found["owners, viewers"].fix


@pytest.mark.parametrize(
    ("edition", "verdict", "told"), [(None, Verdict.WRONG, "Sign up"), ("STANDARD", Verdict.WARNING, "PER_DAY=8")]
)
def test_the_edition_decides(
    other: Callable[[AwsSettings], Patient], edition: str | None, verdict: Verdict, told: str
) -> None:
    found = other(quick(edition=edition)).findings()["subscription"]
    assert found.verdict is verdict
    assert told in found.fix


@pytest.mark.parametrize(("limit", "verdict"), [(10_000_000, Verdict.OK), (0, Verdict.WRONG)])
def test_a_full_store_is_told(other: Callable[[AwsSettings], Patient], limit: int, verdict: Verdict) -> None:
    assert other(quick(account_bytes=limit)).findings()["SPICE"].verdict is verdict


def test_without_credentials_what_needs_them_is_not_asked(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    found = patient.findings()
    assert found["credentials"].verdict is Verdict.WRONG
    assert "Unable to locate credentials" in found["credentials"].seen
    assert {found[look].seen for look in ("region", "bucket", "permissions")} == {"needs: credentials"}
    assert found["definitions"].verdict is Verdict.OK


def test_an_instance_is_looked_at_where_there_is_one(patient: Patient, tmp_path: Path) -> None:
    folder = tmp_path / "home" / "dagster"
    folder.mkdir(parents=True)
    shutil.copy(instance_template(), folder / "dagster.yaml")
    found = patient.findings()["instance"]
    assert (found.verdict, found.fix) == (Verdict.WARNING, "Start the service")


@pytest.mark.long  # Dagster tries for a quarter of a minute
def test_a_database_that_refuses_is_told_in_its_own_words(patient: Patient, tmp_path: Path) -> None:
    folder = tmp_path / "home" / "dagster"
    folder.mkdir(parents=True)
    (folder / "dagster.yaml").write_text(
        "storage: {postgres: {postgres_url: 'postgresql+psycopg2://x@127.0.0.1:9/none'}}\n"
    )
    found = patient.findings()["instance"]
    assert found.verdict is Verdict.WRONG
    assert "refused" in found.seen


def test_tables_of_an_older_dagster_are_told_with_the_command_that_mends_them(patient: Patient, tmp_path: Path) -> None:
    folder = tmp_path / "home" / "dagster"
    folder.mkdir(parents=True)
    shutil.copy(instance_template(), folder / "dagster.yaml")
    with open_instance(tmp_path / "home") as instance, instance.run_storage.connect() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'earlier'")
    found = patient.findings()["instance"]
    assert found.verdict is Verdict.WRONG
    assert "dagster instance migrate" in found.fix


def test_a_broken_definition_is_wrong(patient: Patient, tmp_path: Path) -> None:
    shutil.copytree(definitions_directory({}), tmp_path / "mine")
    sheet = next((tmp_path / "mine" / "dashboard" / "sheets").glob("02-*.json"))
    sheet.write_text(sheet.read_text().replace('"ColumnName": "', '"ColumnName": "no'))
    found = patient.findings(QS_DEFINITIONS_DIR=str(tmp_path / "mine"))["definitions"]
    assert found.verdict is Verdict.WRONG
    assert "and " in found.seen


def test_every_read_of_the_pipeline_is_tried() -> None:
    every = {action for need in needs_of("run", "sensors") for action in need.actions}
    reading = {
        action.partition(":")[2] for action in every if action.startswith(("quicksight:List", "quicksight:Desc"))
    }
    assert reading == READS.keys() | {"ListTagsForResource"}


def test_what_stands_on_something_wrong_is_not_looked_at() -> None:
    def never() -> None:
        raise AssertionError

    found = list(
        examine(
            [
                Look("ground", lambda: wrong("gone", "dig")),
                Look("house", never, after=("ground",)),  # pyright: ignore[reportArgumentType]
                Look("roof", never, after=("house",)),  # pyright: ignore[reportArgumentType]
                Look("garden", lambda: not_checked("dark")),
                Look("tree", lambda: ok("green")),
            ]
        )
    )
    assert [each.verdict for each in found] == [Verdict.WRONG, *[Verdict.NOT_CHECKED] * 3, Verdict.OK]


def test_the_command_prints_a_line_a_look_and_exits_by_what_is_wrong(patient: Patient) -> None:
    told = CliRunner().invoke(app, ["doctor", "--aws"])
    assert told.exit_code == 0, told.output
    patient.aws.faults.add(denied("CreateDashboard"))
    told = CliRunner().invoke(app, ["doctor", "--aws", "--json"])
    assert told.exit_code == 1
    findings = json.loads(told.stdout)
    assert [each["look"] for each in findings if each["verdict"] == "wrong"] == ["permissions"]
    assert findings[0].keys() == {"look", "verdict", "seen", "fix"}


class Refusing:
    """A limiter that gives no turn."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def wait(self, operation: str, *, principal: str, account: str) -> None:
        """Note who asks, and refuse."""
        self.asked.append(operation)
        raise DeadlineExceededError(
            operation=operation, resource=f"{principal} {account}", detail="no turn", fix="wait"
        )


def test_no_call_to_quicksight_goes_past_the_limiter(patient: Patient) -> None:
    site = Site(Settings.from_environment(patient.environ), patient.environ)
    refusing = Refusing()
    site.__dict__["limiter"] = refusing
    for look in looks(site, probe=True):
        list(examine([dataclasses.replace(look, after=())]))
    assert {"DescribeAccountSubscription", "DescribeUser", "CreateDataSource", "ListDataSets"} <= set(refusing.asked)
    assert patient.aws.stats()["calls"] == 0
