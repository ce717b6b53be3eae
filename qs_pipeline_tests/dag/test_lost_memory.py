"""What happens when the event log is lost: nothing is loaded or made twice."""

from collections.abc import Iterator

import dagster as dg
import pytest

from qs_pipeline_tests.dag.conftest import Site
from qs_pipeline_tests.dag.test_calls import calls_since

pytestmark = pytest.mark.long


@pytest.fixture
def forgotten(published: Site) -> Iterator[Site]:
    """A published site whose Dagster instance was deleted."""
    with dg.DagsterInstance.ephemeral() as instance:
        yield Site(published.aws, instance, published.folder)


def test_after_a_lost_event_log_nothing_is_loaded_or_published_again(forgotten: Site) -> None:
    before = forgotten.calls()
    assert forgotten.settle().success
    cost = calls_since(forgotten, before)
    assert not {"CreateDataSet", "UpdateDataSet", "CreateIngestion", "UpdateDataSource"} & cost.keys()
    assert not {"CreateDashboard", "UpdateDashboard", "UpdateDashboardPublishedVersion"} & cost.keys()
    polls, data_sets = cost.pop("DescribeIngestion"), len(forgotten.data_sets())
    assert polls == data_sets, "all have ended"
    assert sum(cost.values()) + data_sets == 4 * data_sets + 4
    life = forgotten.life()
    assert (life.state, life.version) == ("published", 1)

    assert not forgotten.tick().run_requests, "all is remembered again"
