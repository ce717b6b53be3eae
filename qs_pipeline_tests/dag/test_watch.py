"""What is told and mended without anybody asking: failed runs, and what was deleted behind our back."""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import dagster as dg
import pytest

from qs_pipeline.catalog import CATALOG
from qs_pipeline.dag.drift import find_drift, find_left_over, look
from qs_pipeline.dag.failures import failure_sensor, post
from qs_pipeline.dag.keys import DASHBOARD, DATASETS_SYNCED, SYNC
from qs_pipeline.dag.memory import Memory, newest_run
from qs_pipeline.dag.orders import order_sensor
from qs_pipeline.dag.resources import QuickSightWorkspace
from qs_pipeline.dag.watch import drift_sensor
from qs_pipeline.definitions import defs
from qs_pipeline.local_aws import Fault
from qs_pipeline.settings import Settings, SettingsError
from qs_pipeline_tests.dag.conftest import ACCOUNT, ASSESSMENT, Site


class Hook:
    """A webhook that keeps what it gets."""

    def __init__(self) -> None:
        self.got: list[dict[str, str]] = []
        got = self.got

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                if self.path == "/elsewhere":
                    self.send_response(307)
                    self.send_header("Location", "/")
                else:
                    got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                    self.send_response(204)
                self.end_headers()

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def hook() -> Iterator[Hook]:
    """A webhook on this machine."""
    made = Hook()
    thread = Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


class Watch:
    """The drift sensor with a clock that goes when told to."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.now = 1_800_000_000.0
        self.cursor: str | None = None
        self.sensor = drift_sensor(CATALOG, clock=lambda: self.now)

    def look(self, *, after: float = 3600) -> str:
        """What the sensor says so many seconds later."""
        self.now += after
        context = dg.build_sensor_context(
            instance=self.site.instance,
            cursor=self.cursor,
            resources={"quicksight": QuickSightWorkspace()},
            definitions=defs,
        )
        said = self.sensor(context)
        assert isinstance(said, dg.SkipReason)
        self.cursor = context.cursor
        return said.skip_message or ""


def ordered(site: Site) -> list[dg.RunRequest]:
    """All runs that were ever ordered."""
    tick = order_sensor(site.job.name)(dg.build_sensor_context(instance=site.instance, definitions=defs))
    assert isinstance(tick, dg.SensorResult)
    return list(tick.run_requests or ())


def test_what_was_deleted_by_hand_is_made_again_with_two_calls_to_find_it(published: Site) -> None:
    watch = Watch(published)
    assert watch.look() == "nothing has drifted"
    lost = min(published.data_sets())
    published.quicksight.delete_data_set(AwsAccountId=ACCOUNT, DataSetId=lost)
    published.quicksight.delete_dashboard(AwsAccountId=ACCOUNT, DashboardId=f"RD-Assessment-{ASSESSMENT}")
    before = sum(published.calls().values())
    assert watch.look(after=60) == "looks again in 3540 s"
    assert "the dashboard was deleted in QuickSight and is made again" in watch.look()
    assert sum(published.calls().values()) - before == 2
    (request,) = ordered(published)
    assert published.run(request).success
    assert lost in published.data_sets()
    assert published.sheets()
    assert watch.look() == "nothing has drifted"


def test_a_repair_that_leads_to_nothing_is_repeated_after_growing_pauses(published: Site) -> None:
    watch = Watch(published)
    published.quicksight.delete_data_set(AwsAccountId=ACCOUNT, DataSetId=f"POS-dataset-{ASSESSMENT}")
    for _ in range(8):
        assert "the data set of POS was deleted" in watch.look()
    assert len(ordered(published)) == 4, "after one hour, two, four"
    assert "tried 4 times, again in" in watch.look()


def test_what_a_run_made_since_the_listings_has_not_drifted(site: Site) -> None:
    site.upload_sample()
    (request,) = site.tick().run_requests or ()
    account = look(site.instance, QuickSightWorkspace().get_client())
    assert not account.data_sets
    assert site.run(request).success
    recall = partial(Memory, site.instance)
    assert find_drift(site.instance, recall, CATALOG, account, tried=()) == ()
    later = replace(account, newest_run=newest_run(site.instance))
    (drift,) = find_drift(site.instance, recall, CATALOG, later, tried=())
    assert drift.dashboard, "the same listings, had they been read after the run"


def test_assessments_that_are_as_remembered_are_not_looked_at_one_by_one(published: Site) -> None:
    def recall(name: str) -> Memory:
        raise AssertionError(f"{name} was looked at, as a thousand others would be")

    client = QuickSightWorkspace().get_client()
    account = look(published.instance, client)
    assert find_drift(published.instance, recall, CATALOG, account, tried=()) == ()
    assert list(find_left_over(published.instance, recall, CATALOG, client, account)) == []
    with pytest.raises(AssertionError, match=ASSESSMENT):
        find_drift(published.instance, recall, CATALOG, replace(account, dashboards=frozenset()), tried=())


def test_a_repair_that_fails_on_its_way_is_repeated_though_nothing_is_missing_any_more(published: Site) -> None:
    watch, lost = Watch(published), f"POS-dataset-{ASSESSMENT}"
    published.quicksight.delete_data_set(AwsAccountId=ACCOUNT, DataSetId=lost)
    watch.look()
    published.aws.faults.add(Fault(operation="DescribeIngestion", times=1, error="AccessDeniedException"))
    assert not published.run(ordered(published)[-1]).success
    assert lost in published.data_sets()
    assert watch.look() == f"{ASSESSMENT}: the last repair failed on its way and is repeated"
    written = published.writes()
    assert published.run(ordered(published)[-1]).success
    assert published.writes() - written <= 2, "what did not fail is not made again"
    assert published.life().state == "published"
    assert watch.look() == "nothing has drifted"


def test_a_data_set_of_ours_that_nothing_stands_behind_is_named_and_anothers_is_not(published: Site) -> None:
    watch = Watch(published)
    kept = f"POS-dataset-{ASSESSMENT}"
    there = published.quicksight.describe_data_set(AwsAccountId=ACCOUNT, DataSetId=kept)["DataSet"]
    tables = there.get("PhysicalTableMap", {})
    for data_set, tags in (("POS-dataset-OLD", "OLD"), (f"cosix-embark-dataset-{ASSESSMENT}", ASSESSMENT)):
        published.quicksight.create_data_set(
            AwsAccountId=ACCOUNT, DataSetId=data_set, Name=data_set, PhysicalTableMap=tables, ImportMode="SPICE",
            Tags=[{"Key": "managed-by", "Value": "qs_pipeline"}, {"Key": "assessment", "Value": tags}],
        )  # fmt: skip
    published.quicksight.create_data_set(
        AwsAccountId=ACCOUNT, DataSetId="POS-dataset-theirs", Name="theirs", PhysicalTableMap=tables, ImportMode="SPICE"
    )
    said = watch.look()
    assert "'qs-pipeline retire OLD' deletes it" in said
    assert f"{ASSESSMENT}: data set cosix-embark-dataset-{ASSESSMENT} has no file" in said
    assert "theirs" not in said
    assert kept not in said


def test_dagster_still_refuses_a_second_verdict_without_a_run() -> None:
    red = dg.AssetCheckEvaluation(asset_key=SYNC, check_name=DATASETS_SYNCED, passed=False, partition=ASSESSMENT)
    with dg.DagsterInstance.ephemeral() as instance:
        instance.report_runless_asset_event(red)
        with pytest.raises(Exception, match="UNIQUE constraint"):  # else drift can turn the check red
            instance.report_runless_asset_event(red)


def test_a_malformed_pause_fails_the_look_and_not_the_loading(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QS_DRIFT_SECONDS", "hourly")
    watch = Watch(site)
    with pytest.raises(SettingsError, match="QS_DRIFT_SECONDS"):
        watch.look()


def test_a_failed_run_is_one_line_and_a_message(
    site: Site, hook: Hook, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    site.instance.add_dynamic_partitions("assessment", [ASSESSMENT])
    site.instance.report_runless_asset_event(
        dg.AssetMaterialization(
            dg.AssetKey(["tables", "AssessmentTable"]),
            partition=ASSESSMENT,
            metadata={"state": "built", "dagster/partition_row_count": 3},
            tags={"dagster/data_version": "x"},
        )
    )
    result = site.by_hand(DASHBOARD)
    assert not result.success
    context = dg.build_run_status_sensor_context(
        sensor_name="failures",
        dagster_instance=site.instance,
        dagster_run=result.dagster_run,
        dagster_event=result.get_run_failure_event(),
    ).for_run_failure()
    monkeypatch.setenv("QS_WEBHOOK_URL", f"{hook.url}/secret")
    failure_sensor(context)
    (message,) = hook.got
    assert (message["assessment"], message["step"]) == (ASSESSMENT, "dashboard")
    assert "AssessmentTable has a file and no completed ingestion" in message["reason"]
    hook.server.shutdown()
    hook.server.server_close()
    failure_sensor(context)
    assert len(hook.got) == 1
    assert "secret" not in caplog.text


def test_a_message_goes_nowhere_but_to_the_address_that_was_set(hook: Hook) -> None:
    with pytest.raises(OSError, match="307"):
        post(f"{hook.url}/elsewhere", {})
    assert hook.got == []
    with pytest.raises(SettingsError, match="QS_WEBHOOK_URL: expected https") as refused:
        Settings.from_environment({"QS_WEBHOOK_URL": "http://example.com/token"})
    assert "token" not in str(refused.value)
