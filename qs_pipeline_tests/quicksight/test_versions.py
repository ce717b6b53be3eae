"""The past of a dashboard: its versions are listed, an earlier one is shown again, and only ours is ever deleted."""

import pytest

from qs_pipeline.quicksight import errors
from qs_pipeline.quicksight.names import DashboardNames
from qs_pipeline_tests.quicksight.conftest import ACCOUNT, Site
from qs_pipeline_tests.quicksight.test_dashboards import NAMES, definition, publish, published_number


@pytest.fixture
def twice(site: Site) -> Site:
    """A dashboard of two versions."""
    site.publish()
    publish(site, definition(), exists=False, note="definition 1")
    publish(site, definition("Days"), exists=True, note="definition 2")
    return site


def test_versions_are_told_newest_first_with_what_was_said_of_them(twice: Site) -> None:
    found = twice.client.dashboard_versions(NAMES)
    assert [(each.number, each.description) for each in found] == [(2, "definition 2"), (1, "definition 1")]
    assert all(each.sound and each.created for each in found)


def test_a_dashboard_that_is_not_there_has_no_versions(site: Site) -> None:
    assert site.client.dashboard_versions(DashboardNames(assessment="none")) == ()


def test_an_earlier_version_is_shown_again_and_builds_nothing(twice: Site) -> None:
    before = twice.calls()
    assert twice.client.publish_version(NAMES, 1).version.number == 1
    assert twice.new_calls(before) == {"UpdateDashboardPublishedVersion": 1, "DescribeDashboard": 1}
    assert published_number(twice) == 1
    assert twice.client.publish_version(NAMES, 2).version.number == published_number(twice) == 2


def test_a_version_that_does_not_exist_is_told_and_changes_nothing(twice: Site) -> None:
    with pytest.raises(errors.PermanentError, match="RD-Assessment-A1"):
        twice.client.publish_version(NAMES, 9)
    assert published_number(twice) == 2


def test_tags_of_a_dashboard_come_and_go(twice: Site) -> None:
    ours = twice.client.dashboard_tags(NAMES)
    twice.client.tag_dashboard(NAMES, {"pinned": "1"})
    assert twice.client.dashboard_tags(NAMES) == {**ours, "pinned": "1"}
    twice.client.untag_dashboard(NAMES, "pinned", "never-there")
    assert twice.client.dashboard_tags(NAMES) == ours


def test_only_a_dashboard_that_bears_our_tags_is_deleted(twice: Site) -> None:
    twice.client.untag_dashboard(NAMES, "managed-by")
    with pytest.raises(errors.NotManagedError, match="not tagged managed-by=qs_pipeline"):
        twice.client.delete_dashboard(NAMES)
    twice.api.tag_resource(
        ResourceArn=ACCOUNT.dashboard_arn(NAMES), Tags=[{"Key": "managed-by", "Value": "qs_pipeline"}]
    )
    for _ in range(2):
        twice.client.delete_dashboard(NAMES)
    assert twice.client.dashboard(NAMES) is None
