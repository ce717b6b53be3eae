"""Permissions and tags of what is created."""

from qs_pipeline import service_model
from qs_pipeline.quicksight.client import QuickSightClient
from qs_pipeline.quicksight.grants import Grants, tags_of
from qs_pipeline_tests.quicksight.conftest import ACCOUNT, BUCKET, COLUMNS, OWNER, VIEWER, Site

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
