"""What a publication costs in calls and refreshes, and what it does when settings or credentials change."""

import pytest

from qs_pipeline.dag.keys import DASHBOARD, SYNC, data_set_key
from qs_pipeline.local_aws import Fault
from qs_pipeline_tests.dag.conftest import ACCOUNT, Site, Snapshot

DORA = f"arn:aws:quicksight:us-east-1:{ACCOUNT}:user/default/local"


def calls_since(site: Site, before: dict[str, int]) -> dict[str, int]:
    """How often each operation was called since ``before``."""
    return {name: more for name, calls in site.calls().items() if (more := calls - before.get(name, 0))}


def change(site: Site, climate: str) -> None:
    """Upload the locations with another climate."""
    site.replace("Locations", site.path("Locations").read_text().replace("Arid", climate))


def test_a_publication_makes_as_few_calls_as_there_can_be(
    publication: Snapshot, published: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, data_sets = dict(publication.calls), len(published.data_sets())
    polls = first.pop("DescribeIngestion")
    assert polls >= data_sets, "at least one look each; more are counted apart"
    looks = first.pop("DescribeDashboard")
    assert looks >= 2, "whether there is one, and whether it is built"
    assert sum(first.values()) + data_sets + 2 == 3 * data_sets + 4

    before = published.calls()
    assert published.run(publication.request).success
    assert calls_since(published, before) == {}, "nothing changed"

    monkeypatch.setenv("QS_VIEWERS", DORA)
    change(published, "Cold")
    assert published.settle().success
    cost = calls_since(published, before)
    assert cost["UpdateDashboardPermissions"] == 1
    assert not {"DescribeDataSetPermissions", "UpdateDataSetPermissions"} & cost.keys(), (
        "viewers of a dashboard need nothing below it"
    )
    before = published.calls()
    monkeypatch.setenv("QS_OWNERS", DORA)
    assert published.by_hand(DASHBOARD).success, published.life().reason
    cost = calls_since(published, before)
    assert cost["UpdateDataSetPermissions"] == cost["UpdateDataSourcePermissions"] == data_sets

    before = published.calls()
    change(published, "Dry")
    assert published.settle().success
    cost = calls_since(published, before)
    assert cost.pop("DescribeIngestion") >= cost["CreateIngestion"]
    assert cost.keys() == {"CreateIngestion"}, "to whom it is granted is remembered, what is shown is bound already"


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


def test_a_token_that_expires_in_the_middle_is_one_clear_error_and_the_rerun_goes_on(published: Site) -> None:
    change(published, "Wet")
    published.aws.faults.add(Fault(operation="DescribeIngestion", times=99, error="ExpiredTokenException"))
    (request,) = published.tick().run_requests or ()
    assert not published.run(request).success
    assert published.life().reason.count("Sign in or refresh the credentials") == 1
    published.aws.faults.clear()
    before = published.calls()
    assert published.run(request).success
    assert published.life().state == "published"
    assert "CreateIngestion" not in calls_since(published, before), "what was asked for is not asked for again"
