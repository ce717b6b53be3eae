"""What people order beside the uploads: an earlier version, a pin, a publication by hand or of what is stale."""

import json
import shutil
from collections import deque
from pathlib import Path

import dagster as dg
import pytest

from qs_pipeline.catalog import CATALOG
from qs_pipeline.cli.publish import carry_out, roll_back
from qs_pipeline.cli.uploading import plan_reference, put
from qs_pipeline.dag.dashboard import PINNED_TAG
from qs_pipeline.dag.keys import DASHBOARD, ORDER_TAG, table_asset_key
from qs_pipeline.dag.orders import ORDER_SENSOR, last_order, order_run, order_sensor, release
from qs_pipeline.dag.resources import QuickSightWorkspace, StoreResource
from qs_pipeline.dag.stale import Stale, publication, stale_assessments
from qs_pipeline.definitions import defs
from qs_pipeline.definitions_dir import definitions_directory
from qs_pipeline.local_aws import Fault
from qs_pipeline.model import AssessmentId
from qs_pipeline.quicksight.errors import QuickSightError
from qs_pipeline.quicksight.names import DashboardNames
from qs_pipeline.service.supervisor import ServiceError
from qs_pipeline_tests.dag.conftest import ASSESSMENT, Site
from qs_pipeline_tests.dag.test_calls import change
from qs_pipeline_tests.sensors import stop_sensor

FEWEST = ("AssessmentTable", "AssessmentParameterDataMapTable", "RD_I_PaxLocationAll")


def shown_version() -> int:
    """The version that viewers see."""
    shown = QuickSightWorkspace().get_client().dashboard(DashboardNames(assessment=ASSESSMENT))
    assert shown is not None
    return shown.version.number


def ordered(site: Site) -> list[dg.RunRequest]:
    """The runs that the next tick of the sensor of orders asks for."""
    sensor = order_sensor(site.job.name)
    cursor = getattr(site, "order_cursor", None)
    result = sensor(dg.build_sensor_context(instance=site.instance, cursor=cursor, definitions=defs))
    assert isinstance(result, dg.SensorResult)
    site.__dict__["order_cursor"] = result.cursor
    return list(result.run_requests or ())


def stale(site: Site) -> list[Stale]:
    """What is stale now."""
    return stale_assessments(site.instance, CATALOG, StoreResource().open(), QuickSightWorkspace(), [ASSESSMENT])


def test_a_dashboard_rolled_back_stays_until_it_is_published_by_hand(site: Site) -> None:
    site.upload_sample(only=FEWEST)
    assert site.settle().success
    site.delete("RD_I_PaxLocationAll")
    assert site.settle().success
    assert shown_version() == 2
    client = QuickSightWorkspace().get_client()
    with pytest.raises(ServiceError, match="no version 9; there are: 2, 1"):
        roll_back(site.instance, client, ASSESSMENT, 9)

    site.upload_sample(only=FEWEST)
    assert site.settle().success
    roll_back(site.instance, client, ASSESSMENT, 3)
    site.delete("RD_I_PaxLocationAll")
    assert site.settle().success
    assert shown_version() == 3
    life = site.life()
    assert (life.state, life.version, life.reason) == ("pinned", 3, "pinned at version 3")
    assert any("ForceFlow" in name for name in site.data_sets()), "what the pinned version shows stays"
    assert not site.tick().run_requests

    target = publication(site.instance, CATALOG, ASSESSMENT)
    order = order_run(site.instance, ASSESSMENT, target.assets, cause="publish")
    (request,) = ordered(site)
    assert request.tags[ORDER_TAG] == order
    assert ordered(site) == [], "an order is run once"
    assert site.run(request).success
    assert (site.life().state, shown_version()) == ("published", 4)
    assert not any("ForceFlow" in name for name in site.data_sets())


def test_a_pin_outlives_the_event_log_and_ends_when_it_is_released(published: Site) -> None:
    roll_back(published.instance, QuickSightWorkspace().get_client(), ASSESSMENT, 1)
    with dg.DagsterInstance.ephemeral() as empty:
        published.instance, published.cursor, before = empty, None, published.instance
        assert published.settle().success
        assert published.life().reason == "pinned at version 1"
        published.instance = before
    release(published.instance, ASSESSMENT)
    assert last_order(published.instance, ASSESSMENT).pinned == 0
    assert published.life().state == "published"


def test_a_rollback_that_quicksight_refuses_leaves_things_as_they_were(published: Site) -> None:
    client, names = QuickSightWorkspace().get_client(), DashboardNames(assessment=ASSESSMENT)
    refusal = Fault(operation="UpdateDashboardPublishedVersion", error="AccessDeniedException")
    published.aws.faults.add(refusal)
    with pytest.raises(QuickSightError, match="UpdateDashboardPublishedVersion"):
        roll_back(published.instance, client, ASSESSMENT, 1)
    assert PINNED_TAG not in client.dashboard_tags(names)
    assert last_order(published.instance, ASSESSMENT).pinned == 0
    roll_back(published.instance, client, ASSESSMENT, 1)
    published.aws.faults.add(refusal)
    with pytest.raises(QuickSightError, match="UpdateDashboardPublishedVersion"):
        roll_back(published.instance, client, ASSESSMENT, 1)
    assert client.dashboard_tags(names)[PINNED_TAG] == "1"
    assert published.life().reason == "pinned at version 1"


def test_a_new_definition_makes_published_dashboards_stale(published: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert stale(published) == []
    definitions = published.folder / "definitions"
    shutil.copytree(definitions_directory({}), definitions)
    sheet = min((definitions / "dashboard" / "sheets").glob("*.json"))
    content = json.loads(sheet.read_text())
    content["Name"] = "Renamed"
    sheet.write_text(json.dumps(content))
    monkeypatch.setenv("QS_DEFINITIONS_DIR", str(definitions))
    (found,) = stale(published)
    assert (found.why, found.assets) == ("new definition", (DASHBOARD,))
    order_run(published.instance, ASSESSMENT, found.assets, cause=found.why, keep_pin=True)
    (request,) = ordered(published)
    assert published.run(request).success
    assert stale(published) == []
    assert "Renamed" in published.sheets()


def test_new_code_and_a_new_lookup_are_stale_and_published_with_what_stands_on_them(
    site: Site,
) -> None:
    site.upload_sample(classes=frozenset({"class_ix"}))
    assert site.settle().success
    assert stale(site) == []
    put(StoreResource().open(), plan_reference(site.folder))
    (found,) = stale(site)
    assert found.why == "new lookup under cosix_embark"
    assert {key.to_user_string() for key in found.assets} >= {
        "reference/class_ix_dimensions",
        "tables/cosix_embark",
        "tables/aggregated_embark",
        "quicksight/dataset/cosix_embark",
    }
    order_run(site.instance, ASSESSMENT, found.assets, cause=found.why, keep_pin=True)
    (request,) = ordered(site)
    assert site.run(request).success
    assert stale(site) == []
    assert 0 < site.report(table_asset_key("cosix_embark")).metadata["unmatched_keys"] < 200

    # As if an earlier release had made the table.
    last = site.report(table_asset_key("aggregated_embark"))
    site.instance.report_runless_asset_event(
        dg.AssetMaterialization(
            table_asset_key("aggregated_embark"),
            partition=ASSESSMENT,
            metadata={"state": last.state.value, "dagster/partition_row_count": last.rows},
            tags={"dagster/data_version": last.data_version, "dagster/code_version": "an earlier one"},
        )
    )
    (found,) = stale(site)
    assert (found.why, found.ready) == ("new code of aggregated_embark", 0)
    order_run(site.instance, ASSESSMENT, found.assets, cause=found.why, keep_pin=True)
    (request,) = ordered(site)
    before = site.calls().get("CreateIngestion", 0)
    assert site.run(request).success
    assert site.calls().get("CreateIngestion", 0) == before, "the same bytes are not loaded again"
    assert stale(site) == []


def test_a_version_that_cannot_be_shown_any_more_is_refused(published: Site) -> None:
    published.delete("RD_I_PaxLocationAll")
    assert published.settle().success
    with pytest.raises(ServiceError, match="version 1 of dashboard RD-Assessment-2002 cannot be shown any more"):
        roll_back(published.instance, QuickSightWorkspace().get_client(), ASSESSMENT, 1)
    assert shown_version() == 2
    assert last_order(published.instance, ASSESSMENT).pinned == 0


def test_what_has_used_up_the_refreshes_of_its_day_is_left_for_later(
    published: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(published, "Wet")
    assert published.settle().success
    last = published.report(table_asset_key("Locations"))
    published.instance.report_runless_asset_event(
        dg.AssetMaterialization(
            table_asset_key("Locations"),
            partition=ASSESSMENT,
            metadata={"state": last.state.value, "dagster/partition_row_count": last.rows},
            tags={"dagster/data_version": last.data_version, "dagster/code_version": "an earlier one"},
        )
    )
    (found,) = stale(published)
    assert (found.why, found.ready) == ("new code of Locations", 0)
    monkeypatch.setenv("QS_REFRESHES_PER_DAY", "1")
    (found,) = stale(published)
    assert 23 * 3600 < found.ready - found.published < 24 * 3600 + 60, "a day after its one refresh"


def test_orders_are_given_a_few_at_a_time_so_that_uploads_are_not_behind_them(tmp_path: Path) -> None:
    waiting = [Stale(assessment=AssessmentId(name), assets=(), why="new definition") for name in "abcde"]
    under_way, most, ended = deque[dg.DagsterRun](), 0, list[str]()

    def order(each: Stale) -> str:
        under_way.append(instance.add_run(run_of(each, dg.DagsterRunStatus.STARTED)))
        return each.assessment

    def pause(_seconds: float) -> None:
        nonlocal most
        most = max(most, len(under_way))
        if under_way:
            oldest = under_way.popleft()
            instance.delete_run(oldest.run_id)
            instance.add_run(oldest.with_status(dg.DagsterRunStatus.SUCCESS))
            ended.append(oldest.tags[ORDER_TAG])

    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        failures = carry_out(instance, waiting, order, at_once=2, alive=lambda: None, pause=pause)
    assert (failures, most, ended) == ({}, 2, list("abcde"))


def run_of(each: Stale, status: dg.DagsterRunStatus) -> dg.DagsterRun:
    """A run of the order of an assessment, which bears its name."""
    return dg.DagsterRun(job_name="assessment", tags={ORDER_TAG: each.assessment}, status=status)


def test_a_stopped_sensor_is_not_waited_for(tmp_path: Path) -> None:
    waiting = [Stale(assessment=AssessmentId(name), assets=(), why="") for name in "ab"]
    ordered: list[str] = []

    def order(each: Stale) -> str:
        ordered.append(each.assessment)
        return each.assessment

    def stop() -> None:
        stop_sensor(instance, ORDER_SENSOR)

    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        stop()
        with pytest.raises(ServiceError, match=r"sensor 'orders' was stopped: start it in the Dagster UI"):
            carry_out(instance, waiting, order, at_once=1, alive=lambda: None, pause=lambda _: None)
        assert not ordered

    (later := tmp_path / "later").mkdir()
    with dg.DagsterInstance.local_temp(str(later)) as instance:
        with pytest.raises(ServiceError, match="Ordered already, and run as soon as it starts: a"):
            carry_out(
                instance,
                waiting,
                order,
                at_once=1,
                alive=lambda: None,
                pause=lambda _: stop_sensor(instance, ORDER_SENSOR),
            )
        assert ordered == ["a"]
