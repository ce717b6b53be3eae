"""What people order beside the uploads: an earlier version, a pin, a publication by hand or of what is stale."""

import json
import shutil

import dagster as dg
import pytest

from qs_pipeline.catalog import CATALOG
from qs_pipeline.cli.publish import roll_back
from qs_pipeline.dag.keys import DASHBOARD, ORDER_TAG
from qs_pipeline.dag.orders import last_order, order_run, order_sensor, release
from qs_pipeline.dag.resources import QuickSightWorkspace, StoreResource
from qs_pipeline.dag.stale import Stale, publication, stale_assessments
from qs_pipeline.definitions import defs
from qs_pipeline.definitions_dir import definitions_directory
from qs_pipeline.quicksight.names import DashboardNames
from qs_pipeline.service.supervisor import ServiceError
from qs_pipeline_tests.dag.conftest import ASSESSMENT, Site

FEWEST = ("AssessmentTable", "AssessmentParameterDataMapTable", "RD_I_PaxLocationAll")


def shown_version() -> int:
    """The version that viewers see."""
    shown = QuickSightWorkspace().get_client().dashboard(DashboardNames(assessment=ASSESSMENT))
    assert shown is not None
    return shown.version.number


def ordered(site: Site) -> list[dg.RunRequest]:
    """The runs that the next tick of the sensor of orders asks for."""
    sensor = order_sensor(site.job.name)
    cursor = getattr(site, "order_cursor", None)
    result = sensor(dg.build_sensor_context(instance=site.instance, cursor=cursor, definitions=defs))
    assert isinstance(result, dg.SensorResult)
    site.__dict__["order_cursor"] = result.cursor
    return list(result.run_requests or ())


def stale(site: Site) -> list[Stale]:
    """What is stale now."""
    return stale_assessments(site.instance, CATALOG, StoreResource().open(), QuickSightWorkspace(), [ASSESSMENT])


def test_a_dashboard_rolled_back_stays_until_it_is_published_by_hand(site: Site) -> None:
    site.upload_sample(only=FEWEST)
    assert site.settle().success
    site.delete("RD_I_PaxLocationAll")
    assert site.settle().success
    assert shown_version() == 2
    client = QuickSightWorkspace().get_client()
    with pytest.raises(ServiceError, match="no version 9; there are: 2, 1"):
        roll_back(site.instance, client, ASSESSMENT, 9)

    site.upload_sample(only=FEWEST)
    assert site.settle().success
    roll_back(site.instance, client, ASSESSMENT, 3)
    site.delete("RD_I_PaxLocationAll")
    assert site.settle().success
    assert shown_version() == 3
    life = site.life()
    assert (life.state, life.version, life.reason) == ("pinned", 3, "pinned at version 3")
    assert any("ForceFlow" in name for name in site.data_sets()), "what the pinned version shows stays"
    assert not site.tick().run_requests

    target = publication(site.instance, CATALOG, ASSESSMENT)
    order = order_run(site.instance, ASSESSMENT, target.assets, cause="publish")
    (request,) = ordered(site)
    assert request.tags[ORDER_TAG] == order
    assert ordered(site) == [], "an order is run once"
    assert site.run(request).success
    assert (site.life().state, shown_version()) == ("published", 4)
    assert not any("ForceFlow" in name for name in site.data_sets())


def test_a_pin_outlives_the_event_log_and_ends_when_it_is_released(published: Site) -> None:
    roll_back(published.instance, QuickSightWorkspace().get_client(), ASSESSMENT, 1)
    with dg.DagsterInstance.ephemeral() as empty:
        published.instance, published.cursor, before = empty, None, published.instance
        assert published.settle().success
        assert published.life().reason == "pinned at version 1"
        published.instance = before
    release(published.instance, ASSESSMENT)
    assert last_order(published.instance, ASSESSMENT).pinned == 0
    assert published.life().state == "published"


def test_a_new_definition_makes_published_dashboards_stale(published: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert stale(published) == []
    definitions = published.folder / "definitions"
    shutil.copytree(definitions_directory({}), definitions)
    sheet = min((definitions / "dashboard" / "sheets").glob("*.json"))
    content = json.loads(sheet.read_text())
    content["Name"] = "Renamed"
    sheet.write_text(json.dumps(content))
    monkeypatch.setenv("QS_DEFINITIONS_DIR", str(definitions))
    (found,) = stale(published)
    assert (found.why, found.assets) == ("new definition", (DASHBOARD,))
    order_run(published.instance, ASSESSMENT, found.assets, cause=found.why, keep_pin=True)
    (request,) = ordered(published)
    assert published.run(request).success
    assert stale(published) == []
    assert "Renamed" in published.sheets()
