"""What is said of an assessment while it is made and afterwards, from the event log alone."""

import io
from dataclasses import replace

import dagster as dg
import pytest
from rich.console import Console

from qs_pipeline.cli import display
from qs_pipeline.dag.keys import CAUSE_TAG, FINGERPRINT_TAG, PARTITION_TAG, SYNC, table_asset_key, upload_key
from qs_pipeline.dag.lifecycle import AssessmentLife
from qs_pipeline_tests.dag.conftest import Site


def printed(site: Site, width: int = 120) -> str:
    """What ``qs-pipeline status`` prints on a terminal of that width."""
    return shown(site.life(), width)


def shown(life: AssessmentLife, width: int = 120) -> str:
    text = io.StringIO()
    Console(file=text, width=width).print(display.lifecycle(life, width=width))
    return text.getvalue()


def test_every_step_of_a_data_set_and_of_its_assessment_is_told_with_its_time(published: Site) -> None:
    life = published.life()
    for each in life.data_sets:
        if each.rows:
            steps = (each.received, each.written, each.source_created, each.created, each.ingested, each.synced)
            assert all(steps), each
            assert sorted(step[:19] for step in steps) == [step[:19] for step in steps], each
            assert not each.waits_for
    assert all((life.aggregated, life.stable, life.synced, life.published))
    assert life.waits_for == ""
    text = printed(published)
    narrow = printed(published, width=80)
    assert "synced " in narrow
    assert "…" not in narrow
    assert len(narrow.splitlines()) <= len(text.splitlines()) + 2, "lines of the table are not broken"
    for heading in ("received", "written", "source made", "made", "ingested", "synced", "aggregated", "stable"):
        assert heading in text
    assert "…" not in text
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 120


def test_what_is_awaited_is_told_in_words(published: Site) -> None:
    published.replace("Locations", published.path("Locations").read_text().replace("Arid", "Wet"))
    assert published.by_hand(upload_key("Locations"), table_asset_key("Locations")).success
    (waiting,) = [each for each in published.life().data_sets if each.waits_for]
    assert (waiting.name, waiting.waits_for, waiting.synced) == ("Locations", "a refresh", "")
    assert "Locations: waiting for a refresh" in printed(published)


def test_a_data_set_whose_upload_went_waits_for_its_deletion(published: Site) -> None:
    published.delete("Locations")
    assert published.by_hand(upload_key("Locations"), table_asset_key("Locations")).success
    assert "Locations: waiting for its deletion" in printed(published)
    assert published.settle().success
    assert "waiting" not in printed(published)


def test_a_run_whose_process_died_is_told_in_words_with_what_follows(published: Site) -> None:
    tags = {PARTITION_TAG: "2002", FINGERPRINT_TAG: "f2", CAUSE_TAG: "Locations.csv changed"}
    run = published.instance.create_run_for_job(published.job, tags=tags, status=dg.DagsterRunStatus.STARTED)
    assert published.life().reason == f"run {run.run_id[:8]} is started (Locations.csv changed)"
    began = dg.DagsterEvent(event_type_value=dg.DagsterEventType.RUN_START.value, job_name=run.job_name)
    published.instance.report_dagster_event(began, run.run_id)
    published.instance.report_run_failed(run)
    life = published.life()
    assert (life.state, life.reason) == (
        "failed",
        "the process of the run died: killed, out of memory, or gone with its host",
    )
    assert life.waits_for == "the next attempt of the sensor, or what the reason asks for"
    published.instance.add_run_tags(run.run_id, {"dagster/will_retry": "true"})
    assert "retry, 1 of at most" in published.life().waits_for
    assert life.published, "the dashboard published before stays"


def test_of_two_files_with_one_name_both_keys_are_told(published: Site) -> None:
    life = published.life()
    rivals = "read from a/Locations.csv; older and not read: b/Locations.csv"
    uploads = [replace(each, rivals=rivals) if each.name == "Locations" else each for each in life.uploads]
    assert f"Locations: {rivals}" in shown(replace(life, uploads=tuple(uploads)))


def test_an_emptied_assessment_says_so_until_an_upload_comes_back(published: Site) -> None:
    for path in sorted(published.folder.rglob("*.csv")):
        published.delete(path.stem)
    for _ in range(3):
        published.tick()
    assert published.life().state == "emptied"
    assert "retire" in published.life().waits_for
    published.upload_sample()
    assert published.settle().success
    assert (published.life().state, published.life().waits_for) == ("published", "")


def test_where_every_file_is_rejected_the_assessment_is_rejected_and_names_them(site: Site) -> None:
    site.upload_sample(only=("AssessmentTable",))
    site.replace("AssessmentTable", "no,such\n1,2\n")
    assert site.settle().success
    life = site.life()
    assert (life.state, life.waits_for) == ("rejected", "sound files")
    assert "AssessmentTable.csv" in life.reason
    assert "AssessmentTable: rejected" in printed(site)


@pytest.mark.long
def test_an_assessment_that_went_during_its_run_is_emptied_and_waits_for_no_run(site: Site) -> None:
    site.upload_sample(only=("AssessmentTable", "AssessmentParameterDataMapTable"))
    (request,) = site.tick().run_requests or ()
    read = [key for key in request.asset_selection or () if key.path[0] == "uploads"]
    assert site.run(request._replace(asset_selection=read)).success
    for path in sorted(site.folder.rglob("Assessment*.csv")):
        site.delete(path.stem)
    rest = [key for key in request.asset_selection or () if key not in read]
    assert not site.run(request._replace(asset_selection=rest)).success
    assert site.life().state == "failed"
    tick = site.tick()
    assert not tick.run_requests
    assert "2002: emptied" in str(tick.skip_reason)
    life = site.life()
    assert (life.state, life.reason) == ("emptied", "every upload was deleted; nothing was published")
    assert "next attempt" not in life.waits_for
    site.tick()
    said = dg.AssetRecordsFilter(asset_key=SYNC, asset_partitions=["2002"])
    assert len(site.instance.fetch_observations(said, limit=9).records) == 1, "once"
