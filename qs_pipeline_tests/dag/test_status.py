"""What is said of an assessment while it is made and afterwards, from the event log alone."""

import io

from rich.console import Console

from qs_pipeline.cli import display
from qs_pipeline.dag.keys import table_asset_key, upload_key
from qs_pipeline_tests.dag.conftest import Site


def printed(site: Site, width: int = 120) -> str:
    """What ``qs-pipeline status`` prints on a terminal of that width."""
    text = io.StringIO()
    Console(file=text, width=width).print(display.lifecycle(site.life(), width=width))
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


def test_an_assessment_that_went_before_it_was_published_is_emptied_and_not_tried_for_ever(site: Site) -> None:
    site.upload_sample()
    (request,) = site.tick().run_requests or ()
    for path in sorted(site.folder.rglob("*.csv")):
        site.delete(path.stem)
    assert site.run(request).success, "no file was there any more when it began"
    site.tick()
    assert site.life().state == "emptied"
