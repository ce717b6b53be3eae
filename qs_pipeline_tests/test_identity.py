"""The first call to an account says in one paragraph what is wrong with it."""

from collections.abc import Callable
from pathlib import Path

import boto3
import pytest

from qs_pipeline.dag.resources import QuickSightWorkspace
from qs_pipeline.identity import Caller, ask_caller, check_account
from qs_pipeline.local_aws import LocalAws
from qs_pipeline.quicksight.errors import ConnectionFailedError, CredentialsError, QuickSightError
from qs_pipeline.settings import Settings
from qs_pipeline.store import StoreError

ACCOUNT = Settings(home=Path("/nowhere"), target="aws")


@pytest.mark.parametrize(
    ("arn", "principal"),
    [
        ("arn:aws:iam::123456789012:user/dora", "user/dora"),
        ("arn:aws:sts::123456789012:assumed-role/pipeline/session-7", "role/pipeline"),
        ("arn:aws:iam::123456789012:root", "root/"),
    ],
)
def test_a_role_is_one_principal_whatever_its_session_is_called(arn: str, principal: str) -> None:
    assert Caller(account="123456789012", arn=arn).principal == principal


def test_an_account_in_order_is_told_by_its_number(aws: LocalAws) -> None:
    boto3.client("s3", endpoint_url=aws.url).create_bucket(Bucket="qs-pipeline")
    assert check_account(ACCOUNT).account == "123456789012"


@pytest.mark.usefixtures("aws")
def test_a_missing_bucket_is_found_before_anything_starts() -> None:
    with pytest.raises(StoreError, match=r"s3:ListBucket on s3://qs-pipeline/.*QS_BUCKET"):
        check_account(ACCOUNT)


@pytest.mark.parametrize("ask", [check_account, lambda settings: ask_caller(settings, settings.boto3_config)])
def test_a_machine_without_credentials_is_told_so(
    ask: Callable[[Settings], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(CredentialsError, match=r"GetCallerIdentity .*Unable to locate credentials"):
        ask(ACCOUNT)


def test_a_profile_that_does_not_exist_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(QuickSightError, match="nobody"):
        check_account(ACCOUNT)


def test_a_region_that_cannot_be_reached_is_named() -> None:
    with pytest.raises(ConnectionFailedError, match=r"region us-east-1.*Could not connect"):
        check_account(ACCOUNT)


def test_an_asset_gets_the_same_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QS_HOME", str(tmp_path))
    monkeypatch.setenv("QS_TARGET", "aws")
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(QuickSightError, match="nobody"):
        QuickSightWorkspace().get_client()
