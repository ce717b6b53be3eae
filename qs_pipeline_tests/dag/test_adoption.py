"""Dashboards and data sets that an earlier pipeline made under our ids are taken over, with a run that succeeds."""

from collections.abc import Iterator

import dagster as dg
import pytest

from qs_pipeline.dag.keys import data_set_key
from qs_pipeline.dag.resources import QuickSightWorkspace
from qs_pipeline.quicksight.names import DashboardNames
from qs_pipeline_tests.dag.conftest import ACCOUNT, ASSESSMENT, Site
from qs_pipeline_tests.dag.test_calls import calls_since

MANAGED = {"managed-by": "qs_pipeline", "assessment": ASSESSMENT}
DASHBOARD = f"RD-Assessment-{ASSESSMENT}"


@pytest.fixture
def inherited(published: Site) -> Iterator[Site]:
    """What is published, as if others had made it: no tag, no event log, and a dashboard that says nothing of us."""
    for arn in arns(published):
        published.quicksight.untag_resource(ResourceArn=arn, TagKeys=[*tags(published, arn)])
    published.quicksight.update_dashboard(
        AwsAccountId=ACCOUNT,
        DashboardId=DASHBOARD,
        Name="theirs",
        Definition={"DataSetIdentifierDeclarations": []},  # pyright: ignore[reportArgumentType] - no more is wanted
    )
    client = QuickSightWorkspace().get_client()
    client.publish_version(DashboardNames(assessment=ASSESSMENT), 2)
    with dg.DagsterInstance.ephemeral() as instance:
        yield Site(published.aws, instance, published.folder)


def arns(site: Site) -> list[str]:
    """Everything that stands in QuickSight."""
    account = {"AwsAccountId": ACCOUNT}
    return [
        each.get("Arn", "")
        for found in (
            site.quicksight.list_dashboards(**account)["DashboardSummaryList"],
            site.quicksight.list_data_sets(**account)["DataSetSummaries"],
            site.quicksight.list_data_sources(**account)["DataSources"],
        )
        for each in found
    ]


def tags(site: Site, arn: str) -> dict[str, str]:
    return {each["Key"]: each["Value"] for each in site.quicksight.list_tags_for_resource(ResourceArn=arn)["Tags"]}


def test_what_an_earlier_pipeline_made_is_written_over_tagged_and_from_then_on_cleaned_up(inherited: Site) -> None:
    there, before = arns(inherited), inherited.calls()
    assert inherited.settle().success
    cost, data_sets = calls_since(inherited, before), len(inherited.data_sets())
    polls = cost.pop("DescribeIngestion") + cost.pop("DescribeDashboard")
    assert polls >= data_sets + 3
    assert sum(cost.values()) + data_sets + 4 == 11 * data_sets + 13, "as docs/limits.md says"
    assert sorted(arns(inherited)) == sorted(there)
    assert [arn for arn in there if not MANAGED.items() <= tags(inherited, arn).items()] == []
    assert inherited.life().version == 3
    inherited.delete("RD_I_PaxLocationAll")
    assert inherited.settle().success
    assert f"ForceFlow-joined-dataset-{ASSESSMENT}" not in inherited.data_sets()


def test_what_belongs_to_another_tool_is_not_written_and_the_run_says_whose_it_is(inherited: Site) -> None:
    arn = f"arn:aws:quicksight:us-east-1:{ACCOUNT}:dashboard/{DASHBOARD}"
    inherited.quicksight.tag_resource(ResourceArn=arn, Tags=[{"Key": "managed-by", "Value": "terraform"}])
    assert not inherited.settle().success
    assert "managed-by=terraform, so it belongs to another tool" in inherited.life().reason
    versions = inherited.quicksight.list_dashboard_versions(AwsAccountId=ACCOUNT, DashboardId=DASHBOARD)
    assert len(versions["DashboardVersionSummaryList"]) == 2


def test_a_data_set_left_over_that_is_not_ours_stays_and_the_publication_succeeds(published: Site) -> None:
    data_set = f"ForceFlow-joined-dataset-{ASSESSMENT}"
    arn = f"arn:aws:quicksight:us-east-1:{ACCOUNT}:dataset/{data_set}"
    published.quicksight.untag_resource(ResourceArn=arn, TagKeys=["managed-by"])
    published.delete("RD_I_PaxLocationAll")
    assert published.settle().success
    assert data_set in published.data_sets()
    left = published.report(data_set_key("ForceFlow_joined"))
    assert not left.metadata["pending_removal"]
    assert "left as it is" in left.reason
    assert "not tagged managed-by=qs_pipeline" in left.reason
