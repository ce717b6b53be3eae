"""From uploads to a dashboard, and what happens when uploads change, break or go."""

import io
import json
import shutil
import zipfile

import dagster as dg
import pytest

from qs_pipeline.cli.uploading import plan_reference, put
from qs_pipeline.dag.keys import DASHBOARD, SYNC, table_asset_key, upload_key
from qs_pipeline.dag.memory import State
from qs_pipeline.dag.resources import StoreResource
from qs_pipeline.definitions_dir import definitions_directory
from qs_pipeline.local_aws import Fault
from qs_pipeline_tests.dag.conftest import ALL, ASSESSMENT, FEW, Site

ALL_SHEETS = ["Summary", "Embark", "Force Flow", "CL I RD", "CL I RD Embark"]


def checks(result: dg.ExecuteInProcessResult) -> dict[str, bool]:
    """The verdict of each check that ran, by check name and asset."""
    return {
        f"{each.check_name} {each.asset_key.path[-1]}": each.passed for each in result.get_asset_check_evaluations()
    }


def test_uploads_become_a_published_dashboard(published: Site) -> None:
    assert published.sheets() == ALL_SHEETS
    life = published.life()
    assert (life.state, life.version) == ("published", 1)
    assert all(each.synced for each in life.data_sets)


def test_every_class_of_supply_reaches_its_data_sets(site: Site) -> None:
    site.upload_sample(classes=ALL)
    assert site.settle().success
    life = site.life()
    assert (life.state, life.reason) == ("published", "")
    assert len(life.data_sets) == len(site.data_sets()) == 19
    assert all(each.synced for each in life.data_sets)


def test_parts_that_the_lookup_does_not_know_are_told_and_class_ix_is_built_without_it(site: Site) -> None:
    site.upload_sample(classes=frozenset({"class_ix"}))
    result = site.settle()
    assert result.success
    (check,) = [each for each in result.get_asset_check_evaluations() if each.asset_key.path[-1] == "cosix_embark"]
    assert not check.passed
    assert check.severity is dg.AssetCheckSeverity.WARN
    assert "reference/classix_dimensional_data.csv is not there" in (check.description or "")
    assert not site.tick().run_requests
    put(StoreResource().open(), plan_reference(site.folder))
    assert not site.tick().run_requests, "a new lookup republishes nothing by itself"
    assert site.by_hand().success
    known = site.report(table_asset_key("cosix_embark"))
    assert 0 < known.metadata["unmatched_keys"] < 200


def test_when_all_is_published_the_sensor_asks_for_nothing(published: Site) -> None:
    for _ in range(3):
        assert not published.tick().run_requests


def test_the_same_files_again_make_a_run_that_does_not_call_quicksight(published: Site) -> None:
    before = published.calls()
    published.upload_sample()
    result = published.settle()
    assert result.success
    assert published.calls() == before
    assert not published.tick().run_requests


def test_one_changed_file_refreshes_its_data_sets_and_nothing_else(published: Site) -> None:
    before = published.calls()
    text = published.path("Locations").read_text().replace("Arid", "Cold").replace("Tropic", "Cold")
    published.replace("Locations", text)
    assert published.settle().success
    after = published.calls()
    assert after["CreateIngestion"] == 1
    assert {name for name in after if after[name] != before.get(name)} <= {"CreateIngestion", "DescribeIngestion"}


def test_a_file_missing_from_the_start_leaves_its_sheets_out(site: Site) -> None:
    site.upload_sample(only=("AssessmentTable", "AssessmentParameterDataMapTable", "RD_I_PaxLocationAll"))
    assert site.settle().success
    assert site.sheets() == ["Summary", "Force Flow"]
    assert "Locations" in site.report(DASHBOARD).metadata["report"]


def test_a_deleted_file_takes_its_sheets_and_then_its_data_set(published: Site) -> None:
    published.delete("RD_I_PaxLocationAll")
    assert published.settle().success
    assert "Force Flow" not in published.sheets()
    assert f"ForceFlow-joined-dataset-{ASSESSMENT}" not in published.data_sets()
    assert published.report(table_asset_key("ForceFlow_joined")).state is State.ABSENT
    assert not published.tick().run_requests


def test_a_file_that_comes_back_brings_its_sheets_back(published: Site) -> None:
    published.delete("RD_I_PaxLocationAll")
    published.settle()
    published.upload_sample(only=("RD_I_PaxLocationAll",))
    assert published.settle().success
    assert published.sheets() == ALL_SHEETS


def test_when_the_last_file_goes_nothing_is_deleted(published: Site) -> None:
    for name in ("AssessmentTable", "AssessmentParameterDataMapTable", "Locations", "RD_I_PaxLocationAll"):
        published.delete(name)
    for name in ("RD_I_POS_Location", "RD_I_Ration_Costs", "RD_I_POS_Pallet_Requirement"):
        published.delete(name)
    ticks = [published.tick() for _ in range(3)]
    assert not any(tick.run_requests for tick in ticks)
    assert "emptied" in (ticks[-1].skip_reason.skip_message if ticks[-1].skip_reason else "")
    assert published.sheets() == ALL_SHEETS


def test_a_rejected_file_keeps_the_last_good_one_and_refreshes_nothing(published: Site) -> None:
    before = published.writes()
    published.replace("RD_I_Ration_Costs", "AssessmentNumber\nnot,a,ration,file\n")
    result = published.settle()
    assert result.success
    assert checks(result)["contract RD_I_Ration_Costs"] is False
    (told,) = [each.description for each in result.get_asset_check_evaluations() if not each.passed]
    assert told == published.report(upload_key("RD_I_Ration_Costs")).reason
    assert published.report(upload_key("RD_I_Ration_Costs")).state is State.KEPT
    assert published.report(table_asset_key("RD_I_Ration_Costs_joined")).state is State.KEPT
    assert published.writes() == before
    assert published.life().state == "published in part"


def test_a_file_rejected_from_the_start_is_left_out_and_named(site: Site) -> None:
    site.upload_sample()
    site.replace("RD_I_PaxLocationAll", "Day\nMonday\n")
    result = site.settle()
    assert result.success
    assert "Force Flow" not in site.sheets()
    assert site.report(table_asset_key("ForceFlow_joined")).state is State.REJECTED
    assert "RD_I_PaxLocationAll.csv" in site.life().reason
    assert "rejected: RD_I_PaxLocationAll" in site.report(DASHBOARD).metadata["report"]
    assert not site.tick().run_requests, "a rejected file is not asked for again and again"


def test_a_cell_that_cannot_be_read_is_a_warning_that_says_where(site: Site) -> None:
    site.upload_sample()
    header, first, *rest = site.path("RD_I_Ration_Costs").read_text().splitlines()
    cost = first.rpartition(",")[0] + ",lots"
    site.replace("RD_I_Ration_Costs", "\n".join([header, cost, *rest]))
    result = site.settle()
    assert result.success
    (check,) = [one for one in result.get_asset_check_evaluations() if one.asset_key == upload_key("RD_I_Ration_Costs")]
    assert not check.passed
    assert check.severity is dg.AssetCheckSeverity.WARN
    (warning,) = site.life().warnings
    assert "Total_UI_Cost: 1 unreadable cells became null, row 1: 'lots'" in warning
    assert site.life().state == "published"


def test_files_of_another_assessment_in_a_folder_are_published_with_a_warning(site: Site) -> None:
    site.upload_sample(only=("AssessmentTable",))
    site.replace("AssessmentTable", site.path("AssessmentTable").read_text().replace(ASSESSMENT, "417"))
    site.settle()
    (warning,) = site.life().warnings
    assert "belong to assessment 417, the folder to 2002" in warning


def test_rows_of_another_assessment_reject_the_file(published: Site) -> None:
    text = published.path("RD_I_Ration_Costs").read_text()
    published.replace("RD_I_Ration_Costs", text.replace(ASSESSMENT, "9999"))
    result = published.settle()
    assert checks(result)["contract RD_I_Ration_Costs"] is False
    assert "9999" in published.report(upload_key("RD_I_Ration_Costs")).reason


def test_locations_come_out_of_a_zip_and_what_else_is_in_it_is_told(site: Site) -> None:
    site.upload_sample(classes=FEW - {"class_i"})
    site.delete("Locations")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as opened:
        opened.write(site.path("Locations"), "inputs/Locations.csv")
        opened.writestr("../Locations.csv", "escaped")
    site.s3.put_object(
        Bucket="qs-pipeline", Key=f"assessments/{ASSESSMENT}/10910_RD_I__Input.zip", Body=packed.getvalue()
    )
    result = site.settle()
    assert result.success
    assert site.report(table_asset_key("Locations")).rows == 4
    (check,) = [each for each in result.get_asset_check_evaluations() if each.asset_key == upload_key("Locations")]
    assert "traversal" in str(check.metadata["notes"].value)
    keys = [each["Key"] for each in site.s3.list_objects_v2(Bucket="qs-pipeline")["Contents"]]
    assert not [key for key in keys if "extracted" in key or ".." in key]


def test_of_two_files_with_one_name_the_newest_counts_and_check_status_and_tick_say_so(site: Site) -> None:
    site.upload_sample()
    text = site.path("Locations").read_text()
    site.s3.put_object(Bucket="qs-pipeline", Key=f"assessments/{ASSESSMENT}/later/Locations.csv", Body=text.encode())
    result = site.settle()
    (check,) = [each for each in result.get_asset_check_evaluations() if each.asset_key == upload_key("Locations")]
    told = f"read from assessments/{ASSESSMENT}/later/Locations.csv; older and not read: {site.key('Locations')}"
    assert told in str(check.metadata["notes"].value)
    (upload,) = [each for each in site.life().uploads if each.rivals]
    assert (upload.name, upload.rivals) == ("Locations", told)
    tick = site.tick()
    assert not tick.run_requests
    assert f"Locations is {told}" in str(tick.skip_reason)


def test_a_csv_over_the_size_setting_is_refused_unread(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QS_MAX_UPLOAD_BYTES", "2000")
    site.upload_sample()
    site.settle()
    assert "QS_MAX_UPLOAD_BYTES" in site.report(upload_key("RD_I_PaxLocationAll")).reason


def test_an_upload_that_moves_during_the_run_holds_the_publication(site: Site) -> None:
    site.upload_sample()
    (request,) = site.tick().run_requests or ()
    read_only = [upload_key("Locations"), table_asset_key("Locations"), table_asset_key("aggregated_embark")]
    everything = list(request.asset_selection or ())
    first = site.job.execute_in_process(
        instance=site.instance, partition_key=ASSESSMENT, asset_selection=read_only, raise_on_error=False
    )
    # The aggregate of that run never read the other uploads, as if they had come while it ran.
    assert not first.success
    assert checks(first)["row_count_stable aggregated_embark"] is False
    assert not site.data_sets()
    assert site.run(request._replace(asset_selection=everything)).success


def test_a_large_fall_since_the_last_publication_is_a_warning_and_is_published(published: Site) -> None:
    header, first, *_ = published.path("RD_I_POS_Pallet_Requirement").read_text().splitlines()
    published.replace("RD_I_POS_Pallet_Requirement", f"{header}\n{first}\n")
    published.aws.faults.add(Fault(operation="CreateIngestion", error="AccessDeniedException"))
    assert not published.settle().success, "a first attempt that fails after aggregation is not what one compares with"
    published.cursor = None  # the pause after it is over
    result = published.settle()
    assert result.success
    (check,) = [each for each in result.get_asset_check_evaluations() if each.check_name == "row_count_stable"]
    assert not check.passed
    assert check.severity is dg.AssetCheckSeverity.WARN
    rows = {name: value.value for name, value in check.metadata.items() if name.startswith("rows")}
    assert rows["rows_before"] == 80
    assert rows["rows"] == rows["rows_cosi_embark"] < 40
    assert rows["rows_cosvi_embark"] == 0, "each class has its number in every run, so that it is plotted"
    assert all(isinstance(value, int) for value in rows.values())
    life = published.life()
    assert life.state == "published"
    assert life.stable
    assert any("the dashboard shows 80: were files cut short?" in warning for warning in life.warnings)


def test_a_fall_in_rows_by_a_deletion_is_no_warning(published: Site) -> None:
    published.delete("RD_I_POS_Pallet_Requirement")
    assert checks(published.settle())["row_count_stable aggregated_embark"] is True


def test_a_dashboard_materialized_by_hand_is_published_anew(published: Site) -> None:
    assert published.by_hand(DASHBOARD).success
    assert published.life().version == 2
    assert published.sheets() == ALL_SHEETS
    assert not published.tick().run_requests


def test_a_dashboard_by_hand_is_refused_while_its_data_sets_lag_behind(published: Site) -> None:
    published.replace("Locations", published.path("Locations").read_text().replace("Arid", "Wet"))
    assert published.by_hand(upload_key("Locations"), table_asset_key("Locations")).success
    result = published.by_hand(DASHBOARD)
    assert not result.success
    assert published.life().state == "failed"
    assert "Locations holds another version than the file" in published.life().reason
    assert published.life().version == 1


def test_materializing_everything_by_hand_works_with_half_of_the_uploads(site: Site) -> None:
    site.upload_sample(classes=FEW - {"class_i"})
    site.instance.add_dynamic_partitions("assessment", [ASSESSMENT])
    assert site.by_hand().success
    assert site.report(table_asset_key("cosi_embark")).state is State.ABSENT
    assert site.sheets() == ["Summary", "Force Flow"]


def test_a_data_set_that_cannot_be_made_holds_the_dashboard_and_the_next_run_goes_on(site: Site) -> None:
    site.upload_sample()
    (request,) = site.tick().run_requests or ()
    site.aws.faults.add(Fault(operation="CreateDataSet", error="AccessDeniedException"))
    assert not site.run(request).success
    assert "quicksight:CreateDataSet" in site.life().reason
    assert site.calls().get("CreateDashboard", 0) == 0
    made = site.calls()["CreateDataSet"]
    assert site.run(request).success
    assert site.calls()["CreateDataSet"] == made + 1, "what was made is not made again"
    assert site.sheets() == ALL_SHEETS


def test_a_version_that_does_not_build_leaves_the_published_one(
    published: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    definitions = published.folder / "definitions"
    shutil.copytree(definitions_directory({}), definitions)
    sheet = next((definitions / "dashboard" / "sheets").glob("*force-flow.json"))
    sheet.write_text(sheet.read_text().replace('"ColumnName": "Arrivals"', '"ColumnName": "Arivals"'))
    monkeypatch.setenv("QS_DEFINITIONS_DIR", str(definitions))
    result = published.by_hand(DASHBOARD)
    assert not result.success
    assert "'Arrivals'" in published.life().reason, "the nearest valid name"
    sheet.write_text("{")
    assert not published.by_hand(DASHBOARD).success
    assert published.life().reason.startswith(f"{sheet}:1:2: is not JSON"), "in our words, without the name of a class"
    assert published.life().version == 1


def test_a_dashboard_loses_visuals_with_their_data_and_not_without(published: Site) -> None:
    published.delete("RD_I_PaxLocationAll")
    assert published.settle().success
    assert any("ForceFlow_joined is gone" in told for told in published.report(DASHBOARD).metadata["visuals_gone"])
    # As if viewers saw a visual of a data set that is there, and which the definition has and pruning takes out.
    key = f"expanded/{ASSESSMENT}/{published.life().definition}.json"
    shown = json.loads(published.s3.get_object(Bucket="qs-pipeline", Key=key)["Body"].read())
    flow = json.loads((definitions_directory({}) / "dashboard" / "sheets" / "03-force-flow.json").read_text())
    visuals = json.dumps(flow["Visuals"]).replace('"ForceFlow_joined"', '"POS"')
    shown["Sheets"].append({**flow, "Visuals": json.loads(visuals)})
    published.s3.put_object(Bucket="qs-pipeline", Key=key, Body=json.dumps(shown).encode())
    assert not published.by_hand(DASHBOARD).success
    assert "it would lose what it shows though the data is there: visual " in published.life().reason
    assert published.life().version == 2
    # Where the copy on S3 is lost, QuickSight is asked what viewers see.
    published.s3.delete_object(Bucket="qs-pipeline", Key=key)
    assert published.by_hand(DASHBOARD).success


def test_a_shown_file_that_breaks_when_no_good_copy_is_left_holds_the_dashboard(published: Site) -> None:
    published.s3.delete_object(Bucket="qs-pipeline", Key=f"accepted/{ASSESSMENT}/RD_I_PaxLocationAll.parquet")
    published.replace("RD_I_PaxLocationAll", "no,such\n1,2\n")
    for _ in range(2):
        result = published.by_hand() if published.life().state == "failed" else published.settle()
        assert not result.success
        assert "it would lose what it shows of ForceFlow_joined" in published.life().reason
        assert published.sheets() == ALL_SHEETS
        assert f"ForceFlow-joined-dataset-{ASSESSMENT}" in published.data_sets()
    published.delete("RD_I_PaxLocationAll")
    assert published.by_hand().success, "its sheets may go"
    assert "Force Flow" not in published.sheets()


def test_a_receipt_without_sheets_keeps_version_and_definition(published: Site) -> None:
    before = published.life()
    for path in published.folder.rglob("*.csv"):
        if path.stem != "RD_I_PaxLocationAll":
            published.delete(path.stem)
    assert published.settle().success
    after = published.life()
    assert after.state == "empty"
    assert (after.version, after.definition, after.sheets) == (before.version, before.definition, before.sheets)
    assert published.sheets() == ALL_SHEETS
    published.upload_sample()
    assert published.settle().success
    assert published.life().version == before.version, "what is shown again is what was shown"


def test_an_assessment_without_a_sheet_is_done_without_a_dashboard(site: Site) -> None:
    site.upload_sample(only=("RD_I_PaxLocationAll",))
    assert site.settle().success
    assert site.life().state == "empty"
    assert site.calls().get("CreateDashboard", 0) == 0
    assert not site.tick().run_requests


def test_the_gate_says_what_it_compared(published: Site) -> None:
    report = published.report(SYNC)
    assert sorted(report.metadata["synced"]) == sorted(each.name for each in published.life().data_sets)


def test_a_key_with_a_wrong_assessment_id_is_ignored_with_one_message(site: Site) -> None:
    site.s3.put_object(Bucket="qs-pipeline", Key="assessments/no spaces/Locations.csv", Body=b"x")
    tick = site.tick()
    assert not tick.run_requests
    assert tick.skip_reason is not None
    assert "no spaces" in (tick.skip_reason.skip_message or "")
