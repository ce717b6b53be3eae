"""Permissions and tags of what is created."""

from typing import TYPE_CHECKING

from qs_pipeline import service_model
from qs_pipeline.quicksight.client import QuickSightClient
from qs_pipeline.quicksight.grants import Grants, difference, tags_of
from qs_pipeline_tests.quicksight.conftest import ACCOUNT, BUCKET, COLUMNS, OWNER, VIEWER, Site

if TYPE_CHECKING:
    from mypy_boto3_quicksight.type_defs import ResourcePermissionOutputTypeDef

BOTH = Grants(owners=(OWNER,), viewers=(VIEWER, OWNER))


def test_an_owner_who_is_a_viewer_too_stays_an_owner() -> None:
    permissions = {grant["Principal"]: grant["Actions"] for grant in BOTH.for_dashboard()}
    assert permissions.keys() == {OWNER, VIEWER}
    assert "quicksight:UpdateDashboard" in permissions[OWNER]
    assert "quicksight:UpdateDashboard" not in permissions[VIEWER]


def test_viewers_need_nothing_below_the_dashboard() -> None:
    for permissions in (BOTH.for_data_source(), BOTH.for_data_set()):
        assert [grant["Principal"] for grant in permissions] == [OWNER]


def test_permissions_and_tags_obey_the_service_model() -> None:
    for permissions in (BOTH.for_data_source(), BOTH.for_data_set(), BOTH.for_dashboard()):
        assert not service_model.violations("ResourcePermissionList", permissions)
    assert not service_model.violations("TagList", tags_of("A1"))


def test_a_site_without_owners_sends_no_empty_permissions(site: Site) -> None:
    client = QuickSightClient(site.api, account=ACCOUNT, grants=Grants(), clock=site.clock, sleep=site.clock.sleep)
    names = site.upload()
    client.put_data_source(names, BUCKET, "POS.json", exists=False)
    client.put_data_set(names, COLUMNS, exists=False)
    assert (
        site.api.describe_data_set_permissions(AwsAccountId=ACCOUNT.account_id, DataSetId=names.data_set_id)[
            "Permissions"
        ]
        == []
    )


def permission(principal: str, *actions: str) -> "ResourcePermissionOutputTypeDef":
    return {"Principal": principal, "Actions": list(actions)}


def test_only_what_differs_is_granted_and_revoked() -> None:
    held = [permission("same", "a", "b"), permission("fewer", "a"), permission("more", "a", "b", "c")]
    wanted = [permission(name, "a", "b") for name in ("same", "fewer", "more", "new")]
    change = difference(held, wanted, formerly=())
    assert change.grant == [permission("fewer", "a", "b"), permission("new", "a", "b")]
    assert change.revoke == [permission("more", "c")]
    assert not difference(wanted, wanted, formerly=("same",))


def test_who_was_named_before_loses_it_and_whom_people_named_by_hand_does_not() -> None:
    held = [permission("named before", "a"), permission("by hand", "a")]
    change = difference(held, [], formerly=("named before", "never there"))
    assert (change.grant, change.revoke) == ([], [permission("named before", "a")])


def test_permissions_of_what_exists_follow_the_settings_with_a_look_and_a_change(site: Site) -> None:
    names = site.publish()
    site.client.grants = Grants(owners=(VIEWER,))
    before = site.calls()
    for _ in range(2):
        site.client.align_data_source(names, (OWNER,))
        site.client.align_data_set(names, (OWNER,))
    assert site.new_calls(before) == {
        "DescribeDataSourcePermissions": 2,
        "UpdateDataSourcePermissions": 1,
        "DescribeDataSetPermissions": 2,
        "UpdateDataSetPermissions": 1,
    }
    told = site.api.describe_data_set_permissions(AwsAccountId=ACCOUNT.account_id, DataSetId=names.data_set_id)
    assert [grant["Principal"] for grant in told["Permissions"]] == [VIEWER]
    assert site.aws.stats()["throttled"] == 0
