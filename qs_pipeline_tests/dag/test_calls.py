"""What a publication costs in calls and refreshes, and what it does when settings or credentials change."""

import pytest

from qs_pipeline.dag.keys import DASHBOARD, SYNC, data_set_key
from qs_pipeline.local_aws import Fault
from qs_pipeline_tests.dag.conftest import ACCOUNT, Site

DORA = f"arn:aws:quicksight:us-east-1:{ACCOUNT}:user/default/local"


def calls_since(site: Site, before: dict[str, int]) -> dict[str, int]:
    """How often each operation was called since ``before``."""
    return {name: more for name, calls in site.calls().items() if (more := calls - before.get(name, 0))}


def change(site: Site, climate: str) -> None:
    """Upload the locations with another climate."""
    site.replace("Locations", site.path("Locations").read_text().replace("Arid", climate))


def test_a_publication_makes_as_few_calls_as_there_can_be(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.upload_sample()
    (request,) = site.tick().run_requests or ()
    assert site.run(request).success
    first, data_sets = site.calls(), len(site.data_sets())
    polls = first.pop("DescribeIngestion")
    assert polls >= data_sets, "at least one look each; more are counted apart"
    looks = first.pop("DescribeDashboard")
    assert looks >= 1
    assert sum(first.values()) + data_sets + 1 <= 3 * data_sets + 4

    before = site.calls()
    assert site.run(request).success
    assert calls_since(site, before) == {}, "nothing changed"

    change(site, "Wet")
    assert site.settle().success
    cost = calls_since(site, before)
    assert cost.pop("DescribeIngestion") >= cost["CreateIngestion"]
    assert cost.keys() == {"CreateIngestion"}, "what is shown is bound to the same data sets"

    monkeypatch.setenv("QS_VIEWERS", DORA)
    before = site.calls()
    change(site, "Cold")
    assert site.settle().success
    cost = calls_since(site, before)
    assert cost["UpdateDashboardPermissions"] == 1
    assert not {"DescribeDataSetPermissions", "UpdateDataSetPermissions"} & cost.keys(), (
        "viewers of a dashboard need nothing below it"
    )
    before = site.calls()
    monkeypatch.setenv("QS_OWNERS", DORA)
    assert site.by_hand(DASHBOARD).success, site.life().reason
    cost = calls_since(site, before)
    assert cost["UpdateDataSetPermissions"] == cost["UpdateDataSourcePermissions"] == data_sets
    before = site.calls()
    change(site, "Dry")
    assert site.settle().success
    assert not [name for name in calls_since(site, before) if "Permissions" in name], "it is remembered"


def test_near_the_limit_changes_wait_together_and_sync_says_until_when(
    published: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(published, "Wet")
    assert published.settle().success
    assert published.report(data_set_key("Locations")).metadata["refreshes_24h"] == 1

    monkeypatch.setenv("QS_REFRESHES_PER_DAY", "1")
    before = published.calls()
    change(published, "Cold")
    assert not published.settle().success
    assert "Locations waits for a refresh until 20" in published.life().reason
    assert not published.by_hand(data_set_key("Locations"), SYNC).success, "there is none left for a person either"
    assert "CreateIngestion" not in calls_since(published, before)

    monkeypatch.setenv("QS_REFRESHES_PER_DAY", "2")
    assert published.by_hand(data_set_key("Locations"), SYNC).success, "what is left is a person's to use"
    assert "waits" not in published.report(data_set_key("Locations")).metadata


def test_a_token_that_expires_in_the_middle_is_one_clear_error_and_the_rerun_goes_on(site: Site) -> None:
    site.upload_sample()
    site.aws.faults.add(Fault(operation="CreateDataSet", times=99, error="ExpiredTokenException", message="expired"))
    (request,) = site.tick().run_requests or ()
    assert not site.run(request).success
    assert site.life().reason.count("Sign in or refresh the credentials") == 1
    site.aws.faults.clear()
    assert site.run(request).success
    assert site.life().state == "published"
