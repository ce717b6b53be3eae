"""An assessment that is retired is gone, stays away until a newer upload, and nothing else is touched."""

import dagster as dg
import pytest

from qs_pipeline.catalog import CATALOG
from qs_pipeline.cli.publish import roll_back
from qs_pipeline.dag.keys import DASHBOARD, PARTITION_TAG, assessments, data_set_key, upload_key
from qs_pipeline.dag.lifecycle import known_assessments
from qs_pipeline.dag.orders import order_run, order_sensor
from qs_pipeline.dag.resources import QuickSightWorkspace, StoreResource
from qs_pipeline.dag.retire import Retirement, RetirementRefusedError, plan_retirement, retire
from qs_pipeline.definitions import defs
from qs_pipeline.service.supervisor import ServiceError
from qs_pipeline_tests.dag.conftest import ACCOUNT, ASSESSMENT, Site


def planned(site: Site) -> Retirement:
    client, store = QuickSightWorkspace().get_client(), StoreResource().open()
    return plan_retirement(site.instance, client, store, CATALOG, ASSESSMENT, uploads=False)


def steps(site: Site, *, uploads: bool = False, most: int | None = None) -> list[str]:
    """Retire; with ``most``, die after that many steps."""
    client, store = QuickSightWorkspace().get_client(), StoreResource().open()
    plan = plan_retirement(site.instance, client, store, CATALOG, ASSESSMENT, uploads=uploads)
    done: list[str] = []
    for step in retire(site.instance, client, store, CATALOG, plan):
        done.append(step)
        if len(done) == most:
            break
    return done


def keys(site: Site) -> set[str]:
    """The first segments of the keys in the bucket."""
    return {
        each.get("Key", "").split("/")[0] for each in site.s3.list_objects_v2(Bucket="qs-pipeline").get("Contents", [])
    }


def test_a_retirement_that_was_killed_is_finished_by_another_and_lasts_until_a_newer_upload(published: Site) -> None:
    steps(published, most=2)
    assert not published.tick().run_requests, "the tombstone stands already"
    assert published.life().state == "retired in part"
    assert "'qs-pipeline retire', which takes away the rest" in published.life().waits_for
    assert not planned(published).retired
    steps(published)
    assert planned(published).retired, "a third would find all done"
    assert published.data_sets() == set()
    assert published.quicksight.list_dashboards(AwsAccountId=ACCOUNT)["DashboardSummaryList"] == []
    assert keys(published) == {"assessments", "retired"}
    assert published.instance.get_dynamic_partitions(assessments.name or "") == []
    assert known_assessments(published.instance) == (ASSESSMENT,)
    assert published.life().state == "retired"
    with pytest.raises(ServiceError, match=f"no dashboard RD-Assessment-{ASSESSMENT}: .* it was retired"):
        roll_back(published.instance, QuickSightWorkspace().get_client(), ASSESSMENT, 1)
    for _ in range(2):
        assert not published.tick().run_requests
    with dg.DagsterInstance.ephemeral() as empty:
        published.instance, before = empty, published.instance
        assert not published.tick().run_requests, "the tombstone outlives the event log"
        published.instance = before
    published.upload_sample()
    assert published.settle().success
    assert published.life().state == "published"
    assert not planned(published).retired


def test_a_newer_upload_makes_anew_what_was_retired_in_part(published: Site) -> None:
    steps(published, most=3)
    published.upload_sample()
    assert published.settle().success
    assert published.life().state == "published"
    assert published.sheets()


def test_no_run_brings_back_what_is_being_retired_and_orders_that_wait_are_dropped(published: Site) -> None:
    order_run(published.instance, ASSESSMENT, [DASHBOARD], cause="publish")
    steps(published, most=3)
    for selected in (DASHBOARD, data_set_key("POS"), upload_key("Locations")):
        assert not published.by_hand(selected).success
        assert f"assessment {ASSESSMENT} was retired" in published.life().reason
    before = published.calls()
    steps(published)
    assert published.calls()["ListTagsForResource"] == before["ListTagsForResource"], "what is gone is not asked about"
    assert published.data_sets() == set()
    sensor = order_sensor(published.job.name)
    tick = sensor(dg.build_sensor_context(instance=published.instance, definitions=defs))
    assert isinstance(tick, dg.SensorResult)
    assert not tick.run_requests


def test_uploads_go_only_when_they_are_named(published: Site) -> None:
    steps(published, uploads=True)
    assert keys(published) == {"retired"}
    assert "emptied" not in str(published.tick().skip_reason)


def test_nothing_goes_while_a_run_is_under_way_and_nothing_that_does_not_bear_our_tags(published: Site) -> None:
    client, store = QuickSightWorkspace().get_client(), StoreResource().open()
    plan = plan_retirement(published.instance, client, store, CATALOG, ASSESSMENT, uploads=False)
    run = published.instance.create_run_for_job(
        published.job, tags={PARTITION_TAG: ASSESSMENT}, status=dg.DagsterRunStatus.STARTED
    )
    with pytest.raises(RetirementRefusedError, match="wait until it has ended"):
        plan_retirement(published.instance, client, store, CATALOG, ASSESSMENT, uploads=False)
    with pytest.raises(RetirementRefusedError, match="wait until it has ended"):
        list(retire(published.instance, client, store, CATALOG, plan))
    assert published.data_sets()
    assert "retired" not in keys(published)

    published.instance.report_run_failed(run)
    dashboard = f"RD-Assessment-{ASSESSMENT}"
    arn = f"arn:aws:quicksight:us-east-1:{ACCOUNT}:dashboard/{dashboard}"
    published.quicksight.untag_resource(ResourceArn=arn, TagKeys=["managed-by"])
    before = published.writes()
    with pytest.raises(RetirementRefusedError, match="does not bear our tags"):
        steps(published)
    assert published.sheets()
    assert "retired" not in keys(published)
    assert published.writes() == before


def test_a_data_set_that_does_not_bear_our_tags_stays_and_is_told(published: Site) -> None:
    arn = f"arn:aws:quicksight:us-east-1:{ACCOUNT}:dataset/POS-dataset-{ASSESSMENT}"
    published.quicksight.tag_resource(ResourceArn=arn, Tags=[{"Key": "managed-by", "Value": "terraform"}])
    told = steps(published)
    assert any(f"POS-dataset-{ASSESSMENT}" in step and "stays" in step for step in told)
    assert published.data_sets() == {f"POS-dataset-{ASSESSMENT}"}
    assert published.life().state == "retired"
