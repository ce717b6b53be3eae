"""Data sources and data sets: created or updated in one call, granted, tagged, refreshed and listed."""

from typing import Any

import pytest

from qs_pipeline.local_aws.faults import Fault
from qs_pipeline.quicksight import errors
from qs_pipeline.quicksight.loading import Load
from qs_pipeline.quicksight.names import TableNames
from qs_pipeline.quicksight.table_map import Column, TableMap
from qs_pipeline_tests.quicksight.conftest import ACCOUNT, BUCKET, COLUMNS, OWNER, Site

TAGS = [{"Key": "managed-by", "Value": "qs_pipeline"}, {"Key": "assessment", "Value": "A1"}]
WIDER = TableMap(table="POS", columns=(*COLUMNS.columns, Column(name="Tons", type="DECIMAL")))


def test_a_first_publication_costs_a_call_for_the_source_one_for_the_set_and_one_look(site: Site) -> None:
    names = site.upload()
    site.client.put_data_source(names, BUCKET, "POS.json", exists=False)
    handle = site.client.put_data_set(names, COLUMNS, exists=False)
    site.clock.now += 60
    ((_, ingestion),) = site.client.wait_for_ingestions([handle], deadline_seconds=60)
    assert not isinstance(ingestion, Exception)
    assert (ingestion.rows, ingestion.dropped, ingestion.seconds) == (2, 0, 10)
    assert site.calls() == {"CreateDataSource": 1, "CreateDataSet": 1, "DescribeIngestion": 1}
    assert site.aws.rows(names.data_set_id).rows() == [("Depot", "TX", 3), ("Port", "CA", 4)]


@pytest.mark.parametrize(
    ("remembered", "there", "expected"),
    [
        (False, False, {"CreateDataSet": 1}),
        (False, True, {"CreateDataSet": 1, "ListTagsForResource": 1, "UpdateDataSet": 1}),
        (True, True, {"UpdateDataSet": 1}),
        (True, False, {"UpdateDataSet": 1, "CreateDataSet": 1}),
    ],
)
def test_a_data_set_comes_to_be_whatever_was_remembered(
    site: Site, *, remembered: bool, there: bool, expected: dict[str, int]
) -> None:
    names = site.upload()
    site.client.put_data_source(names, BUCKET, "POS.json", exists=False)
    if there:
        site.client.put_data_set(names, COLUMNS, exists=False)
    before = site.calls()
    handle = site.client.put_data_set(names, COLUMNS, exists=remembered)
    assert site.new_calls(before) == expected
    assert site.client.ingestion(handle).status in {"INITIALIZED", "QUEUED"}


@pytest.mark.parametrize(
    ("remembered", "there", "expected"),
    [
        (False, True, {"CreateDataSource": 1, "ListTagsForResource": 1, "UpdateDataSource": 1}),
        (True, True, {"UpdateDataSource": 1}),
        (True, False, {"UpdateDataSource": 1, "CreateDataSource": 1}),
    ],
)
def test_a_data_source_comes_to_be_whatever_was_remembered(
    site: Site, *, remembered: bool, there: bool, expected: dict[str, int]
) -> None:
    names = site.upload()
    if there:
        site.client.put_data_source(names, BUCKET, "POS.json", exists=False)
    before = site.calls()
    site.client.put_data_source(names, BUCKET, "POS.json", exists=remembered)
    assert site.new_calls(before) == expected


def test_what_is_created_is_granted_and_tagged_in_the_same_call(site: Site) -> None:
    names = site.publish()
    account = {"AwsAccountId": ACCOUNT.account_id}
    source = site.api.describe_data_source_permissions(**account, DataSourceId=names.data_source_id)["Permissions"]
    data_set = site.api.describe_data_set_permissions(**account, DataSetId=names.data_set_id)["Permissions"]
    assert [grant["Principal"] for grant in source] == [OWNER]
    assert [grant["Principal"] for grant in data_set] == [OWNER]
    assert {"quicksight:UpdateDataSource", "quicksight:PassDataSource"} <= set(source[0]["Actions"])
    assert {"quicksight:UpdateDataSet", "quicksight:CreateIngestion"} <= set(data_set[0]["Actions"])
    for arn in (ACCOUNT.data_source_arn(names), ACCOUNT.data_set_arn(names)):
        assert site.api.list_tags_for_resource(ResourceArn=arn)["Tags"] == TAGS
    assert not {"TagResource", "UpdateDataSetPermissions", "UpdateDataSourcePermissions"} & set(site.calls())


def test_a_manifest_that_is_missing_is_told_with_the_fix(site: Site) -> None:
    with pytest.raises(errors.AccessDeniedError, match=r"data source POS-datasource-A1.*Manage QuickSight") as caught:
        site.client.put_data_source(TableNames(table="POS", assessment="A1"), BUCKET, "none.json", exists=False)
    assert caught.value.action == "s3:GetObject"


@pytest.mark.parametrize("remembered", [True, False])
def test_a_data_source_that_is_missing_is_what_the_error_names(site: Site, *, remembered: bool) -> None:
    names = site.publish()
    site.client.delete_data_source(names)
    with pytest.raises(errors.NotFoundError, match="datasource"):
        site.client.put_data_set(names, COLUMNS, exists=remembered)


def test_a_changed_table_map_changes_the_columns(site: Site) -> None:
    names = site.publish()
    site.upload(csv="Name,State,Days,Tons\nDepot,TX,3,0.00012345678\n")
    handle = site.client.put_data_set(names, WIDER, exists=True)
    ((_, ingestion),) = site.client.wait_for_ingestions([handle], deadline_seconds=60)
    assert not isinstance(ingestion, Exception)
    state = site.client.data_set(names)
    assert state is not None
    assert state.columns == ("Name", "State", "Days", "Tons")
    assert state.arn == ACCOUNT.data_set_arn(names)
    assert state.name == "POS_dataset_A1"
    assert site.aws.rows(names.data_set_id).rows() == [("Depot", "TX", 3, 0.00012345678)], "decimals keep their places"


def test_a_data_set_that_is_not_there_is_none(site: Site) -> None:
    assert site.client.data_set(TableNames(table="POS", assessment="A1")) is None


def test_a_refresh_loads_new_rows_and_the_same_refresh_again_loads_nothing(site: Site) -> None:
    names = site.publish()
    site.upload(csv="Name,State,Days\nDepot,TX,9\n")
    handle = site.client.refresh_data_set(names, "version-2")
    assert site.client.refresh_data_set(names, "version-2") == handle
    ((_, ingestion),) = site.client.wait_for_ingestions([handle], deadline_seconds=60)
    assert not isinstance(ingestion, Exception)
    assert site.aws.rows(names.data_set_id).rows() == [("Depot", "TX", 9)]
    listed = site.api.list_ingestions(AwsAccountId=ACCOUNT.account_id, DataSetId=names.data_set_id)["Ingestions"]
    assert [one["IngestionId"] for one in listed][:1] == ["version-2"]
    assert len(listed) == 2


def test_a_used_up_refresh_quota_is_told_clearly(site: Site) -> None:
    names = site.publish()
    for version in ("v2", "v3"):
        site.client.refresh_data_set(names, version)
    before = site.calls()
    with pytest.raises(errors.LimitExceededError, match=r"data set POS-dataset-A1.*32 refreshes"):
        site.client.refresh_data_set(names, "v4")
    assert site.new_calls(before) == {"CreateIngestion": 1}, "botocore would repeat it"


def test_a_refresh_of_what_is_not_there_says_so(site: Site) -> None:
    with pytest.raises(errors.NotFoundError, match="POS-dataset-A1"):
        site.client.refresh_data_set(TableNames(table="POS", assessment="A1"), "v1")


@pytest.mark.parametrize(
    ("code", "message"),
    [("ConflictException", "in use"), ("ResourceNotFoundException", "PREPARED_SOURCE_NOT_FOUND")],
)
def test_what_is_busy_or_not_ready_is_tried_again_within_the_deadline(site: Site, code: str, message: str) -> None:
    names = site.upload()
    site.client.put_data_source(names, BUCKET, "POS.json", exists=False)
    site.aws.faults.add(Fault(operation="CreateDataSet", times=3, error=code, message=message))
    site.client.put_data_set(names, COLUMNS, exists=False)
    assert site.calls()["CreateDataSet"] == 4
    site.aws.faults.add(Fault(operation="UpdateDataSet", times=1000, error=code, message=message))
    start = site.clock.now
    with pytest.raises(errors.DeadlineExceededError, match=r"UpdateDataSet of data set POS-dataset-A1.*after 120 s"):
        site.client.put_data_set(names, COLUMNS, exists=True)
    assert 120 <= site.clock.now - start < 125


@pytest.mark.parametrize("lost", [{"error": "InternalFailureException"}, {"reset": True}])
def test_creations_whose_answers_were_lost_end_as_one_data_set_loaded_once(site: Site, lost: dict[str, Any]) -> None:
    names = site.upload()
    for operation in ("CreateDataSource", "CreateDataSet"):
        site.aws.faults.add(Fault(operation=operation, applied=True, **lost))
    load = Load(names=names, table_map=COLUMNS, manifest=(BUCKET, "POS.json"), rows=2, label="one", exists=False)
    (loaded,) = site.client.load([load], deadline_seconds=60, poll_seconds=1)
    assert not isinstance(loaded.end, Exception)
    assert site.aws.rows(names.data_set_id).height == 2
    assert "UpdateDataSet" not in site.calls()
    loads = site.api.list_ingestions(AwsAccountId=ACCOUNT.account_id, DataSetId=names.data_set_id)["Ingestions"]
    assert [each["RequestType"] for each in loads] == ["INITIAL_INGESTION"]


def test_what_nobody_remembers_is_tagged_before_it_is_written_and_can_be_deleted(site: Site) -> None:
    names = site.publish()
    for arn in (ACCOUNT.data_source_arn(names), ACCOUNT.data_set_arn(names)):
        site.api.untag_resource(ResourceArn=arn, TagKeys=["managed-by", "assessment"])
    site.client.put_data_source(names, BUCKET, "POS.json", exists=False)
    site.client.put_data_set(names, WIDER, exists=False, label="two", rows=2)
    site.client.delete_data_set(names)
    site.client.delete_data_source(names)
    assert site.client.data_set(names) is None


@pytest.mark.parametrize("kind", ["source", "set"])
def test_what_belongs_to_another_tool_is_told_and_not_written(site: Site, kind: str) -> None:
    names = site.publish()
    arn = ACCOUNT.data_source_arn(names) if kind == "source" else ACCOUNT.data_set_arn(names)
    site.api.tag_resource(ResourceArn=arn, Tags=[{"Key": "managed-by", "Value": "terraform"}])
    before = site.calls()
    load = Load(names=names, table_map=WIDER, manifest=(BUCKET, "POS.json"), rows=2, label="two", exists=False)
    (loaded,) = site.client.load([load], deadline_seconds=60, poll_seconds=1)
    assert isinstance(loaded.end, errors.NotManagedError)
    assert f"data {kind}" in loaded.end.resource
    assert "managed-by=terraform" in str(loaded.end)
    assert not {"UpdateDataSet", "TagResource", "CreateIngestion"} & site.new_calls(before).keys()


def test_only_what_bears_our_tags_is_deleted(site: Site) -> None:
    names = site.publish()
    site.api.untag_resource(ResourceArn=ACCOUNT.data_set_arn(names), TagKeys=["managed-by"])
    with pytest.raises(errors.NotManagedError, match="not tagged managed-by=qs_pipeline"):
        site.client.delete_data_set(names)
    assert site.client.data_set(names) is not None


def test_deleting_twice_is_deleting(site: Site) -> None:
    names = site.publish()
    for _ in range(2):
        site.client.delete_data_set(names)
        site.client.delete_data_source(names)
    assert site.client.data_set(names) is None
    assert site.calls()["DeleteDataSet"] == site.calls()["DeleteDataSource"] == 1


def test_no_call_is_ever_throttled_and_the_rate_is_used_up(site: Site) -> None:
    start = site.clock.now
    for _ in range(40):
        site.client.data_set(TableNames(table="POS", assessment="A1"))
    stats = site.aws.stats()
    assert stats["throttled"] == 0
    assert stats["busiest_second"]["account"] == 5
    assert (stats["calls"] - 1) / (site.clock.now - start) >= 0.95 * 5
