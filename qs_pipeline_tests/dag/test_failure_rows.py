"""The table of docs/failures.md against the tests: what may happen, and which tests show what the user gets.

A row without tests, and a test that is renamed or lost, is told.
"""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
TABLE = {
    "a CSV is malformed, cut off, wrongly encoded, empty or too large": (
        "frames/test_textfile.py::test_it_is_refused_with_the_rule_and_the_place",
        "frames/test_textfile.py::test_whatever_stands_in_a_file_there_is_a_verdict_and_no_traceback",
        "frames/test_intake.py::test_a_rejection_shows_the_offending_rows_as_they_were_written_at_most_twenty",
        "frames/test_intake.py::test_a_header_without_rows_rejects_the_file",
        "dag/test_publication.py::test_a_rejected_file_keeps_the_last_good_one_and_refreshes_nothing",
        "dag/test_publication.py::test_a_csv_over_the_size_setting_is_refused_unread",
        "dag/test_failure_table.py::test_a_body_that_breaks_off_is_read_again_or_told_and_nothing_is_published_of_half_a_file",
    ),
    "a zip reaches elsewhere, is a bomb, holds zips, doubled or unknown names": (
        "frames/test_archive.py::test_members_that_reach_elsewhere_are_refused_and_the_sound_one_is_taken",
        "frames/test_archive.py::test_a_bomb_is_refused_by_its_ratio",
        "frames/test_archive.py::test_a_member_that_lies_about_its_size_is_stopped",
        "frames/test_archive.py::test_two_members_of_one_basename_are_ambiguous",
        "dag/test_publication.py::test_locations_come_out_of_a_zip_and_what_else_is_in_it_is_told",
    ),
    "a file is uploaded during a run": (
        "dag/test_publication.py::test_an_upload_that_moves_during_the_run_holds_the_publication",
        "dag/test_recovery.py::test_an_upload_that_is_replaced_while_the_run_reads_holds_the_publication",
        "dag/test_decide.py::test_new_files_of_a_busy_assessment_wait_for_its_run_after_both_looks",
    ),
    "the same file again": (
        "dag/test_publication.py::test_the_same_files_again_make_a_run_that_does_not_call_quicksight",
        "dag/test_publication.py::test_when_all_is_published_the_sensor_asks_for_nothing",
    ),
    "a file is deleted": (
        "dag/test_publication.py::test_a_deleted_file_takes_its_sheets_and_then_its_data_set",
        "dag/test_publication.py::test_when_the_last_file_goes_nothing_is_deleted",
    ),
    "a file has rows of another assessment": (
        "dag/test_publication.py::test_rows_of_another_assessment_reject_the_file",
        "frames/test_intake.py::test_rows_of_two_assessments_in_one_file_reject_it",
    ),
    "QuickSight or S3 throttle, fail, time out or break off": (
        "dag/test_failure_table.py::test_errors_and_lost_answers_are_retried_and_nothing_is_made_twice",
        "quicksight/test_patience.py::test_errors_without_end_name_operation_and_object",
        "quicksight/test_ingestions.py::test_a_look_that_fails_for_a_moment_is_repeated",
    ),
    "an ingestion fails or drops rows": (
        "dag/test_failure_table.py::test_an_ingestion_that_fails_or_drops_rows_is_told_and_holds_the_dashboard",
        "dag/test_recovery.py::test_rows_that_quicksight_drops_hold_the_dashboard",
    ),
    "the definition refers to a missing column": (
        "dag/test_publication.py::test_a_version_that_does_not_build_leaves_the_published_one",
        "dashboards/test_validate.py::test_each_fault_is_named_with_its_place",
    ),
    "a dashboard version does not build": (
        "dag/test_failure_table.py::test_a_version_that_quicksight_cannot_build_leaves_the_published_one",
        "quicksight/test_errors.py::test_a_failed_version_tells_type_message_and_path_of_its_errors",
    ),
    "a run, the daemon, the code server, the webserver or all of them are killed": (
        "chaos/test_chaos.py::test_histories_with_faults_and_kills_end_as_if_undisturbed",
        "service/test_service.py::test_a_killed_service_is_replaced_and_what_it_left_is_ended",
        "dag/test_decide.py::test_a_run_that_died_is_asked_for_again_after_a_growing_pause",
        "dag/test_failure_table.py::test_what_a_clean_up_that_died_left_over_is_found_and_removed",
    ),
    "two runs of one assessment": (
        "dag/test_failure_table.py::test_the_queue_lets_one_run_of_an_assessment_through_at_a_time",
        "dag/test_decide.py::test_a_run_in_progress_is_waited_for",
    ),
}


def test_every_row_of_the_document_is_shown_by_tests() -> None:
    document = (TESTS.parent / "docs" / "failures.md").read_text()
    first = re.findall(r"^\| ([^|]+?) \|", document.split("\n## ")[0], re.MULTILINE)
    assert first[1:] == list(TABLE)


@pytest.mark.parametrize("row", TABLE)
def test_the_tests_of_a_row_are_there(row: str) -> None:
    assert TABLE[row]
    for place in TABLE[row]:
        file, _, name = place.partition("::")
        assert re.search(rf"^def {name}\(", (TESTS / file).read_text(), re.MULTILINE), f"{place} is gone"
