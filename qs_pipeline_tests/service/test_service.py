"""The service from start to restart, in the order of a day: these tests share one QS_HOME and build on each other."""

import json
import os
import signal
import subprocess
from pathlib import Path

import boto3
import pytest
from playwright.sync_api import Page

from qs_pipeline.catalog import CATALOG
from qs_pipeline.dashboards.definition import sheet_title
from qs_pipeline.dashboards.folder import load
from qs_pipeline.definitions_dir import definitions_directory
from qs_pipeline.service.supervisor import open_instance
from qs_pipeline_tests.service.conftest import Person, eventually, living

pytestmark = [pytest.mark.slow, pytest.mark.long]
ACCOUNT = "123456789012"


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory, person: Person) -> Path:
    """Two assessments: one with everything, written untidily, and one with nothing to embark."""
    folder = tmp_path_factory.mktemp("samples")
    without = [word for each in CATALOG.classes if each.embark for word in ("--without", each.key)]
    assert person.types("sample", str(folder), "--assessment", "2002", "--quirks").returncode == 0
    assert person.types("sample", str(folder), "--assessment", "10910", *without).returncode == 0
    return folder


def quicksight_of(person: Person):  # noqa: ANN201
    """A client of the person's embedded AWS."""
    return boto3.client("quicksight", endpoint_url=person.service.aws, region_name="us-east-1")


def test_run_publishes_every_assessment_with_a_service_of_its_own(
    person: Person, samples: Path, tmp_path: Path
) -> None:
    ended = person.types("run", str(samples), "--out", str(tmp_path / "out"))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.count("published") == 2
    results = tmp_path / "out" / "assessments"
    assert (results / "2002" / "aggregated_embark.csv").read_text().startswith("CLASS_OF_SUPPLY,")
    assert not (results / "2002" / "Locations.csv").exists(), "an upload is not a derived table"
    full, small = (json.loads((results / each / "dashboard.json").read_text()) for each in ("2002", "10910"))
    assert [sheet["Name"] for sheet in small["Sheets"]] == ["Summary", "Force Flow"]
    every = load(definitions_directory({}) / "dashboard").sheets
    assert [sheet["Name"] for sheet in full["Sheets"]] == [sheet_title(sheet) for sheet in every]
    assert not living(json.loads((person.home / "service.json").read_text())["groups"])


def test_up_finds_everything_again_and_redoes_nothing(person: Person) -> None:
    service = person.starts("up", "--port", "0", "--aws-port", "0")
    try:
        dashboard = quicksight_of(person).describe_dashboard(AwsAccountId=ACCOUNT, DashboardId="RD-Assessment-2002")
        assert dashboard["Dashboard"]["Version"]["Status"] == "CREATION_SUCCESSFUL"
        log = person.home / "logs" / "daemon.log"
        before = log.read_text().count("every dashboard shows the uploads that are there")
        eventually(lambda: log.read_text().count("every dashboard shows the uploads that are there") >= before + 2)
        assert person.calls() == 1, "the call of this test alone"
        lives = json.loads(person.types("status", "--json").stdout)
        assert {life["assessment"]: life["state"] for life in lives} == {"2002": "published", "10910": "published"}
    finally:
        os.kill(service.pid, signal.SIGKILL)  # the next test finds what a killed supervisor leaves behind
        service.wait()


def test_a_killed_service_is_replaced_and_what_it_left_is_ended(person: Person) -> None:
    note = json.loads((person.home / "service.json").read_text())
    left = note["groups"]
    eventually(lambda: not living(tuple(left)))  # they end with their supervisor, however it ended
    # A worker of a run holds no lock; and a number that was noted may be that of a stranger by now.
    worker, stranger = (
        subprocess.Popen(["sleep", "600"], env={"QS_HOME": home}, start_new_session=True)  # noqa: S607
        for home in (str(person.home), "/elsewhere")
    )
    note["groups"] = [*left, worker.pid, stranger.pid]
    (person.home / "service.json").write_text(json.dumps(note))
    service = person.starts("up", "--port", "0", "--aws-port", "0")
    try:
        assert not living(tuple(left))
        assert worker.wait(timeout=5) == -signal.SIGTERM
        assert stranger.poll() is None
        assert service.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_second_service_in_the_same_home_is_refused(person: Person) -> None:
    ended = person.types("up", "--port", "0", "--aws-port", "0")
    assert ended.returncode == 2
    assert f"process {person.service.supervisor}" in " ".join(ended.stderr.split())


def test_run_beside_a_service_uses_it_and_the_same_files_cost_no_call(person: Person, samples: Path) -> None:
    before, runs = person.calls(), _runs(person)
    ended = person.types("run", str(samples))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "Starting the service" not in ended.stdout
    for assessment in ("2002", "10910"):
        assert f"{assessment}: nothing changed, its dashboard shows these files" in ended.stderr
    assert (person.calls(), _runs(person)) == (before, runs)


def _runs(person: Person) -> int:
    with open_instance(person.home) as instance:
        return instance.get_runs_count()


def test_a_dashboard_is_published_anew_by_clicking(person: Person, page: Page) -> None:
    page.goto(f"{person.service.ui}/assets/quicksight/dashboard/requirements?view=partitions&partition=2002")
    page.get_by_role("button", name="Materialize").first.click()
    page.get_by_role("button", name="Launch 1 run").click()
    eventually(lambda: json.loads(person.types("status", "2002", "--json").stdout)[0]["version"] == 2)
    shown = quicksight_of(person).describe_dashboard(AwsAccountId=ACCOUNT, DashboardId="RD-Assessment-2002")
    assert shown["Dashboard"]["Version"]["VersionNumber"] == 2


def test_a_broken_upload_is_told_in_one_line_and_the_exit_code(person: Person, samples: Path) -> None:
    next((samples / "assessments" / "10910").rglob("Locations.csv")).write_text("Location_ID\n1,2,3\n")
    ended = person.types("run", str(samples))
    assert ended.returncode == 1
    complaints = [line for line in ended.stderr.splitlines() if "10910" in line and "Locations.csv" in line]
    assert complaints, ended.stderr


def test_what_nobody_knows_is_not_retired_and_what_is_retired_is_not_published(person: Person) -> None:
    unknown = person.types("retire", "misspelt", "--yes")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "there is no assessment misspelt; known are: 10910, 2002" in " ".join(unknown.stderr.split())
    assert person.types("retire", "10910", "--yes").returncode == 0
    refused = person.types("publish", "10910")
    assert refused.returncode == 2
    assert "assessment 10910 is retired: upload a file for it" in " ".join(refused.stderr.split())


def test_no_call_was_throttled(person: Person) -> None:
    assert person.stats()["throttled"] == 0


def test_a_service_that_is_asked_to_end_leaves_no_process_behind_however_often_it_is_asked(person: Person) -> None:
    service = person.service
    os.kill(service.supervisor, signal.SIGTERM)

    def asked_again() -> bool:
        for again in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
            os.kill(service.supervisor, again)
        return not living(service.groups)

    eventually(asked_again)
