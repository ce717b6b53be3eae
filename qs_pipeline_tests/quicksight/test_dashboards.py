"""Publishing a dashboard: all of it or nothing, and what viewers see is the version that was asked for."""

from typing import Any

import pytest

from qs_pipeline.local_aws.faults import Fault
from qs_pipeline.quicksight import errors
from qs_pipeline.quicksight.models import DashboardState
from qs_pipeline.quicksight.names import DashboardNames
from qs_pipeline_tests.quicksight.conftest import ACCOUNT, OWNER, VIEWER, Site

NAMES = DashboardNames(assessment="A1")
RESOURCE = "dashboard RD-Assessment-A1"


def definition(column: str = "Name", data_set: str = "POS-dataset-A1") -> dict[str, Any]:
    """One sheet with one table of one column."""
    arn = f"arn:aws:quicksight:us-east-1:{ACCOUNT.account_id}:dataset/{data_set}"
    field = {"FieldId": "f1", "Column": {"DataSetIdentifier": "POS", "ColumnName": column}}
    wells = {"TableUnaggregatedFieldWells": {"Values": [field]}}
    visual = {"TableVisual": {"VisualId": "v1", "ChartConfiguration": {"FieldWells": wells}}}
    return {
        "DataSetIdentifierDeclarations": [{"Identifier": "POS", "DataSetArn": arn}],
        "Sheets": [{"SheetId": "s1", "Name": "Summary", "Visuals": [visual]}],
    }


def publish(
    site: Site, content: dict[str, Any], *, exists: bool = True, note: str = "note", resume: bool = False
) -> DashboardState:
    return site.client.publish_dashboard(
        NAMES, content, exists=exists, version_description=note, resume=resume, deadline_seconds=120
    )


def published_number(site: Site) -> int:
    reply = site.api.describe_dashboard(AwsAccountId=ACCOUNT.account_id, DashboardId=NAMES.dashboard_id)
    return reply["Dashboard"]["Version"]["VersionNumber"]


def test_a_dashboard_that_is_not_there_is_none(site: Site) -> None:
    assert site.client.dashboard(NAMES) is None


def test_the_first_publication_creates_waits_and_looks_for_errors(site: Site) -> None:
    site.publish()
    before = site.calls()
    state = publish(site, definition(), exists=False, note="sha256:1")
    calls = site.new_calls(before)
    assert calls.pop("DescribeDashboard") <= 8, "looks at a build of 20 seconds"
    assert calls == {"CreateDashboard": 1, "DescribeDashboardDefinition": 1}
    assert (state.version.number, state.version.status) == (1, "CREATION_SUCCESSFUL")
    assert state.version.description == "sha256:1"
    assert state.arn == f"arn:aws:quicksight:us-east-1:{ACCOUNT.account_id}:dashboard/RD-Assessment-A1"
    assert site.client.dashboard(NAMES) == state


def test_a_later_publication_updates_waits_publishes_and_verifies(site: Site) -> None:
    site.publish()
    publish(site, definition(), exists=False)
    before = site.calls()
    state = publish(site, definition("Days"), exists=True)
    calls = site.new_calls(before)
    calls.pop("DescribeDashboard")
    assert calls == {"UpdateDashboard": 1, "DescribeDashboardDefinition": 1, "UpdateDashboardPublishedVersion": 1}
    assert state.version.number == published_number(site) == 2


@pytest.mark.parametrize("remembered", [True, False])
def test_a_wrong_memory_leads_to_the_same_dashboard(site: Site, *, remembered: bool) -> None:
    site.publish()
    assert publish(site, definition(), exists=remembered).version.number == 1
    assert publish(site, definition(), exists=remembered).version.number == 2
    assert published_number(site) == 2


def test_a_failed_version_leaves_the_published_one_and_tells_every_error(site: Site) -> None:
    site.publish()
    publish(site, definition(), exists=False)
    with pytest.raises(errors.VersionFailedError) as caught:
        publish(site, definition("Nome"), exists=True)
    assert caught.value.version == 2
    assert caught.value.errors
    for error in caught.value.errors:
        assert error.type
        assert error.message in str(caught.value)
        assert error.paths
    assert RESOURCE in str(caught.value)
    assert published_number(site) == 1
    assert publish(site, definition("Days"), exists=True).version.number == 3
    assert published_number(site) == 3


def test_a_first_version_that_failed_is_followed_by_one_that_is_published(site: Site) -> None:
    site.publish()
    with pytest.raises(errors.VersionFailedError):
        publish(site, definition(data_set="none"), exists=False)
    assert publish(site, definition(), exists=False).version.number == 2
    assert published_number(site) == 2


@pytest.mark.parametrize("told_by_the_version", [True, False])
def test_a_version_that_succeeds_with_errors_is_not_published(site: Site, *, told_by_the_version: bool) -> None:
    """QuickSight may call a version successful and tell its errors with the definition only."""
    site.publish()
    publish(site, definition(), exists=False)

    def lenient(params: dict[str, Any], **_: object) -> None:
        params["ValidationStrategy"] = {"Mode": "LENIENT"}

    def silent(parsed: dict[str, Any], **_: object) -> None:
        parsed["Dashboard"]["Version"].pop("Errors", None)

    site.api.meta.events.register("provide-client-params.quicksight.UpdateDashboard", lenient)
    if not told_by_the_version:
        site.api.meta.events.register("after-call.quicksight.DescribeDashboard", silent)
    with pytest.raises(errors.VersionFailedError, match="Nome"):
        publish(site, definition("Nome"), exists=True)
    assert site.client.wait_for_version(NAMES, 1, deadline_seconds=0).version.sound
    assert published_number(site) == 1


def build(site: Site, content: dict[str, Any], note: str) -> int:
    """What somebody leaves who is killed before a version is published."""
    return site.client.put_dashboard(NAMES, content, exists=True, version_description=note)


@pytest.mark.parametrize("ended", [True, False])
def test_a_version_that_was_built_and_never_published_is_resumed(site: Site, *, ended: bool) -> None:
    site.publish()
    publish(site, definition(), exists=False, note="a")
    left = build(site, definition("Days"), "b")
    if ended:
        site.client.wait_for_version(NAMES, left, deadline_seconds=120)
    before = site.calls()
    state = publish(site, definition("Days"), note="b", resume=True)
    calls = site.new_calls(before)
    assert "UpdateDashboard" not in calls
    assert calls["ListDashboardVersions"] == 1
    assert state.version.number == published_number(site) == left == 2


def test_what_was_left_behind_is_not_resumed_where_it_is_another_one_or_unsound(site: Site) -> None:
    site.publish()
    publish(site, definition(), exists=False, note="a")
    build(site, definition("Days"), "b")
    assert publish(site, definition(), note="c", resume=True).version.number == 3
    failed = build(site, definition("Nome"), "d")
    with pytest.raises(errors.VersionFailedError):
        site.client.wait_for_version(NAMES, failed, deadline_seconds=120)
    assert publish(site, definition(), note="d", resume=True).version.number == failed + 1 == published_number(site)


def test_what_was_left_behind_is_not_resumed_where_its_data_set_went_since(site: Site) -> None:
    site.publish()
    publish(site, definition(), exists=False, note="a")
    left = build(site, definition("Days"), "b")
    site.client.wait_for_version(NAMES, left, deadline_seconds=120)

    def gone(parsed: dict[str, Any], **_: object) -> None:
        if parsed["ResourceStatus"].endswith("SUCCESSFUL") and not site.new_calls(before).get("UpdateDashboard"):
            parsed["Errors"] = [{"Type": "DATA_SET_NOT_FOUND", "Message": "it was deleted"}]

    before = site.calls()
    site.api.meta.events.register("after-call.quicksight.DescribeDashboardDefinition", gone)
    assert publish(site, definition("Days"), note="b", resume=True).version.number == published_number(site) == left + 1


def test_a_build_that_takes_too_long_is_not_published(site: Site) -> None:
    site.publish()
    publish(site, definition(), exists=False)
    start = site.clock.now
    with pytest.raises(errors.DeadlineExceededError, match=rf"version 2 of {RESOURCE}.*CREATION_IN_PROGRESS after 5 s"):
        site.client.publish_dashboard(
            NAMES, definition("Days"), exists=True, version_description="v", deadline_seconds=5
        )
    assert 5 <= site.clock.now - start < 7
    assert published_number(site) == 1


def test_a_build_of_which_nothing_is_visible_yet_is_waited_for(site: Site) -> None:
    site.publish()
    site.aws.faults.add(Fault(operation="DescribeDashboard", times=2, error="ResourceNotFoundException"))
    assert publish(site, definition(), exists=False).version.number == 1


def test_a_build_that_cannot_be_looked_at_is_given_up_at_the_deadline(site: Site) -> None:
    site.publish()
    site.aws.faults.add(Fault(operation="DescribeDashboard", times=1000, error="ConflictException"))
    version = site.client.put_dashboard(NAMES, definition(), exists=False, version_description="v")
    start = site.clock.now
    with pytest.raises(errors.DeadlineExceededError, match=r"ConflictException.*after 5 s"):
        site.client.wait_for_version(NAMES, version, deadline_seconds=5)
    assert 5 <= site.clock.now - start < 7


def test_publishing_waits_while_quicksight_is_busy(site: Site) -> None:
    site.publish()
    publish(site, definition(), exists=False)
    site.aws.faults.add(Fault(operation="UpdateDashboardPublishedVersion", times=2, error="ConflictException"))
    assert publish(site, definition(), exists=True).version.number == 2


def test_an_answer_that_still_tells_of_the_version_before_is_asked_for_again(site: Site) -> None:
    site.publish()
    publish(site, definition(), exists=False)
    before = site.api.describe_dashboard(AwsAccountId=ACCOUNT.account_id, DashboardId=NAMES.dashboard_id)
    late = [before, before]

    def from_before(parsed: dict[str, Any], **_: object) -> None:
        if late:
            parsed.update(late.pop())

    def published(**_: object) -> None:
        site.api.meta.events.register("after-call.quicksight.DescribeDashboard", from_before)

    site.api.meta.events.register("after-call.quicksight.UpdateDashboardPublishedVersion", published)
    assert publish(site, definition("Days"), exists=True).version.number == published_number(site) == 2
    assert late == []


@pytest.mark.parametrize(("theirs", "patience"), [(1, 120), (3, 0)])
def test_another_who_publishes_at_the_same_time_is_noticed(site: Site, theirs: int, patience: float) -> None:
    """An older version may be an answer that comes late; a newer one can only be somebody else's."""
    site.publish()
    publish(site, definition(), exists=False)
    start = 0.0

    def interfere(**_: object) -> None:
        nonlocal start
        site.api.meta.events.unregister("after-call.quicksight.UpdateDashboardPublishedVersion", interfere)
        if theirs == 3:
            site.client.put_dashboard(NAMES, definition("Days"), exists=True, version_description="theirs")
            site.client.wait_for_version(NAMES, 3, deadline_seconds=120)
        site.client.publish(NAMES, theirs)
        start = site.clock.now

    site.api.meta.events.register("after-call.quicksight.UpdateDashboardPublishedVersion", interfere)
    with pytest.raises(errors.ConflictError, match=f"version 2 was published, and version {theirs} is shown"):
        publish(site, definition(), exists=True)
    assert patience <= site.clock.now - start < patience + 2


LOST = [{"error": "InternalFailureException"}, {"reset": True}]


@pytest.mark.parametrize("lost", LOST, ids=["hidden by an error", "broken off"])
def test_a_version_whose_answer_was_lost_is_found_and_not_made_again(site: Site, lost: dict[str, Any]) -> None:
    site.publish()
    before = site.calls()
    site.aws.faults.add(Fault(operation="CreateDashboard", applied=True, **lost))
    assert publish(site, definition(), exists=False).version.number == 1
    assert site.new_calls(before)["ListDashboardVersions"] == 1
    site.aws.faults.add(Fault(operation="UpdateDashboard", applied=True, **lost))
    assert publish(site, definition("Days")).version.number == published_number(site) == 2
    assert [each.number for each in site.client.dashboard_versions(NAMES)] == [2, 1]


@pytest.mark.parametrize("lost", LOST, ids=["refused with an error", "broken off"])
def test_a_version_that_was_not_made_is_asked_for_again(site: Site, lost: dict[str, Any]) -> None:
    site.publish()
    site.aws.faults.add(Fault(operation="CreateDashboard", times=5, **lost))
    site.aws.faults.add(Fault(operation="UpdateDashboard", times=5, **lost))
    assert publish(site, definition(), exists=False).version.number == 1
    assert publish(site, definition("Days")).version.number == published_number(site) == 2
    site.aws.faults.add(Fault(operation="UpdateDashboard", times=None, **lost))
    with pytest.raises(errors.TransientError, match=f"UpdateDashboard of {RESOURCE}"):
        publish(site, definition())


def test_a_request_that_came_twice_makes_one_dashboard(site: Site) -> None:
    """As behind a proxy that repeats it: what is answered is that the dashboard exists."""
    site.publish()
    api, client = site.api, site.client
    twice = api.create_dashboard

    def create(**wanted: object) -> object:
        twice(**wanted)
        return twice(**wanted)

    api.create_dashboard = create
    assert publish(site, definition(), exists=False).version.number == 1
    assert len(client.dashboard_versions(NAMES)) == 1


def test_a_dashboard_that_nobody_remembers_is_tagged_before_it_is_written_unless_it_is_of_another(site: Site) -> None:
    site.publish()
    publish(site, definition(), exists=False)
    arn = ACCOUNT.dashboard_arn(NAMES)
    site.api.untag_resource(ResourceArn=arn, TagKeys=["managed-by", "assessment"])
    site.api.tag_resource(ResourceArn=arn, Tags=[{"Key": "team", "Value": "blue"}])
    assert publish(site, definition("Days"), exists=False).version.number == 2
    managed = {"managed-by": "qs_pipeline", "assessment": "A1"}
    assert site.client.dashboard_tags(NAMES) == {"team": "blue", **managed}
    site.api.tag_resource(ResourceArn=arn, Tags=[{"Key": "managed-by", "Value": "terraform"}])
    with pytest.raises(errors.NotManagedError, match="managed-by=terraform, so it belongs to another tool"):
        publish(site, definition(), exists=False)
    assert published_number(site) == 2
    assert len(site.client.dashboard_versions(NAMES)) == 2


def test_owners_and_viewers_are_granted_and_tags_set_by_the_creation(site: Site) -> None:
    site.publish()
    arn = publish(site, definition(), exists=False).arn
    reply = site.api.describe_dashboard_permissions(AwsAccountId=ACCOUNT.account_id, DashboardId=NAMES.dashboard_id)
    actions = {grant["Principal"]: set(grant["Actions"]) for grant in reply["Permissions"]}
    assert actions.keys() == {OWNER, VIEWER}
    assert "quicksight:UpdateDashboard" in actions[OWNER]
    assert actions[VIEWER] == {
        "quicksight:DescribeDashboard",
        "quicksight:ListDashboardVersions",
        "quicksight:QueryDashboard",
    }
    tags = site.api.list_tags_for_resource(ResourceArn=arn)["Tags"]
    assert {"Key": "managed-by", "Value": "qs_pipeline"} in tags
    assert {"Key": "assessment", "Value": "A1"} in tags


def test_a_definition_that_is_no_definition_is_refused_before_it_is_sent(site: Site) -> None:
    with pytest.raises(errors.InvalidRequestError, match="Unknown parameter"):
        publish(site, definition() | {"Sheetz": []}, exists=False)
    assert site.calls() == {}
