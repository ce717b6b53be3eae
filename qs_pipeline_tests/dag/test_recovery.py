"""Runs that end half-way, uploads that go back and forth: what is shown in the end is what is uploaded."""

import dagster as dg
import pytest

from qs_pipeline.dag.keys import DASHBOARD, data_set_key, table_asset_key, upload_key
from qs_pipeline.dag.memory import State
from qs_pipeline.local_aws import Fault
from qs_pipeline_tests.dag.conftest import ASSESSMENT, Site


def climates(site: Site) -> set[str]:
    """The climates that the dashboard's data set of locations shows."""
    return set(site.aws.rows(f"Locations-dataset-{ASSESSMENT}")["Climate"])


def ask(site: Site) -> dg.RunRequest:
    """The next run that the sensor asks for."""
    for _ in range(3):
        if requests := site.tick().run_requests:
            return requests[0]
    raise AssertionError("the sensor asks for nothing")


def colder(site: Site) -> str:
    """The locations with another climate each."""
    header, *rows = site.path("Locations").read_text().splitlines()
    column = header.split(",").index("Climate")
    cells = [row.split(",") for row in rows]
    return "\n".join([header, *(",".join([*row[:column], "Polar", *row[column + 1 :]]) for row in cells)]) + "\n"


def test_an_upload_that_goes_back_after_a_failed_run_is_shown_as_it_is_now(published: Site) -> None:
    before = climates(published)
    published.replace("Locations", colder(published))
    published.aws.faults.add(Fault(operation="CreateIngestion", error="AccessDeniedException"))
    assert not published.run(ask(published)).success
    published.upload_sample(only=("Locations",))
    assert published.run(ask(published)).success
    assert climates(published) == before
    assert published.life().state == "published"


def test_an_ingestion_whose_end_was_not_seen_is_not_taken_for_what_was_there_before(published: Site) -> None:
    before = climates(published)
    published.replace("Locations", colder(published))
    published.aws.faults.add(Fault(operation="DescribeIngestion", error="AccessDeniedException"))
    assert not published.run(ask(published)).success
    published.upload_sample(only=("Locations",))
    assert published.by_hand().success
    assert climates(published) == before


def test_an_upload_deleted_before_the_first_publication_does_not_hold_it_for_ever(site: Site) -> None:
    site.upload_sample()
    site.aws.faults.add(Fault(operation="CreateDashboard", error="AccessDeniedException"))
    assert not site.run(ask(site)).success
    site.delete("RD_I_PaxLocationAll")
    assert site.run(ask(site)).success
    assert "Force Flow" not in site.sheets()
    assert f"ForceFlow-joined-dataset-{ASSESSMENT}" not in site.data_sets(), "it was made by the first run"


@pytest.mark.parametrize("reached", [("uploads",), ("uploads", "tables")])
def test_a_deletion_that_a_killed_run_read_does_not_hold_the_first_publication_for_ever(
    site: Site, reached: tuple[str, ...]
) -> None:
    site.upload_sample()
    site.aws.faults.add(Fault(operation="CreateDashboard", error="AccessDeniedException"))
    assert not site.run(ask(site)).success
    site.delete("RD_I_PaxLocationAll")
    request = ask(site)
    done = [key for key in request.asset_selection or () if key.path[0] in reached]
    assert site.run(request._replace(asset_selection=done)).success
    site.cursor = None  # the pause after the first attempt is over
    assert site.run(ask(site)).success
    assert "Force Flow" not in site.sheets()
    assert f"ForceFlow-joined-dataset-{ASSESSMENT}" not in site.data_sets(), "it was made by the first run"


def test_files_that_come_to_agree_are_accepted_together(published: Site) -> None:
    names = [upload.stem for upload in sorted(published.folder.rglob("*.csv"))]
    first, *others = [name for name in names if name != "Locations"]
    renumbered = {name: published.path(name).read_text().replace(ASSESSMENT, "9999") for name in names}
    published.replace(first, renumbered[first])
    assert published.run(ask(published)).success
    assert published.report(upload_key(first)).state is State.KEPT
    for name in others:
        published.replace(name, renumbered[name])
    assert published.run(ask(published)).success
    assert published.life().state == "published", published.life().reason


def test_nothing_is_deleted_below_a_dashboard_that_stays(published: Site) -> None:
    data_sets = published.data_sets()
    for name in {path.stem for path in published.folder.rglob("*.csv")} - {"RD_I_PaxLocationAll"}:
        published.delete(name)
    assert published.run(ask(published)).success
    assert published.life().state == "empty"
    assert len(published.sheets()) == 5
    assert published.data_sets() == data_sets


def test_a_clean_up_that_fails_does_not_lose_what_was_published(published: Site) -> None:
    published.delete("RD_I_PaxLocationAll")
    published.aws.faults.add(Fault(operation="DeleteDataSet", error="AccessDeniedException"))
    assert not published.run(ask(published)).success
    assert "quicksight:DeleteDataSet" in published.life().reason
    assert published.life().version == 2
    assert not published.tick().run_requests, "it is published, and not published again and again"


def test_a_version_that_a_run_built_and_did_not_show_is_shown_by_the_next_and_not_built_again(published: Site) -> None:
    published.delete("RD_I_PaxLocationAll")
    published.aws.faults.add(Fault(operation="UpdateDashboardPublishedVersion", error="AccessDeniedException"))
    request = ask(published)
    assert not published.run(request).success
    assert published.life().version == 1
    before = published.calls()["UpdateDashboard"]
    assert published.run(request).success
    assert published.life().version == 2
    assert published.calls()["UpdateDashboard"] == before
    assert "Force Flow" not in published.sheets()


def test_inputs_that_do_not_go_together_are_told_and_the_rest_is_published(site: Site) -> None:
    site.upload_sample()
    header, row = site.path("AssessmentParameterDataMapTable").read_text().splitlines()
    site.replace("AssessmentParameterDataMapTable", f"{header}\n{row}\n{row}\n")
    result = site.run(ask(site))
    assert result.success
    failed = {each.asset_key.path[-1] for each in result.get_asset_check_evaluations() if not each.passed}
    assert failed & {"POS", "AssessmentParameterDataMapTable"}
    life = site.life()
    assert life.state == "published in part"
    assert life.reason
    assert "Embark" in [sheet["Name"] for sheet in _sheets(site)]


def _sheets(site: Site) -> list[dict[str, str]]:
    return [{"Name": name} for name in site.sheets()]


def test_an_upload_that_is_replaced_while_the_run_reads_holds_the_publication(published: Site) -> None:
    everything = ask_after_change(published)
    tables = [key for key in everything.asset_selection or () if key.path[0] in ("uploads", "tables")]
    half = everything._replace(asset_selection=tables[:1])
    assert published.run(half).success
    published.replace("RD_I_Ration_Costs", published.path("RD_I_Ration_Costs").read_text() + "\n")
    rest = [key for key in everything.asset_selection or () if key != tables[0]]
    writes = published.writes()
    result = published.run(everything._replace(asset_selection=rest))
    assert not result.success
    assert "RD_I_Ration_Costs" in published.life().reason
    assert published.writes() == writes
    assert published.run(ask(published)).success


def ask_after_change(site: Site) -> dg.RunRequest:
    """The run that a change of the locations asks for."""
    site.replace("Locations", colder(site))
    return ask(site)


def test_a_data_set_deleted_by_hand_is_made_again_when_its_file_changes(published: Site) -> None:
    published.quicksight.delete_data_set(AwsAccountId="123456789012", DataSetId=f"Locations-dataset-{ASSESSMENT}")
    published.replace("Locations", colder(published))
    assert published.run(ask(published)).success
    assert climates(published) == {"Polar"}


def test_by_hand_a_missing_data_set_is_found_and_repaired(published: Site) -> None:
    published.quicksight.delete_data_set(AwsAccountId="123456789012", DataSetId=f"POS-dataset-{ASSESSMENT}")
    assert published.by_hand(data_set_key("POS")).success
    assert f"POS-dataset-{ASSESSMENT}" in published.data_sets()


def test_rows_that_quicksight_drops_hold_the_dashboard(published: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QS_DEADLINE_SECONDS", "5")
    key = f"published/{ASSESSMENT}/Locations.csv"
    published.replace("Locations", colder(published))
    request = ask(published)
    tables = [each for each in request.asset_selection or () if each.path[0] in ("uploads", "tables")]
    assert published.run(request._replace(asset_selection=tables)).success
    # Somebody meddles with the published file: a row less than the table has.
    body = published.s3.get_object(Bucket="qs-pipeline", Key=key)["Body"].read().decode().splitlines()
    published.s3.put_object(Bucket="qs-pipeline", Key=key, Body="\n".join(body[:-1]).encode())
    result = published.run(request._replace(asset_selection=[data_set_key("Locations")]))
    assert not result.success
    assert "the file has 4 rows and 3 were ingested" in published.life().reason


def test_a_deleted_upload_leaves_neither_copy_nor_table_behind(published: Site) -> None:
    published.delete("Locations")
    assert published.run(ask(published)).success
    left = [each["Key"] for each in published.s3.list_objects_v2(Bucket="qs-pipeline")["Contents"]]
    assert not [key for key in left if "Locations" in key]
    assert published.report(table_asset_key("Locations")).state is State.ABSENT
    assert published.report(DASHBOARD).state is State.BUILT


@pytest.mark.long
@pytest.mark.parametrize(
    "by", ["a person or the drift sensor", "a person who does one step of the killed run once more"]
)
def test_what_a_killed_run_read_and_did_not_build_is_not_taken_for_shown(published: Site, by: str) -> None:
    change = ask_after_change(published)
    # The run dies after its first step: the new file was read, and no table was made of it.
    read = [key for key in change.asset_selection or () if key.path[0] == "uploads"]
    assert published.run(change._replace(asset_selection=read)).success
    tags = change.tags if "once more" in by else {}  # Dagster copies them
    assert published.run(change._replace(asset_selection=[DASHBOARD], tags=tags)).success
    assert climates(published) != {"Polar"}
    published.cursor = None  # the pause after the first attempt is over
    assert published.run(ask(published)).success
    assert climates(published) == {"Polar"}
    assert not published.tick().run_requests


@pytest.mark.long
def test_what_one_run_read_and_others_built_step_by_step_is_shown_and_not_asked_for_again(published: Site) -> None:
    change = ask_after_change(published)
    for step in change.asset_selection or ():
        assert published.by_hand(step).success, step
    assert climates(published) == {"Polar"}
    published.cursor = None
    assert not published.tick().run_requests


@pytest.mark.long
def test_an_upload_of_which_some_tables_were_built_and_others_not_is_not_taken_for_shown(published: Site) -> None:
    lost = published.report(DASHBOARD).data_version
    text = published.path("AssessmentParameterDataMapTable").read_text()
    published.replace("AssessmentParameterDataMapTable", text + "\n")  # other bytes, the same rows: all is in sync
    change = ask(published)
    first = [upload_key("AssessmentParameterDataMapTable"), table_asset_key("POS")]
    assert published.run(change._replace(asset_selection=first)).success
    assert published.by_hand(DASHBOARD).success
    assert published.report(DASHBOARD).data_version == lost
    assert published.run(change).success
    assert published.report(DASHBOARD).data_version != lost
    published.cursor = None
    assert not published.tick().run_requests
