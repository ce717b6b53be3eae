"""The failure table of the project: what may happen, what the user gets, and which test shows it.

``TABLE`` names the tests of every row, here and in other files; a test that is renamed or lost is told. What no other
file shows is shown below.
"""

import re
from pathlib import Path

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

TESTS = Path(__file__).parent.parent
TABLE = {
    "a malformed, truncated, wrongly encoded, empty, header-only or huge CSV": (
        "frames/test_textfile.py::test_it_is_refused_with_the_rule_and_the_place",
        "frames/test_textfile.py::test_whatever_stands_in_a_file_there_is_a_verdict_and_no_traceback",
        "frames/test_intake.py::test_a_rejection_shows_the_offending_rows_as_they_were_written_at_most_twenty",
        "frames/test_intake.py::test_a_header_without_rows_rejects_the_file",
        "dag/test_publication.py::test_a_rejected_file_keeps_the_last_good_one_and_refreshes_nothing",
        "dag/test_publication.py::test_a_csv_over_the_size_setting_is_refused_unread",
        "dag/test_failure_table.py::test_a_body_that_breaks_off_is_read_again_or_told_and_nothing_is_published_of_half_a_file",
    ),
    "a zip with traversal, a bomb, a nested zip, doubled or unknown names": (
        "frames/test_archive.py::test_members_that_reach_elsewhere_are_refused_and_the_sound_one_is_taken",
        "frames/test_archive.py::test_a_bomb_is_refused_by_its_ratio",
        "frames/test_archive.py::test_a_member_that_lies_about_its_size_is_stopped",
        "frames/test_archive.py::test_two_members_of_one_basename_are_ambiguous",
        "dag/test_publication.py::test_locations_come_out_of_a_zip_and_what_else_is_in_it_is_told",
    ),
    "an upload during a run": (
        "dag/test_publication.py::test_an_upload_that_moves_during_the_run_holds_the_publication",
        "dag/test_recovery.py::test_an_upload_that_is_replaced_while_the_run_reads_holds_the_publication",
        "dag/test_decide.py::test_new_files_of_a_busy_assessment_wait_for_its_run_after_both_looks",
    ),
    "the same file again": (
        "dag/test_publication.py::test_the_same_files_again_make_a_run_that_does_not_call_quicksight",
        "dag/test_publication.py::test_when_all_is_published_the_sensor_asks_for_nothing",
    ),
    "a file deleted, and the last file": (
        "dag/test_publication.py::test_a_deleted_file_takes_its_sheets_and_then_its_data_set",
        "dag/test_publication.py::test_when_the_last_file_goes_nothing_is_deleted",
    ),
    "rows of another assessment in a file": (
        "dag/test_publication.py::test_rows_of_another_assessment_reject_the_file",
        "frames/test_intake.py::test_rows_of_two_assessments_in_one_file_reject_it",
    ),
    "a CSV over the size setting": ("dag/test_publication.py::test_a_csv_over_the_size_setting_is_refused_unread",),
    "429, 5xx, timeouts, connection resets": (
        "dag/test_failure_table.py::test_errors_and_lost_answers_are_retried_and_nothing_is_made_twice",
        "quicksight/test_patience.py::test_errors_without_end_name_operation_and_object",
        "quicksight/test_ingestions.py::test_a_look_that_fails_for_a_moment_is_repeated",
    ),
    "an ingestion fails or drops rows": (
        "dag/test_failure_table.py::test_an_ingestion_that_fails_or_drops_rows_is_told_and_holds_the_dashboard",
        "dag/test_recovery.py::test_rows_that_quicksight_drops_hold_the_dashboard",
    ),
    "a definition refers to a missing column": (
        "dag/test_publication.py::test_a_version_that_does_not_build_leaves_the_published_one",
        "dashboards/test_validate.py::test_each_fault_is_named_with_its_place",
    ),
    "a dashboard version fails to build": (
        "dag/test_failure_table.py::test_a_version_that_quicksight_cannot_build_leaves_the_published_one",
        "quicksight/test_errors.py::test_a_failed_version_tells_type_message_and_path_of_its_errors",
    ),
    "a run, the daemon or the host killed at any point": (
        "chaos/short.py::test_histories_with_faults_and_kills_end_as_if_undisturbed",
        "service/test_service.py::test_a_killed_service_is_replaced_and_what_it_left_is_ended",
        "dag/test_decide.py::test_a_run_that_died_is_asked_for_again_after_a_growing_pause",
        "dag/test_failure_table.py::test_what_a_clean_up_that_died_left_over_is_found_and_removed",
    ),
    "two runs of one assessment": (
        "dag/test_failure_table.py::test_the_queue_lets_one_run_of_an_assessment_through_at_a_time",
        "dag/test_decide.py::test_a_run_in_progress_is_waited_for",
    ),
}


@pytest.mark.parametrize("row", TABLE)
def test_every_row_of_the_failure_table_has_its_tests(row: str) -> None:
    for place in TABLE[row]:
        file, _, name = place.partition("::")
        assert re.search(rf"^def {name}\(", (TESTS / file).read_text(), re.MULTILINE), f"{place} is gone"


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
