"""What a tick says, with the emulator's S3 and a real instance."""

from pathlib import Path

import dagster as dg

from qs_pipeline.dag.keys import CAUSE_TAG, PARTITION_TAG
from qs_pipeline.service.supervisor import make_instance, open_instance
from qs_pipeline_tests.dag.conftest import ASSESSMENT, Site


def said(site: Site) -> str:
    reason = site.tick().skip_reason
    return reason.skip_message or "" if reason else ""


def put(site: Site, key: str) -> None:
    site.s3.put_object(Bucket="qs-pipeline", Key=key, Body=b"x")


def test_a_run_says_what_it_is_for_and_the_next_tick_what_it_waits_for(site: Site) -> None:
    put(site, f"assessments/{ASSESSMENT}/Locations.csv")
    (request,) = site.tick().run_requests or ()
    assert request.tags[CAUSE_TAG] == "Locations.csv new"
    put(site, f"assessments/{ASSESSMENT}/RD_I_Ration_Costs.csv")
    (request,) = site.tick().run_requests or ()
    assert request.tags[CAUSE_TAG] == "Locations.csv, RD_I_Ration_Costs.csv new"
    assert said(site).startswith(f"{ASSESSMENT}: attempt 1 led to no dashboard, next in ")


def test_many_new_assessments_wait_a_tick_and_are_told_in_few_words(site: Site) -> None:
    for number in range(23):
        put(site, f"assessments/B{number:02}/Locations.csv")
    first = said(site)
    assert first.startswith("B00: waiting for a second look at 1 new file; B01: ")
    assert first.endswith("B19: waiting for a second look at 1 new file; and 3 more")
    assert len(site.tick().run_requests or ()) == 20
    assert [request.partition_key for request in site.tick().run_requests or ()] == ["B20", "B21", "B22"]


def test_a_thousand_stray_files_do_not_fill_the_ticks(site: Site) -> None:
    for number in range(25):
        put(site, f"assessments/B{number:02}/notes.txt")
    assert said(site).count("ignored") == 20
    assert said(site).endswith("and 5 more")


def test_names_of_stray_files_are_cut_short_and_break_no_line(site: Site) -> None:
    put(site, f"assessments/{ASSESSMENT}/{'n' * 900}.txt")
    put(site, f"assessments/{ASSESSMENT}/a\u2028b.txt")
    put(site, f"assessments/{'x' * 900}/Locations.csv")
    text = said(site)
    assert len(text) < 500
    assert "nnn..." in text
    assert "xxx..." in text
    assert r"a\u2028b.txt" in text


def test_a_zip_that_is_older_than_the_file_it_may_hold_is_not_said_to_have_a_strange_name(site: Site) -> None:
    put(site, f"assessments/{ASSESSMENT}/10910_RD_I__Input.zip")
    put(site, f"assessments/{ASSESSMENT}/Locations.csv")
    site.tick()
    text = said(site)
    assert "not the name of an upload" not in text
    assert f"older and not read: assessments/{ASSESSMENT}/10910_RD_I__Input.zip" in text


def test_no_more_is_asked_for_than_dagster_can_soon_begin(site: Site, tmp_path: Path) -> None:
    (tmp_path / "one-host").mkdir()
    make_instance(tmp_path / "one-host")
    names = [f"flood-{number:02}" for number in range(40)]
    for name in names:
        put(site, f"assessments/{name}/Locations.csv")
    with open_instance(tmp_path / "one-host") as site.instance:
        assert "flood-00: waiting for a second look" in said(site)
        asked: list[str] = []
        for expected in (20, 4):
            requests = site.tick().run_requests or ()
            assert len(requests) == expected
            for request in requests:
                asked.append(request.partition_key or "")
                tags = {PARTITION_TAG: asked[-1]}
                site.instance.add_run(dg.DagsterRun("assessment", tags=tags, status=dg.DagsterRunStatus.STARTED))
        assert asked == names[:24], "three times the eight that may be at work"
        assert not site.tick().run_requests
