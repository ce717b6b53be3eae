"""Ids and names are what the sites already use; ARNs and links fit every partition."""

import pytest

from qs_pipeline.quicksight.names import Account, DashboardNames, NameRefusedError, TableNames

JOINED = TableNames(table="ForceFlow_joined", assessment="A_1-b")


def test_ids_have_dashes_and_names_keep_underscores_and_neither_touches_the_assessment() -> None:
    assert JOINED.data_source_id == "ForceFlow-joined-datasource-A_1-b"
    assert JOINED.data_source_name == "ForceFlow_joined_datasource_A_1-b"
    assert JOINED.data_set_id == "ForceFlow-joined-dataset-A_1-b"
    assert JOINED.data_set_name == "ForceFlow_joined_dataset_A_1-b"


def test_a_dashboard_is_named_after_its_assessment() -> None:
    names = DashboardNames(assessment="A_1-b")
    assert (names.dashboard_id, names.dashboard_name) == ("RD-Assessment-A_1-b", "RD_Assessment_A_1-b")


def test_an_id_of_96_characters_is_allowed_and_one_of_97_is_refused_with_the_excess() -> None:
    assessment = "a" * 52
    assert len(TableNames(table="t" * 32, assessment=assessment).data_source_id) == 96
    with pytest.raises(NameRefusedError, match=r"has 97 characters and QuickSight allows 96.*by 1"):
        TableNames(table="t" * 33, assessment=assessment)


@pytest.mark.parametrize("assessment", ["", "a/b", "a b", "a\n", "ä"])
def test_an_assessment_id_that_quicksight_cannot_hold_is_refused(assessment: str) -> None:
    with pytest.raises(NameRefusedError, match="assessment id"):
        DashboardNames(assessment=assessment)
    with pytest.raises(NameRefusedError, match="assessment id"):
        TableNames(table="POS", assessment=assessment)


@pytest.mark.parametrize("table", ["", "1a", "a-b", "a b"])
def test_a_table_that_quicksight_cannot_hold_is_refused(table: str) -> None:
    with pytest.raises(NameRefusedError, match="table"):
        TableNames(table=table, assessment="A1")


@pytest.mark.parametrize(
    ("region", "partition", "host"),
    [
        ("eu-west-1", "aws", "eu-west-1.quicksight.aws.amazon.com"),
        ("us-gov-west-1", "aws-us-gov", "us-gov-west-1.quicksight.aws-us-gov.amazon.com"),
        ("cn-north-1", "aws-cn", "cn-north-1.quicksight.amazonaws.cn"),
    ],
)
def test_arns_and_links_fit_the_partition_of_the_region(region: str, partition: str, host: str) -> None:
    account = Account(account_id="123456789012", region=region)
    prefix = f"arn:{partition}:quicksight:{region}:123456789012"
    dashboard = DashboardNames(assessment="A1")
    assert account.data_source_arn(JOINED) == f"{prefix}:datasource/ForceFlow-joined-datasource-A_1-b"
    assert account.data_set_arn(JOINED) == f"{prefix}:dataset/ForceFlow-joined-dataset-A_1-b"
    assert account.dashboard_link(dashboard) == f"https://{host}/sn/dashboards/RD-Assessment-A1"
    assert account.data_set_link(JOINED) == f"https://{host}/sn/data-sets/ForceFlow-joined-dataset-A_1-b"


@pytest.mark.parametrize(("account_id", "region"), [("12345", "us-east-1"), ("123456789012", "moon-base")])
def test_an_account_that_cannot_exist_is_refused(account_id: str, region: str) -> None:
    with pytest.raises(NameRefusedError):
        Account(account_id=account_id, region=region)
