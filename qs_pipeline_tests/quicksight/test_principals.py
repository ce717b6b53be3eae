"""Several principals: each with a rate of its own, all with the account's, and each goes on with what others made."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from qs_pipeline.dag.resources import QuickSightWorkspace
from qs_pipeline.identity import Role, session_as
from qs_pipeline.local_aws import LocalAws
from qs_pipeline.local_aws.faults import Fault
from qs_pipeline.quicksight.client import QuickSightClient, find_identity_region, make_boto3_client
from qs_pipeline.quicksight.errors import CredentialsError, IdentityRegionError, QuickSightError
from qs_pipeline.quicksight.grants import Grants
from qs_pipeline.quicksight.names import Account, TableNames
from qs_pipeline.settings import Settings
from qs_pipeline_tests.quicksight.conftest import ACCOUNT, Site

ROLES = tuple(f"arn:aws:iam::123456789012:role/teams/publisher-{n}" for n in range(3))


class Noting:
    """A limiter that lets everything pass and notes who called."""

    def __init__(self) -> None:
        self.callers: Counter[str] = Counter()

    def wait(self, operation: str, *, principal: str, account: str) -> None:
        """Note the caller."""
        assert (operation, account) == ("DescribeDataSet", ACCOUNT.account_id)
        self.callers[principal] += 1


def role_settings(aws: LocalAws, home: Path) -> Settings:
    return Settings(home=home, endpoint=aws.url, principals=ROLES)


def test_calls_go_round_so_that_each_principal_makes_its_share(aws: LocalAws, tmp_path: Path) -> None:
    settings, noting = role_settings(aws, tmp_path), Noting()
    apis = [
        make_boto3_client(
            session_as(role, settings),
            config=settings.boto3_config,
            limiter=noting,
            principal=role.principal,
            account_id=ACCOUNT.account_id,
        )
        for role in (Role(arn=arn) for arn in ROLES)
    ]
    client = QuickSightClient(*apis, account=ACCOUNT, grants=Grants())
    for _ in range(9):
        client.data_set(TableNames(table="POS", assessment="A1"))
    assert noting.callers == {"role/publisher-0": 3, "role/publisher-1": 3, "role/publisher-2": 3}
    assert set(aws.stats()["busiest_second"]["principals"]) == set(noting.callers), "QuickSight counts them alike"


def test_what_one_principal_makes_is_granted_to_all_of_them(
    aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QS_HOME", str(tmp_path))
    monkeypatch.setenv("QS_PRINCIPALS", ",".join(ROLES))
    monkeypatch.setenv("QS_IDENTITY_REGION", "eu-west-1")
    client = QuickSightWorkspace().get_client()
    assert {grant["Principal"] for grant in client.grants.for_data_set()} == {
        f"arn:aws:quicksight:eu-west-1:123456789012:user/default/publisher-{n}/qs-pipeline" for n in range(3)
    }
    assert not aws.stats()["calls"], "a region that is told is not asked for"


def test_the_identity_region_is_this_one_unless_the_refusal_names_another(site: Site) -> None:
    assert find_identity_region(site.api, ACCOUNT) == "us-east-1"
    told = "Operation is being called from endpoint us-east-1, but your identity region is us-west-2."
    site.aws.faults.add(Fault(operation="DescribeUser", error="AccessDeniedException", message=told))
    assert find_identity_region(site.api, ACCOUNT) == "us-west-2"
    site.aws.faults.add(
        Fault(operation="DescribeUser", error="AccessDeniedException", message="not your identity region")
    )
    with pytest.raises(IdentityRegionError, match="QS_IDENTITY_REGION="):
        find_identity_region(site.api, ACCOUNT)


def test_credentials_that_are_about_to_expire_are_renewed_in_the_middle(aws: LocalAws, tmp_path: Path) -> None:
    session = session_as(Role(arn=ROLES[0]), role_settings(aws, tmp_path))
    credentials: Any = session.get_credentials()
    first = credentials.get_frozen_credentials().access_key
    assert credentials.get_frozen_credentials().access_key == first
    credentials._expiry_time = datetime.now(UTC) + timedelta(seconds=30)  # noqa: SLF001 - what only an hour would bring
    assert credentials.get_frozen_credentials().access_key != first


def test_a_role_that_may_not_be_assumed_is_one_clear_error(tmp_path: Path, aws: LocalAws) -> None:
    settings = role_settings(aws, tmp_path)
    session: Any = session_as(Role(arn="arn:aws:iam::123456789012:role/no"), settings)
    aws.stop()
    try:
        with pytest.raises(QuickSightError, match=r"AssumeRole of arn:aws:iam::123456789012:role/no \(QS_PRINCIPALS\)"):
            session.client("quicksight", endpoint_url=aws.url).list_data_sets(AwsAccountId=ACCOUNT.account_id)
    finally:
        aws.start()


def test_an_expired_token_is_told_once_with_what_to_do(site: Site) -> None:
    site.aws.faults.add(Fault(operation="DescribeDataSet", error="ExpiredTokenException", message="expired"))
    with pytest.raises(CredentialsError, match="Sign in or refresh the credentials, then run this again"):
        site.client.data_set(TableNames(table="POS", assessment="A1"))
    assert site.calls() == {"DescribeDataSet": 1}


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-central-1", "quicksight.eu-central-1.amazonaws.com"),
        ("us-gov-west-1", "quicksight.us-gov-west-1.amazonaws.com"),
        ("cn-north-1", "quicksight.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_each_partition_has_its_endpoint_and_its_users(region: str, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    settings = Settings(home=Path("/nowhere"), target="aws", region=region)
    api = make_boto3_client(
        boto3.Session(region_name=region),
        config=settings.boto3_config,
        limiter=Noting(),
        principal="a",
        account_id=ACCOUNT.account_id,
    )
    assert api.meta.endpoint_url == f"https://{host}"
    account = Account(account_id="123456789012", region=region)
    assert account.user_arn("dora", region).startswith(
        f"arn:{account.partition}:quicksight:{region}:123456789012:user/"
    )
