"""What may befall a run on PostgreSQL that is no fault of it: credentials that expire, a principal that may nothing."""

import json
from collections.abc import Callable

import pytest

from qs_pipeline.catalog import CATALOG
from qs_pipeline.dag.sensor import upload_sensor
from qs_pipeline.local_aws import Fault
from qs_pipeline_tests.dag.conftest import ACCOUNT, ASSESSMENT, Site
from qs_pipeline_tests.deploy.conftest import ON_POSTGRES

pytestmark = pytest.mark.long
DENIED = "AccessDeniedException"


def fail(site: Site, fault: Fault) -> str:
    """Have the first run suffer the fault to its end; returns what is told of it."""
    site.upload_sample()
    site.aws.faults.add(fault)
    assert not site.settle().success
    assert site.life().state == "failed"
    site.aws.faults.clear()
    return site.life().reason


def next_attempt(site: Site) -> None:
    """Let the sensor's pause pass, and do what it asks for then."""
    due = json.loads(site.cursor or "")["waiting"][ASSESSMENT]["not_before"]
    site.sensor = upload_sensor(CATALOG, site.job.name, clock=lambda: due, pause=lambda _: None)
    assert site.settle().success
    assert site.life().state == "published"


@pytest.mark.parametrize(
    "fault",
    [
        Fault(operation="s3:GET", resource="*/accepted/*", times=None, error="ExpiredToken"),
        Fault(operation="DescribeIngestion", times=None, error="ExpiredTokenException"),
        Fault(operation="CreateDashboard", times=None, error="ExpiredTokenException"),
    ],
    ids=lambda fault: fault.operation,
)
def test_credentials_that_expire_in_a_run_are_told_and_the_next_attempt_loads_nothing_again(
    opened: Callable[[str], Site], fault: Fault
) -> None:
    site = opened(ON_POSTGRES)
    assert "refresh the credentials" in fail(site, fault)
    next_attempt(site)
    assert site.calls()["CreateDataSet"] == len(site.data_sets())
    assert not {"CreateIngestion", "UpdateDataSet"} & site.calls().keys()


def test_a_principal_of_five_that_may_create_nothing_is_named_and_the_next_attempt_goes_on(
    opened: Callable[[str], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    roles = [f"arn:aws:iam::{ACCOUNT}:role/publisher-{number}" for number in range(5)]
    monkeypatch.setenv("QS_PRINCIPALS", ",".join(roles))
    site = opened(ON_POSTGRES)
    who = f"arn:aws:sts::{ACCOUNT}:assumed-role/publisher-3/qs-pipeline"
    words = f"User: {who} is not authorized to perform: quicksight:CreateDataSet on resource: *"
    fault = Fault(operation="Create*", resource="role/publisher-3", times=None, error=DENIED, message=words)
    reason = fail(site, fault)
    assert who in reason
    assert "Allow quicksight:CreateDataSet" in reason
    made = site.data_sets()
    assert made, "the other four went on"
    next_attempt(site)
    assert made < site.data_sets()
