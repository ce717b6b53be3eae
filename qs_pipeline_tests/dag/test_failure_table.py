"""What may fail and is shown by no other file; ``test_failure_rows.py`` names the tests of every row of the table."""

import dagster as dg
import pytest
import yaml
from dagster._utils.tags import TagConcurrencyLimitsCounter

from qs_pipeline.catalog import CATALOG
from qs_pipeline.dag.keys import PARTITION_TAG, data_set_key
from qs_pipeline.dag.orders import order_sensor
from qs_pipeline.dag.resources import QuickSightWorkspace
from qs_pipeline.dag.watch import drift_sensor
from qs_pipeline.definitions import defs
from qs_pipeline.definitions_dir import instance_template
from qs_pipeline.local_aws import Fault
from qs_pipeline_tests.dag.conftest import ACCOUNT, ASSESSMENT, Site

pytestmark = pytest.mark.long


def test_errors_and_lost_answers_are_retried_and_nothing_is_made_twice(site: Site) -> None:
    site.upload_sample()
    site.aws.faults.add(
        Fault(operation="CreateDataSource", error="ThrottlingException"),
        Fault(operation="CreateDataSet", reset=True),
        Fault(operation="CreateDataSet", reset=True, applied=True, resource="*POS*"),
        Fault(operation="DescribeIngestion", error="InternalFailureException"),
        Fault(operation="CreateDashboard", error="InternalFailureException", applied=True),
        Fault(operation="s3:PUT", error="SlowDown", resource="*/published/*"),
        Fault(operation="s3:GET", reset=True, resource="*/accepted/*"),
    )
    assert site.settle().success
    assert not site.aws.faults.shown(), "all of them struck"
    life = site.life()
    assert life.state == "published"
    assert len(site.quicksight.list_dashboards(AwsAccountId=ACCOUNT)["DashboardSummaryList"]) == 1
    tables = {each.name for each in life.data_sets if each.state == "built" and each.rows}
    assert site.data_sets() == {f"{table.replace('_', '-')}-dataset-{ASSESSMENT}" for table in tables}


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault(operation="outcome:Ingestion", error="ROW_SIZE_LIMIT_EXCEEDED", resource="Loc*"), "ROW_SIZE_LIMIT"),
        (Fault(operation="outcome:Ingestion", dropped_rows=2, resource="Loc*"), "2"),
    ],
)
def test_an_ingestion_that_fails_or_drops_rows_is_told_and_holds_the_dashboard(
    published: Site, fault: Fault, told: str
) -> None:
    header, *rows = published.path("Locations").read_text().splitlines()
    published.replace("Locations", "\n".join([header, *rows[:-1], ""]))
    published.aws.faults.add(fault)
    result = published.settle()
    assert not result.success
    assert data_set_key("Locations") not in {each.asset_key for each in result.get_asset_materialization_events()}
    reason = published.life().reason
    assert "Locations" in reason
    assert told in reason
    assert "UpdateDashboard" not in published.calls()


def test_a_version_that_quicksight_cannot_build_leaves_the_published_one(published: Site) -> None:
    sheets = published.sheets()
    published.delete("RD_I_PaxLocationAll")
    published.aws.faults.add(Fault(operation="outcome:DashboardVersion", error="INTERNAL_FAILURE", message="no luck"))
    assert not published.settle().success
    assert "INTERNAL_FAILURE" in published.life().reason
    assert "no luck" in published.life().reason
    assert published.sheets() == sheets
    (held,) = published.quicksight.list_dashboards(AwsAccountId=ACCOUNT)["DashboardSummaryList"]
    assert held.get("PublishedVersionNumber") == 1


def test_a_body_that_breaks_off_is_read_again_or_told_and_nothing_is_published_of_half_a_file(site: Site) -> None:
    site.upload_sample()
    site.aws.faults.add(Fault(operation="s3:GET", times=2, reset=True, resource="*/assessments/*"))
    assert site.settle().success
    assert site.life().state == "published"
    shown = site.aws.rows(f"Locations-dataset-{ASSESSMENT}")
    assert shown.height == len(site.path("Locations").read_text().splitlines()) - 1


def test_the_queue_lets_one_run_of_an_assessment_through_at_a_time() -> None:
    limits = yaml.safe_load(instance_template().read_text())["concurrency"]["runs"]["tag_concurrency_limits"]
    one, same, other = (dg.DagsterRun(job_name="assessment", tags={PARTITION_TAG: name}) for name in ("A", "A", "B"))
    counter = TagConcurrencyLimitsCounter(limits, [one])
    assert counter.is_blocked(same)
    assert not counter.is_blocked(other)


def test_what_a_clean_up_that_died_left_over_is_found_and_removed(published: Site) -> None:
    published.delete("RD_I_PaxLocationAll")
    published.aws.faults.add(Fault(operation="DeleteDataSet", error="AccessDeniedException"))
    assert not published.settle().success
    assert f"ForceFlow-joined-dataset-{ASSESSMENT}" in published.data_sets()
    resources = {"quicksight": QuickSightWorkspace()}
    drift_sensor(CATALOG)(dg.build_sensor_context(instance=published.instance, resources=resources, definitions=defs))
    tick = order_sensor(published.job.name)(dg.build_sensor_context(instance=published.instance, definitions=defs))
    assert isinstance(tick, dg.SensorResult)
    request = next(iter(tick.run_requests or ()))
    assert published.run(request).success
    assert f"ForceFlow-joined-dataset-{ASSESSMENT}" not in published.data_sets()
    assert published.life().state == "published"
