"""What is told and mended without anybody asking: failed runs, and what was deleted behind our back."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import dagster as dg
import pytest

from qs_pipeline.catalog import CATALOG
from qs_pipeline.dag.drift import find_drift, report
from qs_pipeline.dag.failures import failure_sensor, post
from qs_pipeline.dag.keys import DASHBOARD
from qs_pipeline.dag.orders import order_sensor
from qs_pipeline.dag.resources import QuickSightWorkspace
from qs_pipeline.definitions import defs
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


def test_what_was_deleted_by_hand_is_made_again_with_two_calls_to_find_it(published: Site) -> None:
    client = QuickSightWorkspace().get_client()
    assert list(find_drift(published.instance, CATALOG, client)) == []
    lost = min(published.data_sets())
    published.quicksight.delete_data_set(AwsAccountId=ACCOUNT, DataSetId=lost)
    published.quicksight.delete_dashboard(AwsAccountId=ACCOUNT, DashboardId=f"RD-Assessment-{ASSESSMENT}")
    before = sum(published.calls().values())
    (found,) = find_drift(published.instance, CATALOG, client)
    assert sum(published.calls().values()) - before == 2
    assert found.dashboard
    assert len(found.tables) == 1
    report(published.instance, found)
    tick = order_sensor(published.job.name)(dg.build_sensor_context(instance=published.instance, definitions=defs))
    assert isinstance(tick, dg.SensorResult)
    (request,) = list(tick.run_requests or ())
    assert published.run(request).success
    assert lost in published.data_sets()
    assert published.sheets()
    assert list(find_drift(published.instance, CATALOG, client)) == []


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
